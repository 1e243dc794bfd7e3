package matomoserver

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// call runs one method.
func (s *Server) call(w http.ResponseWriter, f url.Values, o Options) {
	site, _ := strconv.ParseInt(f.Get("idSite"), 10, 64)
	method := f.Get("method")
	switch method {
	case "API.getMatomoVersion":
		answer(w, map[string]string{"value": o.Version})
	case "SitesManager.getSitesIdWithAdminAccess":
		answer(w, sites(f, o))
	case "Live.isVisitorProfileEnabled", "Live.getLastVisitsDetails", "PrivacyManager.findDataSubjects":
		switch {
		case !slices.Contains(o.Sites, site):
			fail(w, fmt.Sprintf("You can't access this resource as it requires 'admin' access for the website id = %d.", site))
		case method == "Live.isVisitorProfileEnabled":
			answer(w, map[string]bool{"value": !o.NoProfiles})
		case o.NoProfiles: // without profiles both tell of no visit
			answer(w, []int{})
		case method == "PrivacyManager.findDataSubjects":
			f.Set("filter_limit", "401")
			f.Set("filter_sort_order", "desc")
			f.Set("date", "1998-01-01,today")
			s.list(w, f, o, site)
		default:
			s.list(w, f, o, site)
		}
	case "PrivacyManager.exportDataSubjects":
		s.export(w, f, o)
	case "PrivacyManager.deleteDataSubjects":
		s.deletes.Add(1)
		s.delete(w, f, o)
	default:
		fail(w, "The method '"+method+"' does not exist or is not available in the module.")
	}
}

// visits gives those later than a time, in order or backwards.
func (s *Server) visits(o Options, after int64, backwards bool) (n int, get func(int) Visit) {
	var list Visits = o.MadeUp
	if list == nil {
		list = inMemory(s.ordered())
	}
	start := sort.Search(list.Len(), func(i int) bool { return list.Visit(i).Last.Unix() > after })
	if backwards {
		return list.Len() - start, func(i int) Visit { return list.Visit(list.Len() - 1 - i) }
	}
	return list.Len() - start, func(i int) Visit { return list.Visit(start + i) }
}

type inMemory []Visit

func (m inMemory) Len() int          { return len(m) }
func (m inMemory) Visit(i int) Visit { return m[i] }

// list is Live.getLastVisitsDetails without the actions.
func (s *Server) list(w http.ResponseWriter, f url.Values, o Options, site int64) {
	matches, err := func(Visit) bool { return true }, error(nil)
	if f.Get("segment") != "" {
		matches, err = parseSegment(f.Get("segment"))
	}
	if err != nil {
		fail(w, err.Error())
		return
	}
	limit, _ := strconv.Atoi(f.Get("filter_limit"))
	if limit == 0 {
		limit = 10
	}
	offset, _ := strconv.Atoi(f.Get("filter_offset"))
	after, _ := strconv.ParseInt(f.Get("minTimestamp"), 10, 64)
	from, until := days(f.Get("date"))
	n, get := s.visits(o, after, f.Get("filter_sort_order") != "asc")
	var found []string
	for i := 0; i < n && len(found) < limit; i++ {
		v := get(i)
		if v.Site != site || !matches(v) || v.Last.Before(from) || !v.Last.Before(until) {
			continue
		}
		if offset--; offset >= 0 {
			continue
		}
		var user any
		if v.UserID != "" {
			user = v.UserID
		}
		found = append(found, row(
			"idVisit", v.ID, "idSite", strconv.FormatInt(v.Site, 10), "visitorId", v.VisitorID, "visitIp", v.IP, "userId", user,
			"firstActionTimestamp", v.First.Unix(), "lastActionTimestamp", v.Last.Unix(), "serverTimestamp", v.Last.Unix(), "actionDetails", []int{},
			"country", v.Country, "city", v.City, "deviceType", v.Device, "browserName", v.Browser, "operatingSystemName", v.System, "referrerUrl", v.Referrer,
		))
	}
	_, _ = io.WriteString(w, "["+strings.Join(found, ",")+"]")
}

// days reads "1998-01-01,today"; both days are in.
func days(date string) (from, until time.Time) {
	until = time.Unix(1<<40, 0)
	a, b, _ := strings.Cut(date, ",")
	from, _ = time.Parse(time.DateOnly, a)
	if day, err := time.Parse(time.DateOnly, b); err == nil {
		until = day.AddDate(0, 0, 1)
	}
	return from, until
}

// parseSegment reads a segment of visitorId, visitIp and userId.
func parseSegment(text string) (func(Visit) bool, error) {
	var all [][]func(Visit) bool
	for or := range strings.SplitSeq(text, ";") {
		var any []func(Visit) bool
		for condition := range strings.SplitSeq(or, ",") {
			c, err := parseCondition(condition)
			if err != nil {
				return nil, err
			}
			any = append(any, c)
		}
		all = append(all, any)
	}
	return func(v Visit) bool {
		for _, any := range all {
			if !slices.ContainsFunc(any, func(c func(Visit) bool) bool { return c(v) }) {
				return false
			}
		}
		return true
	}, nil
}

func parseCondition(text string) (func(Visit) bool, error) {
	i := strings.IndexByte(text, '=')
	if i < 0 || i+2 > len(text) {
		return nil, fmt.Errorf("The segment condition '%s' is not valid.", text) //nolint:staticcheck // as Matomo says it
	}
	name, operator, encoded := text[:i], text[i:i+2], text[i+2:]
	wanted, err := url.QueryUnescape(encoded)
	if err != nil || operator != "==" && operator != "=@" {
		return nil, fmt.Errorf("The segment condition '%s' is not valid.", text) //nolint:staticcheck // as Matomo says it
	}
	get := map[string]func(Visit) string{
		"visitorId": func(v Visit) string { return v.VisitorID },
		"visitIp":   func(v Visit) string { return v.IP },
		"userId":    func(v Visit) string { return v.UserID },
	}[name]
	if get == nil {
		return nil, fmt.Errorf("Segment '%s' is not a supported segment.", name) //nolint:staticcheck // as Matomo says it
	}
	return func(v Visit) bool { // the collation of the database ignores case
		if operator == "=@" {
			return strings.Contains(strings.ToLower(get(v)), strings.ToLower(wanted))
		}
		return strings.EqualFold(get(v), wanted)
	}, nil
}

// export is PrivacyManager.exportDataSubjects.
func (s *Server) export(w http.ResponseWriter, f url.Values, o Options) {
	wanted, ok := visitsOf(f, sites(f, o))
	if !ok {
		fail(w, "You can't access this resource as it requires 'admin' access.")
		return
	}
	if len(f) > 1000 { // max_input_vars
		fail(w, "Input variables exceeded 1000.")
		return
	}
	t := map[string][]string{}
	actions := map[string]int{}
	for v := range s.wanted(o, wanted) {
		visit := []any{
			"idvisit", strconv.FormatInt(v.ID, 10), "idsite", strconv.FormatInt(v.Site, 10), "idvisitor", v.VisitorID, "location_ip", hexIP(v.IP),
			"visit_first_action_time", stamp(v.First), "visit_last_action_time", stamp(v.Last), "visit_total_time", int(v.Last.Sub(v.First).Seconds()),
			"visit_total_actions", len(v.Actions), "user_id", v.UserID, "location_country", v.Country, "location_city", v.City,
			"config_device_type", v.Device, "config_browser_name", v.Browser, "config_os", v.System, "referer_url", v.Referrer, "visit_goal_buyer", 0,
		}
		for name, value := range v.More {
			visit = append(visit, name, value)
		}
		t["log_visit"] = append(t["log_visit"], row(filled(visit)...))
		for i, a := range v.Actions {
			for _, column := range []struct{ table, name string }{
				{"log_action_log_link_visit_action_idaction_url", a.URL}, {"log_action_log_link_visit_action_idaction_name", a.Title},
			} {
				if column.name != "" && actions[column.table+column.name] == 0 {
					actions[column.table+column.name] = len(actions) + 1
					t[column.table] = append(t[column.table], row("idaction", strconv.Itoa(len(actions)), "name", column.name))
				}
			}
			t["log_link_visit_action"] = append(t["log_link_visit_action"], row(
				"idlink_va", v.ID*1000+int64(i), "idvisit", strconv.FormatInt(v.ID, 10), "idsite", strconv.FormatInt(v.Site, 10), "server_time", stamp(a.At),
				"idaction_url", strconv.Itoa(actions["log_action_log_link_visit_action_idaction_url"+a.URL]),
				"idaction_name", strconv.Itoa(actions["log_action_log_link_visit_action_idaction_name"+a.Title]),
			))
		}
	}
	if len(t) == 0 {
		answer(w, []int{})
		return
	}
	var tables []any
	for name, rows := range t {
		tables = append(tables, name, json.RawMessage("["+strings.Join(rows, ",")+"]"))
	}
	if len(o.Plugin) > 0 {
		tables = append(tables, "myplugin", o.Plugin)
	}
	_, _ = io.WriteString(w, row(tables...))
}

// filled leaves out what is empty: nulls are not exported.
func filled(pairs []any) (some []any) {
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			some = append(some, pair...)
		}
	}
	return some
}

// wanted gives the visits asked for by number. Those that are made up are
// numbered in their order, from 1.
func (s *Server) wanted(o Options, wanted map[[2]int64]bool) func(func(Visit) bool) {
	return func(yield func(Visit) bool) {
		if o.MadeUp != nil {
			for key := range wanted {
				if i := int(key[1]) - 1; i >= 0 && i < o.MadeUp.Len() && !yield(o.MadeUp.Visit(i)) {
					return
				}
			}
			return
		}
		for _, v := range s.ordered() {
			if wanted[[2]int64{v.Site, v.ID}] && !slices.Contains(o.Gone, v.ID) && !yield(v) {
				return
			}
		}
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.DateTime) }
