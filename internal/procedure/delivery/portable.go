package delivery

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/export"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
	portableview "einsicht/views/portable"
)

// portable lists the systems that Art. 20 GDPR reaches in a case, as it was decided
// and as the person may know it.
func portable(m procedure.Matter) []inventory.System {
	i := slices.IndexFunc(m.Rights, func(r casefile.Right) bool { return r.Right == law.Portability })
	if i < 0 || m.Rights[i].Outcome == casefile.Refused || m.Rights[i].Outcome == casefile.NothingHeld {
		return nil
	}
	var reached []inventory.System
	for _, due := range m.Examine(law.Portability).Shown.Due {
		if s, known := m.Inventory.System(due.System); known && s.Connector != inventory.Portal {
			reached = append(reached, s)
		}
	}
	return reached
}

// directly says to whom the file can go without the person, and why to nobody else
// (Art. 20(2) GDPR).
func (s *Delivery) directly(a *answer) string {
	var names []string
	for _, c := range s.listed(a.input.Authority.ID) {
		if c.ID == a.direct.Listed.ID {
			return a.say("letter.direct.wanted", "name", c.Name)
		}
		names = append(names, c.Name)
	}
	if len(names) == 0 {
		return a.say("letter.direct.none")
	}
	return a.say("letter.direct", "names", strings.Join(names, ", "))
}

// takeAlong reads what the person may take along, and says in the letter where it
// lies and what of it stays out.
func (s *Delivery) takeAlong(ctx context.Context, a *answer, decisions map[uuid.UUID]disclosure.Decision) error {
	i := slices.IndexFunc(a.input.Rights, func(r letter.RightAnswer) bool { return r.Right == law.Portability })
	if i < 0 {
		return nil
	}
	right := &a.input.Rights[i]
	if len(a.reached) > 0 {
		secret, err := s.Keys.Token(ctx, a.c.Authority, "takeout", "ids of records")
		if err != nil {
			return err
		}
		source := func(system string) iter.Seq2[disclosure.Finding, error] { return s.findingsOf(ctx, a, system) }
		a.portable, err = disclosure.TakeAlong(source, decisions, a.reached, func(system, reference string) uuid.UUID {
			return recordID(secret, system, reference)
		})
		if err != nil {
			return err
		}
	}
	if records, systems := a.takenAlong(); records > 0 {
		told := a.say("letter.file", "records", a.count("letter.record", records), "systems", a.count("letter.system", systems))
		right.Done = append(right.Done, letter.Promise{Text: told}, letter.Promise{Text: s.directly(a)})
	}
	for _, p := range a.portable {
		if left := a.left(p.Left); len(left) > 0 {
			right.Done = append(right.Done, letter.Promise{Text: a.say("letter.left", "system", p.In(a.input.Lang).Name, "left", strings.Join(left, "; "))})
		}
	}
	if offer := a.offer(*right); offer != "" {
		right.Done = append(right.Done, letter.Promise{Text: offer})
	}
	return nil
}

// recordID names a record for everybody outside: the same in every package of the
// authority, and without the authority's key nobody can tell what it was made of. It
// is a UUID of version 8 (RFC 9562).
func recordID(secret []byte, system, reference string) uuid.UUID {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%d:%s%s", len(system), system, reference)
	id := uuid.UUID(mac.Sum(nil)[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return id
}

// takenAlong counts what the person takes along.
func (a *answer) takenAlong() (records, systems int) {
	for _, p := range a.portable {
		if p.Given > 0 {
			records, systems = records+p.Given, systems+1
		}
	}
	return records, systems
}

// offer points to access where something can't be taken along, Art. 12(4) GDPR.
func (a *answer) offer(right letter.RightAnswer) string {
	misses := right.Outcome == casefile.Refused || len(right.Limits) > 0 ||
		slices.ContainsFunc(right.Systems, func(l letter.SystemLine) bool { return !l.Applies }) ||
		slices.ContainsFunc(a.portable, func(p disclosure.Portable) bool { return p.Left != disclosure.Left{} })
	switch {
	case !misses:
		return ""
	case a.givesAccess():
		return a.say("letter.given")
	}
	return a.say("letter.offer")
}

func (a *answer) givesAccess() bool {
	return slices.ContainsFunc(a.input.Rights, func(r letter.RightAnswer) bool { return r.Right == law.Access && r.Outcome != casefile.Refused })
}

func (a *answer) left(l disclosure.Left) []string {
	var lines []string
	for _, part := range []struct {
		key string
		n   int
	}{{"records", l.Records}, {"others", l.Others}, {"inferred", l.Inferred}, {"secrets", l.Secrets}} {
		switch {
		case part.n == 1:
			lines = append(lines, a.say("left."+part.key+".one"))
		case part.n > 1:
			lines = append(lines, a.say("left."+part.key, "n", strconv.Itoa(part.n)))
		}
	}
	return lines
}

func (a *answer) say(key string, pairs ...string) string {
	return wording.Text(a.input.Lang, "portability."+key, pairs...)
}

// count is a number with its noun, of which the key is the singular.
func (a *answer) count(key string, n int) string {
	if n != 1 {
		key += "s"
	}
	return a.say(key, "n", strconv.Itoa(n))
}

// takeout is the package to take along, as export writes it; nil where there is
// nothing.
func (a *answer) takeout(ctx context.Context, key ed25519.PrivateKey) *export.Takeout {
	if records, _ := a.takenAlong(); records == 0 {
		return nil
	}
	t := &export.Takeout{Authority: export.Named{ID: a.input.Authority.ID, Name: a.input.Authority.Name}, Date: a.input.Date, Systems: a.portable, Files: a.filesToTake(), Key: key}
	t.Index = func(w io.Writer) error { return portableview.Index(a.page(*t, true)).Render(ctx, w) }
	return t
}

// filesToTake are the files of records that are taken along. A path names its system.
func (a *answer) filesToTake() []export.Entry {
	var files []export.Entry
	for _, f := range a.files {
		if _, known := a.systemOf(f); known {
			files = append(files, f)
		}
	}
	return files
}

func (a *answer) systemOf(f export.Entry) (disclosure.Portable, bool) {
	for _, p := range a.portable {
		if p.Given > 0 && strings.HasPrefix(f.Name, export.Folder+p.ID+"/") {
			return p, true
		}
	}
	return disclosure.Portable{}, false
}

// shownFiles is how many files a page lists.
const shownFiles = 500

// page is the index: inside the package, to hand on with it, or in the answer, which
// also tells what can't be taken along.
func (a *answer) page(t export.Takeout, inside bool) portableview.Page {
	lang := a.input.Lang
	records, systems := a.takenAlong()
	p := portableview.Page{
		Lang: lang, Beside: inside, Key: export.Fingerprint(t.Key),
		From: a.say("index.from", "authority", t.Authority.Name, "date", wording.ShortDate(lang, t.Date)),
	}
	lead := "index.lead"
	if !inside {
		lead = "index.lead.answer"
	}
	p.Lead = a.say(lead, "records", a.count("letter.record", records), "systems", a.count("letter.system", systems))
	for _, s := range t.Given() {
		page := a.systemOnPage(s)
		if inside { // what is kept back, and that it is, is for the person alone
			page.Left = nil
		}
		p.Systems = append(p.Systems, page)
	}
	for i, f := range t.Files {
		if i == shownFiles {
			p.More = a.say("index.attached.more", "shown", strconv.Itoa(shownFiles), "total", strconv.Itoa(len(t.Files)))
			break
		}
		s, _ := a.systemOf(f)
		p.Attached = append(p.Attached, portableview.Attached{Name: f.Name, System: s.In(lang).Name})
	}
	if inside {
		p.Offer = a.say("index.elsewhere")
		return p
	}
	for _, r := range a.input.Rights {
		if r.Right == law.Portability {
			p.Not, p.Offer = a.notOnPage(r), a.offer(r)
		}
	}
	return p
}

func (a *answer) systemOnPage(s disclosure.Portable) portableview.System {
	lang, names := a.input.Lang, export.NamesOf(s.ID)
	page := portableview.System{
		ID: s.ID, Name: s.In(lang).Name, Records: strconv.Itoa(s.Given), Left: a.left(s.Left),
		Files: []portableview.File{{Name: names.JSON, Text: "JSON"}, {Name: names.CSV, Text: "CSV"}, {Name: names.XML, Text: "XML"}, {Name: names.Schema, Text: a.say("index.schema")}},
	}
	for _, f := range s.Fields {
		var form []string
		for _, key := range export.FormKeys(f) {
			form = append(form, wording.Text(lang, key))
		}
		page.Fields = append(page.Fields, portableview.Field{Title: f.Title[lang], Name: f.Name, Form: strings.Join(form, " ")})
	}
	return page
}

// notOnPage says system by system what can't be taken along, as the letter does.
func (a *answer) notOnPage(r letter.RightAnswer) []portableview.Not {
	var not []portableview.Not
	for _, l := range r.Systems {
		if !l.Applies {
			not = append(not, portableview.Not{System: l.System, Why: l.Why, Ground: l.Citation})
		}
	}
	for _, l := range r.Limits {
		n := portableview.Not{System: l.System, Why: l.Title, Ground: l.Citation}
		if n.System == "" {
			n.System = a.say("index.whole")
		}
		switch {
		case l.ReasonsWithheld:
			n.Why, n.Ground = a.say("index.withheld"), "–"
		case !l.ForPerson.IsZero():
			n.Why = l.ForPerson.Reveal()
		}
		not = append(not, n)
	}
	return not
}

// signingKey is the key that signs the authority's ledger of the year; none where
// there is nothing to sign.
func (s *Delivery) signingKey(ctx context.Context, a *answer, authority uuid.UUID, now time.Time) (ed25519.PrivateKey, error) {
	if records, _ := a.takenAlong(); records == 0 {
		return nil, nil
	}
	seed, err := s.Signing.SigningSeed(ctx, authority, calendar.DateOf(now).Time().Year())
	if err != nil {
		return nil, fmt.Errorf("key that signs packages: %w", err)
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("key that signs packages: %d bytes, want %d", len(seed), ed25519.SeedSize)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
