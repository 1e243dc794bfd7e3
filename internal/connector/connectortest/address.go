package connectortest

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// FreeAddress gives an address of this machine on which a server can be started. Its port
// is below those that Linux gives to whoever asks for any (net.ipv4.ip_local_port_range
// begins with 32768), so that nobody is given it before the server takes it.
func FreeAddress() (address string, err error) {
	for range 100 {
		address = fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(22_000))
		var l net.Listener
		if l, err = net.Listen("tcp", address); err == nil {
			return address, l.Close()
		}
	}
	return "", err
}
