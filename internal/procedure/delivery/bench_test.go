package delivery

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/blobstore"
	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/keyring/keyringtest"
	"einsicht/internal/law"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// The package to take along is measured beside "zip -1" over the same files in the same
// run. Ours opens each file from its seal, packs it into the package inside the answer's
// package, hashes it three times, seals it and makes sure that it is on the disk. A
// process of its own does that and says how much memory it needed at most. BENCH_MIB
// says how much there is in files.
func BenchmarkPackageMixed(b *testing.B) { besideZip(b, benchMiB(), mixed) }

// BenchmarkPackageText has only files that are worth packing.
func BenchmarkPackageText(b *testing.B) { besideZip(b, max(benchMiB()/4, 16), texts) }

const (
	benchFolder = "EINSICHT_BENCH_PACKAGE"
	mostMemory  = 128 << 20
)

func besideZip(b *testing.B, mib int64, fill func(r *rand.Rand, i int) (name string, write func(io.Writer, int64) error)) {
	dir := b.TempDir()
	size := writeFiles(b, filepath.Join(dir, "files"), mib<<20, fill)
	var ours, theirs time.Duration
	var last measured
	for b.Loop() {
		last = inOwnProcess(b, dir)
		ours += last.Took
		started := time.Now()
		if out, err := exec.Command("zip", "-1", "-q", "-r", filepath.Join(dir, "theirs.zip"), filepath.Join(dir, "files")).CombinedOutput(); err != nil {
			b.Fatalf("zip: %v: %s", err, out)
		}
		theirs += time.Since(started)
		if err := os.Remove(filepath.Join(dir, "theirs.zip")); err != nil {
			b.Fatal(err)
		}
	}
	if last.Files != size || last.Peak > mostMemory {
		b.Errorf("got %d bytes of files and %d bytes of memory, want %d and at most %d", last.Files, last.Peak, size, mostMemory)
	}
	b.ReportMetric(float64(size)*float64(b.N)/1e6/ours.Seconds(), "MB/s")
	b.ReportMetric(float64(size)*float64(b.N)/1e6/theirs.Seconds(), "MB/s-zip")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
	b.ReportMetric(float64(last.Peak)/(1<<20), "MiB-peak")
	b.ReportMetric(float64(last.Package)/float64(size), "of-size")
	b.ReportMetric(0, "ns/op")
}

// measured is what the process says of itself.
type measured struct {
	Took                 time.Duration
	Peak, Files, Package int64 // bytes
}

func inOwnProcess(b *testing.B, dir string) measured {
	b.Helper()
	c := exec.CommandContext(b.Context(), os.Args[0], "-test.run", "^TestBuildForBenchmark$", "-test.v")
	c.Env = append(os.Environ(), benchFolder+"="+dir)
	out, err := c.CombinedOutput()
	found := regexp.MustCompile(`measured (\{.*\})`).FindSubmatch(out)
	var m measured
	if err != nil || found == nil || json.Unmarshal(found[1], &m) != nil {
		b.Fatalf("the process that builds failed: %v\n%s", err, out)
	}
	return m
}

// TestBuildForBenchmark is the process that builds.
func TestBuildForBenchmark(t *testing.T) {
	dir := os.Getenv(benchFolder)
	if dir == "" {
		t.Skip("is a part of the benchmark")
	}
	keys, blobs := keyringtest.New(t), filepath.Join(dir, "blobs")
	t.Cleanup(func() { os.RemoveAll(blobs) })
	s := &Delivery{House: &procedure.House{Units: noUnits{}, Keys: keys, Blobs: blobstore.Disk{Dir: blobs}}, Signing: keys}
	c := casefile.Case{ID: uuid.New(), Authority: uuid.New()}
	if err := keys.NewCase(t.Context(), c.Authority, c.ID); err != nil {
		t.Fatal(err)
	}
	a, size := filesOf(t, s, c, filepath.Join(dir, "files"))
	key, err := s.signingKey(t.Context(), a, c.Authority, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	slot := blobSlot(c, casefile.Package{ID: uuid.New()})
	debug.FreeOSMemory()
	forgetPeak(t)
	started := time.Now()
	text, err := s.store(t.Context(), slot, a.pack(t.Context(), letter.Letter{}, nil, key), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	m := measured{Took: time.Since(started), Peak: peak(t), Files: size, Package: text.Size}
	content, err := s.OpenBlob(t.Context(), slot)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if n, err := io.Copy(io.Discard, content); err != nil || n != text.Size {
		t.Fatalf("got %d bytes back, %v, want %d", n, err, text.Size)
	}
	said, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("measured %s\n", said)
}

// filesOf seals the files as gathering does, and compiles an answer of them.
func filesOf(t *testing.T, s *Delivery, c casefile.Case, dir string) (*answer, int64) {
	t.Helper()
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	const system = "media"
	var all []procedure.Found
	var size int64
	decisions := map[uuid.UUID]disclosure.Decision{}
	for _, entry := range names {
		file := connector.Body{Size: -1, Open: func(context.Context) (io.ReadCloser, error) { return os.Open(filepath.Join(dir, entry.Name())) }}
		kept, err := s.KeepBody(t.Context(), c, connector.Field{Name: connector.FileContent, Body: &file})
		if err != nil {
			t.Fatal(err)
		}
		size += kept.Body.Size
		id := uuid.New()
		record := connector.Finding{Reference: entry.Name(), Category: "file", Fields: []connector.Field{
			{Name: connector.FileName, Value: person.NewText(entry.Name())}, kept,
		}}
		decisions[id] = disclosure.Decision{Verdict: disclosure.Give}
		all = append(all, procedure.Found{Finding: casefile.Finding{ID: id, System: system}, Record: record, Decision: decisions[id]})
	}
	a := &answer{c: c}
	a.input = letter.Input{Lang: wording.German, Date: time.Now(), Rights: []letter.RightAnswer{{Right: law.Portability, Outcome: casefile.Granted}}}
	s.uploads(t.Context(), a, all)
	findings := func(string) iter.Seq2[disclosure.Finding, error] {
		return func(yield func(disclosure.Finding, error) bool) {
			for _, f := range all {
				if !yield(disclosure.Finding{ID: f.ID, Finding: withPaths(f.Record, a.paths[f.ID])}, nil) {
					return
				}
			}
		}
	}
	a.portable, err = disclosure.TakeAlong(findings, decisions, []inventory.System{{ID: system, Name: "Mediathek"}}, func(system, reference string) uuid.UUID {
		return recordID([]byte("secret"), system, reference)
	})
	if err != nil {
		t.Fatal(err)
	}
	if given := a.portable[0].Given; given != len(names) || len(a.filesToTake()) != given {
		t.Fatalf("got %d records and %d files, want %d", given, len(a.filesToTake()), len(names))
	}
	return a, size
}

// noUnits runs everything at once: no database is asked.
type noUnits struct{}

func (noUnits) InTx(ctx context.Context, _ uuid.UUID, f func(context.Context) error) error {
	return f(ctx)
}
func (noUnits) View(ctx context.Context, _ uuid.UUID, f func(context.Context) error) error {
	return f(ctx)
}

// forgetPeak sets the high-water mark back to what the process has now, proc(5).
func forgetPeak(t *testing.T) {
	t.Helper()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
}

func peak(t *testing.T) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		t.Fatal("no VmHWM")
	}
	kib, _ := strconv.ParseInt(string(found[1]), 10, 64)
	return kib << 10
}

func benchMiB() int64 {
	if mib, err := strconv.ParseInt(os.Getenv("BENCH_MIB"), 10, 64); err == nil {
		return mib
	}
	return 64
}

// writeFiles fills a folder, always in the same way.
func writeFiles(b *testing.B, dir string, size int64, fill func(r *rand.Rand, i int) (string, func(io.Writer, int64) error)) int64 {
	b.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	var all int64
	for i := 0; all < size; i++ {
		n := int64(128<<10) << r.IntN(10) // 128 KiB, which no finding holds any more, to 64 MiB
		name, write := fill(r, i)
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			b.Fatal(err)
		}
		if err := write(f, n); err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
		all += n
	}
	return all
}

// mixed is a share of files: every second one is a picture or a document, which are
// compressed by their own format.
func mixed(r *rand.Rand, i int) (string, func(io.Writer, int64) error) {
	if i%2 == 1 {
		return texts(r, i)
	}
	return fmt.Sprintf("Bild %d%s", i, []string{".jpg", ".pdf", ".docx"}[i/2%3]), func(w io.Writer, n int64) error {
		_, err := io.CopyN(w, rand.NewChaCha8([32]byte{byte(i)}), n)
		return err
	}
}

func texts(r *rand.Rand, i int) (string, func(io.Writer, int64) error) {
	return fmt.Sprintf("Akte %d.csv", i), func(w io.Writer, n int64) error {
		var line bytes.Buffer
		for n > 0 {
			line.Reset()
			for line.Len() < 32<<10 {
				fmt.Fprintf(&line, "%d;2026-%02d-%02d %02d:%02d;Person %d;%x;Antrag auf Auskunft;%s\n",
					r.Int32(), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(10_000), r.Uint64(), words[r.IntN(len(words))])
			}
			some := line.Bytes()[:min(int64(line.Len()), n)]
			if _, err := w.Write(some); err != nil {
				return err
			}
			n -= int64(len(some))
		}
		return nil
	}
}

var words = []string{"eingegangen", "in Bearbeitung", "an die Fachabteilung gegeben", "beantwortet", "zurückgezogen", "Rückfrage gestellt"}
