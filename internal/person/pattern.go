package person

import "slices"

// Likeness says how alike two values are.
type Likeness int

// The degrees.
const (
	Different Likeness = iota
	// Similar: it may be the same person, but somebody has to look (one part of
	// a double name).
	Similar
	Equal // the same in another spelling
)

// Pattern compares one value with many.
type Pattern struct {
	kind  IdentifierKind
	forms []string
}

// NewPattern prepares a comparison. A value that can't be of the kind is
// ErrMalformed.
func NewPattern(kind IdentifierKind, value string) (Pattern, error) {
	n, err := Normal(kind, value)
	if err != nil {
		return Pattern{}, err
	}
	p := Pattern{kind: kind, forms: []string{n}}
	if kind == Name {
		p.forms = NameVariants(value)
	}
	return p, nil
}

// Compare compares with a value as some system stores it.
func (p Pattern) Compare(stored string) Likeness {
	n, err := Normal(p.kind, stored)
	if err != nil || !slices.Contains(p.forms, n) {
		return Different
	}
	return Equal
}
