package applog

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
	"einsicht/internal/connector/rewrite"
	"einsicht/internal/person"
)

// mapping is the part "applog" of a connection file.
type mapping struct {
	Files []string `yaml:"files"` // patterns, such as /var/log/jitsi/*.log*
	// Profile names shipped patterns, which come after the declared ones.
	Profile string `yaml:"profile"`
	// TimeZone is that of times without one; Europe/Berlin if nothing is said.
	TimeZone string `yaml:"time_zone"`
	// Window is how far a line may be from the time at which a record names its
	// address; ten minutes at most and if nothing is said.
	Window time.Duration `yaml:"window"`
	// Limit ends a visit whose end was never logged; 12 hours if nothing is said.
	Limit time.Duration `yaml:"limit"`
	// Time is that of lines whose pattern says nothing else.
	Time     timing    `yaml:"time"`
	Patterns []pattern `yaml:"patterns"`
	// Change declares what may be erased, see package rewrite; Checksums is the
	// folder that keeps what was.
	Change    *rewrite.Rule `yaml:"change"`
	Checksums string        `yaml:"checksums"`

	clock *clock // of Time, where it has an expression
}

// timing says how lines tell when they were written.
type timing struct {
	// Expression finds the time in lines that no pattern knows. Only the one of
	// the mapping counts: it puts files in order.
	Expression string `yaml:"expression"`
	Group      string `yaml:"group"` // "time" if nothing is said
	// Layout is how Go writes 2 January 2006, 15:04:05; or unix, or unixms. The
	// first that fits counts.
	Layout []string `yaml:"layout"`
}

// pattern is one sort of line.
type pattern struct {
	Name       string `yaml:"name"`
	Label      string `yaml:"label"`
	Category   string `yaml:"category"` // the name, if nothing is said
	Expression string `yaml:"expression"`
	Time       timing `yaml:"time"`
	TimeZone   string `yaml:"time_zone"` // that of the mapping, if nothing is said
	// Identifiers says which group holds which kind of identifier.
	Identifiers map[string]string `yaml:"identifiers"`
	// Join is the group whose value lines of one visit share; Starts and Ends
	// mark its first and last line.
	Join   string `yaml:"join"`
	Starts bool   `yaml:"starts"`
	Ends   bool   `yaml:"ends"`

	ThirdParty []string          `yaml:"third_party"` // groups that speak about others
	Withhold   []string          `yaml:"withhold"`    // groups that never leave the house
	Labels     map[string]string `yaml:"labels"`      // of groups, for people

	expression *regexp.Regexp
	literal    []byte // each line of it holds this
	groups     []string
	clock      clock
	join       int
	holds      []holding
}

// holding is a group that holds an identifier.
type holding struct {
	kind  person.IdentifierKind
	group int
}

const (
	defaultLimit = 12 * time.Hour
	maxLimit     = 7 * 24 * time.Hour
)

func readMapping(c connector.Connection) (m mapping, err error) {
	if err := c.Decode(&m); err != nil {
		return m, err
	}
	if err := logs.CheckPatterns(c, m.Files); err != nil {
		return m, err
	}
	if m.Window, err = logs.Window(c, m.Window); err != nil {
		return m, err
	}
	if err := m.Change.Check(c, m.Checksums); err != nil {
		return m, err
	}
	if m.Change.Declared() && m.Change.Erase == rewrite.Masking {
		return m, c.Wrong("change.erase", "must be delete: nobody knows what stands in a line between its values")
	}
	if m.Limit == 0 {
		m.Limit = defaultLimit
	}
	if m.Limit < 0 || m.Limit > maxLimit {
		return m, c.Wrong("limit", "must be 168h at most")
	}
	if m.Profile != "" {
		shipped, ok := profiles[m.Profile]
		if !ok {
			return m, c.Wrong("profile", fmt.Sprintf("must be one of %v", slices.Sorted(maps.Keys(profiles))))
		}
		if m.Time.Expression == "" && len(m.Time.Layout) == 0 {
			m.Time.Expression, m.Time.Layout = shipped.Time.Expression, shipped.Time.Layout
		}
		for _, p := range shipped.Patterns {
			p.Time = shipped.Time
			m.Patterns = append(m.Patterns, p)
		}
	}
	if len(m.Patterns) == 0 {
		return m, c.Wrong("patterns", "is missing, and so is profile")
	}
	if _, err := logs.TimeZone(m.TimeZone, c.Wrong); err != nil {
		return m, err
	}
	wrong := func(i int, key, what string) error { return c.Wrong(fmt.Sprintf("patterns.%d.%s", i, key), what) }
	for i := range m.Patterns {
		if err := m.Patterns[i].prepare(m, func(key, what string) error { return wrong(i, key, what) }); err != nil {
			return m, err
		}
	}
	if m.Time.Expression != "" {
		whole := pattern{Expression: m.Time.Expression}
		if err := whole.prepare(m, func(_, what string) error { return c.Wrong("time.expression", what) }); err != nil {
			return m, err
		}
		m.clock = &whole.clock
	}
	return m, m.checkMatch(c)
}

// checkMatch makes sure that each set of identifiers can lead to some line.
func (m mapping) checkMatch(c connector.Connection) error {
	if len(c.Match) == 0 {
		return c.Wrong("match", "the connection names no identifiers that suffice")
	}
	for _, match := range c.Match {
		if !slices.ContainsFunc(m.Patterns, func(p pattern) bool {
			return !slices.ContainsFunc(match.By, func(k person.IdentifierKind) bool {
				return !slices.ContainsFunc(p.holds, func(h holding) bool { return h.kind == k })
			})
		}) {
			return c.Wrong("match", "names identifiers that stand together in no pattern")
		}
	}
	return nil
}

func (p *pattern) prepare(m mapping, wrong func(key, what string) error) (err error) {
	if p.expression, err = regexp.Compile(p.Expression); err != nil || p.Expression == "" {
		return wrong("expression", "must be a regular expression (RE2)")
	}
	p.literal, p.groups = literal(p.Expression), p.expression.SubexpNames()
	for i, name := range p.groups {
		if name != "" && slices.Contains(p.groups[:i], name) {
			return wrong("expression", "names a group twice")
		}
	}
	group := func(name string) int {
		if name == "" {
			return -1
		}
		return p.expression.SubexpIndex(name)
	}
	if p.clock, err = newClock(p.Time, m.Time, p.expression, wrong); err != nil {
		return err
	}
	if p.clock.zone, err = logs.TimeZone(cmp.Or(p.TimeZone, m.TimeZone), wrong); err != nil {
		return err
	}
	if p.join = group(p.Join); p.Join != "" && p.join < 0 {
		return wrong("join", "names no group of the expression")
	}
	if p.Join == "" && (p.Starts || p.Ends) {
		return wrong("join", "is missing: nothing can start or end without")
	}
	for _, kind := range slices.Sorted(maps.Keys(p.Identifiers)) {
		k, err := person.ParseIdentifierKind(kind)
		if err != nil {
			return wrong("identifiers."+kind, err.Error())
		}
		g := group(p.Identifiers[kind])
		if g < 0 {
			return wrong("identifiers."+kind, "names no group of the expression")
		}
		p.holds = append(p.holds, holding{k, g})
	}
	for _, key := range []struct {
		name   string
		groups []string
	}{{"third_party", p.ThirdParty}, {"withhold", p.Withhold}, {"labels", slices.Sorted(maps.Keys(p.Labels))}} {
		for _, name := range key.groups {
			if group(name) < 0 {
				return wrong(key.name, "names no group of the expression")
			}
		}
	}
	return nil
}

// literal gives the longest text that each match of an expression holds. To
// look for it is much faster than to try the expression.
func literal(expression string) []byte {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	best := ""
	var walk func(*syntax.Regexp)
	walk = func(r *syntax.Regexp) {
		switch r.Op {
		case syntax.OpLiteral:
			if s := string(r.Rune); r.Flags&syntax.FoldCase == 0 && len(s) > len(best) {
				best = s
			}
		case syntax.OpConcat, syntax.OpCapture:
			for _, sub := range r.Sub {
				walk(sub)
			}
		case syntax.OpPlus:
			walk(r.Sub[0])
		}
	}
	walk(tree)
	return []byte(best)
}
