// Package transfer hands a package directly to another controller, as a person may
// ask (Art. 20(2) GDPR): over HTTPS, from where it was cut, and until the other side
// has signed that it arrived.
//
// It speaks tus 1.0.0 (core and creation, https://tus.io/protocols/resumable-upload),
// and asks the upload itself for its receipt, a JWS (RFC 7515, RFC 8037):
// docs/transfer.md.
package transfer

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
)

// Version is that of the protocol, in the header Tus-Resumable.
const Version = "1.0.0"

// Controller is who receives, as an operator has listed it.
type Controller struct {
	Name    string
	Address string            // https; uploads are made below it
	Key     ed25519.PublicKey // signs its receipts
	Token   string            // says who sends (RFC 6750)
	Roots   *x509.CertPool    // nil: those of the machine
}

// Parcel is what is handed over. What Open gives must be the same every time.
type Parcel struct {
	ID     uuid.UUID // names the parcel to both sides; says nothing about anybody
	Size   int64
	SHA256 string // hexadecimal
	// Open reads it from a byte on.
	Open func(offset int64) (io.ReadCloser, error)
}

// The ways in which a transmission fails. None of them holds personal data or what a
// server says.
var (
	ErrUnreachable = errors.New("the receiving side does not answer, or was cut off: try again") // goes on where it was
	ErrRefused     = errors.New("the receiving side refuses")                                    // somebody has to look
	ErrReceipt     = errors.New("the receipt is not one of this controller for this parcel")
	ErrAddress     = errors.New("the address of a controller begins with https:// and names a host")
)

// Check says whether an operator can list a controller so.
func (c Controller) Check() error {
	u, err := url.Parse(c.Address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return ErrAddress
	}
	if len(c.Key) != ed25519.PublicKeySize {
		return ErrKey
	}
	return nil
}

// client asks one controller. It follows nobody elsewhere, and waits for an answer
// as long as the other side needs to read a large file.
func (c Controller) client() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:     (&net.Dialer{Timeout: 30 * time.Second}).DialContext,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots}, TLSHandshakeTimeout: 30 * time.Second,
			ResponseHeaderTimeout: 10 * time.Minute, DisableKeepAlives: true,
		},
	}
}
