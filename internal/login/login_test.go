package login_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/login"
	"einsicht/internal/login/logintest"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

const good = "ein Boot, drei Möwen"

var ctx = context.Background()

// house is an office with accounts, a clock and cheap passwords.
type house struct {
	*login.Accounts
	store     *logintest.Memory
	now       time.Time
	authority uuid.UUID
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{store: logintest.NewMemory(), now: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), authority: uuid.New()}
	h.Accounts = h.at(login.Cost{Memory: 64, Time: 1, Threads: 1})
	return h
}

func (h *house) at(c login.Cost) *login.Accounts {
	clock := func() time.Time { return h.now }
	return login.New(login.Deps{
		Store:    h.store,
		Throttle: &login.Throttle{Store: h.store, Now: clock},
		Keys:     logintest.Keys{}, Now: clock, Cost: c,
	})
}

func (h *house) hire(t *testing.T, name string) login.Staff {
	t.Helper()
	token, err := h.Add(ctx, h.authority, casefile.Clerk, name)
	if err != nil {
		t.Fatal(err)
	}
	staff, err := h.Accept(ctx, token, good)
	if err != nil {
		t.Fatal(err)
	}
	return staff
}

func (h *house) knock(name, password string) (login.Staff, error) {
	return h.SignIn(ctx, login.Credentials{Authority: h.authority, Name: name, Password: password, Address: "192.0.2.7"})
}

func TestTheStoreInMemoryIsAStore(t *testing.T) {
	logintest.TestStore(t, func(*testing.T) (login.Store, uuid.UUID, uuid.UUID) {
		return logintest.NewMemory(), uuid.New(), uuid.New()
	})
	logintest.TestThrottleStore(t, func(*testing.T) login.ThrottleStore { return logintest.NewMemory() })
}

func TestWhoWasInvitedSignsIn(t *testing.T) {
	h := open(t)
	token, err := h.Add(ctx, h.authority, casefile.Approver, "  Vera   Klein ")
	if err != nil {
		t.Fatal(err)
	}
	if len(token) < 43 {
		t.Errorf("the token has %d characters, want 256 bits", len(token))
	}
	invited, err := h.Invited(ctx, token)
	if err != nil || invited.Name != "Vera Klein" {
		t.Fatalf("invited: got %q, %v", invited.Name, err)
	}
	if _, err := h.Accept(ctx, token, good); err != nil {
		t.Fatal(err)
	}
	got, err := h.knock("Vera Klein", good)
	want := login.Staff{ID: invited.ID, Authority: h.authority, Name: "Vera Klein", Role: casefile.Approver}
	if err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if got := want.Actor(); got != (casefile.Actor{ID: want.ID, Role: casefile.Approver, Authority: h.authority}) {
		t.Errorf("actor: got %v", got)
	}
	if got, err := h.knock("Vera Klein", "ein Boot, drei Mo\u0308wen"); err != nil || got != want {
		t.Errorf("the same password typed with a combining accent: got %v, %v", got, err)
	}
}

func TestAnInvitationEnds(t *testing.T) {
	tests := []struct {
		name   string
		change func(h *house, token string, id uuid.UUID) string
		want   error
	}{
		{"right before 24 hours are over it works", func(h *house, token string, _ uuid.UUID) string {
			h.now = h.now.Add(24*time.Hour - time.Second)
			return token
		}, nil},
		{"after 24 hours", func(h *house, token string, _ uuid.UUID) string {
			h.now = h.now.Add(24 * time.Hour)
			return token
		}, problem.NotFound},
		{"once it was used", func(h *house, token string, _ uuid.UUID) string {
			if _, err := h.Accept(ctx, token, good); err != nil {
				panic(err)
			}
			return token
		}, problem.NotFound},
		{"when the account is disabled", func(h *house, token string, id uuid.UUID) string {
			h.store.Disable(id)
			return token
		}, problem.NotFound},
		{"with another token", func(_ *house, token string, _ uuid.UUID) string { return token[1:] + "A" }, problem.NotFound},
		{"without a token", func(*house, string, uuid.UUID) string { return "" }, problem.NotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t)
			token, err := h.Add(ctx, h.authority, casefile.Clerk, "Vera Klein")
			if err != nil {
				t.Fatal(err)
			}
			staff, err := h.Invited(ctx, token)
			if err != nil {
				t.Fatal(err)
			}
			token = tt.change(h, token, staff.ID)
			if _, err := h.Accept(ctx, token, good); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestAnAccountNeedsANameAndAStaffRole(t *testing.T) {
	tests := []struct {
		name string
		role casefile.Role
		who  string
		want map[string]string
	}{
		{"no name", casefile.Clerk, " \t", map[string]string{"name": "login.name.length"}},
		{"a name too long", casefile.Clerk, strings.Repeat("a", 101), map[string]string{"name": "login.name.length"}},
		{"a role that is no staff", casefile.System, "Vera", map[string]string{"role": "login.role.unknown"}},
		{"both", "janitor", "", map[string]string{"name": "login.name.length", "role": "login.role.unknown"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t)
			_, err := h.Add(ctx, h.authority, tt.role, tt.who)
			refusedFields(t, err, tt.want)
		})
	}
	h := open(t)
	h.hire(t, "Vera Klein")
	if _, err := h.Add(ctx, h.authority, casefile.Clerk, "Vera  Klein"); !errors.Is(err, problem.Conflict) {
		t.Errorf("a name taken: got %v, want a conflict", err)
	}
}

func TestAPasswordIsJudged(t *testing.T) {
	tests := []struct{ name, password, want string }{
		{"a sentence is good", good, ""},
		{"twelve letters are enough", "kranichzugel", ""},
		{"letters of another script count as letters", "журавлиныйклин", ""},
		{"eleven characters are too few", "kranichzuge", "login.password.short"},
		{"umlauts count once each", "äöüäöüäöüßÄ", "login.password.short"},
		{"more than a kilobyte is too long", strings.Repeat("Möwenflug ", 120), "login.password.long"},
		{"control characters", "kranich\x00zugelang", "login.password.characters"},
		{"a common one", "qwertzuiopasdf", "login.password.common"},
		{"a common word and a year", "Passwort2026!", "login.password.common"},
		{"a common word with blanks", "nordrhein westfalen", "login.password.common"},
		{"digits in a row", "123456789012", "login.password.common"},
		{"one character over and over", "aaaaaaaaaaaaaaaa", "login.password.common"},
		{"the name", "Vera Wegener", "login.password.name"},
		{"the name and a number", "verawegener1987", "login.password.name"},
		{"a part of the name and a number", "Wegener-2026!", "login.password.name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := login.Judge(tt.password, "Vera Wegener"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	h := open(t)
	token, err := h.Add(ctx, h.authority, casefile.Clerk, "Vera Wegener")
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Accept(ctx, token, "kurz")
	refusedFields(t, err, map[string]string{"password": "login.password.short"})
	if _, err := h.Accept(ctx, token, good); err != nil {
		t.Errorf("the link after a refused password: got %v, want it to work", err)
	}
}

func TestWhoIsKeptOutLearnsNothingAndCostsTheSame(t *testing.T) {
	h := open(t)
	h.hire(t, "Vera Klein")
	h.store.Disable(h.hire(t, "Gone").ID)
	if _, err := h.Add(ctx, h.authority, casefile.Clerk, "Invited"); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, who, password string }{
		{"a wrong password", "Vera Klein", good + "!"},
		{"no password", "Vera Klein", ""},
		{"a password that nobody can have", "Vera Klein", "\x00"},
		{"a password too long", "Vera Klein", strings.Repeat("x", 5000)},
		{"an account that does not exist", "Nobody", good},
		{"no name", "", good},
		{"an account that was invited only", "Invited", good},
		{"the empty password of an invited account", "Invited", ""},
		{"a disabled account", "Gone", good},
		{"a name in other letters", "vera klein", good},
	}
	var said string
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := h.Runs()
			_, err := h.knock(tt.who, tt.password)
			if !errors.Is(err, problem.Invalid) {
				t.Fatalf("got %v, want invalid", err)
			}
			if got := h.Runs() - before; got != 1 {
				t.Errorf("got %d argon2id runs, want 1", got)
			}
			if said == "" {
				said = err.Error()
			}
			if err.Error() != said {
				t.Errorf("got %q, want the words of all the others %q", err, said)
			}
		})
	}
	other := login.Credentials{Authority: uuid.New(), Name: "Vera Klein", Password: good, Address: "192.0.2.8"}
	if _, err := h.SignIn(ctx, other); !errors.Is(err, problem.Invalid) {
		t.Errorf("at another authority: got %v, want invalid", err)
	}
}

func TestASessionEndsWithTheAccount(t *testing.T) {
	h := open(t)
	staff := h.hire(t, "Vera Klein")
	if got, err := h.Current(ctx, staff.ID); err != nil || got != staff {
		t.Errorf("got %v, %v, want %v", got, err, staff)
	}
	h.store.Disable(staff.ID)
	if _, err := h.Current(ctx, staff.ID); !errors.Is(err, problem.NotFound) {
		t.Errorf("disabled: got %v, want not found", err)
	}
}

func TestAPasswordIsHashedAgainWhenNewOnesCostMore(t *testing.T) {
	h := open(t)
	h.hire(t, "Vera Klein")
	dearer := login.Cost{Memory: 128, Time: 2, Threads: 2}
	h.Accounts = h.at(dearer)

	_, before, _ := h.store.StaffByName(ctx, h.authority, "Vera Klein")
	if !strings.HasPrefix(before, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatalf("stored: got %.30q", before)
	}
	if _, err := h.knock("Vera Klein", "a wrong password"); err == nil {
		t.Fatal("a wrong password signed in")
	}
	if _, still, _ := h.store.StaffByName(ctx, h.authority, "Vera Klein"); still != before {
		t.Error("a wrong password changed what is stored")
	}
	for range 2 {
		if _, err := h.knock("Vera Klein", good); err != nil {
			t.Fatal(err)
		}
	}
	if _, after, _ := h.store.StaffByName(ctx, h.authority, "Vera Klein"); !strings.HasPrefix(after, "$argon2id$v=19$m=128,t=2,p=2$") {
		t.Errorf("stored: got %.30q, want the new cost", after)
	}
	if got, want := h.Runs(), int64(1+2+1); got != want {
		t.Errorf("got %d runs, want %d: renewed once", got, want)
	}
}

func TestNewPasswordsCostWhatRFC9106Recommends(t *testing.T) {
	h := open(t)
	h.Accounts = h.at(login.Cost{})
	h.hire(t, "Vera Klein")
	if _, got, _ := h.store.StaffByName(ctx, h.authority, "Vera Klein"); !strings.HasPrefix(got, "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Errorf("got %.40q", got)
	}
}

func TestWhatIsNoStoredPasswordMatchesNothing(t *testing.T) {
	h := open(t)
	staff := h.hire(t, "Vera Klein")
	_, stored, _ := h.store.StaffByName(ctx, h.authority, "Vera Klein")
	for name, broken := range map[string]string{
		"in clear":              good,
		"another algorithm":     strings.Replace(stored, "argon2id", "argon2i", 1),
		"an older version":      strings.Replace(stored, "v=19", "v=16", 1),
		"more memory than any":  strings.Replace(stored, "m=64,", "m=4000000000,", 1),
		"no passes":             strings.Replace(stored, "t=1", "t=0", 1),
		"the tag cut off":       stored[:len(stored)-8],
		"no tag":                stored[:strings.LastIndex(stored, "$")+1],
		"one letter of the tag": stored[:len(stored)-2] + string(rune(stored[len(stored)-2]^1)) + stored[len(stored)-1:],
	} {
		t.Run(name, func(t *testing.T) {
			_, now, _ := h.store.StaffByName(ctx, h.authority, "Vera Klein")
			if err := h.store.ReplacePassword(ctx, staff.ID, now, broken); err != nil {
				t.Fatal(err)
			}
			h.now = h.now.Add(time.Hour)
			if _, err := h.knock("Vera Klein", good); !errors.Is(err, problem.Invalid) {
				t.Errorf("got %v, want invalid", err)
			}
		})
	}
}

func TestAFailingStoreIsNoWrongPassword(t *testing.T) {
	h := open(t)
	token, err := h.Add(ctx, h.authority, casefile.Clerk, "Vera Klein")
	if err != nil {
		t.Fatal(err)
	}
	down := errors.New("connection refused")
	h.Store = failing{h.store, down}
	if _, err := h.knock("Vera Klein", good); !errors.Is(err, down) || errors.Is(err, problem.Invalid) {
		t.Errorf("sign in: got %v, want %v", err, down)
	}
	if _, err := h.Accept(ctx, token, good); !errors.Is(err, down) || errors.Is(err, problem.NotFound) {
		t.Errorf("accept: got %v, want %v", err, down)
	}
}

func TestOnlyAFewPasswordsAreHashedAtOnce(t *testing.T) {
	h := open(t)
	h.hire(t, "Vera Klein")
	release := h.OccupyAllSlots()
	impatient, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	c := login.Credentials{Authority: h.authority, Name: "Vera Klein", Password: good, Address: "192.0.2.7"}
	before := h.Runs()
	if _, err := h.SignIn(impatient, c); !errors.Is(err, problem.Unavailable) || h.Runs() != before {
		t.Errorf("while all slots are taken: got %v after %d runs, want unavailable after none", err, h.Runs()-before)
	}
	release()
	if _, err := h.SignIn(ctx, c); err != nil {
		t.Errorf("afterwards: got %v", err)
	}
}

func TestEveryKeyHasASentence(t *testing.T) {
	for _, key := range []string{
		"login.check", "login.wrong", "login.throttled", "login.busy", "login.ended", "login.unknown", "login.invite.gone",
		"login.name.length", "login.name.taken", "login.role.unknown",
		"login.password.short", "login.password.long", "login.password.characters", "login.password.name", "login.password.common",
		"permission.refused",
	} {
		if !wording.Has(key) {
			t.Errorf("%s has no sentence", key)
		}
	}
}

// failing is a store whose database is away.
type failing struct {
	login.Store
	err error
}

func (f failing) StaffByName(context.Context, uuid.UUID, string) (login.Staff, string, error) {
	return login.Staff{}, "", f.err
}

func (f failing) StaffByInvitation(context.Context, []byte) (login.Staff, time.Time, error) {
	return login.Staff{}, time.Time{}, f.err
}

func refusedFields(t *testing.T, err error, want map[string]string) {
	t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) || !errors.Is(err, problem.Invalid) {
		t.Fatalf("got %v, want invalid", err)
	}
	if !maps.Equal(p.Fields, want) {
		t.Errorf("fields: got %v, want %v", p.Fields, want)
	}
}

func BenchmarkOnePasswordAtRFC9106(b *testing.B) {
	h := &house{store: logintest.NewMemory(), now: time.Now(), authority: uuid.New()}
	h.Accounts = h.at(login.RFC9106)
	for b.Loop() {
		c := login.Credentials{Authority: h.authority, Name: uuid.NewString(), Password: good, Address: uuid.NewString()}
		_, _ = h.SignIn(ctx, c)
	}
}
