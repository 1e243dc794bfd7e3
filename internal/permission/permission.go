// Package permission says who may do what: a table of roles and actions, kept
// as data beside the program and read strictly at the start.
//
// Nobody acts for another authority than their own, whatever their role. What
// the state of a case forbids (somebody releasing what they decided) is not
// asked here but in package casefile.
package permission

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/problem"
)

//go:embed model.conf
var modelFile string

//go:embed policy.csv
var policyFile string

// Policy answers whether somebody may do something. It never changes after
// New; any number of goroutines may ask it.
type Policy struct {
	enforcer *casbin.Enforcer
	sum      string
}

// New reads the policy that is built into the program.
func New() (*Policy, error) { return load(modelFile, policyFile) }

// SHA256 is the fingerprint of the policy in force, in hexadecimal: over the
// model, a zero byte and the lines of the policy. It is recorded at the start,
// so that later nobody has to guess which rules held on a day.
func (p *Policy) SHA256() string { return p.sum }

// May returns nil if the actor may do the action in the authority, otherwise a
// problem.Forbidden.
func (p *Policy) May(actor casefile.Actor, action casefile.Action, authority uuid.UUID) error {
	allowed, err := p.enforcer.Enforce(string(actor.Role), string(action), actor.Authority.String(), authority.String())
	switch {
	case err != nil:
		return fmt.Errorf("asking the policy for %s: %w", action, err)
	case allowed:
		return nil
	case actor.Authority != authority:
		return refused(fmt.Errorf("%s of authority %s may do nothing in authority %s", actor.Role, actor.Authority, authority))
	}
	return refused(fmt.Errorf("%s may not %s", actor.Role, action))
}

func refused(why error) error {
	return problem.New(problem.Forbidden, "permission.refused").Because(why)
}

func load(modelText, policyText string) (*Policy, error) {
	grants, err := read(policyText)
	if err != nil {
		return nil, err
	}
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("reading the model of the policy: %w", err)
	}
	for _, g := range grants {
		if err := m.AddPolicy("p", "p", []string{string(g.role), string(g.action)}); err != nil {
			return nil, fmt.Errorf("granting %s to %s: %w", g.action, g.role, err)
		}
	}
	enforcer, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, fmt.Errorf("preparing the policy: %w", err)
	}
	sum := sha256.Sum256([]byte(modelText + "\x00" + policyText))
	return &Policy{enforcer: enforcer, sum: hex.EncodeToString(sum[:])}, nil
}
