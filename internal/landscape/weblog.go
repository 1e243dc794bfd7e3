package landscape

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// weblog is a source that is a folder of access logs in combined format.
type weblog struct {
	id        string
	authority string
	keep      time.Duration // how long lines are kept
	every     time.Duration // how often the log is rotated
	visits    int           // of strangers, in the whole time
	nameless  bool          // writes no account names
}

var weblogs = []weblog{
	{id: "stk-weblog", authority: "stk-nrw", keep: 48 * time.Hour, every: 24 * time.Hour, visits: 900},
	{id: "itnrw-weblog", authority: "it-nrw", keep: 42 * 24 * time.Hour, every: 7 * 24 * time.Hour, visits: 1500},
	{id: "mhkbd-weblog", authority: "mhkbd-it-fortbildung", keep: 48 * time.Hour, every: 24 * time.Hour, visits: 400, nameless: true},
	{id: "nlq-weblog", authority: "nlq", keep: 60 * 24 * time.Hour, every: 7 * 24 * time.Hour, visits: 900, nameless: true},
	{id: "krz-databoxinfo-weblog", authority: "krz", keep: 7 * 24 * time.Hour, every: 24 * time.Hour, visits: 400, nameless: true},
	{id: "krz-databox-weblog", authority: "krz", keep: 180 * 24 * time.Hour, every: 30 * 24 * time.Hour, visits: 900, nameless: true},
}

// hit is one line of a log.
type hit struct {
	at      time.Time
	ip      netip.Addr
	user    string // "-" where nobody signed in
	request string
	status  int
	size    int
	agent   string
}

func (h hit) String() string {
	return fmt.Sprintf(`%s - %s [%s] "%s" %d %d "-" "%s"`, h.ip, h.user, h.at.In(berlin).Format("02/Jan/2006:15:04:05 -0700"),
		h.request, h.status, h.size, h.agent)
}

// reference is what the connector calls the line: by what stands in it, since
// it moves from file to file. No line stands here twice.
func (h hit) reference() string {
	sum := sha256.Sum256([]byte(h.String()))
	return "line/" + hex.EncodeToString(sum[:16]) + "/0"
}

var berlin = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

func (w weblog) name() string { return w.id }
func (w weblog) of() string   { return w.authority }
func (w weblog) daily() bool  { return true }

// build writes the log for Options.Now: beside, then exchanged, so that no reader
// meets half of it.
func (w weblog) build(_ context.Context, l *Landscape) error {
	hits := l.hits(w)
	byFile := map[int][]hit{}
	for _, h := range hits {
		n := w.file(l.options.Now, h.at)
		byFile[n] = append(byFile[n], h)
	}
	folder := l.folder(w)
	for _, old := range []string{folder + ".tmp", folder + ".stopped"} {
		if err := os.RemoveAll(old); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(folder+".tmp", 0o700); err != nil {
		return err
	}
	for n, some := range byFile {
		if err := rewrite(filepath.Join(folder+".tmp", logName(n)), written(some)); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.Rename(folder+".tmp", folder); err != nil {
		return err
	}
	for _, p := range l.People {
		l.note(w.id, p.ID, l.tied(w, p, hits))
	}
	return nil
}

func (w weblog) stands(_ context.Context, l *Landscape) (bool, error) {
	for _, folder := range []string{l.folder(w), l.folder(w) + ".stopped"} {
		if _, err := os.Stat(folder); err == nil {
			return true, nil
		}
	}
	return false, nil
}

func (w weblog) start(_ context.Context, l *Landscape) (map[string]string, error) {
	return map[string]string{"folder": filepath.Join(l.folder(w), "access.log*")}, move(l.folder(w)+".stopped", l.folder(w))
}

func (w weblog) stop(_ context.Context, l *Landscape) error {
	return move(l.folder(w), l.folder(w)+".stopped")
}

// hits makes the lines: what records of other systems say somebody did, what
// people did who were signed in, and everybody else.
func (l *Landscape) hits(w weblog) []hit {
	r := random(l.options.Seed, w.id, l.options.Now.Format(time.DateOnly))
	var hits []hit
	for _, p := range l.People {
		for _, c := range l.state.Contacts[w.authority][p.ID] {
			user := pick(r, []string{"-", "-", p.Account})
			for _, step := range []struct {
				after   time.Duration
				request string
				status  int
			}{
				{-95 * time.Second, "GET /kontakt HTTP/1.1", 200}, {-94 * time.Second, "GET /assets/portal.css HTTP/1.1", 200},
				{0, "POST /kontakt HTTP/1.1", 303}, {time.Second, "GET /kontakt/danke HTTP/1.1", 200},
			} {
				hits = append(hits, hit{at: c.At.Add(step.after), ip: c.IP, user: user, request: step.request, status: step.status, size: 300 + r.IntN(9000), agent: agents[0]})
			}
		}
		for _, c := range l.state.Contacts[w.authority][p.ID] {
			// The next one behind the same address, a minute too late to be taken for her.
			hits = append(hits, hit{at: c.At.Add(11 * time.Minute), ip: c.IP, user: "-", request: "GET / HTTP/1.1", status: 200, size: 7120, agent: agents[1]})
		}
		if p.named() && p.ID != Nobody {
			for range 3 {
				hits = append(hits, l.signedIn(w, p, r, w.keep))
			}
		}
	}
	for range w.visits {
		p := l.People[r.IntN(len(l.People))]
		if p.named() {
			continue
		}
		at := l.options.Now.Add(-time.Duration(r.Int64N(int64(w.keep))))
		user := "-"
		if r.IntN(12) == 0 {
			user = p.Account
		}
		for range 1 + r.IntN(4) {
			hits = append(hits, hit{at: at, ip: p.IP, user: user, request: "GET " + pick(r, pages) + " HTTP/1.1", status: pick(r, []int{200, 200, 200, 304, 404}),
				size: r.IntN(60000), agent: pick(r, agents)})
			at = at.Add(time.Duration(1+r.IntN(200)) * time.Second)
		}
	}
	hits = slices.DeleteFunc(hits, func(h hit) bool {
		return h.at.After(l.options.Now) || !h.at.After(l.options.Now.Add(-w.keep))
	})
	for i := range hits {
		if w.nameless {
			hits[i].user = "-"
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return a.at.Compare(b.at) })
	seen := map[string]bool{}
	return slices.DeleteFunc(hits, func(h hit) bool {
		again := seen[h.String()]
		seen[h.String()] = true
		return again
	})
}

// signedIn is a line with an account name, from the address of a mobile
// network that many share.
func (l *Landscape) signedIn(w weblog, p Person, r *rand.Rand, within time.Duration) hit {
	return hit{at: l.options.Now.Add(-time.Minute - time.Duration(r.Int64N(int64(within-time.Minute)))).Truncate(time.Second),
		ip:   netip.AddrFrom4([4]byte{203, 0, 113, byte(1 + r.IntN(20))}),
		user: p.Account, request: "GET /konto/" + pick(r, []string{"start", "newsletter", "daten"}) + " HTTP/1.1", status: 200, size: 1000 + r.IntN(90000), agent: agents[1]}
}

// tied picks the lines that belong to a person by the rule of Planted.
func (l *Landscape) tied(w weblog, p Person, hits []hit) []string {
	var references []string
	contacts := l.state.Contacts[w.authority][p.ID]
	for _, h := range hits {
		near := func(c contact) bool { return c.IP == h.ip && h.at.Sub(c.At).Abs() <= 10*time.Minute }
		if h.user == p.Account || slices.ContainsFunc(contacts, near) {
			references = append(references, h.reference())
		}
	}
	return references
}

// file is the number of the file in which a line stands: 0 is written to, 1 is
// plain, the older ones are compressed.
func (w weblog) file(now, at time.Time) int {
	n := now.In(berlin)
	rotated := time.Date(n.Year(), n.Month(), n.Day(), 0, 0, 0, 0, berlin)
	if !at.Before(rotated) {
		return 0
	}
	return 1 + int(rotated.Sub(at)/w.every)
}

func logName(n int) string {
	switch n {
	case 0:
		return "access.log"
	case 1:
		return "access.log.1"
	}
	return fmt.Sprintf("access.log.%d.gz", n)
}

func written(hits []hit) string {
	var text strings.Builder
	for _, h := range hits {
		text.WriteString(h.String() + "\n")
	}
	return text.String()
}

// Rotate removes the oldest file of an access log and moves the others on, as
// the machine does when the retention period is over. What was removed can't
// be found any more and is no longer planted.
func (l *Landscape) Rotate(id string) error {
	w, ok := weblogOf(id)
	if !ok {
		return fmt.Errorf("no such access log: %s", id)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	folder := l.folder(w)
	last := 0
	for n := range 64 {
		if _, err := os.Stat(filepath.Join(folder, logName(n))); err == nil {
			last = n
		}
	}
	gone, err := lines(filepath.Join(folder, logName(last)))
	if err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(folder, logName(last))); err != nil {
		return err
	}
	for n := last - 1; n >= 0; n-- {
		if err := shift(folder, n); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(folder, logName(0)), nil, 0o600); err != nil {
		return err
	}
	for person, references := range l.state.Planted[id] {
		l.state.Planted[id][person] = slices.DeleteFunc(slices.Clone(references), func(r string) bool { return gone[r] })
	}
	return l.save()
}

// shift renames a file to the next number and compresses it where that says so.
func shift(folder string, n int) error {
	from, to := filepath.Join(folder, logName(n)), filepath.Join(folder, logName(n+1))
	if strings.HasSuffix(to, ".gz") == strings.HasSuffix(from, ".gz") {
		return os.Rename(from, to)
	}
	text, err := unpacked(from)
	if err != nil {
		return err
	}
	if err := rewrite(to, text); err != nil {
		return err
	}
	return os.Remove(from)
}

// lines reads the references of the lines of a file.
func lines(name string) (map[string]bool, error) {
	text, err := unpacked(name)
	if err != nil {
		return nil, err
	}
	references := map[string]bool{}
	for line := range strings.Lines(text) {
		sum := sha256.Sum256([]byte(strings.TrimSuffix(line, "\n")))
		references["line/"+hex.EncodeToString(sum[:16])+"/0"] = true
	}
	return references, nil
}

func (l *Landscape) folder(w weblog) string { return filepath.Join(l.options.Dir, w.id) }

func weblogOf(id string) (weblog, bool) {
	i := slices.IndexFunc(weblogs, func(w weblog) bool { return w.id == id })
	if i < 0 {
		return weblog{}, false
	}
	return weblogs[i], true
}

// move renames a folder; that it was moved before is no failure.
func move(from, to string) error {
	err := os.Rename(from, to)
	if errors.Is(err, fs.ErrNotExist) {
		if _, gone := os.Stat(to); gone == nil {
			return nil
		}
	}
	return err
}

var (
	pages  = []string{"/", "/aktuelles", "/presse", "/landesregierung", "/broschueren", "/newsletter", "/kontakt", "/impressum", "/suche?q=ehrenamt", "/assets/portal.css"}
	agents = []string{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15", "Mozilla/5.0 (compatible; ExampleBot/2.1)"}
)
