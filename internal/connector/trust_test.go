package connector

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestOnlyThisMachineIsAskedInClear(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.8.9.1": true, "::1": true, "::ffff:127.0.0.1": true,
		"LOCALHOST": false, "localhost.": false, "localhost.example.org": false, "::1%eth0": false, "127.1": false, "0177.0.0.1": false, "2130706433": false,
		"0.0.0.0": false, "::": false, "192.0.2.1": false, "": false, "[::1]": false,
	} {
		if got := Loopback(host); got != want {
			t.Errorf("%q: got %v, want %v", host, got, want)
		}
	}
}

func TestAnAuthorityOfOnesOwn(t *testing.T) {
	c, err := ParseConnection("shop.yaml", []byte("system: shop\nkind: rest\nrest:\n  ca: /etc/ca.pem\n"))
	if err != nil {
		t.Fatal(err)
	}
	own, _ := certificate(t, x509.Certificate{})
	good := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Raw})
	for want, read := range map[string]func(string) ([]byte, error){
		"":                                       func(string) ([]byte, error) { return good, nil },
		"names a file that can't be read":        func(string) ([]byte, error) { return nil, errors.New("hunter2") },
		"names a file that holds no certificate": func(string) ([]byte, error) { return []byte("hunter2"), nil },
	} {
		roots, err := c.Roots("/etc/ca.pem", read)
		if want == "" {
			if err != nil || roots == nil {
				t.Errorf("got %v, want the authority", err)
			}
			continue
		}
		if err == nil || !errors.Is(err, ErrConfig) || !strings.HasPrefix(err.Error(), "shop.yaml:4: rest.ca: "+want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, want %q with its line", err, want)
		}
	}
}

// certificate makes one that is signed by itself, like another.
func certificate(t *testing.T, like x509.Certificate) (*x509.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	like.SerialNumber, like.IsCA, like.BasicConstraintsValid = big.NewInt(1), true, true
	if like.NotBefore.IsZero() {
		like.NotBefore = time.Now().Add(-time.Hour)
	}
	if like.NotAfter.IsZero() {
		like.NotAfter = time.Now().Add(time.Hour)
	}
	der, err := x509.CreateCertificate(rand.Reader, &like, &like, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(made)
	return made, pool
}

func TestWhyACertificateIsNotTaken(t *testing.T) {
	host := []string{"ldap.example.org"}
	_, others := certificate(t, x509.Certificate{})
	for _, test := range []struct {
		want  string
		like  x509.Certificate
		trust *x509.CertPool // nil: that of the certificate itself
	}{
		{"signed by an authority that is not trusted", x509.Certificate{DNSNames: host}, others},
		{"made for another name", x509.Certificate{DNSNames: []string{"mail.example.org"}}, nil},
		{"expired", x509.Certificate{DNSNames: host, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(-time.Hour)}, nil},
		{"not valid yet", x509.Certificate{DNSNames: host, NotBefore: time.Now().Add(time.Hour), NotAfter: time.Now().Add(2 * time.Hour)}, nil},
		{"not one of a server", x509.Certificate{DNSNames: host, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, nil},
	} {
		c, own := certificate(t, test.like)
		if test.trust == nil {
			test.trust = own
		}
		_, err := c.Verify(x509.VerifyOptions{Roots: test.trust, DNSName: host[0]})
		if err == nil {
			t.Fatalf("%s: was taken: this test checks nothing", test.want)
		}
		for _, said := range []error{err, &tls.CertificateVerificationError{Err: err}, fmt.Errorf("x: %w", err)} {
			if got, ok := Distrust(said); !ok || !strings.HasPrefix(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		}
	}
	if _, ok := Distrust(&tls.CertificateVerificationError{Err: errors.New("x")}); !ok {
		t.Error("a certificate that is not taken for another reason is not told")
	}
	if _, ok := Distrust(syscall.ECONNREFUSED); ok {
		t.Error("what is not about a certificate is taken for it")
	}
}

func TestWhyASystemDoesNotAnswer(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, "connection refused"},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH)}, "no way there"},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "hunter2", IsNotFound: true}}, "no such host"},
		{context.DeadlineExceeded, "no answer in time"},
		{tls.RecordHeaderError{Msg: "x"}, "no TLS spoken there"},
		{tls.AlertError(70), "TLS refused"},
		{errors.New("hunter2"), ""},
		{nil, ""},
	} {
		if got := Silence(test.err); got != test.want {
			t.Errorf("%v: got %q, want %q", test.err, got, test.want)
		}
	}
}

func TestAFailureSaysWhoWasAskedAndWhatTheCodeMeans(t *testing.T) {
	for _, test := range []struct {
		f    *Failure
		want string
	}{
		{Fail(ErrConfig, "/people", "401", nil).By("shop.example:443", "user or password refused"), "/people: connection is wrong (401: user or password refused, shop.example:443)"},
		{Fail(ErrUnreachable, "ldap.url", "", context.Canceled).By("dc.example:636", ""), "ldap.url: system does not answer (dc.example:636): context canceled"},
		{Fail(ErrUnreachable, "connect", "", nil).By("", "connection refused"), "connect: system does not answer (connection refused)"},
		{Fail(ErrBroken, "x", "404", nil).By("", ""), "x: answer can't be read (404)"},
		{Fail(ErrBroken, "x", "", nil), "x: answer can't be read"},
	} {
		if got := test.f.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
