package matomo

import (
	"cmp"
	"context"
	"encoding/json"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// Find asks site by site for the visits, the oldest first.
func (s *statistics) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	nobody := connector.Answer{Outcome: connector.Unattributable, Reason: "connector.matomo.anonymous"}
	if s.mapping.Anonymous {
		return nobody, nil
	}
	usable, typed, cut := s.usable(q)
	whose, err := s.connection.Whose(usable)
	if err != nil {
		return connector.Answer{}, err
	}
	w := &walk{statistics: s, query: q, whose: connector.NewRecall(whose, q), plan: s.plan(whose), yield: yield, cut: cut}
	w.answer = connector.Answer{Outcome: connector.Nothing, Reason: "connector.matomo.rest"}
	switch {
	case typed:
		w.answer.Reason, nobody.Reason = "connector.matomo.typed_address", "connector.matomo.typed_address"
	case cut:
		nobody.Reason = "connector.matomo.cut_address"
	default:
		nobody.Reason = "connector.no_identifier"
	}
	if whose.Nobody() || len(w.plan.questions) == 0 {
		return nobody, nil
	}
	start := s.position(from)
	for i := start.Question; i < len(w.plan.questions) && w.answer.Next == nil; i++ {
		for j, site := range s.mapping.Sites {
			if i == start.Question && j < start.Site || w.answer.Next != nil {
				continue
			}
			at := position{Question: i, Site: j}
			if i == start.Question && j == start.Site {
				at = start
			}
			if err := w.site(ctx, w.plan.questions[i], site, at); err != nil {
				return w.answer, err
			}
		}
	}
	if w.answer.Next == nil {
		err = w.end(ctx)
	}
	return w.answer, err
}

// walk goes through the visits of one question of ours.
type walk struct {
	*statistics
	query  connector.Query
	whose  *connector.Recall
	plan   plan
	yield  func(connector.Finding, connector.Cursor) error
	answer connector.Answer
	cut    bool
}

// position is what a cursor says: the last visit.
type position struct {
	Version        string
	Question, Site int
	Last, Visit    int64 // time of its last action, its number
}

// position reads a cursor. One that was made with another connection file
// starts again: what was found before has the same references.
func (s *statistics) position(c connector.Cursor) position {
	var p position
	if json.Unmarshal(c, &p) != nil || p.Version != s.connection.Version {
		return position{}
	}
	return p
}

// visit is a visit as Live.getLastVisitsDetails tells it; the rest of it is
// exported.
type visit struct {
	ID        number `json:"idVisit"`
	Site      number `json:"idSite"`
	VisitorID text   `json:"visitorId"`
	IP        text   `json:"visitIp"`
	UserID    text   `json:"userId"`
	First     number `json:"firstActionTimestamp"`
	Last      number `json:"lastActionTimestamp"`
}

func (v visit) during(at time.Time, window time.Duration) bool {
	return !at.Before(time.Unix(int64(v.First), 0).Add(-window)) && !at.After(time.Unix(int64(v.Last), 0).Add(window))
}

// A page of visits. PHP takes 1,000 parameters at most (max_input_vars), and
// each visit that is exported needs two.
const (
	page    = 200
	maxPage = 1000
)

// site asks one site for one selection.
func (w *walk) site(ctx context.Context, q question, site int64, at position) error {
	return w.pages(ctx, q.segment, q.date, site, max(0, at.Last-1), func(visits []visit, crowded bool) (bool, error) {
		if crowded {
			w.gap("connector.gap.matomo_crowded")
		}
		visits = slices.DeleteFunc(visits, func(v visit) bool {
			return int64(v.Last) < at.Last || int64(v.Last) == at.Last && int64(v.ID) <= at.Visit
		})
		err := w.visits(ctx, visits, at)
		return w.answer.Next == nil, err
	})
}

// pages lists visits page by page until f says no. They go by time, not by number:
// visits come in while we read. Of the last second of a page some may be missing, so
// the next page begins with it. Crowded: that second has more than a page holds.
func (s *statistics) pages(ctx context.Context, segment, date string, site, after int64, f func(visits []visit, crowded bool) (bool, error)) error {
	size := page
	for {
		visits, err := s.list(ctx, segment, date, site, after, size)
		if err != nil {
			return err
		}
		full, crowded := len(visits) >= size, false
		if full {
			last := visits[len(visits)-1].Last
			whole := slices.DeleteFunc(slices.Clone(visits), func(v visit) bool { return v.Last == last })
			switch {
			case len(whole) > 0:
				visits = whole
			case size < maxPage:
				size = min(size*5, maxPage)
				continue
			default:
				crowded = true
			}
		}
		size = page
		if len(visits) > 0 {
			after = int64(visits[len(visits)-1].Last)
		}
		if more, err := f(visits, crowded); err != nil || !more || !full {
			return err
		}
	}
}

// list gives visits whose last action is later than after, the earliest first.
func (s *statistics) list(ctx context.Context, segment, date string, site, after int64, limit int) ([]visit, error) {
	const method = "Live.getLastVisitsDetails"
	f := form{
		"idSite": {strconv.FormatInt(site, 10)}, "period": {"range"}, "date": {date},
		"filter_limit": {strconv.Itoa(limit)}, "filter_sort_order": {"asc"}, "doNotFetchActions": {"1"},
	}
	if segment != "" {
		f.Set("segment", segment)
	}
	if after > 0 {
		f.Set("minTimestamp", strconv.FormatInt(after, 10))
	}
	var visits []visit
	if err := s.ask(ctx, method, f, &visits); err != nil {
		return nil, err
	}
	for i, v := range visits {
		if v.ID <= 0 || int64(v.Site) != site || v.Last <= 0 || int64(v.Last) <= after || i > 0 && v.Last < visits[i-1].Last || len(visits) > limit {
			return nil, connector.Fail(connector.ErrBroken, method, "not the visits that were asked for", nil)
		}
	}
	slices.SortStableFunc(visits, func(a, b visit) int { return cmp.Or(cmp.Compare(a.Last, b.Last), cmp.Compare(a.ID, b.ID)) })
	return visits, nil
}

// theirs is a visit of the person.
type theirs struct {
	visit
	led        [][]uuid.UUID
	confidence connector.Confidence
}

// visits gives those of a page that are the person's.
func (w *walk) visits(ctx context.Context, visits []visit, at position) error {
	var some []theirs
	for _, v := range visits {
		led, c := w.whose.Leads(w.values(w.plan, v))
		if led != nil && w.plan.owner(led) == at.Question {
			some = append(some, theirs{v, led, c})
		}
	}
	for part := range slices.Chunk(some, page) {
		more, err := w.export(ctx, part, func(v theirs, fields []connector.Field, is stored) (bool, error) {
			switch is {
			case large:
				w.gap("connector.gap.matomo_too_large")
				return true, nil
			case gone:
				w.gap("connector.gap.matomo_deleted")
				return true, nil
			}
			err := w.give(ctx, v, fields, at)
			return w.answer.Next == nil, err
		})
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// owner is the question that gives a visit, so that each is given once.
func (p plan) owner(led [][]uuid.UUID) int {
	first := len(p.questions)
	for _, set := range led {
		for _, id := range set {
			first = min(first, p.first[id])
		}
	}
	return first
}

// give hands one visit over.
func (w *walk) give(ctx context.Context, v theirs, fields []connector.Field, at position) error {
	if ctx.Err() != nil {
		return connector.Fail(connector.ErrUnreachable, "log_visit", "", ctx.Err())
	}
	f := w.finding(v.visit, fields, time.Unix(int64(v.First), 0).UTC())
	f.Led, f.Confidence = v.led, v.confidence
	if v.confidence != connector.Check { // what is not sure leads nowhere
		f.Hints = w.hints(v.visit, f.Reference)
	}
	w.answer.Outcome = connector.Found
	at.Version, at.Last, at.Visit = w.connection.Version, int64(v.Last), int64(v.ID)
	cursor, err := json.Marshal(at)
	if err != nil {
		return connector.Fail(connector.ErrBroken, "log_visit", "cursor", nil)
	}
	if err := w.yield(f, cursor); err != nil {
		return err
	}
	if w.query.Paused(time.Now()) {
		w.answer.Next = cursor
	}
	return nil
}

// finding shows a visit, of whomever.
func (s *statistics) finding(v visit, fields []connector.Field, at time.Time) connector.Finding {
	key := keyOf(v)
	return connector.Finding{
		Reference: "visits/" + key, Category: "visit", Fields: fields,
		Origin: connector.Origin{Place: "log_visit", Position: key, At: at, Mapping: s.connection.Version},
	}
}

// keyOf names a visit: site and number.
func keyOf(v visit) string {
	return strconv.FormatInt(int64(v.Site), 10) + "/" + strconv.FormatInt(int64(v.ID), 10)
}

// hints are the other marks of whoever made the visit.
func (w *walk) hints(v visit, reference string) []person.Identifier {
	var hints []person.Identifier
	add := func(kind person.IdentifierKind, value string) {
		if id, ok := w.whose.Hint(kind, value, w.connection.System+"/"+reference); ok {
			hints = append(hints, id)
		}
	}
	if v.VisitorID != "" {
		add(person.VisitorID, string(v.VisitorID))
	}
	for _, kind := range w.userID {
		if v.UserID != "" {
			add(kind, string(v.UserID))
		}
	}
	if ip, err := netip.ParseAddr(string(v.IP)); err == nil && !isCut(ip) {
		add(person.IPTime, person.FormatIPTime(ip, time.Unix(int64(v.First), 0)))
	}
	return hints
}

// end looks whether there are visits of that time whose addresses were cut: they
// may be the person's, but nobody can tell (Art. 11(2) GDPR).
func (w *walk) end(ctx context.Context) error {
	for _, q := range w.plan.questions {
		for _, site := range w.mapping.Sites {
			if q.probe == "" || w.cut {
				continue
			}
			visits, err := w.list(ctx, q.probe, q.date, site, 0, 1)
			if err != nil {
				return err
			}
			w.cut = len(visits) > 0
		}
	}
	if w.cut {
		w.answer.Reason = "connector.matomo.cut_address"
		if w.answer.Outcome == connector.Nothing {
			w.answer.Outcome = connector.Unattributable
		}
	}
	return nil
}

func (w *walk) gap(reason string) {
	for i, g := range w.answer.Gaps {
		if g.Reason == reason {
			w.answer.Gaps[i].Count++
			return
		}
	}
	w.answer.Gaps = append(w.answer.Gaps, connector.Gap{Place: "log_visit", Reason: reason, Count: 1})
}
