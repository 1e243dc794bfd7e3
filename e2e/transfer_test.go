package e2e

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"einsicht/internal/transfer/receiver"
)

// club is a controller to whom krz can hand data directly; everything that arrives
// lies in a folder of its own.
type club struct {
	*receiver.Receiver
	server *httptest.Server
}

const clubName = "Beispielverein e. V."

// startClub starts it and lists it in the file that the program reads at its start.
func startClub(dir, list string) (*club, error) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	c := &club{Receiver: &receiver.Receiver{Dir: filepath.Join(dir, "incoming"), Name: clubName, Key: private, Token: "only-for-this-test", Now: time.Now}}
	c.server = httptest.NewTLSServer(c)
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	key := strings.ReplaceAll(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), "\n", "\n      ")
	token, ca := filepath.Join(dir, "token"), filepath.Join(dir, "ca.pem")
	text := fmt.Sprintf("controllers:\n  - authority: krz\n    id: verein\n    name: %s\n    address: %s/uploads\n    token_file: %s\n    ca: %s\n    key: |\n      %s\n",
		clubName, c.server.URL, token, ca, key)
	return c, errors.Join(
		os.WriteFile(token, []byte(c.Token+"\n"), 0o600),
		os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.server.Certificate().Raw}), 0o600),
		os.WriteFile(list, []byte(text), 0o600),
	)
}

// wants is the person's choice of it in the form, on a page without scripts, seen once
// more before it is sent.
func (s *session) wants(step string) {
	s.t.Helper()
	switch step {
	case "was":
		s.withoutScripts(true)
	case "ueber-wen":
		s.withoutScripts(false)
	case "genauer":
		s.tick(form, say("citizen.direct.to", "name", clubName))
		s.picture("direkt")
	case "pruefen":
		s.picture("direkt-pruefen")
		if want := say("citizen.direct.to", "name", clubName); !strings.Contains(s.text("main"), want) {
			s.t.Errorf("%s: the last step does not show %q", s.name, want)
		}
	}
}

// handOver lets the desk hand the data to whom the person chose: chosen already, and
// received in the end.
func (s *session) handOver(path string) {
	s.t.Helper()
	s.open(path)
	if want := say("transmission.next", "name", clubName); !strings.Contains(s.text("main"), want) {
		s.t.Errorf("%s: the case does not say %q", s.name, want)
	}
	if want := say("transmission.wished", "name", clubName); !strings.Contains(s.text("#uebermitteln"), want) {
		s.t.Errorf("%s: the case does not say %q: %s", s.name, want, s.text("#uebermitteln"))
	}
	if !s.has(`#uebermitteln [name="controller"][value="verein"]:checked`) {
		s.t.Fatalf("%s: whom the person chose is not chosen", s.name)
	}
	s.picture("uebermitteln")
	s.send("#uebermitteln")
	s.until("the receipt", wait, func() bool {
		s.open(path)
		return strings.Contains(s.text("main"), say("transmission.receipt", "name", clubName))
	})
	receipts, err := filepath.Glob(filepath.Join(house.club.Dir, "*", "receipt.jws"))
	if err != nil || len(receipts) == 0 {
		s.t.Fatalf("%v: the other side holds no receipt", err)
	}
	if !slices.ContainsFunc(receipts, func(file string) bool {
		signed, err := os.ReadFile(file)
		return err == nil && strings.Contains(s.text("main"), string(signed))
	}) {
		s.t.Errorf("%s: the desk holds another receipt than the other side", s.name)
	}
}
