package landscape

import (
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

// weblog is a folder of access logs in combined format.
type weblog struct {
	folder
	every    time.Duration // how often the log is rotated
	visits   int           // of strangers, in the whole time
	nameless bool          // writes no account names
}

var weblogs = []weblog{
	accessLog("stk-weblog", "stk-nrw", 48*time.Hour, weblog{every: 24 * time.Hour, visits: 900}),
	accessLog("itnrw-weblog", "it-nrw", 42*24*time.Hour, weblog{every: 7 * 24 * time.Hour, visits: 1500}),
	accessLog("mhkbd-weblog", "mhkbd-it-fortbildung", 48*time.Hour, weblog{every: 24 * time.Hour, visits: 400, nameless: true}),
	accessLog("nlq-weblog", "nlq", 60*24*time.Hour, weblog{every: 7 * 24 * time.Hour, visits: 900, nameless: true}),
	accessLog("krz-databoxinfo-weblog", "krz", 7*24*time.Hour, weblog{every: 24 * time.Hour, visits: 400, nameless: true}),
	accessLog("krz-databox-weblog", "krz", 180*24*time.Hour, weblog{every: 30 * 24 * time.Hour, visits: 900, nameless: true}),
}

func accessLog(id, authority string, keep time.Duration, w weblog) weblog {
	w.folder = folder{id: id, authority: authority, like: "weblog", pattern: "access.log*", keep: keep}
	if w.nameless {
		w.like = "weblog-nameless"
	}
	w.fill, w.write = w.lines, w.rotated
	return w
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

// reference is what the connector calls the line. No line stands here twice.
func (h hit) reference() string { return line(h.String()) }

var berlin = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

// lines are those of Options.Now.
func (w weblog) lines(s *shelf) (all []entry) {
	hits := s.hits(w)
	for _, h := range hits {
		all = append(all, entry{at: h.at, text: h.String()})
	}
	for _, p := range s.People {
		s.holds(p, s.tied(w, p, hits)...)
	}
	return all
}

// rotated divides the lines among the files in which they stand.
func (w weblog) rotated(s *shelf, entries []entry) map[string]string {
	files := map[string]string{}
	for _, e := range entries {
		files[logName(w.number(s.options.Now, e.at))] += e.text + "\n"
	}
	return files
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

// number is that of the file in which a line stands: 0 is written to, 1 is
// plain, the older ones are compressed.
func (w weblog) number(now, at time.Time) int {
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
	folder := w.path(l)
	last := 0
	for n := range 64 {
		if _, err := os.Stat(filepath.Join(folder, logName(n))); err == nil {
			last = n
		}
	}
	gone, err := referencesIn(filepath.Join(folder, logName(last)))
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

// referencesIn reads those of the lines of a file.
func referencesIn(name string) (map[string]bool, error) {
	text, err := unpacked(name)
	if err != nil {
		return nil, err
	}
	references := map[string]bool{}
	for text := range strings.Lines(text) {
		references[line(strings.TrimSuffix(text, "\n"))] = true
	}
	return references, nil
}

func weblogOf(id string) (weblog, bool) {
	i := slices.IndexFunc(weblogs, func(w weblog) bool { return w.id == id })
	if i < 0 {
		return weblog{}, false
	}
	return weblogs[i], true
}

var (
	pages  = []string{"/", "/aktuelles", "/presse", "/landesregierung", "/broschueren", "/newsletter", "/kontakt", "/impressum", "/suche?q=ehrenamt", "/assets/portal.css"}
	agents = []string{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15", "Mozilla/5.0 (compatible; ExampleBot/2.1)"}
)
