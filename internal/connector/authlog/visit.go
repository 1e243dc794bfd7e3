package authlog

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
)

// The limits of what is kept of visits whose lines still come: sshd ends a
// sign-in that takes longer than LoginGraceTime, two minutes if nothing is said.
const (
	maxVisits  = 256
	maxWaiting = 64        // lines of a visit before anybody is let in
	maxKept    = 128 << 10 // bytes of lines that wait
	patience   = 10 * time.Minute
	afterwards = 10 * time.Second // for lines of a visit that ended
)

// visits joins lines. Its exported fields go into each cursor.
type visits struct {
	Open   []*visit // the one that was heard of longest ago first
	Due    []due    // found, not given yet
	Gather gather   // an entry of the journal's export
	At     place    // where that begins

	find    *finder
	saved   []byte // what Save wrote last
	crowded int    // visits that could not be followed to their end
}

// visit is one connection of somebody.
type visit struct {
	Keys    []string  // what ties lines to it: host and process, host and address
	Waiting []kept    // until it is known who it is
	Last    time.Time // when it was heard of
	Known   bool      // somebody was let in
	Ended   bool

	// Led and Confidence say that it was the person.
	Led        [][]uuid.UUID
	Confidence connector.Confidence

	saved []byte // the visit written down, nil if it changed since
}

// place is where a line stands.
type place struct {
	File    string
	Start   int64
	Written time.Time
}

// kept is a line that waits.
type kept struct {
	Raw    []byte
	Place  place
	Failed bool
	Claims [][]uuid.UUID // identifiers of the person that it names, without proof

	read *heard // nil after a cursor: read again
}

// heard is what a line says.
type heard struct {
	entry
	said said
}

// due is a line that is the person's.
type due struct {
	Line       kept
	Led        [][]uuid.UUID
	Confidence connector.Confidence
}

// Save writes down what is kept, as JSON, and overwrites what it wrote before.
// Most visits are as they were at the last finding.
func (v *visits) Save() []byte {
	saved := append(v.saved[:0], `{"Open":[`...)
	for i, one := range v.Open {
		if i > 0 {
			saved = append(saved, ',')
		}
		if one.saved == nil {
			one.saved = written(one)
		}
		saved = append(saved, one.saved...)
	}
	rest := written(struct {
		Due    []due
		Gather gather
		At     place
	}{v.Due, v.Gather, v.At})
	v.saved = append(append(saved, "],"...), rest[1:]...)
	return v.saved
}

func written(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // text, numbers and times only
	}
	return b
}

// Load goes on from what was kept.
func (v *visits) Load(saved []byte, p *logs.Page) {
	if json.Unmarshal(saved, v) == nil {
		v.give(p)
	}
}

// End gives what waits to be checked: the log ends before it was decided.
func (v *visits) End(p *logs.Page) {
	for _, one := range v.Open {
		v.decide(one)
	}
	v.Open = nil
	v.give(p)
}

// add takes a line of a visit.
func (v *visits) add(e entry, s said, line kept, p *logs.Page) {
	v.forget(e.at)
	one := v.of(e, s)
	one.Last, one.saved = e.at, nil
	led, confidence := v.find.leads(e, s)
	line.Failed, line.Claims, line.read = s.failed, led, &heard{e, s}
	one.Waiting = append(one.Waiting, line)
	if s.proves() && !one.Known {
		one.Known, one.Led, one.Confidence = true, led, confidence
	}
	one.Ended = one.Ended || s.event == ends
	if one.Known || one.Ended || s.service == "wireguard" || len(one.Waiting) >= maxWaiting {
		v.decide(one)
	}
	if one.Ended && !one.Known || s.service == "wireguard" {
		v.drop(one)
	}
	v.give(p)
}

// decide hands on what waits. Where the person was let in, all lines are hers;
// where nobody was, she may be the one who tried; where somebody else was, only
// the lines that name her are to be checked.
func (v *visits) decide(one *visit) {
	var claims [][]uuid.UUID
	for _, line := range one.Waiting {
		claims = append(claims, without(line.Claims, claims)...)
	}
	for _, line := range one.Waiting {
		d := due{Line: line, Led: one.Led, Confidence: one.Confidence}
		switch {
		case one.Led == nil && one.Known:
			d.Led, d.Confidence = line.Claims, connector.Check
		case one.Led == nil:
			d.Led, d.Confidence = claims, connector.Check
		case line.Failed:
			d.Confidence = connector.Check
		}
		if d.Led != nil {
			v.Due = append(v.Due, d)
		}
	}
	one.Waiting, one.saved = nil, nil
}

// give hands over what is due. What has been handed over is not kept.
func (v *visits) give(p *logs.Page) {
	for len(v.Due) > 0 {
		next := v.Due[0]
		if v.Due = v.Due[1:]; len(v.Due) == 0 {
			v.Due = nil
		}
		v.find.give(next, p)
	}
}

// of finds the visit that a line belongs to, or begins one.
func (v *visits) of(e entry, s said) *visit {
	keys := keysOf(e, s)
	for i := len(v.Open) - 1; i >= 0; i-- {
		one := v.Open[i]
		if !slices.ContainsFunc(keys, func(k string) bool { return slices.Contains(one.Keys, k) }) {
			continue
		}
		if one.contradicts(e, s, keys) {
			v.decide(one)
			v.drop(one)
			continue
		}
		for _, k := range keys {
			if !slices.Contains(one.Keys, k) {
				one.Keys = append(one.Keys, k)
			}
		}
		v.Open = append(slices.Delete(v.Open, i, i+1), one)
		return one
	}
	one := &visit{Keys: keys}
	v.Open = append(v.Open, one)
	return one
}

// contradicts says that a line can't be of this visit, although process or
// address are the same: both are used again.
func (one *visit) contradicts(e entry, s said, keys []string) bool {
	if s.event == begins || one.Known && (s.event == tries || s.event == letIn) {
		return true
	}
	if one.Ended && e.at.Sub(one.Last) > afterwards {
		return true
	}
	if s.address == "" || s.port == "" {
		return false
	}
	return slices.ContainsFunc(one.Keys, isAddress) && !slices.Contains(one.Keys, keys[len(keys)-1])
}

// keysOf gives what ties a line to others: the process that wrote it, and
// last the address it speaks of. OpenVPN is one process for all.
func keysOf(e entry, s said) (keys []string) {
	if e.pid != "" && s.service == "sshd" {
		keys = append(keys, "process "+e.host+" "+e.pid)
	}
	if s.address != "" && s.port != "" {
		keys = append(keys, "address "+s.service+" "+e.host+" "+s.address+" "+s.port)
	}
	return keys
}

func isAddress(key string) bool { return strings.HasPrefix(key, "address ") }

func (v *visits) drop(one *visit) {
	v.Open = slices.DeleteFunc(v.Open, func(o *visit) bool { return o == one })
}

// forget decides visits nobody heard of any more, and those beyond the limits.
func (v *visits) forget(now time.Time) {
	open, waiting := len(v.Open), 0
	for _, one := range v.Open {
		waiting += one.size()
	}
	v.Open = slices.DeleteFunc(v.Open, func(one *visit) bool {
		silent := now.Sub(one.Last)
		old := silent > patience && !one.Known || silent > afterwards && one.Ended
		if !old && open <= maxVisits && (waiting <= maxKept || one.size() == 0) {
			return false
		}
		if !old && (!one.Known || one.Led != nil) { // of another's, nothing is lost
			v.crowded++
		}
		open, waiting = open-1, waiting-one.size()
		v.decide(one)
		return true
	})
}

func (one *visit) size() (n int) {
	for _, line := range one.Waiting {
		n += len(line.Raw)
	}
	return n
}

// without leaves out what is known already.
func without(led, known [][]uuid.UUID) (more [][]uuid.UUID) {
	for _, l := range led {
		if !slices.ContainsFunc(known, func(k []uuid.UUID) bool { return slices.Equal(k, l) }) {
			more = append(more, l)
		}
	}
	return more
}
