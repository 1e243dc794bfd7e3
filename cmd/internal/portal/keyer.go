package portal

import (
	"context"

	"einsicht/internal/keyring"
)

// keyer makes the keyed hashes under which attempts to sign in are counted.
type keyer struct{ keys *keyring.Keyring }

// Key hashes a value; the server's key was loaded when the program started.
func (k keyer) Key(kind, value string) []byte {
	mac, err := k.keys.CodeMAC(context.Background(), "login "+kind+" "+value)
	if err != nil {
		panic("the server's key was checked at start and is gone: " + err.Error())
	}
	return mac
}
