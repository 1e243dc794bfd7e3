package mailer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/person"
)

// Sealer encrypts for a place and decrypts only what was encrypted for the same.
type Sealer interface {
	Seal(ctx context.Context, place string, plain []byte) ([]byte, error)
	Open(ctx context.Context, place string, sealed []byte) ([]byte, error)
}

// Outbox keeps mails in a folder instead of sending them, one sealed file each.
type Outbox struct {
	Dir    string
	Sealer Sealer
	Now    func() time.Time
}

// Sent is a mail in the outbox.
type Sent struct {
	Message
	At time.Time
}

const ending = ".mail"

// letter is a mail in its file. The address stands there in clear, so it leaves
// this room only sealed.
type letter struct {
	At                      time.Time
	To, Subject, Text, HTML string
}

// Send puts a mail into the outbox, unless it is there already.
func (o Outbox) Send(ctx context.Context, m Message) error {
	address, err := m.check()
	if err != nil {
		return err
	}
	path := filepath.Join(o.Dir, m.Ref.String()+ending)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	plain, err := json.Marshal(letter{At: o.Now(), To: address, Subject: m.Subject, Text: m.Text, HTML: m.HTML})
	if err != nil {
		return fmt.Errorf("mail %s: %w", m.Ref, err)
	}
	sealed, err := o.Sealer.Seal(ctx, place(m.Ref), plain)
	if err != nil {
		return fmt.Errorf("sealing mail %s: %w", m.Ref, err)
	}
	if err := write(path, sealed); err != nil {
		return fmt.Errorf("putting mail %s into the outbox: %w", m.Ref, err)
	}
	return nil
}

// List returns the mails, newest first. If some can't be opened, it returns the
// others and an error that names their refs.
func (o Outbox) List(ctx context.Context) ([]Sent, error) {
	files, err := os.ReadDir(o.Dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading the outbox: %w", err)
	}
	var mails []Sent
	var failures []error
	for _, file := range files {
		name, isMail := strings.CutSuffix(file.Name(), ending)
		ref, err := uuid.Parse(name)
		if !isMail || err != nil {
			continue
		}
		mail, err := o.read(ctx, ref)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		mails = append(mails, mail)
	}
	slices.SortFunc(mails, func(a, b Sent) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Ref.String(), b.Ref.String()))
	})
	return mails, errors.Join(failures...)
}

func (o Outbox) read(ctx context.Context, ref uuid.UUID) (Sent, error) {
	sealed, err := os.ReadFile(filepath.Join(o.Dir, ref.String()+ending))
	if err != nil {
		return Sent{}, fmt.Errorf("reading mail %s: %w", ref, err)
	}
	plain, err := o.Sealer.Open(ctx, place(ref), sealed)
	if err != nil {
		return Sent{}, fmt.Errorf("opening mail %s: %w", ref, err)
	}
	var l letter
	if json.Unmarshal(plain, &l) != nil { // its error would quote the mail
		return Sent{}, fmt.Errorf("opening mail %s: this is none", ref)
	}
	return Sent{At: l.At, Message: Message{Ref: ref, To: person.NewText(l.To), Subject: l.Subject, Text: l.Text, HTML: l.HTML}}, nil
}

// place binds a sealed mail to its file.
func place(ref uuid.UUID) string { return "outbox " + ref.String() }

// write makes a file that is there as a whole or not at all, also after a crash.
func write(path string, content []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
