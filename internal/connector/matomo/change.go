package matomo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
)

// change says that visits may be deleted. Matomo corrects none and marks none, and
// makes anonymous only all of a time at once (PrivacyManager.anonymizeSomeRawData).
type change struct {
	Erase string `yaml:"erase"` // "delete"
}

const (
	changeToken = "change_token"
	deleting    = "PrivacyManager.deleteDataSubjects"
	admins      = "SitesManager.getSitesIdWithAdminAccess"
)

// The reasons, as wording keys.
const (
	becauseUndeclared = "connector.matomo.undeclared"
	becauseReadOnly   = "connector.matomo.read_only"
	becauseNoRectify  = "connector.matomo.no_rectify"
	becauseNoRestrict = "connector.matomo.no_restrict"
	becauseDenied     = "connector.matomo.denied"
	becauseRefused    = "connector.matomo.refused"
	becauseStays      = "connector.matomo.stays"
	becauseTorn       = "connector.matomo.torn"
	becauseLarge      = "connector.gap.matomo_too_large"
)

func (m *mapping) checkChange() string {
	switch {
	case m.Change == nil:
		return ""
	case m.Change.Erase != "delete":
		return "must say erase: delete; nothing else can be done with a visit"
	case m.Anonymous:
		return "nothing leads to a person, so there is nothing to erase"
	}
	return ""
}

// mayErase says whether deleting is declared, and a token for it.
func (s *statistics) mayErase() bool {
	_, has := s.connection.Secrets[changeToken]
	return s.mapping.Change != nil && has
}

// Rehearse reads the visits and asks whether the token may delete on their sites.
func (s *statistics) Rehearse(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return s.change(ctx, changes, false)
}

// Carry deletes visit after visit, each right after it was read, and reads it back.
// Matomo deletes of several visits table after table, so one call names one.
func (s *statistics) Carry(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return s.change(ctx, changes, true)
}

// Read asks for what is stored about the visits.
func (s *statistics) Read(ctx context.Context, references []string) (map[string]connector.Finding, error) {
	found := map[string]connector.Finding{}
	var some []theirs
	for _, ref := range references {
		if v, ok := s.visitOf(ref); ok {
			some = append(some, theirs{visit: v})
		}
	}
	for part := range slices.Chunk(some, page) {
		_, err := s.export(ctx, part, func(v theirs, fields []connector.Field, is stored) (bool, error) {
			switch is {
			case large: // it is there, and silence would say that it is not
				return false, connector.Fail(connector.ErrBroken, exporting, "answer too large", nil)
			case whole:
				f := s.finding(v.visit, fields, begun(fields))
				found[f.Reference] = f
			}
			return true, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// begun is when a visit began, as it is stored.
func begun(fields []connector.Field) time.Time {
	for _, f := range fields {
		if f.Name == "log_visit.visit_first_action_time" {
			at, _ := time.Parse(time.DateTime, f.Value.Reveal()) // in UTC; an empty one is no time
			return at
		}
	}
	return time.Time{}
}

// References lists the visits of all sites.
func (s *statistics) References(ctx context.Context, yield func(string) error) error {
	for _, site := range s.mapping.Sites {
		err := s.pages(ctx, "", always, site, 0, func(visits []visit, crowded bool) (bool, error) {
			if crowded {
				return false, connector.Fail(connector.ErrBroken, "Live.getLastVisitsDetails", "too many visits in one second", nil)
			}
			for _, v := range visits {
				if err := yield("visits/" + keyOf(v)); err != nil {
					return false, err
				}
			}
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// visitOf reads a reference as findings have it.
func (s *statistics) visitOf(ref string) (visit, bool) {
	parts := strings.Split(ref, "/")
	if len(parts) != 3 {
		return visit{}, false
	}
	site, err := strconv.ParseInt(parts[1], 10, 64)
	id, err2 := strconv.ParseInt(parts[2], 10, 64)
	v := visit{Site: number(site), ID: number(id)}
	return v, err == nil && err2 == nil && id > 0 && slices.Contains(s.mapping.Sites, site) && ref == "visits/"+keyOf(v)
}

func (s *statistics) change(ctx context.Context, changes []connector.Change, keep bool) ([]connector.Effect, error) {
	effects := make([]connector.Effect, len(changes))
	var may map[int64]bool
	for i, c := range changes {
		effects[i] = connector.Effect{Change: c.ID, State: connector.Missing}
		v, ok := s.visitOf(c.Reference)
		if !ok {
			continue
		}
		if ctx.Err() != nil {
			return nil, connector.Fail(connector.ErrUnreachable, "log_visit", "", ctx.Err())
		}
		now, is, err := s.one(ctx, v)
		if err != nil {
			return nil, err
		}
		e := connector.Effect{Change: c.ID, Before: now, After: now.Fields}
		if e.State, e.Reason = s.declined(c, now, is); e.State == "" && !keep {
			if may == nil {
				if may, err = s.mayDelete(ctx); err != nil {
					return nil, err
				}
			}
			if !may[int64(v.Site)] {
				e.State, e.Reason = connector.Denied, becauseDenied
			}
		}
		switch {
		case e.State != "":
		case keep:
			if e, err = s.erase(ctx, v, e); err != nil {
				return nil, err
			}
		default:
			e.State, e.After = connector.Changed, nil
		}
		effects[i] = e
	}
	return effects, nil
}

// one reads one visit.
func (s *statistics) one(ctx context.Context, v visit) (f connector.Finding, is stored, err error) {
	_, err = s.export(ctx, []theirs{{visit: v}}, func(v theirs, fields []connector.Field, now stored) (bool, error) {
		if is = now; is == whole {
			f = s.finding(v.visit, fields, begun(fields))
		}
		return true, nil
	})
	return f, is, err
}

// declined says what keeps a visit from being deleted.
func (s *statistics) declined(c connector.Change, now connector.Finding, is stored) (connector.EffectState, string) {
	switch {
	case is == gone:
		return connector.Missing, ""
	case is == large:
		return connector.Hindered, becauseLarge
	case c.Do == connector.CanRectify:
		return connector.Undeclared, becauseNoRectify
	case c.Do == connector.CanRestrict:
		return connector.Undeclared, becauseNoRestrict
	case c.Do != connector.CanErase || s.mapping.Change == nil:
		return connector.Undeclared, becauseUndeclared
	case s.changeToken == "":
		return connector.Undeclared, becauseReadOnly
	case len(c.Seen) > 0 && !bytes.Equal(c.Seen, now.Fingerprint()):
		return connector.Differs, ""
	}
	return "", ""
}

// mayDelete gives the sites on which the token may.
func (s *statistics) mayDelete(ctx context.Context) (map[int64]bool, error) {
	var sites []number
	may := map[int64]bool{}
	if err := s.askAs(ctx, s.changeToken, admins, nil, &sites); err != nil && !errors.Is(err, connector.ErrConfig) {
		return nil, err
	}
	for _, site := range sites {
		may[int64(site)] = true
	}
	return may, nil
}

// erase deletes a visit and decides by reading back what came of it. Matomo deletes
// the visit itself last: while it is there, so may be the rest.
func (s *statistics) erase(ctx context.Context, v visit, e connector.Effect) (connector.Effect, error) {
	var counts json.RawMessage
	said := s.askAs(httpapi.Once(ctx), s.changeToken, deleting, named([]theirs{{visit: v}}), &counts)
	if said != nil && !errors.Is(said, connector.ErrConfig) && !errors.Is(said, connector.ErrBroken) {
		return e, said // nobody knows
	}
	now, is, err := s.one(ctx, v)
	if err != nil {
		return e, err
	}
	switch {
	case is == gone && said == nil:
		e.State, e.After = connector.Changed, nil
		return e, nil
	case is == gone: // somebody else did it
		return connector.Effect{Change: e.Change, State: connector.Missing}, nil
	case is == large:
		e.State, e.Reason = connector.Hindered, becauseLarge
		return e, nil
	case !bytes.Equal(now.Fingerprint(), e.Before.Fingerprint()):
		e.State, e.Reason = connector.Hindered, becauseTorn
	case said == nil:
		e.State, e.Reason = connector.Hindered, becauseStays
	case denied(said):
		e.State, e.Reason = connector.Denied, becauseDenied
	default:
		e.State, e.Reason = connector.Hindered, becauseRefused
	}
	e.Before, e.After = now, now.Fields
	return e, nil
}

func denied(err error) bool {
	var f *connector.Failure
	return errors.As(err, &f) && (f.Code == noAccess || f.Code == "401" || f.Code == "403")
}
