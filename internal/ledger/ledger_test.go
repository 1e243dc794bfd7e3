package ledger_test

import (
	"crypto/sha256"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/ledger"
)

var authority = uuid.MustParse("0f0e0d0c-0b0a-4908-8706-050403020100")

func entry(i int) ledger.Entry {
	at := time.Date(2026, 3, 1, 8, 0, 0, 123456000, time.UTC).Add(time.Duration(i) * time.Second)
	return ledger.Entry{
		Authority: authority, Year: 2026, Time: at,
		ID:     uuid.NewSHA1(uuid.Nil, []byte("entry "+strconv.Itoa(i))),
		Kind:   ledger.Kinds[i%len(ledger.Kinds)],
		Case:   uuid.NewSHA1(uuid.Nil, []byte("case "+strconv.Itoa(i%7))),
		Actor:  sha256.Sum256([]byte{byte(i % 5)}),
		Digest: sha256.Sum256([]byte("digest " + strconv.Itoa(i))),
	}
}

func TestBytesOfAnEntryNeverChange(t *testing.T) {
	e := ledger.Entry{
		Authority: authority, Year: 2026, ID: uuid.MustParse("11111111-1111-4111-8111-111111111111"),
		Time: time.Date(2026, 7, 1, 10, 30, 0, 120_000_999, time.FixedZone("CEST", 7200)),
		Kind: ledger.Opened, Case: uuid.MustParse("22222222-2222-4222-8222-222222222222"),
		Actor: [32]byte{0xab}, Digest: [32]byte{0xcd},
	}
	zeros := strings.Repeat("0", 62)
	want := "einsicht ledger 1\n0f0e0d0c-0b0a-4908-8706-050403020100\n2026\n11111111-1111-4111-8111-111111111111\n" +
		"2026-07-01T08:30:00.12Z\nopened\n22222222-2222-4222-8222-222222222222\nab" + zeros + "\ncd" + zeros + "\n"
	if got := string(e.Bytes()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	const leaf = "LEizB9gXJI0kyJ3oz3mvmx810Jw8dL/csImvFjdm4y0=" // SHA-256 of a zero byte and the text, RFC 6962 section 2.1
	if got := e.LeafHash().String(); got != leaf {
		t.Errorf("got leaf hash %s, want %s", got, leaf)
	}
	e.Case = uuid.Nil
	if got := string(e.Bytes()); !strings.Contains(got, "\nopened\n\nab") {
		t.Errorf("about no case: got\n%s\nwant an empty line for it", got)
	}
}

func TestEveryFieldOfAnEntryIsInItsHash(t *testing.T) {
	changes := map[string]func(*ledger.Entry){
		"Authority": func(e *ledger.Entry) { e.Authority = uuid.New() },
		"Year":      func(e *ledger.Entry) { e.Year++ },
		"ID":        func(e *ledger.Entry) { e.ID = uuid.New() },
		"Time":      func(e *ledger.Entry) { e.Time = e.Time.Add(time.Microsecond) },
		"Kind":      func(e *ledger.Entry) { e.Kind = ledger.Released },
		"Case":      func(e *ledger.Entry) { e.Case = uuid.Nil },
		"Actor":     func(e *ledger.Entry) { e.Actor[31]++ },
		"Digest":    func(e *ledger.Entry) { e.Digest[0]++ },
	}
	fields := reflect.TypeFor[ledger.Entry]()
	for i := range fields.NumField() {
		e := entry(1)
		change, ok := changes[fields.Field(i).Name]
		if !ok {
			t.Errorf("%s: new field; say here how it changes", fields.Field(i).Name)
			continue
		}
		change(&e)
		if e.LeafHash() == entry(1).LeafHash() {
			t.Errorf("%s is not in the hash", fields.Field(i).Name)
		}
	}
}

// What an entry can hold is ids, times, numbers, hashes and one of the kinds.
func TestEntryHasNoRoomForNamesOrText(t *testing.T) {
	allowed := []reflect.Type{
		reflect.TypeFor[uuid.UUID](), reflect.TypeFor[int](), reflect.TypeFor[time.Time](),
		reflect.TypeFor[ledger.Kind](), reflect.TypeFor[[32]byte](),
	}
	fields := reflect.TypeFor[ledger.Entry]()
	for i := range fields.NumField() {
		if f := fields.Field(i); !slices.Contains(allowed, f.Type) {
			t.Errorf("field %s of type %s could hold text", f.Name, f.Type)
		}
	}
	for i, kind := range ledger.Kinds {
		e := entry(i)
		e.Kind = kind
		if err := e.Check(); err != nil {
			t.Errorf("%s: got %v", kind, err)
		}
		if lines := strings.Split(string(e.Bytes()), "\n"); len(lines) != 10 || lines[5] != string(kind) {
			t.Errorf("%s: got lines %q", kind, lines)
		}
	}
}

func TestKindsListsEveryKindOnce(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "kind.go", nil, 0)
	must(t, err)
	var declared []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "Kind" {
				text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				must(t, err)
				declared = append(declared, text)
			}
		}
		return true
	})
	var listed []string
	for _, k := range ledger.Kinds {
		listed = append(listed, string(k))
	}
	slices.Sort(declared)
	slices.Sort(listed)
	if !slices.Equal(declared, listed) {
		t.Errorf("got listed %v\nwant %v", listed, declared)
	}
	if len(slices.Compact(listed)) != len(ledger.Kinds) {
		t.Error("two kinds are the same")
	}
}

func TestEntryThatMayNotBeRecorded(t *testing.T) {
	tests := map[string]func(*ledger.Entry){
		"of no kind":        func(e *ledger.Entry) { e.Kind = "Erika Mustermann rang up" },
		"without id":        func(e *ledger.Entry) { e.ID = uuid.Nil },
		"of no authority":   func(e *ledger.Entry) { e.Authority = uuid.Nil },
		"without a digest":  func(e *ledger.Entry) { e.Digest = [32]byte{} },
		"in the wrong year": func(e *ledger.Entry) { e.Time = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC) },
	}
	for name, change := range tests {
		e := entry(1)
		change(&e)
		if err := e.Check(); err == nil || strings.Contains(err.Error(), "Erika") {
			t.Errorf("%s: got %v, want it refused without a quote", name, err)
		}
	}
	newYear := time.Date(2027, 1, 1, 0, 30, 0, 0, time.FixedZone("CET", 3600))
	if got := ledger.YearOf(newYear); got != 2026 {
		t.Errorf("half past midnight in Berlin: got %d, want 2026, as UTC has it", got)
	}
}

func TestDigestTellsNonceFromDetails(t *testing.T) {
	var a, b [32]byte
	b[31] = 'x'
	if ledger.Digest(a, []byte("y")) == ledger.Digest(b, []byte("y")) || ledger.Digest(a, []byte("y")) == ledger.Digest(a, []byte("z")) {
		t.Error("two digests are the same")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
