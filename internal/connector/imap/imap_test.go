package imap

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/imap/imapserver"
)

func TestConformance(t *testing.T) { connectortest.Run(t, fresh(t)) }

func TestTheFileIsChecked(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"no url", "url: imap://%s", "ca: x.pem", "imap.url: is missing"},
		{"another scheme", "imap://%s", "https://mail.example.org", "mail.yaml:12: imap.url: must be imaps://host:port"},
		{"a password in the url", "imap://%s", "imaps://a:b@mail.example.org", "imap.url: must not hold a user"},
		{"no user", "user: auskunft", "except: [Trash]", "imap.user: is missing"},
		{"no password", "  password: {env: X}", "  other: {env: X}", "imap.user: needs secrets.password"},
		{"too much", "user: auskunft", "user: auskunft\n  max_content: 100", "imap.max_content: must be 1 to 64"},
		{"reading", "user: auskunft", "user: auskunft\n  read: some", "imap.read: must be found or all"},
		{"an empty name", "user: auskunft", "user: auskunft\n  mailboxes: [a, '']", "imap.mailboxes.1: is empty"},
		{"an identifier mail does not have", "{by: [name]}", "{by: [account]}", "imap.match: mail is searched by"},
		{"unknown key", "user: auskunft", "user: auskunft\n  folders: []", "imap.folders: unknown key"},
	} {
		file := strings.Replace(strings.Replace(connectionFile, c.from, c.to, 1), "%s", "127.0.0.1:1", 1)
		parsed, err := connector.ParseConnection("mail.yaml", []byte(file))
		if err == nil {
			err = Kind{}.Check(parsed)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, connector.ErrConfig) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestNothingGoesOverTheNetworkInClear(t *testing.T) {
	for _, c := range []struct {
		url  string
		want security
	}{
		{"imaps://mail.example.org", implicitTLS}, {"imaps://127.0.0.1", implicitTLS}, {"imap://mail.example.org", startTLS}, {"imap://192.0.2.1:143", startTLS},
		{"imap://127.0.0.2:1143", loopback}, {"imap://[::1]:1143", loopback}, {"imap://localhost", loopback}, {"imap://LOCALHOST", startTLS}, {"imap://localhost.example.org", startTLS},
	} {
		m, err := readMapping(connection(t, strings.Replace(connectionFile, "imap://%s", c.url, 1), ""))
		if err != nil || m.security != c.want {
			t.Errorf("%s: got %v and %v, want %v", c.url, m.security, err, c.want)
		}
	}
}

func TestSigningIn(t *testing.T) {
	ca, cert, key := certificates(t)
	otherCA, _, _ := certificates(t)
	secure := freeAddress(t)
	_, port, _ := net.SplitHostPort(secure)
	d := startDovecot(t, "ssl = yes", "ssl_cert = <"+cert, "ssl_key = <"+key, "service imap-login {", "  inet_listener imaps {", "    port = "+port, "    ssl = yes", "  }", "}")
	d.deliver(t, "", 1, crlf("From: erika.mustermann@example.org\n\nx\n"))
	plain, err := imapserver.Start(imapserver.Options{User: testUser, Password: testPassword, Mailboxes: map[string][]imapserver.Message{"INBOX": nil}})
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	for _, c := range []struct {
		name, url, more, password string
		want                      error
		says                      string // with HOST for host and port
	}{
		{"TLS from the start", "imaps://" + secure, "ca: " + ca, testPassword, nil, ""},
		{"STARTTLS", "imap://" + d.inner, "ca: " + ca, testPassword, nil, ""},
		{"in clear towards this machine", "imap://" + d.inner, "except: [x]", testPassword, nil, ""},
		{"a certificate of somebody else", "imaps://" + secure, "ca: " + otherCA, testPassword, connector.ErrConfig, "connect: connection is wrong (certificate: signed by an authority that is not trusted; ca names the file of an own one, HOST)"},
		{"a certificate of somebody else after STARTTLS", "imap://" + d.inner, "ca: " + otherCA, testPassword, connector.ErrConfig, "(certificate: signed by an authority that is not trusted; ca names the file of an own one, HOST)"},
		{"a certificate of another name", strings.Replace("imaps://"+secure, "127.0.0.1", "localhost", 1), "ca: " + ca, testPassword, connector.ErrConfig, "(certificate: made for another name than that in the address, HOST)"},
		{"no certificate authority", "imaps://" + secure, "ca: /does/not/exist", testPassword, connector.ErrConfig, "mail.yaml:15: imap.ca: names a file that can't be read"},
		{"a server without STARTTLS", "imap://" + plain.Addr(), "ca: " + ca, testPassword, connector.ErrConfig, "connect: connection is wrong (it does not encrypt, or takes nobody, HOST)"},
		{"a wrong password", "imaps://" + secure, "ca: " + ca, "falsch", connector.ErrConfig, "sign in: connection is wrong (AUTHENTICATIONFAILED: the sign-in is refused: wrong user or password, HOST)"},
		{"a wrong password in process", "imap://" + plain.Addr(), "except: [x]", "falsch", connector.ErrConfig, "sign in: connection is wrong (AUTHENTICATIONFAILED: the sign-in is refused: wrong user or password, HOST)"},
		{"nobody there", "imaps://127.0.0.1:1", "ca: " + ca, testPassword, connector.ErrUnreachable, "connect: system does not answer (connection refused, HOST)"},
		{"TLS where none is spoken", "imaps://" + plain.Addr(), "ca: " + ca, testPassword, connector.ErrUnreachable, "connect: system does not answer (no TLS spoken there, HOST)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := strings.Replace(connectionFile, "imap://%s", c.url, 1) + "  " + c.more + "\n"
			parsed, err := connector.ParseConnection("mail.yaml", []byte(file))
			if err == nil {
				parsed, err = parsed.Resolve(func(connector.Ref) (string, error) { return c.password, nil })
			}
			if err != nil {
				t.Fatal(err)
			}
			system, err := Kind{}.Open(t.Context(), parsed)
			if !errors.Is(err, c.want) || err == nil != (c.want == nil) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if err != nil {
				_, host, _ := strings.Cut(c.url, "://")
				if says := strings.Replace(c.says, "HOST", host, 1); !strings.Contains(err.Error(), says) {
					t.Errorf("got %v, want %q", err, says)
				}
				if strings.Contains(err.Error(), c.password) || strings.Contains(err.Error(), testUser) {
					t.Errorf("got %v, want no value", err)
				}
				return
			}
			a, err := system.Find(t.Context(), connectortest.Erika.Query(), nil, func(connector.Finding, connector.Cursor) error { return nil })
			if err != nil || a.Outcome != connector.Found {
				t.Errorf("got %q and %v, want what lies there", a.Outcome, err)
			}
		})
	}
}

func TestAServerThatSaysNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := connection(t, "timeout: 200ms"+connectionFile, l.Addr().String())
	_, err = Kind{}.Open(t.Context(), c)
	if !errors.Is(err, connector.ErrUnreachable) || !strings.Contains(err.Error(), "timeout") {
		t.Errorf("got %v, want that it does not answer in time", err)
	}
}

// certificates makes an authority and a certificate for this machine, as files.
func certificates(t *testing.T) (ca, cert, key string) {
	t.Helper()
	dir := t.TempDir()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o644); err != nil {
			t.Fatal(fmt.Errorf("write: %w", err))
		}
		return path
	}
	ca = write("cert.pem", "CERTIFICATE", der)
	return ca, ca, write("key.pem", "EC PRIVATE KEY", encoded)
}
