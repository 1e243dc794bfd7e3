package matomoserver

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// sites are those that the account of a question administers.
func sites(f url.Values, o Options) []int64 {
	if o.Changer != "" && f.Get("token_auth") == o.Changer {
		return o.ChangerSites
	}
	return o.Sites
}

// visitsOf reads visits[0][idsite], visits[0][idvisit] and so on; ok is false where
// one is of another site.
func visitsOf(f url.Values, may []int64) (wanted map[[2]int64]bool, ok bool) {
	wanted = map[[2]int64]bool{}
	for i := 0; f.Has(fmt.Sprintf("visits[%d][idvisit]", i)); i++ {
		site, _ := strconv.ParseInt(f.Get(fmt.Sprintf("visits[%d][idsite]", i)), 10, 64)
		id, _ := strconv.ParseInt(f.Get(fmt.Sprintf("visits[%d][idvisit]", i)), 10, 64)
		if !slices.Contains(may, site) {
			return nil, false
		}
		wanted[[2]int64{site, id}] = true
	}
	return wanted, true
}

// delete is PrivacyManager.deleteDataSubjects: table after table, the visits last,
// without a transaction, and how many rows went. Unlike Matomo it deletes nothing
// for the account that only reads.
func (s *Server) delete(w http.ResponseWriter, f url.Values, o Options) {
	wanted, ok := visitsOf(f, sites(f, o))
	switch {
	case o.Changer == "" || f.Get("token_auth") != o.Changer:
		fail(w, "This account deletes nothing.")
		return
	case !ok:
		fail(w, "You can't access this resource as it requires 'admin' access.")
		return
	case len(wanted) == 0:
		fail(w, "No list of visits given")
		return
	case o.Idle:
		answer(w, map[string]int{"log_visit": len(wanted)})
		return
	}
	actions, visits := 0, 0
	s.Change(func(o *Options) {
		for i, v := range o.Visits {
			if wanted[[2]int64{v.Site, v.ID}] && !slices.Contains(o.Held, v.ID) {
				actions += len(v.Actions)
				o.Visits = slices.Clone(o.Visits)
				o.Visits[i].Actions = nil
			}
		}
		if !o.Torn {
			o.Visits = slices.DeleteFunc(slices.Clone(o.Visits), func(v Visit) bool {
				gone := wanted[[2]int64{v.Site, v.ID}] && !slices.Contains(o.Held, v.ID)
				if gone {
					visits++
				}
				return gone
			})
		}
	})
	switch {
	case o.Torn:
		fail(w, "Mysqli prepare error: MySQL server has gone away")
	case visits == 0 && len(o.Held) > 0:
		fail(w, "Cannot join table log_form")
	default:
		answer(w, map[string]int{"log_visit": visits, "log_link_visit_action": actions, "log_conversion": 0, "log_conversion_item": 0})
	}
}
