package citizen

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/procedure/intake"
	"einsicht/internal/web"
	"einsicht/internal/web/webtest"
)

// town is everything behind the pages, in memory.
type town struct {
	mu        sync.Mutex
	sent      map[string]intake.Application // by token
	receipts  map[string]intake.Receipt
	order     []string
	refuse    error // what Submit answers instead
	tried     []string
	wait      error
	own       correspondence.OwnCase
	contact   string
	withdrawn bool
	told      told
	pack      []byte
	fetched   chan time.Time // what the answer records once all of it went out
	letters   []correspondence.Written

	controllers []casefile.Controller
}

var (
	stk     = casefile.Authority{ID: uuid.MustParse("11111111-1111-4111-8111-111111111111"), Slug: "stk-nrw", Name: "Staatskanzlei des Landes Nordrhein-Westfalen", Land: calendar.NW}
	nlq     = casefile.Authority{ID: uuid.MustParse("22222222-2222-4222-8222-222222222222"), Slug: "nlq", Name: "Niedersächsisches Landesinstitut", Land: calendar.NI}
	erika   = uuid.MustParse("33333333-3333-4333-8333-333333333333")
	number  = casefile.FileNumber("stk-nrw", 2026, []byte("abcdefgh"))
	unknown = casefile.FileNumber("stk-nrw", 2026, []byte("hgfedcba"))
	code    = casefile.AccessCode(bytes.Repeat([]byte{7, 19}, 10))
)

func (t *town) Inform(_ context.Context, a casefile.Authority) (inventory.Inventory, error) {
	for _, inv := range inventory.Shipped() {
		if inv.Authority.ID == a.Slug {
			return inv, nil
		}
	}
	return inventory.Inventory{}, problem.NotFound
}

func (t *town) Submit(_ context.Context, a casefile.Authority, app intake.Application, now time.Time) (intake.Receipt, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refuse != nil {
		return intake.Receipt{}, t.refuse
	}
	if r, again := t.receipts[app.Token]; again {
		return r, nil
	}
	sum := sha256.Sum256([]byte(app.Token))
	r := intake.Receipt{Case: erika, FileNumber: casefile.FileNumber(a.Slug, 2026, sum[:]), AccessCode: casefile.AccessCode(sum[:]), Received: calendar.DateOf(now)}
	t.receipts[app.Token], t.sent[app.Token] = r, app
	t.order = append(t.order, app.Token)
	return r, nil
}

func (t *town) Enter(_ context.Context, a casefile.Authority, n, c, address string, _ time.Time) (casefile.Actor, error) {
	t.tried = append(t.tried, address)
	if t.wait != nil {
		return casefile.Actor{}, t.wait
	}
	typedNumber, _ := casefile.ParseFileNumber(n)
	typedCode, _ := casefile.ParseAccessCode(c)
	if typedNumber != number || typedCode != code {
		return casefile.Actor{}, problem.New(problem.Forbidden, "citizen.status.wrong")
	}
	return casefile.Actor{ID: erika, Role: casefile.Applicant, Authority: a.ID}, nil
}

func (t *town) EnterContactCode(_ context.Context, _ casefile.Actor, c, _ string, _ time.Time) error {
	if c != t.contact {
		return problem.New(problem.Invalid, "citizen.status.contact_code_wrong")
	}
	t.own.WantsCode = false
	return nil
}

func (t *town) Own(_ context.Context, actor casefile.Actor, _ calendar.Land, _ time.Time) (correspondence.OwnCase, error) {
	if actor.ID != erika || actor.Authority != stk.ID {
		return correspondence.OwnCase{}, problem.New(problem.Forbidden, "case.not_yours")
	}
	return t.own, nil
}

func (t *town) Withdraw(context.Context, casefile.Actor, time.Time) error {
	t.withdrawn, t.own.Case.State = true, casefile.Withdrawn
	return nil
}

func (t *town) Letters(_ context.Context, actor casefile.Actor, id uuid.UUID) ([]correspondence.Written, error) {
	if actor.ID != erika || id != erika {
		return nil, problem.New(problem.Forbidden, "case.not_yours")
	}
	return t.letters, nil
}

func (t *town) Letter(_ context.Context, actor casefile.Actor, _, id uuid.UUID, _ time.Time) (correspondence.Written, error) {
	for _, w := range t.letters {
		if w.ID == id && w.Case == actor.ID {
			return w, nil
		}
	}
	return correspondence.Written{}, problem.New(problem.NotFound, "problem.notfound")
}

func (t *town) PDF(ctx context.Context, actor casefile.Actor, id, one uuid.UUID, now time.Time) ([]byte, error) {
	w, err := t.Letter(ctx, actor, id, one, now)
	if err == nil && !w.Printed() {
		err = problem.New(problem.NotFound, "correspondence.pdf.none")
	}
	return w.PDF, err
}

func (t *town) provide(_ context.Context, actor casefile.Actor, _ time.Time) (parcel, error) {
	if t.pack == nil || actor.ID != erika {
		return parcel{}, problem.New(problem.NotFound, "citizen.package.none")
	}
	return parcel{number + ".zip", int64(len(t.pack)), func(_ context.Context, w io.Writer, now func() time.Time) error {
		if _, err := w.Write(t.pack); err != nil {
			return err
		}
		t.fetched <- now()
		return nil
	}}, nil
}

// seals binds a value to its purpose, as the keyring does.
type seals struct{}

func (seals) sum(purpose, text string) string {
	mac := hmac.New(sha256.New, []byte("key"))
	io.WriteString(mac, purpose+"\x00"+text)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s seals) SealPage(_ context.Context, purpose string, plain []byte) (string, error) {
	flipped := bytes.Clone(plain)
	for i := range flipped {
		flipped[i] ^= 0x55
	}
	text := base64.RawURLEncoding.EncodeToString(flipped)
	return text + "." + s.sum(purpose, text), nil
}

func (s seals) OpenPage(_ context.Context, purpose, sealed string) ([]byte, error) {
	text, sum, _ := strings.Cut(sealed, ".")
	if sum != s.sum(purpose, text) {
		return nil, errors.New("unsealed")
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	for i := range plain {
		plain[i] ^= 0x55
	}
	return plain, err
}

func newTown() *town {
	return &town{sent: map[string]intake.Application{}, receipts: map[string]intake.Receipt{}, own: ownCase(casefile.Review), fetched: make(chan time.Time, 10)}
}

func ownCase(state casefile.State, clock ...deadline.Event) correspondence.OwnCase {
	received := calendar.Day(2026, time.November, 18)
	reckoning, err := deadline.Of(received, calendar.NW, clock)
	if err != nil {
		panic(err)
	}
	at := received.Time().Add(9 * time.Hour)
	own := correspondence.OwnCase{
		Case:   casefile.Case{ID: erika, Authority: stk.ID, FileNumber: number, State: state, Received: received},
		Rights: []casefile.Right{{Right: law.Access}, {Right: law.Erasure}}, Reckoning: reckoning,
		History: []correspondence.OwnHappening{{Kind: string(casefile.Submit), At: at}, {Kind: string(casefile.Gather), At: at.Add(26 * time.Hour)}},
	}
	for _, e := range clock {
		own.History = append(own.History, correspondence.OwnHappening{Kind: string(e.Kind), At: e.On.Time().Add(10 * time.Hour)})
	}
	if state == casefile.Ready {
		own.Request.Answer = casefile.ByPortal
		own.Case.AvailableUntil = at.AddDate(0, 0, 60)
		own.Package = &casefile.PackageText{SHA256: strings.Repeat("ab", 32), Size: 1_234_567, Records: 12, Done: []casefile.Tally{{Deed: "erased", Records: 12, Systems: 3}, {Records: 2, Systems: 1}}, Entries: []casefile.PackageEntry{
			{Name: "Auskunft.html", Size: 41_200, SHA256: strings.Repeat("01", 32)},
			{Name: "daten.json", Size: 96_000, SHA256: strings.Repeat("23", 32)},
			{Name: "stk-newsletter.csv", Size: 812, SHA256: strings.Repeat("45", 32)},
			{Name: "umsetzung.json", Size: 3_100, SHA256: strings.Repeat("89", 32)},
			{Name: "umsetzung.csv", Size: 900, SHA256: strings.Repeat("89", 32)},
			{Name: "umsetzung.schema.json", Size: 4_200, SHA256: strings.Repeat("89", 32)},
			{Name: "LIESMICH.txt", Size: 2_100, SHA256: strings.Repeat("67", 32)},
		}}
	}
	return own
}

func asked(text string) casefile.HappeningText {
	return casefile.HappeningText{ForPerson: person.NewText(text)}
}

// open starts the pages of a town.
func open(t testing.TB, behind *town) *webtest.Portal {
	t.Helper()
	clock := webtest.NewClock()
	s := &site{Deps: Deps{
		Intake: behind, Identification: behind, Correspondence: behind, Pages: seals{}, Now: clock.Now, URL: "https://portal.example",
		Controllers: func(string) []casefile.Controller { return behind.controllers },
		Authorities: func(context.Context) ([]casefile.Authority, error) { return []casefile.Authority{stk, nlq}, nil },
	}, provide: behind.provide}
	p := webtest.Start(t, web.Deps{Routes: s.routes(), Now: clock.Now})
	p.Clock = clock
	return p
}
