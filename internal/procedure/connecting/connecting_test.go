package connecting_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/connector/source"
	"einsicht/internal/inventory"
	"einsicht/internal/jobs"
	"einsicht/internal/keyring"
	"einsicht/internal/ledger"
	"einsicht/internal/permission"
	"einsicht/internal/person"
	"einsicht/internal/postgres"
	"einsicht/internal/postgres/postgrestest"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/connecting"
	"einsicht/internal/wording"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var (
	ctx = context.Background()
	now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
)

// test is the reason of most.
var test = connecting.Why{Reason: connecting.ForTest}

// place is a portal process and a worker over one database.
type place struct {
	*connecting.Connecting // of the portal: it asks nobody
	worker                 *connecting.Connecting
	asked                  *source.Sources
	database               postgrestest.Database
	db                     *postgres.DB
	shop                   *shop
	queue                  *queue
	recorded               *recorder

	authority         casefile.Authority
	operator, officer casefile.Actor
	system            string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{shop: &shop{password: "geheim", records: 3}, queue: &queue{}, recorded: &recorder{}, system: "stk-newsletter"}
	p.db, p.database = postgrestest.Open(t, jobs.Migrate)
	keys := postgres.Keys{DB: p.db}
	dir := t.TempDir()
	portal, err := keyring.Create(filepath.Join(dir, "wrapping.json"), keys)
	must(t, err)
	worker, err := keyring.Load(filepath.Join(dir, "wrapping.json"), keys)
	must(t, err)
	must(t, worker.LoadSourceKey(ctx, filepath.Join(dir, "sources.json")))
	policy, err := permission.New()
	must(t, err)
	p.authority, err = p.db.PutAuthority(ctx, casefile.Authority{Slug: "stk-nrw", Name: "Staatskanzlei", Land: "NW"}, now)
	must(t, err)
	inventories := &postgres.Inventories{}
	house := &procedure.House{Units: p.db, Inventories: inventories, Ledger: p.recorded, Queue: p.queue, Permission: policy}
	house.Keys = portal
	allowed, err := connecting.NewAllowed([]string{"*.example", "10.0.0.0/8"}, []string{"/srv/logs"}, "einsicht")
	must(t, err)
	p.Connecting = &connecting.Connecting{House: house, Store: postgres.Connections{}, Secrets: portal, Kinds: p.shop, Allowed: allowed}
	must(t, p.imported(p.authority.ID, "stk-nrw"))
	p.worker = &connecting.Connecting{House: house, Store: postgres.Connections{}, Secrets: worker, Kinds: p.shop}
	p.asked = source.New(source.Deps{Kinds: []connector.Kind{p.shop}, Rows: p.worker, Allowed: allowed.Check, Secrets: func(ctx context.Context, authority uuid.UUID, c connector.Connection, ref connector.Ref) (string, error) {
		var s connecting.Secret
		err := p.db.View(ctx, authority, func(ctx context.Context) (err error) {
			s, err = postgres.Connections{}.Secret(ctx, c.System, ref.Sealed)
			return err
		})
		if err != nil {
			return "", err
		}
		plain, err := worker.OpenSecret(ctx, c.SecretPlace(authority, ref.Sealed), s.Sealed)
		return string(plain), err
	}})
	p.worker.Sources = p.asked
	p.operator = casefile.Actor{ID: uuid.New(), Role: casefile.Operator, Authority: p.authority.ID}
	p.officer = casefile.Actor{ID: uuid.New(), Role: casefile.Officer, Authority: p.authority.ID}
	return p
}

// text is a connection of a system.
func (p *place) text(more string) string {
	return "system: " + p.system + "\nkind: shop\nmatch: [{by: [email]}]\nsecrets: {password: {sealed: shop}}\n" + more
}

// item finds the system in the list.
func (p *place) item(t *testing.T) connecting.Item {
	t.Helper()
	all, err := p.List(ctx, p.officer)
	must(t, err)
	i := slices.IndexFunc(all, func(i connecting.Item) bool { return i.System.ID == p.system })
	if i < 0 {
		t.Fatal("the system is not in the list")
	}
	return all[i]
}

// work does the jobs that wait.
func (p *place) work(t *testing.T) {
	t.Helper()
	for _, id := range p.queue.take(casefile.JobTry) {
		must(t, p.worker.Run(ctx, p.authority.ID, id, now, time.Now().Add(time.Minute)))
	}
}

func (p *place) test(t *testing.T) connecting.Result {
	t.Helper()
	id, err := p.Test(ctx, p.operator, p.system, now)
	must(t, err)
	p.work(t)
	r, err := p.Result(ctx, p.operator, id, now)
	must(t, err)
	return r
}

func TestASystemIsConnectedTriedAndTurnedOn(t *testing.T) {
	p := newPlace(t)
	if got := p.item(t); got.Where != connecting.Nowhere || got.Version != "" {
		t.Errorf("at first: got %+v, want that people answer", got)
	}
	must(t, p.Save(ctx, p.operator, p.system, p.text(""), "", now))
	draft := p.item(t)
	if draft.Where != connecting.ByPage || draft.State != connecting.Draft || draft.Version != "" || draft.Tested() {
		t.Errorf("saved: got %+v, want a draft nobody asks by", draft)
	}
	if has, err := p.asked.Has(ctx, p.authority.ID, p.system); has || err != nil {
		t.Errorf("a draft is asked by: got %t, %v", has, err)
	}
	if err := p.TurnOn(ctx, p.operator, p.system, draft.Draft, now); keyOf(err) != "connecting.error.untested" {
		t.Errorf("untested: got %v", err)
	}

	if r := p.test(t); r.Trial.Outcome != connecting.Refused || !strings.Contains(r.Failure, "secret") {
		t.Errorf("without its secret: got %s, %q", r.Trial.Outcome, r.Failure)
	}
	if err := p.TurnOn(ctx, p.operator, p.system, draft.Draft, now); keyOf(err) != "connecting.error.untested" {
		t.Errorf("after a test that failed: got %v", err)
	}
	must(t, p.PutSecret(ctx, p.operator, p.system, "shop", person.NewText("geheim\n"), now))
	if r := p.test(t); r.Trial.Outcome != connecting.Passed || r.Failure != "" || len(r.Preview.Sorts) != 1 || r.Preview.Sorts[0].Fields[0].Name != "extra" {
		t.Fatalf("got %s, %q, want that it passed, and %+v to hold the column nobody mapped", r.Trial.Outcome, r.Failure, r.Preview.Sorts)
	}
	must(t, p.TurnOn(ctx, p.operator, p.system, draft.Draft, now))
	if got := p.item(t); got.State != connecting.On || got.Version != draft.Draft {
		t.Errorf("turned on: got %+v", got)
	}
	p.finds(t, 3)

	// Changed while it is on: what is in force stays, and the new text wants a test of its own.
	must(t, p.Save(ctx, p.operator, p.system, p.text("shop: {twice: true}\n"), draft.Draft, now))
	changed := p.item(t)
	if changed.State != connecting.On || changed.Version != draft.Draft || changed.Draft == draft.Draft || changed.Tested() {
		t.Errorf("changed: got %+v, want the old version in force", changed)
	}
	p.finds(t, 3)
	if err := p.TurnOn(ctx, p.operator, p.system, changed.Draft, now); keyOf(err) != "connecting.error.untested" {
		t.Errorf("the test of another version counts: got %v", err)
	}
	if r := p.test(t); r.Trial.Outcome != connecting.Passed {
		t.Fatal(r.Failure)
	}
	if err := p.TurnOn(ctx, p.operator, p.system, draft.Draft, now); keyOf(err) != "connecting.error.changed" {
		t.Errorf("a version nobody sees any more: got %v", err)
	}
	must(t, p.TurnOn(ctx, p.operator, p.system, changed.Draft, now))
	p.finds(t, 6) // at once, without a restart

	must(t, p.TurnOff(ctx, p.operator, p.system, now))
	if has, err := p.asked.Has(ctx, p.authority.ID, p.system); has || err != nil || p.item(t).State != connecting.Off {
		t.Errorf("turned off: got %t, %v", has, err)
	}
	want := []ledger.Kind{ledger.ConnectionSaved, ledger.ConnectionTried, ledger.SecretSealed, ledger.ConnectionTried, ledger.ConnectionOn,
		ledger.ConnectionSaved, ledger.ConnectionTried, ledger.ConnectionOn, ledger.ConnectionOff}
	if !slices.Equal(p.recorded.kinds, want) {
		t.Errorf("recorded %v, want %v", p.recorded.kinds, want)
	}
	if strings.Contains(fmt.Sprint(p.recorded.details), "geheim") {
		t.Error("the ledger holds the secret")
	}
}

// finds asks as gathering does.
func (p *place) finds(t *testing.T, want int) {
	t.Helper()
	c, err := p.asked.Open(ctx, p.authority.ID, p.system)
	must(t, err)
	defer c.Close()
	n := 0
	_, err = c.Find(ctx, connector.Query{}, nil, func(connector.Finding, connector.Cursor) error { n++; return nil })
	if err != nil || n != want {
		t.Errorf("got %d records, %v, want %d", n, err, want)
	}
}

func TestATrialShowsWhatWouldComeBack(t *testing.T) {
	p := newPlace(t)
	p.shop.records = 80
	must(t, p.Save(ctx, p.operator, p.system, p.text(""), "", now))
	must(t, p.PutSecret(ctx, p.operator, p.system, "shop", person.NewText("geheim"), now))
	for name, who := range map[string]map[person.IdentifierKind]person.Text{
		"nobody":    {},
		"malformed": {person.Email: person.NewText("erika")},
	} {
		if _, err := p.Try(ctx, p.operator, p.system, who, test, now); !errors.Is(err, problem.Invalid) || strings.Contains(err.Error(), "erika") {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
	_, err := p.Try(ctx, p.operator, p.system, nil, connecting.Why{}, now)
	var said *problem.Error
	if !errors.As(err, &said) || said.Fields["who"] == "" || said.Fields["reason"] == "" {
		t.Errorf("nobody and for no reason: got %v, want both said at once", err)
	}
	id, err := p.Try(ctx, p.operator, p.system, map[person.IdentifierKind]person.Text{person.Email: person.NewText("probe@example.org")}, test, now)
	must(t, err)
	if r, err := p.Result(ctx, p.operator, id, now); err != nil || r.Trial.Outcome != connecting.Waiting || len(r.Preview.Findings) > 0 {
		t.Errorf("before a worker came: got %+v, %v", r, err)
	}
	p.sealedOnly(t, "probe@example.org")
	p.work(t)
	r, err := p.Result(ctx, p.operator, id, now)
	must(t, err)
	if r.Trial.Outcome != connecting.Passed || len(r.Preview.Findings) != 50 || !r.Preview.More || r.Preview.Sorts[0].Count != 50 {
		t.Fatalf("got %s, %d findings, %+v", r.Trial.Outcome, len(r.Preview.Findings), r.Preview.Sorts)
	}
	if got := r.Preview.Findings[0].Fields[0].Value.Reveal(); got != "probe@example.org ordered 0" {
		t.Errorf("got %q", got)
	}
	if use := r.Preview.Sorts[0].Fields; len(use) != 2 || !use[1].Unmapped {
		t.Errorf("got %+v, want the column nobody mapped marked", use)
	}
	if p.shop.given > 51 {
		t.Errorf("the system gave %d records, want no more than the preview shows", p.shop.given)
	}
	p.sealedOnly(t, "probe@example.org")

	led := r.Preview.Findings[0].Led
	if len(led) != 1 || len(r.Kinds) != 1 || r.Kinds[led[0][0]] != person.Email {
		t.Errorf("got %v for %v, want that a mail address led there", r.Kinds, led)
	}
	other := p.operator
	other.ID = uuid.New()
	if _, err := p.Result(ctx, other, id, now); !errors.Is(err, problem.NotFound) {
		t.Errorf("another operator reads it: got %v", err)
	}
	tested, err := p.Test(ctx, p.operator, p.system, now)
	must(t, err)
	p.work(t)
	if r, err := p.Result(ctx, other, tested, now); err != nil || len(r.Preview.Sorts) != 1 {
		t.Errorf("another operator reads a test: got %+v, %v, want what nobody mapped", r, err)
	}
	must(t, p.db.InTx(ctx, p.authority.ID, func(ctx context.Context) error { return postgres.Connections{}.DropTests(ctx, p.system) }))
	if _, err := p.Result(ctx, p.operator, id, now.Add(connecting.Kept)); !errors.Is(err, problem.NotFound) {
		t.Errorf("an hour later: got %v", err)
	}
	must(t, p.worker.Sweep(ctx, p.authority.ID, nil, nil, now.Add(connecting.Kept)))
	if n := p.count(t, "select count(*) from connection_trial"); n != 0 {
		t.Errorf("%d trials stay after their hour", n)
	}
	if err := p.TurnOn(ctx, p.operator, p.system, p.item(t).Draft, now); keyOf(err) != "connecting.error.untested" {
		t.Errorf("a trial is no test: got %v", err)
	}
}

func TestATrialOfATextThatWasChangedCountsNothing(t *testing.T) {
	p := newPlace(t)
	must(t, p.Save(ctx, p.operator, p.system, p.text(""), "", now))
	must(t, p.PutSecret(ctx, p.operator, p.system, "shop", person.NewText("geheim"), now))
	id, err := p.Test(ctx, p.operator, p.system, now)
	must(t, err)
	must(t, p.Save(ctx, p.operator, p.system, p.text("timeout: 5s\n"), p.item(t).Draft, now))
	p.work(t)
	if r, err := p.Result(ctx, p.operator, id, now); err != nil || r.Trial.Outcome != connecting.Outdated {
		t.Errorf("got %s, %v, want outdated", r.Trial.Outcome, err)
	}
	if p.item(t).Tested() {
		t.Error("the new text counts as tested")
	}
}

func TestHowATrialEnds(t *testing.T) {
	p := newPlace(t)
	must(t, p.Save(ctx, p.operator, p.system, p.text(""), "", now))
	must(t, p.PutSecret(ctx, p.operator, p.system, "shop", person.NewText("geheim"), now))
	for _, c := range []struct {
		fails error
		want  connecting.Outcome
	}{
		{connector.Fail(connector.ErrConfig, "orders", "42P01", nil), connecting.Refused},
		{connector.Fail(connector.ErrBroken, "orders", "", nil), connecting.Broken},
		{connector.ErrManual, connecting.ByPeople},
		{nil, connecting.Passed},
	} {
		p.shop.fails = c.fails
		if r := p.test(t); r.Trial.Outcome != c.want || (c.fails != nil) != (r.Failure != "") {
			t.Errorf("%v: got %s, %q, want %s", c.fails, r.Trial.Outcome, r.Failure, c.want)
		}
	}
	p.shop.fails = errors.New("our own database is gone")
	id, err := p.Test(ctx, p.operator, p.system, now)
	must(t, err)
	p.queue.take(casefile.JobTry)
	if err := p.worker.Run(ctx, p.authority.ID, id, now, time.Now().Add(time.Minute)); err == nil {
		t.Error("a failure of ours: got no error, want that the job comes again")
	}
	if r, err := p.Result(ctx, p.operator, id, now); err != nil || r.Trial.Outcome != connecting.Waiting {
		t.Errorf("a failure of ours: got %s, %v", r.Trial.Outcome, err)
	}
}

// A system that bears no more questions now has not failed: cases come first.
func TestATrialWaitsForASystemThatIsBusy(t *testing.T) {
	p := newPlace(t)
	must(t, p.Save(ctx, p.operator, p.system, p.text(""), "", now))
	must(t, p.PutSecret(ctx, p.operator, p.system, "shop", person.NewText("geheim"), now))
	id, err := p.Test(ctx, p.operator, p.system, now)
	must(t, err)
	p.shop.fails = fmt.Errorf("%w, %w", connector.ErrUnreachable, connector.ErrBusy)
	run := func(at time.Time) (connecting.Outcome, error) {
		err := p.worker.Run(ctx, p.authority.ID, id, at, time.Now().Add(time.Minute))
		r, failed := p.Result(ctx, p.operator, id, at)
		must(t, failed)
		return r.Trial.Outcome, err
	}
	if o, err := run(now.Add(4 * time.Minute)); o != connecting.Waiting || !errors.Is(err, connector.ErrBusy) {
		t.Errorf("busy: got %q, %v, want that it waits", o, err)
	}
	if o, err := run(now.Add(5 * time.Minute)); o != connecting.Busy || err != nil {
		t.Errorf("busy for minutes: got %q, %v, want that it says so", o, err)
	}
}

func TestATextThatIsTooLongSaysSo(t *testing.T) {
	p := newPlace(t)
	text := p.text("")
	text += strings.Repeat("#", connecting.MaxText-len(text))
	err := p.Save(ctx, p.operator, p.system, text+"#", "", now)
	var said *problem.Error
	if !errors.Is(err, problem.TooLarge) || !errors.As(err, &said) || said.Fields["text"] != "connecting.error.too_long" {
		t.Errorf("got %v, want too large, at the field", err)
	}
	must(t, p.Save(ctx, p.operator, p.system, text, "", now))
}

func TestWhatATextHasWrongIsSaidWithItsLine(t *testing.T) {
	p := newPlace(t)
	for _, c := range []struct{ name, text, want string }{
		{"an unknown key", p.text("colour: red\n"), "Zeile 5, colour: diesen Schlüssel gibt es nicht"},
		{"a key of the kind", p.text("shop: {twice: maybe}\n"), "Zeile 5, shop.twice: must be a bool"},
		{"no YAML", "system: [", "Zeile 1: das ist kein gültiges YAML"},
		{"another system", "system: stk-brochures\nkind: shop\n", "system: must be stk-newsletter"},
		{"a kind nobody built", "system: stk-newsletter\nkind: fax\n", "kind: must be one of [shop]"},
		{"a secret in clear", "system: stk-newsletter\nkind: shop\nsecrets: {password: geheim}\n", "Zeile 3, secrets.password: muss {sealed: NAME} sein; Geheimnisse im Klartext werden nicht angenommen"},
		{"a file of the worker", "system: stk-newsletter\nkind: shop\nsecrets: {password: {file: /etc/shadow}}\n", "secrets.password: muss {sealed: NAME} sein; env und file gibt es nur in Dateien des Betriebs"},
		{"the worker's environment", "system: stk-newsletter\nkind: shop\nsecrets: {password: {env: DATABASE_URL}}\n", "secrets.password: muss {sealed: NAME} sein; env und file gibt es nur in Dateien des Betriebs"},
		{"a timeout that no job waits for", p.text("timeout: 41s\n"), "Zeile 5, timeout: darf höchstens 40s sein"},
		{"a tab", p.text("shop:\n\ttwice: true\n"), "Zeile 6: vor dem Schlüssel steht ein Tabulator"},
		{"Latin-1", p.text("# f\xfcr\n"), "Zeile 5: der Text ist nicht in UTF-8 geschrieben"},
		{"two texts", p.text("---\nsystem: b\n"), "Zeile 5, file: hier beginnt ein zweiter Text"},
		{"nothing", "", "must hold keys"},
	} {
		err := p.Save(ctx, p.operator, p.system, c.text, "", now)
		var w *connecting.Wrong
		if !errors.Is(err, problem.Invalid) || !errors.As(err, &w) {
			t.Errorf("%s: got %v, want what is wrong", c.name, err)
			continue
		}
		if got := w.Text(wording.German); !strings.Contains(got, c.want) && !(c.name == "nothing" && strings.Contains(got, "Schlüsseln")) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if strings.Contains(err.Error()+w.Text(wording.English), "geheim") {
			t.Errorf("%s: the value is quoted: %v", c.name, err)
		}
	}
	if p.item(t).Where != connecting.Nowhere {
		t.Error("a text with a mistake was kept")
	}
	if err := p.Save(ctx, p.operator, "stk-paper-nobody-has", "system: stk-paper-nobody-has\nkind: shop\n", "", now); !errors.Is(err, problem.NotFound) {
		t.Errorf("a system that is not in the inventory: got %v", err)
	}
}

func TestASystemHasAFileOrAText(t *testing.T) {
	p := newPlace(t)
	file, err := connector.ParseConnection("/etc/einsicht/newsletter.yaml", []byte("system: "+p.system+"\nkind: shop\n"))
	must(t, err)
	stranger, err := connector.ParseConnection("x.yaml", []byte("system: of-another-authority\nkind: shop\n"))
	must(t, err)
	must(t, p.asked.Load(file))
	must(t, p.worker.Sweep(ctx, p.authority.ID, []connector.Connection{file, stranger}, nil, now))
	if n := p.count(t, "select count(*) from connection_file"); n != 1 {
		t.Errorf("got %d systems with a file, want the one of this authority", n)
	}
	got := p.item(t)
	if got.Where != connecting.ByFile || got.State != connecting.On || got.Version != file.Version {
		t.Errorf("got %+v, want a file", got)
	}
	if err := p.Save(ctx, p.operator, p.system, p.text(""), "", now); keyOf(err) != "connecting.error.file" {
		t.Errorf("a text for a system with a file: got %v", err)
	}
	p.shop.password = ""
	if r := p.test(t); r.Trial.Outcome != connecting.Passed || r.Trial.Version != file.Version {
		t.Errorf("test of a file: got %+v", r)
	}
	if !p.item(t).Tested() {
		t.Error("the test of the file does not show")
	}
	// The file is gone, a text comes, and the file comes back.
	must(t, p.worker.Sweep(ctx, p.authority.ID, nil, nil, now))
	must(t, p.Save(ctx, p.operator, p.system, p.text(""), "", now))
	must(t, p.PutSecret(ctx, p.operator, p.system, "shop", person.NewText("geheim"), now))
	p.db.InTx(ctx, p.authority.ID, func(ctx context.Context) error { return postgres.Connections{}.PutFiles(ctx, nil) })
	id, err := p.Test(ctx, p.operator, p.system, now)
	must(t, err)
	p.work(t)
	if r, err := p.Result(ctx, p.operator, id, now); err != nil || r.Trial.Outcome != connecting.Passed {
		t.Fatalf("got %+v, %v", r, err)
	}
	must(t, p.TurnOn(ctx, p.operator, p.system, p.item(t).Draft, now))
	must(t, p.worker.Sweep(ctx, p.authority.ID, []connector.Connection{file}, nil, now))
	if !p.item(t).Twice {
		t.Error("connected twice, and the list does not say it")
	}
	if _, err := p.asked.Open(ctx, p.authority.ID, p.system); !errors.Is(err, connector.ErrConfig) {
		t.Errorf("connected twice: got %v, want that neither wins", err)
	}
	must(t, p.TurnOff(ctx, p.operator, p.system, now))
	if p.item(t).Twice {
		t.Error("turned off: still twice")
	}
}

// A file that names no system of any inventory would be forgotten in silence.
func TestAFileThatNobodyAsksIsNamed(t *testing.T) {
	p := newPlace(t)
	file := func(system string) connector.Connection {
		c, err := connector.ParseConnection(system+".yaml", []byte("system: "+system+"\nkind: shop\nshop: {url: 'https://shop.example'}\n"))
		must(t, err)
		return c
	}
	theirs, err := p.db.PutAuthority(ctx, casefile.Authority{Slug: "krz", Name: "krz", Land: "NW"}, now)
	must(t, err)
	without, err := p.db.PutAuthority(ctx, casefile.Authority{Slug: "nlq", Name: "NLQ", Land: "NI"}, now)
	must(t, err)
	must(t, p.imported(theirs.ID, "krz"))
	files := []connector.Connection{file("stk-newsleter"), file(p.system), file("krz-sessions"), file("a-typo")}
	all := []uuid.UUID{p.authority.ID, theirs.ID, without.ID}
	strangers, err := p.worker.Strangers(ctx, all, files)
	if err != nil || !slices.Equal(strangers, []string{"a-typo", "stk-newsleter"}) {
		t.Fatalf("got %v, %v, want those that nobody knows", strangers, err)
	}
	must(t, p.worker.Sweep(ctx, p.authority.ID, files, strangers, now))
	if got, err := p.Unregistered(ctx, p.officer); err != nil || !slices.Equal(got, strangers) {
		t.Errorf("got %v, %v, want %v", got, err, strangers)
	}
	if p.item(t).Where != connecting.ByFile {
		t.Error("the system that is known is not connected by its file")
	}
	if n := p.count(t, "select count(*) from connection_file where hosts <> ''"); n != 1 {
		t.Errorf("got the hosts of %d files, want those of one's own system alone", n)
	}
	// The inventory comes after the file: what was a stranger is theirs, with its hosts.
	must(t, p.worker.Sweep(ctx, without.ID, files[1:2], []string{p.system}, now))
	must(t, p.imported(without.ID, "stk-nrw"))
	must(t, p.worker.Sweep(ctx, without.ID, files[1:2], nil, now))
	if n := p.count(t, "select count(*) from connection_file where hosts <> '' and system_id = '"+p.system+"'"); n != 2 {
		t.Errorf("after an import: %d authorities know the hosts of the system, want both", n)
	}
	if _, err := p.Unregistered(ctx, casefile.Actor{ID: uuid.New(), Role: casefile.Clerk, Authority: p.authority.ID}); !errors.Is(err, problem.Forbidden) {
		t.Errorf("a clerk: got %v", err)
	}
}

// imported gives an authority one of the shipped inventories.
func (p *place) imported(authority uuid.UUID, of string) error {
	return p.db.InTx(ctx, authority, func(ctx context.Context) error {
		all := inventory.Shipped()
		i := slices.IndexFunc(all, func(inv inventory.Inventory) bool { return inv.Authority.ID == of })
		_, err := p.Inventories.(*postgres.Inventories).Import(ctx, all[i], uuid.Nil, now)
		return err
	})
}

func TestTwoWhoEditDoNotOverwriteEachOther(t *testing.T) {
	p := newPlace(t)
	must(t, p.Save(ctx, p.operator, p.system, p.text(""), "", now))
	first := p.item(t).Draft
	must(t, p.Save(ctx, p.operator, p.system, p.text("timeout: 5s\n"), first, now))
	for _, from := range []string{"", first} {
		if err := p.Save(ctx, p.operator, p.system, p.text("timeout: 6s\n"), from, now); !errors.Is(err, problem.Conflict) {
			t.Errorf("from %q: got %v, want a conflict", from, err)
		}
	}
	shown, err := p.Show(ctx, p.officer, p.system)
	must(t, err)
	if shown.Text != p.text("timeout: 5s\n") || len(shown.Secrets) != 1 || !shown.Secrets[0].Used || !shown.Secrets[0].ChangedAt.IsZero() {
		t.Errorf("got %q and %+v", shown.Text, shown.Secrets)
	}
}

func TestOnlyTheOperatorConnects(t *testing.T) {
	p := newPlace(t)
	who := map[person.IdentifierKind]person.Text{person.Email: person.NewText("probe@example.org")}
	changes := map[string]func(casefile.Actor) error{
		"save":     func(a casefile.Actor) error { return p.Save(ctx, a, p.system, p.text(""), "", now) },
		"secret":   func(a casefile.Actor) error { return p.PutSecret(ctx, a, p.system, "shop", person.NewText("x"), now) },
		"test":     func(a casefile.Actor) error { _, err := p.Test(ctx, a, p.system, now); return err },
		"try":      func(a casefile.Actor) error { _, err := p.Try(ctx, a, p.system, who, test, now); return err },
		"result":   func(a casefile.Actor) error { _, err := p.Result(ctx, a, uuid.New(), now); return err },
		"turn on":  func(a casefile.Actor) error { return p.TurnOn(ctx, a, p.system, "", now) },
		"turn off": func(a casefile.Actor) error { return p.TurnOff(ctx, a, p.system, now) },
	}
	reads := map[string]func(casefile.Actor) error{
		"list": func(a casefile.Actor) error { _, err := p.List(ctx, a); return err },
		"show": func(a casefile.Actor) error { _, err := p.Show(ctx, a, p.system); return err },
	}
	for _, role := range append(slices.Clone(casefile.StaffRoles), casefile.Applicant, casefile.System) {
		a := casefile.Actor{ID: uuid.New(), Role: role, Authority: p.authority.ID}
		for name, f := range changes {
			if err := f(a); errors.Is(err, problem.Forbidden) == (role == casefile.Operator) {
				t.Errorf("%s, %s: got %v", role, name, err)
			}
		}
		for name, f := range reads {
			if err := f(a); errors.Is(err, problem.Forbidden) == (role == casefile.Operator || role == casefile.Officer) {
				t.Errorf("%s, %s: got %v", role, name, err)
			}
		}
	}
}

func TestAnotherAuthorityHasItsOwnConnectionsAndSecrets(t *testing.T) {
	p := newPlace(t)
	must(t, p.Save(ctx, p.operator, p.system, p.text(""), "", now))
	must(t, p.PutSecret(ctx, p.operator, p.system, "shop", person.NewText("geheim"), now))
	if r := p.test(t); r.Trial.Outcome != connecting.Passed {
		t.Fatal(r.Failure)
	}
	must(t, p.TurnOn(ctx, p.operator, p.system, p.item(t).Draft, now))
	theirs, err := p.db.PutAuthority(ctx, casefile.Authority{Slug: "krz", Name: "krz", Land: "NW"}, now)
	must(t, err)
	if has, err := p.asked.Has(ctx, theirs.ID, p.system); has || err != nil {
		t.Errorf("another authority asks by it: got %t, %v", has, err)
	}
	err = p.db.View(ctx, theirs.ID, func(ctx context.Context) error {
		_, err := postgres.Connections{}.Secret(ctx, p.system, "shop")
		return err
	})
	if !errors.Is(err, problem.NotFound) {
		t.Errorf("another authority's secret: got %v", err)
	}
}

// sealedOnly looks for a text in all that the new tables hold.
func (p *place) sealedOnly(t *testing.T, secret string) {
	t.Helper()
	conn, err := pgx.Connect(ctx, p.database.Superuser)
	must(t, err)
	defer conn.Close(ctx)
	for _, table := range []string{"connection", "connection_file", "connection_trial", "source_secret"} {
		var n int
		hex := fmt.Sprintf("%x", secret)
		must(t, conn.QueryRow(ctx, "select count(*) from "+table+" t where t::text like $1 or t::text like $2", "%"+secret+"%", "%"+hex+"%").Scan(&n))
		if n > 0 {
			t.Errorf("%s holds it in clear", table)
		}
	}
}

func (p *place) count(t *testing.T, sql string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(ctx, p.database.Superuser)
	must(t, err)
	defer conn.Close(ctx)
	must(t, conn.QueryRow(ctx, sql).Scan(&n))
	return n
}

// shop is a kind of system.
type shop struct {
	password string
	records  int
	given    int
	fails    error
}

func (*shop) Name() string                                       { return "shop" }
func (*shop) Names() []string                                    { return []string{"shop"} }
func (*shop) Abilities(connector.Connection) []connector.Ability { return nil }

func (*shop) Check(c connector.Connection) error {
	if c.Kind != "shop" {
		return fmt.Errorf("%s: kind: must be one of [shop]: %w", c.File, connector.ErrConfig)
	}
	if !c.HasOwnPart() {
		return nil
	}
	var own struct {
		Twice bool     `yaml:"twice"`
		URL   string   `yaml:"url"`
		DSN   string   `yaml:"dsn"`
		Files []string `yaml:"files"`
	}
	return c.Decode(&own)
}

func (s *shop) Open(_ context.Context, c connector.Connection) (connector.Connector, error) {
	if got, _ := c.Secret("password"); s.password != "" && got != s.password {
		return nil, connector.Fail(connector.ErrConfig, "sign-in", "", nil)
	}
	if s.fails != nil {
		return nil, s.fails
	}
	return &counter{shop: s, twice: c.HasOwnPart()}, nil
}

type counter struct {
	*shop
	twice bool
}

func (c *counter) Close() error { return nil }

func (c *counter) Unmapped() []connector.Sort {
	return []connector.Sort{{Category: "orders", Fields: []connector.FieldUse{{Name: "extra", Unmapped: true}}}}
}

func (c *counter) Find(_ context.Context, q connector.Query, _ connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	who := ""
	var led [][]uuid.UUID
	for _, id := range q.OfKind(person.Email) {
		who, led = id.Value.Reveal(), append(led, []uuid.UUID{id.ID})
	}
	n := c.records
	if c.twice {
		n *= 2
	}
	for i := range n {
		c.given++
		f := connector.Finding{Reference: strconv.Itoa(i), Category: "orders", Led: led, Fields: []connector.Field{
			{Name: "order", Value: person.NewText(who + " ordered " + strconv.Itoa(i))}, {Name: "extra", Value: person.NewText("?"), Unmapped: true}}}
		if err := yield(f, connector.Cursor(f.Reference)); err != nil {
			return connector.Answer{}, err
		}
	}
	return connector.Answer{Outcome: connector.Found}, nil
}

type queue struct {
	jobs    []casefile.Job
	objects []uuid.UUID
}

func (q *queue) Enqueue(_ context.Context, _, object uuid.UUID, jobs ...casefile.Job) error {
	for _, j := range jobs {
		q.jobs, q.objects = append(q.jobs, j), append(q.objects, object)
	}
	return nil
}

func (q *queue) take(kind casefile.Job) (objects []uuid.UUID) {
	for i, j := range q.jobs {
		if j == kind {
			objects = append(objects, q.objects[i])
		}
	}
	q.jobs, q.objects = nil, nil
	return objects
}

type recorder struct {
	kinds   []ledger.Kind
	details []map[string]string
}

func (r *recorder) Record(_ context.Context, kind ledger.Kind, _ uuid.UUID, _ casefile.Actor, details map[string]string, _ time.Time) error {
	r.kinds, r.details = append(r.kinds, kind), append(r.details, details)
	return nil
}

func keyOf(err error) string {
	var p *problem.Error
	if errors.As(err, &p) {
		return p.Key
	}
	return ""
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
