package gathering_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/blobstore"
	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/gathering"
	"einsicht/internal/procedure/retention"
)

// cabinet is a system of files.
type cabinet struct {
	sizes []int64
	on    func(n int) error // in the middle of file n
	told  []int64           // what it says of their sizes; nil: the truth
}

func (s *cabinet) Has(context.Context, uuid.UUID, string) (bool, error) { return true, nil }
func (s *cabinet) Open(context.Context, uuid.UUID, string) (connector.Connector, error) {
	return s, nil
}
func (s *cabinet) Close() error { return nil }

func (s *cabinet) Find(_ context.Context, _ connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	first, _ := strconv.Atoi(string(from))
	for n := first; n < len(s.sizes); n++ {
		body := &connector.Body{Stamp: "as it is", Size: s.sizes[n], Type: "text/plain", Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(noise(n, s.sizes[n]/2), &event{func() error {
				if s.on == nil {
					return nil
				}
				return s.on(n)
			}}, behind(n, s.sizes[n]))), nil
		}}
		if s.told != nil {
			body.Size = s.told[n]
		}
		f := connector.Finding{Reference: strconv.Itoa(n), Confidence: connector.Sure, Fields: connector.BodyFields(person.NewText("Akte.txt"), body)}
		if err := yield(f, connector.Cursor(strconv.Itoa(n+1))); err != nil {
			return connector.Answer{}, err
		}
	}
	return connector.Answer{Outcome: connector.Found}, nil
}

// noise is what a file begins with, behind the rest of it.
func noise(n int, size int64) io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte{byte(n)}), size)
}

func behind(n int, size int64) io.Reader {
	all := noise(n, size)
	_, _ = io.CopyN(io.Discard, all, size/2)
	return all
}

type event struct{ do func() error }

func (e *event) Read([]byte) (int, error) {
	if err := e.do(); err != nil {
		return 0, err
	}
	return 0, io.EOF
}

func newCabinet(t testing.TB, now time.Time) (h house, disk blobstore.Disk) {
	t.Helper()
	h, disk = newHouse(t, now), blobstore.Disk{Dir: t.TempDir()}
	h.Blobs = disk
	return h, disk
}

// contents are the SHA-256 of all files of a case, read anew, with what their
// findings say of them.
func (h house) contents(t testing.TB, c casefile.Case) (sums []string) {
	t.Helper()
	rows := map[uuid.UUID]connector.Finding{}
	var order []uuid.UUID
	must(t, h.db.View(t.Context(), h.authority.ID, func(ctx context.Context) error {
		all, err := h.Findings.FindingsOf(ctx, c.ID, "s00", uuid.Nil, 100)
		for _, row := range all {
			if rows[row.ID], err = h.Finding(ctx, c, row); err != nil {
				return err
			}
			order = append(order, row.ID)
		}
		return err
	}))
	for _, id := range order {
		f := rows[id].Files()[0].Field
		if !f.Value.IsZero() {
			t.Errorf("file %s: its content lies in memory with the rest of the case", rows[id].Reference)
		}
		in, err := h.OpenFile(t.Context(), c, id, f)
		must(t, err)
		sum := sha256.New()
		n, err := io.Copy(sum, in)
		must(t, errors.Join(err, in.Close()))
		got := hex.EncodeToString(sum.Sum(nil))
		if f.Body.Size != n || f.Body.SHA256 != got || f.Body.Stamp != "as it is" || f.Body.Type != "text/plain" {
			t.Errorf("file %s: got %+v, want what it is: %d bytes", rows[id].Reference, *f.Body, n)
		}
		sums = append(sums, got)
	}
	return sums
}

func (s *cabinet) sums() (sums []string) {
	for n, size := range s.sizes {
		sum := sha256.New()
		_, _ = io.Copy(sum, noise(n, size))
		sums = append(sums, hex.EncodeToString(sum.Sum(nil)))
	}
	return sums
}

// lie says which files lie on the disk, and which of them a finding names.
func (h house) lie(t testing.TB, disk blobstore.Disk) (all []string, named int) {
	t.Helper()
	all, err := disk.Keys(t.Context())
	must(t, err)
	must(t, h.db.View(t.Context(), h.authority.ID, func(ctx context.Context) error {
		ids, err := h.Findings.Bodies(ctx, uuid.Nil)
		for _, id := range ids {
			if slices.Contains(all, id.String()) {
				named++
			} else {
				t.Errorf("a finding names a file that is not there")
			}
		}
		return err
	}))
	return all, named
}

// again lets a system be asked once more.
func (h house) again(t testing.TB, inquiry uuid.UUID) {
	t.Helper()
	must(t, h.db.InTx(t.Context(), h.authority.ID, func(ctx context.Context) error {
		q, err := h.Findings.Inquiry(ctx, inquiry)
		if err != nil {
			return err
		}
		q.State, q.Sealed = casefile.Asked, nil
		return h.Findings.PutInquiries(ctx, []casefile.Inquiry{q})
	}))
}

func TestFilesLieOnTheDiskAndNowhereElse(t *testing.T) {
	now := time.Now()
	h, disk := newCabinet(t, now)
	c, asked := h.newCase(t, 1, now)
	sizes := []int64{0, 1, 64 << 10, 9 << 20, 3 << 20, 64<<10 + 1} // the last two are kept at the end of the run
	for name, told := range map[string][]int64{"of which the sizes are known": nil, "of which nobody knows the size": {-1, -1, -1, -1, -1, -1}} {
		system := &cabinet{sizes: sizes, told: told}
		h.again(t, asked[0])
		if !h.ask(t.Context(), t, system, asked[0], now) {
			t.Fatal("no answer")
		}
		if got, want := h.contents(t, c), system.sums(); !slices.Equal(got, want) {
			t.Errorf("%s: got other files than there are", name)
		}
		// The second time those of the first are replaced.
		if all, named := h.lie(t, disk); len(all) != 3 || named != 3 {
			t.Errorf("%s: got %d files on the disk, %d of them named; want the 3 long ones", name, len(all), named)
		}
	}
	keys, err := disk.Keys(t.Context())
	must(t, err)
	for _, key := range keys { // sealed, and for this case alone
		raw, _, err := disk.Open(t.Context(), key)
		must(t, err)
		begin, err := io.ReadAll(io.LimitReader(raw, 4<<10))
		must(t, errors.Join(err, raw.Close()))
		for n, size := range sizes {
			plain, _ := io.ReadAll(io.LimitReader(noise(n, size), 16))
			if len(plain) == 16 && bytes.Contains(begin, plain) {
				t.Error("a file lies in clear")
			}
		}
	}
	if got := h.fingerprints(t, c); !bytes.Equal(got[4], fingerprintOf(sizes[4])) {
		t.Error("a file that was kept has another fingerprint than the one in the system")
	}
	must(t, (&retention.Retention{House: h.House}).ShredFindings(t.Context(), h.authority.ID, c.ID, now))
	if all, _ := h.lie(t, disk); len(all) != 0 {
		t.Errorf("got %d files of findings that are shredded", len(all))
	}
}

func fingerprintOf(size int64) []byte {
	return connector.Finding{Reference: "4", Fields: connector.BodyFields(person.NewText("Akte.txt"), &connector.Body{Stamp: "as it is", Size: size})}.Fingerprint()
}

func (h house) fingerprints(t testing.TB, c casefile.Case) (all [][]byte) {
	t.Helper()
	must(t, h.db.View(t.Context(), h.authority.ID, func(ctx context.Context) error {
		rows, err := h.Findings.FindingsOf(ctx, c.ID, "s00", uuid.Nil, 100)
		for _, row := range rows {
			f, err := h.Finding(ctx, c, row)
			if err != nil {
				return err
			}
			all = append(all, f.Fingerprint())
		}
		return err
	}))
	return all
}

func TestAFileThatBreaksOffIsGatheredWhole(t *testing.T) {
	now := time.Now()
	h, disk := newCabinet(t, now)
	full := errors.New("no space left on device")
	for _, c := range []struct {
		name    string
		end     func() error // in the middle of the third file
		trouble bool         // of the system
	}{
		{"the process is killed", func() error { panic(killed{}) }, false},
		{"the system goes away", func() error { return connector.Fail(connector.ErrUnreachable, "cabinet", "", nil) }, true},
		{"our disk is full", func() error { return full }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			kase, asked := h.newCase(t, 1, now)
			system := &cabinet{sizes: []int64{100 << 10, 10, 9 << 20, 200 << 10}}
			system.on = func(n int) error {
				if n != 2 || c.end == nil {
					return nil
				}
				end := c.end
				c.end = nil
				return end()
			}
			func() {
				defer func() { _ = recover() }()
				err := (&gathering.Gathering{House: h.House, Sources: system}).Gather(t.Context(), h.authority.ID, asked[0], now, time.Time{})
				if err == nil {
					t.Error("got no error")
				}
			}()
			if q, text, n := h.inquiry(t, asked[0]); q.State != casefile.Asked || n != 2 || (text.Failures == 1) != c.trouble {
				t.Errorf("got %s, %d findings, %d failures; want 2 findings, and a failure: %v", q.State, n, text.Failures, c.trouble)
			}
			if !h.ask(t.Context(), t, system, asked[0], now) {
				t.Fatal("no answer")
			}
			if got, want := h.contents(t, kase), system.sums(); !slices.Equal(got, want) {
				t.Error("got other files than there are")
			}
		})
	}
	// What a run left behind belongs to nobody, and goes.
	all, named := h.lie(t, disk)
	if len(all) != named {
		t.Errorf("got %d files on the disk, want the %d that findings name: a torn one is not there at all", len(all), named)
	}
	if torn, err := os.ReadDir(disk.Dir + "/incoming"); err != nil || len(torn) != 1 {
		t.Errorf("got %d half-written files and %v, want the one of the killed process", len(torn), err)
	}
	known := map[string]bool{}
	for _, key := range all {
		known[key] = true
	}
	if n, err := disk.Sweep(t.Context(), func(key string) bool { return known[key] }, time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("got %d removed and %v, want the half-written one", n, err)
	}
}

func TestAFileOfAUnitIsKeptLikeAnyOther(t *testing.T) {
	now := time.Now()
	h, disk := newCabinet(t, now)
	id, _, unit := h.shippedCase(t, casefile.Gathering, casefile.FoundNothing, false, now)
	content, _ := io.ReadAll(noise(1, 3<<20))
	staff := casefile.Actor{ID: uuid.New(), Role: casefile.Clerk, Authority: h.authority.ID}
	answer := gathering.ManualAnswer{Led: []uuid.UUID{uuid.New()}, File: gathering.Upload{Name: person.NewText("akte.pdf"), Content: content}}
	must(t, (&gathering.Gathering{House: h.House}).AnswerTask(t.Context(), staff, id, unit.System, answer, now))
	if all, named := h.lie(t, disk); len(all) != 1 || named != 1 {
		t.Errorf("got %d files, %d of them named; want one", len(all), named)
	}
	must(t, h.db.View(t.Context(), h.authority.ID, func(ctx context.Context) error {
		c, err := h.Cases.Case(ctx, id)
		must(t, err)
		rows, err := h.Findings.FindingsOf(ctx, id, unit.System, uuid.Nil, 10)
		must(t, err)
		f, err := h.Finding(ctx, c, rows[0])
		must(t, err)
		in, err := h.OpenFile(ctx, c, rows[0].ID, f.Files()[0].Field)
		must(t, err)
		got, err := io.ReadAll(in)
		must(t, errors.Join(err, in.Close()))
		if !bytes.Equal(got, content) {
			t.Error("got another file than was handed in")
		}
		return nil
	}))
}

var _ procedure.Blobs = blobstore.Disk{}
