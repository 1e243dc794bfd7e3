package rewrite

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"einsicht/internal/connector"
)

// Desk changes the records of files: a connector.Changer but for Find and Close.
type Desk struct {
	Files
	// Locate goes through the files, the oldest first, and says where records stand
	// whose group is wanted; nil: all records.
	Locate func(ctx context.Context, wanted map[string]bool, yield func(Spot) error) error
	// Keyed: a key names a record, and its reference is its group alone.
	Keyed bool
}

// Spot is where a record stands. Its reference is its group and a number: records
// that say the same are told apart by their order alone.
type Spot struct {
	Group  string
	Number int
	// Scope is within what the numbers count: the path of the file, or empty where
	// they go on from file to file.
	Scope string
	Path  string
	Start int64  // in the text
	Text  []byte // all bytes of it with the end of the line; only until yield returns
	With  []byte // as many bytes that take their place under a mask
	Kept  []connector.Kept
	After []connector.Field // what is left under a mask where a key still leads to it
	Twice bool              // the file lies there once more
	// Fixed says why the file of the record can't be rewritten.
	Fixed   string
	Finding connector.Finding // without Led, Confidence and Hints
}

// mostSame bounds how many records that say the same are changed.
const mostSame = 1000

// reference is that of a record.
func (d Desk) reference(s Spot) string {
	if d.Keyed {
		return s.Group
	}
	return s.Reference()
}

// Reference is that of a record without a key.
func (s Spot) Reference() string { return s.Group + "/" + strconv.Itoa(s.Number) }

// parse reads a reference.
func (d Desk) parse(reference string) (group string, number int, ok bool) {
	if d.Keyed {
		return reference, 0, reference != ""
	}
	i := strings.LastIndexByte(reference, '/')
	if i <= 0 {
		return "", 0, false
	}
	number, err := strconv.Atoi(reference[i+1:])
	return reference[:i], number, err == nil && number >= 0 && strconv.Itoa(number) == reference[i+1:]
}

// Rehearse says what changes would come to.
func (d Desk) Rehearse(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	effects, _, err := d.weigh(ctx, changes)
	return effects, err
}

// Carry rewrites each file once. What a rotation moved away meanwhile is looked for
// again.
func (d Desk) Carry(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	if !d.Rule.Declared() {
		return d.Rehearse(ctx, changes)
	}
	if err := ctx.Err(); err != nil {
		return nil, connector.Fail(connector.ErrUnreachable, d.System, "", err)
	}
	l, err := d.lock(ctx)
	var said *refusal
	switch {
	case errors.As(err, &said): // the account may not, and a rehearsal says so
		return d.Rehearse(ctx, changes)
	case err != nil:
		return nil, err
	}
	defer l.close()
	if err := d.recover(ctx, l); err != nil {
		return nil, d.failed(d.System, err)
	}
	effects := make([]connector.Effect, len(changes))
	left := make([]int, len(changes))
	for i := range left {
		left[i] = i
	}
	for attempt := 0; attempt < 3 && len(left) > 0; attempt++ {
		some := make([]connector.Change, len(left))
		for i, at := range left {
			some[i] = changes[at]
		}
		became, err := d.carry(ctx, l, some)
		if err != nil {
			return nil, err
		}
		var moved []int
		for i, at := range left {
			if effects[at] = became[i]; became[i].Reason == errMoved.reason {
				moved = append(moved, at)
			}
		}
		left = moved
	}
	return effects, nil
}

// carry makes changes where the files lie now. The youngest file comes first: of
// records that say the same the last goes first, and the others keep their numbers
// whatever happens in between.
func (d Desk) carry(ctx context.Context, l *ledger, changes []connector.Change) ([]connector.Effect, error) {
	effects, p, err := d.weigh(ctx, changes)
	if err != nil {
		return nil, err
	}
	for _, path := range slices.Backward(p.paths) {
		var patches []patch
		var ids []uuid.UUID
		var items []item
		for _, one := range p.work[path] {
			if effects[one.changes[0]].State == connector.Changed {
				patches, ids, items = append(patches, one.patch), append(ids, changes[one.changes[0]].ID), append(items, one)
			}
		}
		if len(patches) == 0 {
			continue
		}
		err := d.rewrite(ctx, l, path, patches, ids)
		var said *refusal
		if errors.As(err, &said) {
			d.stop(items, said, changes, effects)
			continue
		}
		if err != nil {
			return nil, d.failed(path, err)
		}
	}
	return effects, nil
}

// Read gives single records. What a process began that ended is brought to its end
// before: half of it must not be taken for the whole.
func (d Desk) Read(ctx context.Context, references []string) (map[string]connector.Finding, error) {
	if err := d.settle(ctx); err != nil {
		return nil, err
	}
	wanted, found := map[string]bool{}, map[string]connector.Finding{}
	asked := map[string]bool{}
	for _, reference := range references {
		if group, _, ok := d.parse(reference); ok {
			wanted[group], asked[reference] = true, true
		}
	}
	err := d.Locate(ctx, wanted, func(s Spot) error {
		reference := d.reference(s)
		if _, again := found[reference]; asked[reference] && !again {
			found[reference] = s.Finding
		}
		return nil
	})
	return found, err
}

// References names all records.
func (d Desk) References(ctx context.Context, yield func(string) error) error {
	if err := d.settle(ctx); err != nil {
		return err
	}
	return d.Locate(ctx, nil, func(s Spot) error { return yield(d.reference(s)) })
}

// settle brings to its end what was begun.
func (d Desk) settle(ctx context.Context) error {
	if !d.Rule.Declared() {
		return nil
	}
	l, err := d.lock(ctx)
	var said *refusal
	if errors.As(err, &said) {
		return nil // then nothing was begun
	}
	if err != nil {
		return err
	}
	defer l.close()
	return d.failed(d.System, d.recover(ctx, l))
}
