package weblog

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// The search is measured beside the tool that people would use instead, with
// the same strings on the same file in the same run. BENCH_MIB says how much
// log there is.
func BenchmarkSearchOne(b *testing.B)   { beside(b, writeLog(b, false), []string{"rg", "-c", "-F"}, 1) }
func BenchmarkSearchThree(b *testing.B) { beside(b, writeLog(b, false), []string{"rg", "-c", "-F"}, 3) }
func BenchmarkSearchGzip(b *testing.B) {
	beside(b, writeLog(b, true), []string{"zgrep", "-c", "-F"}, 1)
}

func beside(b *testing.B, log string, tool []string, n int) {
	accounts := []string{"emustermann", "jgross", "xniemand"}[:n]
	size := logSize()
	c := openLog(b, log)
	q := connector.Query{}
	args := tool[1:len(tool):len(tool)]
	for _, a := range accounts {
		q.Identifiers = append(q.Identifiers, person.Identifier{ID: uuid.New(), Kind: person.Account, Value: person.NewText(a), Verified: true})
		args = append(args, "-e", a)
	}
	var ours, theirs time.Duration
	for b.Loop() {
		started, found := time.Now(), 0
		answer, err := c.Find(b.Context(), q, nil, func(connector.Finding, connector.Cursor) error { found++; return nil })
		if err != nil || answer.Partial() {
			b.Fatalf("got %v and %v", err, answer.Gaps)
		}
		ours += time.Since(started)
		started = time.Now()
		out, err := exec.Command(tool[0], append(args, log)...).Output()
		if err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(started)
		if lines, _ := strconv.Atoi(strings.TrimSpace(string(out))); lines != found || found == 0 {
			b.Fatalf("got %d findings, want the %d lines of %s", found, lines, tool[0])
		}
	}
	b.ReportMetric(float64(size)*float64(b.N)/1e6/ours.Seconds(), "MB/s")
	b.ReportMetric(float64(size)*float64(b.N)/1e6/theirs.Seconds(), "MB/s-"+tool[0])
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
}

func openLog(b *testing.B, log string) connector.Connector {
	b.Helper()
	c, err := connector.ParseConnection("log.yaml", fmt.Appendf(nil, "system: logdateien\nkind: weblog\nmatch:\n  - {by: [account]}\nweblog: {files: [%q]}\n", log))
	if err != nil {
		b.Fatal(err)
	}
	opened, err := Kind{}.Open(b.Context(), c)
	if err != nil {
		b.Fatal(err)
	}
	return opened
}

func logSize() int64 {
	if n, err := strconv.ParseInt(os.Getenv("BENCH_MIB"), 10, 64); err == nil {
		return n << 20
	}
	return 512 << 20
}

var (
	agents = []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
		"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
		"Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
	}
	pages = []string{"kurse", "themen", "service", "suche?q=antrag"}
	users = []string{"mmeier", "kschulz", "hbecker"}
)

// writeLog writes a log of many visitors, few of them signed in; one line in
// a hundred thousand is a person's that is looked for.
func writeLog(b *testing.B, packed bool) string {
	b.Helper()
	name := filepath.Join(b.TempDir(), "access.log")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var written int64
	for i := 0; written < logSize(); i++ {
		user := "-"
		switch {
		case i%100_000 == 0:
			user = []string{"emustermann", "jgross", "xniemand"}[i/100_000%3]
		case r.IntN(20) == 0:
			user = users[r.IntN(3)]
		}
		n, err := fmt.Fprintf(w, "%d.%d.%d.%d - %s [%s] \"GET /%s/%d HTTP/1.1\" 200 %d \"https://www.example.org/%s\" \"%s\"\n",
			1+r.IntN(222), r.IntN(256), r.IntN(256), r.IntN(256), user, at.Add(time.Duration(i)*10*time.Millisecond).Format(timeLayout),
			pages[r.IntN(4)], r.IntN(100_000), r.IntN(100_000), pages[r.IntN(4)], agents[r.IntN(3)])
		if err != nil {
			b.Fatal(err)
		}
		written += int64(n)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	if packed {
		if out, err := exec.Command("gzip", name).CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		name += ".gz"
	}
	return name
}
