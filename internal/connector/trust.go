package connector

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/netip"
	"strings"
	"syscall"
)

// Loopback says that what is sent to a host stays on this machine, so that it may
// be sent in clear. Other spellings of localhost and addresses with a zone are
// not taken: who resolves them is not known here.
func Loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Zone() == "" && ip.Unmap().IsLoopback()
}

// Roots are the authorities that a connection trusts instead of the usual ones:
// the certificates of the file that stands under its key "ca".
func (c Connection) Roots(file string, read func(name string) ([]byte, error)) (*x509.CertPool, error) {
	pem, err := read(file)
	if err != nil {
		return nil, c.Wrong("ca", "names a file that can't be read")
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, c.Wrong("ca", "names a file that holds no certificate in PEM form")
	}
	return roots, nil
}

// Certificate is the code of failures about one, see Distrust.
const Certificate = "certificate"

// Distrust says in words why a certificate was not taken; ok is false where an
// error is about something else.
func Distrust(err error) (why string, ok bool) {
	var unverified *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var roots x509.SystemRootsError
	switch {
	case errors.As(err, &authority):
		return "signed by an authority that is not trusted; ca names the file of an own one", true
	case errors.As(err, &host):
		return "made for another name than that in the address", true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && strings.Contains(invalid.Detail, " is before "):
		return "not valid yet, or the clock of this machine is slow", true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "expired, or the clock of this machine is fast", true
	case errors.As(err, &invalid):
		return "not one of a server, or wrongly issued", true
	case errors.As(err, &roots):
		return "the authorities that this machine trusts can't be read", true
	}
	return "it can't be verified", errors.As(err, &unverified)
}

// Silence says in words why a system does not answer, as far as that is known.
func Silence(err error) string {
	var waits interface{ Timeout() bool }
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case err == nil:
		return ""
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no way there"
	case errors.As(err, &record):
		return "no TLS spoken there"
	case errors.As(err, &alert):
		return "TLS refused"
	case strings.HasSuffix(err.Error(), "no such host"):
		return "no such host"
	case errors.As(err, &waits) && waits.Timeout():
		return "no answer in time"
	}
	return ""
}
