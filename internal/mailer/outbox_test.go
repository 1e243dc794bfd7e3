package mailer

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/person"
)

// seal is a Sealer with a key of its own.
type seal struct{ cipher.AEAD }

func (s seal) Seal(_ context.Context, place string, plain []byte) ([]byte, error) {
	return s.AEAD.Seal(nil, nil, plain, []byte(place)), nil
}

func (s seal) Open(_ context.Context, place string, sealed []byte) ([]byte, error) {
	return s.AEAD.Open(nil, nil, sealed, []byte(place))
}

func box(t *testing.T) *Outbox {
	t.Helper()
	block, err := aes.NewCipher(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	return &Outbox{Dir: filepath.Join(t.TempDir(), "outbox"), Sealer: seal{aead}, Now: func() time.Time { return moment }}
}

func TestTheOutboxShowsWhatWasSentNewestFirst(t *testing.T) {
	o := box(t)
	if got, err := o.List(ctx); err != nil || len(got) != 0 {
		t.Errorf("before the first mail: got %v, %v, want none", got, err)
	}
	first, second := message(), message()
	second.Ref, second.Subject, second.To = uuid.New(), "Ihre Antwort liegt bereit", person.NewText("j.gross@mail.example")
	if err := o.Send(ctx, first); err != nil {
		t.Fatal(err)
	}
	o.Now = func() time.Time { return moment.Add(time.Minute) }
	if err := o.Send(ctx, second); err != nil {
		t.Fatal(err)
	}
	got, err := o.List(ctx)
	if err != nil || len(got) != 2 {
		t.Fatalf("got %d mails, %v, want 2", len(got), err)
	}
	for i, want := range []Message{second, first} {
		m := got[i]
		if m.Ref != want.Ref || !m.To.Equal(want.To) || m.Subject != want.Subject || m.Text != want.Text || m.HTML != want.HTML {
			t.Errorf("mail %d: got %v, want %v", i, m, want)
		}
	}
	if !got[1].At.Equal(moment) {
		t.Errorf("time: got %v, want %v", got[1].At, moment)
	}
}

func TestTheSameMailIsThereOnce(t *testing.T) {
	o := box(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := o.Send(ctx, message()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	o.Now = func() time.Time { return moment.Add(time.Hour) }
	if err := o.Send(ctx, message()); err != nil {
		t.Fatal(err)
	}
	got, err := o.List(ctx)
	if err != nil || len(got) != 1 || !got[0].At.Equal(moment) {
		t.Errorf("got %d mails, %v, want the first one only", len(got), err)
	}
	files, err := os.ReadDir(o.Dir)
	if err != nil || len(files) != 1 {
		t.Errorf("got %d files, %v, want 1 and nothing left over", len(files), err)
	}
}

func TestTheFolderTellsNothing(t *testing.T) {
	o := box(t)
	if err := o.Send(ctx, message()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(o.Dir, message().Ref.String()+ending)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{address, "erika", "Vorgang", "Guten Tag"} {
		if bytes.Contains(content, []byte(secret)) {
			t.Errorf("the file holds %q in clear", secret)
		}
	}
	for path, want := range map[string]os.FileMode{path: 0o600, o.Dir: 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: got mode %v, %v, want %v", filepath.Base(path), info.Mode().Perm(), err, want)
		}
	}
}

func TestAMailThatCanNotBeOpenedIsNamedAndHidesNoOther(t *testing.T) {
	o := box(t)
	good, swapped, broken := message(), message(), message()
	swapped.Ref, broken.Ref = uuid.New(), uuid.New()
	for _, m := range []Message{good, swapped} {
		if err := o.Send(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(filepath.Join(o.Dir, good.Ref.String()+ending))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		swapped.Ref.String() + ending: content, // a mail in the file of another
		broken.Ref.String() + ending:  []byte("nonsense"),
		"note.txt":                    []byte("no mail"),
		".new-123":                    []byte("left over by a crash"),
	} {
		if err := os.WriteFile(filepath.Join(o.Dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := o.List(ctx)
	if len(got) != 1 || got[0].Ref != good.Ref {
		t.Errorf("got %d mails, want the good one", len(got))
	}
	for _, ref := range []uuid.UUID{swapped.Ref, broken.Ref} {
		if err == nil || !strings.Contains(err.Error(), ref.String()) {
			t.Errorf("the error does not name %s: %v", ref, err)
		}
	}
	silent(t, err)
}
