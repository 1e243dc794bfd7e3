package portal_test

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/connector/connectortest"
)

const shareConnection = `system: krz-databox
kind: webdav
match: [{by: [account]}]
webdav: {url: "http://%s", roots: [/benutzer/], owner: {folders: ["/benutzer/{account}/"]}}
`

// mostMemory is what a file of any size may need, from the share to the package.
const mostMemory = 128 << 20

// The file is read from a real share, sealed on the disk, and written into the
// package, by the whole program.
func TestAFileNeedsNoMoreMemoryThanASmallOne(t *testing.T) {
	fetchFile(t, 512)
}

// BenchmarkFileFromShareToPackage measures the same; BENCH_MIB says how long the
// file is.
func BenchmarkFileFromShareToPackage(b *testing.B) {
	mib, err := strconv.ParseInt(os.Getenv("BENCH_MIB"), 10, 64)
	if err != nil {
		mib = 512
	}
	for b.Loop() {
		m := fetchFile(b, mib)
		b.ReportMetric(float64(mib)/m.gathered.Seconds(), "MiB/s-gathered")
		b.ReportMetric(float64(mib)/m.packed.Seconds(), "MiB/s-packed")
		b.ReportMetric(float64(m.peak>>20), "MiB-peak")
	}
	b.ReportMetric(0, "ns/op")
}

// measured is how long a file took, and how much memory more than nothing.
type measured struct {
	gathered, packed time.Duration
	peak             uint64
}

func fetchFile(t testing.TB, mib int64) (m measured) {
	dir := shareFolder(t)
	account := "emustermann"
	sum := writeNoise(t, filepath.Join(dir, "benutzer", account, "Film.mp4"), mib<<20)
	h := portaltest.Start(t, portaltest.Options{Own: true, Besides: map[string]string{"krz-databox.yaml": fmt.Sprintf(shareConnection, serveShare(t, dir))}})
	erika := h.Landscape.Person("erika")
	w := portaltest.NewWork(t, h, "krz")
	if err := os.Rename(filepath.Join(dir, "benutzer", account), filepath.Join(dir, "benutzer", erika.Account)); err != nil && erika.Account != account {
		t.Fatal(err)
	}
	id := w.Submit(t, w.Application(erika)).Case

	stop := watchHeap()
	started := time.Now()
	w.Gather(t, id)
	m.gathered = time.Since(started)
	w.VerifyByFacts(t, id)
	w.Gather(t, id) // again, with what is verified: what lay there is replaced
	w.DecideAll(t, id)
	w.ConfirmAll(t, id)
	w.Grant(t, id)
	w.Release(t, id)
	started = time.Now()
	w.WaitForPackage(t, id)
	m.packed = time.Since(started)
	name, size, got := inPackage(t, h, w, id)
	m.peak = stop()

	t.Logf("%d MiB: gathered in %s, packed in %s, at most %d MiB of memory more than before", mib, m.gathered.Round(time.Millisecond), m.packed.Round(time.Millisecond), m.peak>>20)
	if !strings.HasSuffix(name, "/Film.mp4") || size != uint64(mib<<20) || got != sum {
		t.Errorf("got %q of %d bytes in the package, want the file as it is on the share", name, size)
	}
	if m.peak > mostMemory {
		t.Errorf("got %d MiB of memory more than before, want at most %d", m.peak>>20, mostMemory>>20)
	}
	files, err := filepath.Glob(filepath.Join(h.Data, "blobs", "??", "*"))
	if err != nil || len(files) != 2 {
		t.Errorf("got %d files in the house, want the one of the share and the package (%v)", len(files), err)
	}
	return m
}

// inPackage downloads the package as the applicant and reads the one file of a
// record in it.
func inPackage(t testing.TB, h *portaltest.House, w *portaltest.Work, id uuid.UUID) (name string, size uint64, sum string) {
	t.Helper()
	p, err := h.Steps.Delivery.Provide(ctx, w.Applicant(id), id, h.Now())
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := p.Stream(ctx, file, h.Now); err != nil {
		t.Fatal(err)
	}
	if state := w.Case(t, id).State; state != casefile.Delivered {
		t.Errorf("got state %s after the download, want delivered", state)
	}
	z, err := zip.OpenReader(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		if !strings.HasPrefix(f.Name, "dateien/") {
			continue
		}
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		h := sha256.New()
		if _, err := io.Copy(h, in); err != nil {
			t.Fatal(err)
		}
		name, size, sum = f.Name, f.UncompressedSize64, hex.EncodeToString(h.Sum(nil))
	}
	return name, size, sum
}

// watchHeap looks often at what the process holds, and says in the end how much more
// that was at most, as the program runs where nobody sets GOGC.
func watchHeap() (stop func() uint64) {
	percent := debug.SetGCPercent(100)
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	held := func() (all uint64) {
		metrics.Read(sample)
		for _, s := range sample {
			all += s.Value.Uint64()
		}
		return all
	}
	runtime.GC()
	before, highest := held(), uint64(0)
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for tick := time.NewTicker(10 * time.Millisecond); ; {
			select {
			case <-ended:
				tick.Stop()
				return
			case <-tick.C:
				highest = max(highest, held())
			}
		}
	}()
	return func() uint64 {
		close(ended)
		<-done
		debug.SetGCPercent(percent)
		return max(highest, before) - before
	}
}

func writeNoise(t testing.TB, path string, size int64) (sum string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(f, h), rand.NewChaCha8([32]byte{1}), size); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// shareFolder is one that the share's own user may enter.
func shareFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "einsicht-share-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

const shareConf = `
ServerRoot %[1]s
ServerName localhost
Listen %[2]s
PidFile %[1]s/httpd.pid
ErrorLog %[1]s/error.log
LogLevel crit
DocumentRoot %[1]s
DavLockDB %[1]s/locks
%[3]s
<Directory %[1]s/benutzer>
  Dav On
</Directory>
`

// serveShare runs Apache httpd over a folder, and gives its address.
func serveShare(t testing.TB, dir string) string {
	t.Helper()
	program := "/usr/sbin/apache2"
	if _, err := os.Stat(program); err != nil {
		t.Fatal("Apache httpd is missing: run make sources")
	}
	var more string
	for _, m := range []string{"mpm_event", "authz_core", "dav", "dav_fs"} {
		more += fmt.Sprintf("LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n", m, m)
	}
	if os.Geteuid() == 0 {
		more += "User www-data\nGroup www-data\n"
	}
	address, err := connectortest.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(dir, "httpd.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, shareConf, dir, address, more), 0o644); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "-f", conf, "-DFOREGROUND")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait()
	})
	portaltest.Wait(t, "the share answers", portaltest.Patience, func() (bool, error) {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil, nil
	})
	return address
}
