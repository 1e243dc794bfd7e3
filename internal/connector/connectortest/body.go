package connectortest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"einsicht/internal/connector"
)

// Filer is a harness whose records can be files.
type Filer interface {
	// PlantFile writes a file of p that holds the content, of so many bytes, and
	// gives its reference.
	PlantFile(t *testing.T, p Person, content io.Reader, size int64) string
	// LargestFile is how long one can be, in bytes.
	LargestFile() int64
}

// Content reads the file of a field, while its finding is given.
func Content(t *testing.T, f connector.Field) []byte {
	t.Helper()
	var content bytes.Buffer
	if f.Body == nil {
		t.Fatalf("%s holds no file", f.Name)
	}
	if err := copyBody(t, f, &content); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

func copyBody(t *testing.T, f connector.Field, to io.Writer) error {
	t.Helper()
	in, err := f.Body.Open(t.Context())
	if err != nil {
		return err
	}
	_, err = io.Copy(to, in)
	return errors.Join(err, in.Close())
}

// planted is a file whose content nobody has to remember.
type planted struct {
	seed byte
	size int64
}

func (p planted) content() io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte{p.seed}), p.size)
}

func (p planted) sum() string {
	h := sha256.New()
	_, _ = io.Copy(h, p.content())
	return hex.EncodeToString(h.Sum(nil))
}

// long is how long a file is that memory should not hold: longer than what a kind
// may need of it.
func long(h Filer) int64 {
	size := int64(512 << 20)
	if many() < 1_000_000 {
		size = 96 << 20
	}
	return min(size, h.LargestFile())
}

// files are given byte by byte as they are, with no more memory for a long one.
func files(t *testing.T, b *bench) {
	h, ok := b.Harness.(Filer)
	if b.excused(t, "files", ok) {
		return
	}
	b.plant(t, OtherErika, 3)
	b.people = append(b.people, Erika)
	want := map[string]planted{}
	for i, size := range []int64{0, 1, 100 << 10, 9 << 20, long(h)} {
		p := planted{byte(i), min(size, h.LargestFile())}
		want[h.PlantFile(t, Erika, p.content(), p.size)] = p
	}
	c := b.open(t)
	idle, highest := heap(), uint64(0)
	first := map[string][]byte{}
	_, err := c.Find(t.Context(), Erika.Query(), nil, func(f connector.Finding, _ connector.Cursor) error {
		p, ok := want[f.Reference]
		if !ok {
			return nil
		}
		first[f.Reference] = f.Fingerprint()
		got := f.Files()
		if len(got) != 1 {
			t.Errorf("a file of %d bytes: got a record with %d files", p.size, len(got))
			return nil
		}
		if size := got[0].Field.Body.Size; size >= 0 && size != p.size {
			t.Errorf("a file of %d bytes: got one that says it has %d", p.size, size)
		}
		for range 2 { // whoever asks may look twice
			sum := sha256.New()
			if err := copyBody(t, got[0].Field, io.MultiWriter(sum, every{16 << 20, new(int64), func() { highest = max(highest, heap()) }})); err != nil {
				return err
			}
			if hex.EncodeToString(sum.Sum(nil)) != p.sum() {
				t.Errorf("a file of %d bytes: got another content", p.size)
			}
		}
		return nil
	})
	if b.hear(err) != nil {
		t.Fatalf("find: %v", err)
	}
	if len(first) != len(want) {
		t.Errorf("got %d of the files, want %d", len(first), len(want))
	}
	const limit = 64 << 20
	if highest > idle+limit {
		t.Errorf("needed %d MiB above idle for a file of %d MiB, want less than %d", (highest-idle)>>20, long(h)>>20, limit>>20)
	}
	for _, f := range b.ask(t, c, Erika.Query(), nil).findings {
		if before, ok := first[f.Reference]; ok && !bytes.Equal(before, f.Fingerprint()) {
			t.Errorf("a file of %d bytes: got another fingerprint the second time", want[f.Reference].size)
		}
	}
}

// every does something each so many bytes.
type every struct {
	step int64
	seen *int64
	do   func()
}

func (e every) Write(p []byte) (int, error) {
	before := *e.seen / e.step
	if *e.seen += int64(len(p)); *e.seen/e.step > before {
		e.do()
	}
	return len(p), nil
}

// torn takes the source away in the middle of a file: that is no end of the file,
// and the question goes on from before it.
func torn(t *testing.T, b *bench) {
	h, ok := b.Harness.(Filer)
	if b.excused(t, "files", ok) {
		return
	}
	b.plant(t, Erika, 3)
	p := planted{1, min(96<<20, h.LargestFile())}
	ref := h.PlantFile(t, Erika, p.content(), p.size)
	c := b.open(t)
	want := references(b.ask(t, c, Erika.Query(), nil).findings)
	var got []string
	var last connector.Cursor
	var told error
	var restore func()
	_, err := c.Find(t.Context(), Erika.Query(), nil, func(f connector.Finding, at connector.Cursor) error {
		if f.Reference == ref {
			in, err := f.Files()[0].Field.Body.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			if _, err := io.CopyN(io.Discard, in, 1<<20); err != nil {
				t.Fatal(err)
			}
			restore = b.Break(t)
			var rest int64
			if rest, told = io.Copy(io.Discard, in); told == nil {
				t.Errorf("got an end after %d of %d bytes", rest+1<<20, p.size)
			}
			return told
		}
		got, last = append(got, f.Reference), slices.Clone(at)
		return nil
	})
	if restore == nil {
		t.Fatalf("got no file and %v", err)
	}
	restore()
	if b.hear(err); told != nil && !errors.Is(err, told) || !errors.Is(err, connector.ErrUnreachable) {
		t.Errorf("got %v, want the error of the file, and %v", err, connector.ErrUnreachable)
	}
	_, err = c.Find(t.Context(), Erika.Query(), last, func(f connector.Finding, _ connector.Cursor) error {
		if got = append(got, f.Reference); f.Reference != ref {
			return nil
		}
		sum := sha256.New()
		err := copyBody(t, f.Files()[0].Field, sum)
		if err == nil && hex.EncodeToString(sum.Sum(nil)) != p.sum() {
			t.Error("got another content from there on")
		}
		return err
	})
	if b.hear(err) != nil {
		t.Fatalf("find: %v", err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d records in two parts, want %d", len(got), len(want))
	}
}
