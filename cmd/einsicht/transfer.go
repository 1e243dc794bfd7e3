package main

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"einsicht/internal/transfer/receiver"
)

type transferCmd struct {
	Receive receiveCmd `cmd:"" help:"Take packages that other controllers hand over directly (Art. 20(2) GDPR)."`
}

type receiveCmd struct {
	Listen    string `default:":8443" help:"Address."`
	Dir       string `required:"" help:"Folder for what arrives: a folder each, with package.zip and receipt.jws."`
	Name      string `required:"" help:"Name that stands in receipts."`
	Key       string `required:"" help:"File of the Ed25519 key that signs receipts: openssl genpkey -algorithm ed25519."`
	TokenFile string `required:"" help:"File with the token that senders show."`
	Cert      string `required:"" help:"File of the TLS certificate, with its chain."`
	CertKey   string `required:"" help:"File of its key."`
	Limit     int64  `default:"21474836480" help:"Bytes of the largest package."`
}

// Run serves until it is stopped.
func (c *receiveCmd) Run(ctx context.Context) error {
	key, err := signingKey(c.Key)
	if err != nil {
		return err
	}
	token, err := os.ReadFile(c.TokenFile)
	if err != nil {
		return err
	}
	if len(strings.TrimSpace(string(token))) < 16 {
		return fmt.Errorf("%s: a token has 16 characters at least, such as from: openssl rand -hex 32", c.TokenFile)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return err
	}
	server := &http.Server{
		Addr: c.Listen, ReadHeaderTimeout: 30 * time.Second,
		Handler: &receiver.Receiver{Dir: c.Dir, Name: c.Name, Key: key, Token: strings.TrimSpace(string(token)), Limit: c.Limit, Now: time.Now},
	}
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServeTLS(c.Cert, c.CertKey) }()
	fmt.Printf("receiving at https://%s\n", c.Listen)
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return server.Shutdown(stop)
	}
}

func signingKey(file string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	wrong := errors.New(file + ": want an Ed25519 key in PEM, as from: openssl genpkey -algorithm ed25519")
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, wrong
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, wrong
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, wrong
	}
	return private, nil
}
