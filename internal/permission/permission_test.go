package permission

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/problem"
)

var update = flag.Bool("update", false, "write testdata/matrix.txt anew")

var (
	here  = uuid.MustParse("11111111-1111-4111-8111-111111111111")
	there = uuid.MustParse("22222222-2222-4222-8222-222222222222")
)

func TestTheMatrixIsTheOneThatWasAgreedOn(t *testing.T) {
	got := matrix(t, policy(t))
	const file = "testdata/matrix.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the matrix changed (if that is meant: go test -update)\ngot\n%s\nwant\n%s", got, want)
	}
}

func TestAnotherAuthorityIsAlwaysRefused(t *testing.T) {
	p := policy(t)
	for _, role := range Roles {
		for _, action := range casefile.Actions {
			stranger := casefile.Actor{ID: uuid.New(), Role: role, Authority: there}
			if err := p.May(stranger, action, here); !errors.Is(err, problem.Forbidden) {
				t.Errorf("%s of another authority, %s: got %v, want forbidden", role, action, err)
			}
		}
	}
}

func TestWhoIsNobodyIsRefused(t *testing.T) {
	tests := []struct {
		name   string
		actor  casefile.Actor
		action casefile.Action
		in     uuid.UUID
	}{
		{"a role that does not exist", casefile.Actor{Role: "janitor", Authority: here}, casefile.ActionListCases, here},
		{"no role", casefile.Actor{Authority: here}, casefile.ActionListCases, here},
		{"a role in other letters", casefile.Actor{Role: "Clerk", Authority: here}, casefile.ActionListCases, here},
		{"an action that does not exist", casefile.Actor{Role: casefile.Clerk, Authority: here}, "list-everything", here},
		{"no action", casefile.Actor{Role: casefile.Clerk, Authority: here}, "", here},
		{"staff of no authority in no authority", casefile.Actor{Role: casefile.Clerk}, casefile.ActionListCases, uuid.Nil},
		{"the program without an authority", casefile.Actor{Role: casefile.System}, casefile.ActionRunJob, uuid.Nil},
		{"nobody at all", casefile.Actor{}, "", uuid.Nil},
	}
	p := policy(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := p.May(tt.actor, tt.action, tt.in); !errors.Is(err, problem.Forbidden) {
				t.Errorf("got %v, want forbidden", err)
			}
		})
	}
}

func TestAPolicyWithAMistakeIsNotLoaded(t *testing.T) {
	line := "p, clerk, list-cases\n"
	tests := []struct {
		name, policy, want string
	}{
		{"an unknown role", policyFile + "p, janitor, list-cases\n", `unknown role "janitor"`},
		{"an unknown action", policyFile + "p, clerk, peek\n", `unknown action "peek"`},
		{"a line that stands twice", policyFile + line, "clerk, list-cases stands twice"},
		{"another kind of line", policyFile + "g, clerk, approver\n", `starts with "g"`},
		{"a field too many", policyFile + "p, clerk, release, allow\n", "wrong number of fields"},
		{"a field too few", policyFile + "p, clerk\n", "wrong number of fields"},
		{"an action that nobody may do", strings.Replace(policyFile, "p, approver, release\n", "", 1), "nobody may release"},
		{"no line at all", "", "nobody may list-cases"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(modelFile, tt.policy)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
	if _, err := load("[nonsense", policyFile); err == nil {
		t.Error("a broken model: got no error")
	}
}

func TestTheFingerprintChangesWithModelAndPolicy(t *testing.T) {
	a := policy(t)
	b, err := load(modelFile, policyFile+"p, approver, propose\n")
	if err != nil {
		t.Fatal(err)
	}
	c, err := load(modelFile+"\n", policyFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.SHA256()) != 64 || a.SHA256() == b.SHA256() || a.SHA256() == c.SHA256() {
		t.Errorf("got %s, %s, %s, want three different fingerprints", a.SHA256(), b.SHA256(), c.SHA256())
	}
	if again := policy(t); again.SHA256() != a.SHA256() {
		t.Errorf("the same policy: got %s, want %s", again.SHA256(), a.SHA256())
	}
}

func TestManyMayAskAtOnce(t *testing.T) {
	p := policy(t)
	want := matrix(t, p)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := matrix(t, p); got != want {
				t.Error("the answers differ when many ask at once")
			}
		})
	}
	wg.Wait()
}

func BenchmarkMay(b *testing.B) {
	p, err := New()
	if err != nil {
		b.Fatal(err)
	}
	for name, actor := range map[string]casefile.Actor{
		"first line": {Role: casefile.Clerk, Authority: here},
		"refused":    {Role: casefile.Operator, Authority: here},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_ = p.May(actor, casefile.ActionListCases, here)
			}
		})
	}
}

func policy(t *testing.T) *Policy {
	t.Helper()
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// matrix prints who may do what in their own authority.
func matrix(t *testing.T, p *Policy) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%-18s", "")
	for _, role := range Roles {
		fmt.Fprintf(&b, "%10s", role)
	}
	b.WriteString("\n")
	for _, action := range casefile.Actions {
		fmt.Fprintf(&b, "%-18s", action)
		for _, role := range Roles {
			mark := "-"
			switch err := p.May(casefile.Actor{ID: uuid.New(), Role: role, Authority: here}, action, here); {
			case err == nil:
				mark = "yes"
			case !errors.Is(err, problem.Forbidden):
				t.Errorf("%s, %s: got %v, want forbidden", role, action, err)
			}
			fmt.Fprintf(&b, "%10s", mark)
		}
		b.WriteString("\n")
	}
	return b.String()
}
