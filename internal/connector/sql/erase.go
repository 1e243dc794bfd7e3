package sql

import (
	"context"
	"slices"
	"strings"

	"einsicht/internal/connector"
)

// erase deletes a record, and before it the rows that are nothing without it.
func erase(ctx context.Context, w work, d deed) ([]connector.Along, error) {
	all, err := along(ctx, w, d, nil, d.src.declared.with)
	if err != nil {
		return nil, err
	}
	return all, alone(ctx, w, d, nil, d.src.relation, func() error {
		return exactly(w.remove(ctx, d.src, d.key, nil))
	})
}

// mask leaves a record without what it says.
func mask(ctx context.Context, w work, d deed) ([]connector.Along, error) {
	all, err := along(ctx, w, d, nil, d.src.declared.with)
	if err != nil {
		return nil, err
	}
	return all, exactly(w.set(ctx, d.src, d.key, wanted(d)))
}

// along deletes the rows of tables at the end of a chain, the last of them first.
func along(ctx context.Context, w work, d deed, chain []dependent, list []dependent) ([]connector.Along, error) {
	var all []connector.Along
	for _, one := range list {
		to := append(slices.Clone(chain), one)
		more, err := along(ctx, w, d, to, one.with)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
		n := 0
		err = alone(ctx, w, d, to, one.relation, func() (err error) {
			n, err = w.remove(ctx, d.src, d.key, to)
			return err
		})
		if err != nil {
			return nil, err
		}
		if n > 0 {
			all = append(all, connector.Along{Place: one.place, Count: n})
		}
	}
	return all, nil
}

// alone deletes rows if nothing else goes with them by the database's own rules
// (ON DELETE CASCADE, SET NULL): nobody has declared that.
func alone(ctx context.Context, w work, d deed, chain []dependent, of relation, remove func() error) error {
	dragged, err := w.dragged(ctx, of)
	if err != nil {
		return err
	}
	for _, one := range dragged {
		n, err := w.hanging(ctx, d.src, d.key, append(slices.Clone(chain), one))
		if err != nil {
			return err
		}
		if n > 0 {
			return &refusal{state: connector.Hindered, reason: becauseDragged, order: true}
		}
	}
	return remove()
}

// rectify writes the values that are right.
func rectify(ctx context.Context, w work, d deed) error {
	return exactly(w.set(ctx, d.src, d.key, wanted(d)))
}

// restrict marks a record, or takes the mark away.
func restrict(ctx context.Context, w work, d deed) error {
	return exactly(w.set(ctx, d.src, d.key, wanted(d)))
}

// wanted are the values that a change writes.
func wanted(d deed) []assignment {
	var all []assignment
	switch said := d.src.declared; {
	case d.Do == connector.CanErase && said.Erase == masking:
		for _, a := range said.mask {
			a.text = keyInText.ReplaceAllStringFunc(a.text, func(name string) string {
				return d.key[slices.Index(d.src.Key, strings.Trim(name, "{}"))]
			})
			all = append(all, a)
		}
	case d.Do == connector.CanRectify:
		for _, a := range d.src.columns { // in their order
			if v, ok := d.Values[a.name]; ok {
				all = append(all, assignment{attribute: a, text: v.Reveal()})
			}
		}
	case d.Do == connector.CanRestrict:
		a, _ := d.src.column(said.Restrict.Column)
		text := said.Restrict.Set
		if d.Lift {
			text = said.Restrict.Free
		}
		all = append(all, assignment{attribute: a, text: text})
	}
	return all
}

// shows says whether a value that was read is what was written; what a date was
// generalised to is the database's answer.
func (a assignment) shows(value string) bool {
	if a.generalise != "" {
		return true
	}
	return strings.TrimRight(value, " ") == strings.TrimRight(a.text, " ")
}
