package portal

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"einsicht/internal/casefile"
	"einsicht/internal/procedure/delivery"
	"einsicht/internal/transfer"
)

// controllers are those to whom authorities can hand data directly (Art. 20(2)
// GDPR), as the operator has listed them in a file.
type controllers struct{ listed []listed }

// listed is one entry of that file.
type listed struct {
	Authority string `yaml:"authority"`
	ID        string `yaml:"id"`
	Name      string `yaml:"name"`
	Address   string `yaml:"address"`
	Key       string `yaml:"key"`
	TokenFile string `yaml:"token_file"`
	CA        string `yaml:"ca"`
}

// openControllers reads the file. Without a setting it need not be there.
func (m *Main) openControllers(context.Context) error {
	file := m.Controllers
	if file == "" {
		file = filepath.Join(m.Data, "controllers.yaml")
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && m.Controllers == "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("EINSICHT_CONTROLLERS: %w", err)
	}
	var list struct {
		Controllers []listed `yaml:"controllers"`
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&list); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", file, err)
	}
	var faults []error
	seen := map[string]bool{}
	for i, l := range list.Controllers {
		place := fmt.Sprintf("%s: controllers[%d]", file, i)
		if l.Authority == "" || l.ID == "" || l.Name == "" || l.TokenFile == "" {
			faults = append(faults, fmt.Errorf("%s: authority, id, name, address, key and token_file are needed", place))
		}
		if seen[l.Authority+"/"+l.ID] {
			faults = append(faults, fmt.Errorf("%s.id: %s is listed twice for %s", place, l.ID, l.Authority))
		}
		seen[l.Authority+"/"+l.ID] = true
		c, err := l.open()
		if err == nil {
			err = c.Check()
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", place, err))
		}
	}
	m.controllers.listed = list.Controllers
	return errors.Join(faults...)
}

// open reads all of an entry but the secret, which only who sends needs.
func (l listed) open() (transfer.Controller, error) {
	c := transfer.Controller{Name: l.Name, Address: l.Address}
	var err error
	if c.Key, err = transfer.ParseKey(l.Key); err != nil || l.CA == "" {
		return c, err
	}
	text, err := os.ReadFile(l.CA)
	if err != nil {
		return c, fmt.Errorf("ca: %w", err)
	}
	c.Roots = x509.NewCertPool()
	if !c.Roots.AppendCertsFromPEM(text) {
		return c, fmt.Errorf("ca: %s holds no certificate in PEM", l.CA)
	}
	return c, nil
}

// Controllers lists those of an authority.
func (s *controllers) Controllers(authority string) []casefile.Controller {
	var some []casefile.Controller
	for _, l := range s.listed {
		if l.Authority == authority {
			some = append(some, casefile.Controller{ID: l.ID, Name: l.Name})
		}
	}
	return some
}

// Transmit hands a parcel to one of them.
func (s *controllers) Transmit(ctx context.Context, authority, controller string, p delivery.Parcel, location string, note func(string) error) (string, error) {
	for _, l := range s.listed {
		if l.Authority != authority || l.ID != controller {
			continue
		}
		c, err := l.open()
		if err != nil {
			return "", fmt.Errorf("%w: %w", delivery.ErrNotReceived, err)
		}
		token, err := os.ReadFile(l.TokenFile)
		if err != nil {
			return "", fmt.Errorf("%w: the token of %s can't be read", delivery.ErrNotReceived, l.ID)
		}
		c.Token = strings.TrimSpace(string(token))
		signed, err := transfer.Send(ctx, c, transfer.Parcel{ID: p.ID, Size: p.Size, SHA256: p.SHA256, Open: p.Open}, location, note)
		if errors.Is(err, transfer.ErrReceipt) {
			return "", fmt.Errorf("%w: %w", delivery.ErrUnproven, err)
		}
		if errors.Is(err, transfer.ErrRefused) || errors.Is(err, transfer.ErrAddress) || errors.Is(err, transfer.ErrKey) {
			return "", fmt.Errorf("%w: %w", delivery.ErrNotReceived, err)
		}
		return signed, err
	}
	return "", fmt.Errorf("%w: nobody lists %s any more", delivery.ErrNotReceived, controller)
}
