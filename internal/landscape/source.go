package landscape

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
)

// source is one registered system as it stands in an office.
type source interface {
	name() string // its id in the register
	of() string   // the authority's
	file() string // name of its connection file as it is shipped, without the ending
	// build makes it anew and notes what belongs to whom.
	build(context.Context, *Landscape) error
	// daily says that it holds what happened lately, and is built anew each day.
	daily() bool
	// stands says whether what an earlier start built is still there.
	stands(context.Context, *Landscape) (bool, error)
	// start makes it reachable and gives what its connection file must say: for
	// each hole of the file, such as "dsn", the value.
	start(context.Context, *Landscape) (map[string]string, error)
	// stop makes it unreachable, as an outage does.
	stop(context.Context, *Landscape) error
	// plant adds n further matters of a person.
	plant(ctx context.Context, l *Landscape, p Person, n int, seed uint64) (references []string, err error)
}

// sources are all of them. Databases come first: logs tell of visits that their
// records name.
var sources = func() []source {
	var all []source
	for _, some := range [][]database{stk, itnrw, mhkbd, nlq, sites} {
		for _, s := range some {
			all = append(all, s)
		}
	}
	for _, some := range [][]served{mailboxes, directories, mailingLists, interfaces, shares, statistics} {
		for _, s := range some {
			all = append(all, s)
		}
	}
	for _, s := range weblogs {
		all = append(all, s)
	}
	for _, s := range slices.Concat(mailLogs, meetings, []folder{hotline, gate}) {
		all = append(all, s)
	}
	return all
}()

// files holds how a connector asks a system, and the schemas of databases. What
// several offices have alike shares one.
//
//go:embed source
var files embed.FS

// connect starts a source and writes its connection file.
func (l *Landscape) connect(ctx context.Context, s source) error {
	values, err := s.start(ctx, l)
	if err != nil {
		return err
	}
	text, err := files.ReadFile("source/" + s.file() + ".yaml")
	if err != nil {
		return err
	}
	filled := strings.ReplaceAll(string(text), "{{system}}", s.name())
	for hole, value := range values {
		filled = strings.ReplaceAll(filled, "{{"+hole+"}}", fmt.Sprintf("%q", value))
	}
	return replace(l.Connection(s.name()), []byte(filled))
}

// StopSource makes a system unreachable, as an outage does.
func (l *Landscape) StopSource(ctx context.Context, id string) error {
	s, err := sourceOf(id)
	if err != nil {
		return err
	}
	return s.stop(ctx, l)
}

// StartSource makes it reachable again, where it was before.
func (l *Landscape) StartSource(ctx context.Context, id string) error {
	s, err := sourceOf(id)
	if err != nil {
		return err
	}
	_, err = s.start(ctx, l)
	return err
}

// Plant adds n further matters of a person to a system and gives the
// references of all records that belong to them. In an access log these are n
// lines with the person's account name, the first of them in the oldest file.
func (l *Landscape) Plant(ctx context.Context, system, id string, n int, seed uint64) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.Person(id)
	if p.ID == "" {
		return nil, fmt.Errorf("no such person: %s", id)
	}
	s, err := sourceOf(system)
	if err != nil {
		return nil, err
	}
	planted, err := s.plant(ctx, l, p, n, seed)
	if err != nil {
		return nil, fmt.Errorf("plant in %s: %w", system, err)
	}
	slices.Sort(planted)
	return planted, l.save()
}

// Plantable says whether Plant can add to a system: to databases and access logs.
func (l *Landscape) Plantable(id string) bool {
	s, err := sourceOf(id)
	if err != nil {
		return false
	}
	switch s.(type) {
	case database, weblog:
		return true
	}
	return false
}

func sourceOf(id string) (source, error) {
	i := slices.IndexFunc(sources, func(s source) bool { return s.name() == id })
	if i < 0 {
		return nil, fmt.Errorf("no such source: %s", id)
	}
	return sources[i], nil
}
