package matomo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/matomo/matomoserver"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

func TestConformance(t *testing.T) { connectortest.Run(t, fresh) }

var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

func ask(t *testing.T, c connector.Connection, q connector.Query) (all []connector.Finding, a connector.Answer, err error) {
	t.Helper()
	s, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		return nil, a, err
	}
	defer s.Close()
	a, err = s.Find(t.Context(), q, nil, func(f connector.Finding, _ connector.Cursor) error {
		all = append(all, f)
		return nil
	})
	return all, a, err
}

func query(ids ...person.Identifier) connector.Query {
	for i := range ids {
		ids[i].ID = uuid.New()
	}
	return connector.Query{Identifiers: ids}
}

func identifier(kind person.IdentifierKind, value string) person.Identifier {
	return person.Identifier{Kind: kind, Value: person.NewText(value), Verified: true}
}

func made(id int64, visitor, ip, user string, at time.Time) matomoserver.Visit {
	return matomoserver.Visit{ID: id, Site: 1, VisitorID: visitor, IP: ip, UserID: user, First: at, Last: at.Add(5 * time.Minute)}
}

func TestWhoseAVisitIs(t *testing.T) {
	const hers, other = "5f1e2d3c4b5a6978", "5f1e2d3c4b5a6979"
	visits := []matomoserver.Visit{
		made(1, hers, "192.0.2.7", "", noon),
		made(2, other, "192.0.2.7", "", noon.Add(-14*time.Minute)),             // ended 9 minutes before
		made(3, other, "192.0.2.7", "", noon.Add(10*time.Minute)),              // began 10 minutes after
		made(4, other, "192.0.2.7", "", noon.Add(10*time.Minute+time.Second)),  // began too late
		made(5, other, "192.0.2.7", "", noon.Add(-15*time.Minute-time.Second)), // ended too early
		made(6, other, "192.0.2.70", "", noon),
		made(7, other, "2001:db8::7", "ERIKA", noon),
		made(8, other, "198.51.100.0", "", noon),
		made(9, other, "203.0.113.9", "erika@example.org", noon),
	}
	at := noon.Format(time.RFC3339)
	typed := identifier(person.IPTime, "192.0.2.7 "+at)
	typed.Verified = false
	named := typed
	named.Record = "shop/orders/17"
	for _, c := range []struct {
		name    string
		q       connector.Query
		want    string
		outcome connector.Outcome
		reason  string
	}{
		{"the cookie", query(identifier(person.VisitorID, hers)), "1 sure", connector.Found, "connector.matomo.rest"},
		{"the cookie of nobody", query(identifier(person.VisitorID, "0000000000000001")), "", connector.Nothing, "connector.matomo.rest"},
		{"a cookie that breaks out of the segment", query(identifier(person.VisitorID, "x,visitIp==192.0.2.7")), "", connector.Unattributable, "connector.no_identifier"},
		{"an address that a verified record names", query(identifier(person.IPTime, "192.0.2.7 "+at)), "2 check, 1 check, 3 check", connector.Found, "connector.matomo.rest"},
		{"an address that a record names", query(named), "2 check, 1 check, 3 check", connector.Found, "connector.matomo.rest"},
		{"an address that somebody typed", query(typed), "", connector.Unattributable, "connector.matomo.typed_address"},
		{"a typed address beside a cookie", query(typed, identifier(person.VisitorID, hers)), "1 sure", connector.Found, "connector.matomo.typed_address"},
		{"an address at another time", query(identifier(person.IPTime, "192.0.2.7 "+noon.AddDate(0, 0, 4).Format(time.RFC3339))), "", connector.Nothing, "connector.matomo.rest"},
		{"an address that is stored cut", query(identifier(person.IPTime, "198.51.100.77 "+at)), "", connector.Unattributable, "connector.matomo.cut_address"},
		{"an address that looks cut itself", query(identifier(person.IPTime, "198.51.100.0 "+at)), "", connector.Unattributable, "connector.matomo.cut_address"},
		{"cookie and address, each visit once", query(identifier(person.VisitorID, hers), identifier(person.IPTime, "192.0.2.7 "+at)), "1 sure, 2 check, 3 check", connector.Found, "connector.matomo.rest"},
		{"an account", query(identifier(person.Account, "erika")), "7 sure", connector.Found, "connector.matomo.rest"},
		{"a mail address with a tag", query(identifier(person.Email, "Erika+x@example.org")), "9 sure", connector.Found, "connector.matomo.rest"},
		{"a name", query(identifier(person.Name, "Erika Mustermann")), "", connector.Unattributable, "connector.no_identifier"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, matomoserver.Options{Visits: visits})
			all, a, err := ask(t, parse(t, fmt.Sprintf(connectionFile, s.URL())), c.q)
			var got []string
			for _, f := range all {
				got = append(got, strings.TrimPrefix(f.Reference, "visits/1/")+" "+string(f.Confidence))
			}
			if err != nil || strings.Join(got, ", ") != c.want || a.Outcome != c.outcome || a.Reason != c.reason || a.Partial() {
				t.Errorf("got %q, %q, %q, %v, %v, want %q, %q, %q", got, a.Outcome, a.Reason, a.Gaps, err, c.want, c.outcome, c.reason)
			}
			if !wording.Has(a.Reason) {
				t.Errorf("%s has no words", a.Reason)
			}
		})
	}
}

func TestAVisitSaysWhatItIs(t *testing.T) {
	v := made(17, "5f1e2d3c4b5a6978", "192.0.2.7", "", noon)
	v.Country, v.Device, v.Referrer = "Deutschland", "Smartphone", "https://suche.example/?q=x"
	v.Actions = []matomoserver.Action{{At: noon, URL: "https://example.org/a", Title: "A"}, {At: noon.Add(time.Minute), URL: "https://example.org/b"}}
	v.More = map[string]string{"custom_dimension_1": "Lokalredaktion"}
	other := made(18, "5f1e2d3c4b5a6978", "2001:db8::7", "erika", noon)
	s := serve(t, matomoserver.Options{Visits: []matomoserver.Visit{v, other}, Plugin: []string{"Notiz"}})
	all, _, err := ask(t, parse(t, fmt.Sprintf(connectionFile, s.URL())), query(identifier(person.VisitorID, "5f1e2d3c4b5a6978")))
	if err != nil || len(all) != 2 {
		t.Fatalf("got %d visits and %v, want 2", len(all), err)
	}
	var got []string
	for _, f := range all[0].Fields {
		s := f.Name + "=" + f.Value.Reveal()
		if f.Unmapped {
			s += " (unmapped)"
		}
		got = append(got, s)
	}
	want := []string{
		"log_visit.config_device_type=Smartphone", "log_visit.custom_dimension_1=Lokalredaktion (unmapped)", "log_visit.idsite=1", "log_visit.idvisit=17",
		"log_visit.idvisitor=5f1e2d3c4b5a6978", "log_visit.location_country=Deutschland", "log_visit.location_ip=192.0.2.7",
		"log_visit.referer_url=https://suche.example/?q=x", "log_visit.visit_first_action_time=2026-11-03 12:00:00", "log_visit.visit_goal_buyer=0",
		"log_visit.visit_last_action_time=2026-11-03 12:05:00", "log_visit.visit_total_actions=2", "log_visit.visit_total_time=300",
		"log_link_visit_action.idaction_name=A", "log_link_visit_action.idaction_url=https://example.org/a", "log_link_visit_action.idlink_va=17000",
		"log_link_visit_action.idsite=1", "log_link_visit_action.idvisit=17", "log_link_visit_action.server_time=2026-11-03 12:00:00",
		"log_link_visit_action.idaction_name_2=0", "log_link_visit_action.idaction_url_2=https://example.org/b", "log_link_visit_action.idlink_va_2=17001",
		"log_link_visit_action.idsite_2=1", "log_link_visit_action.idvisit_2=17", "log_link_visit_action.server_time_2=2026-11-03 12:01:00",
		"myplugin.value=Notiz (unmapped)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !all[0].Origin.At.Equal(noon) || all[0].Origin.Place != "log_visit" {
		t.Errorf("got %+v", all[0].Origin)
	}
	var hints []string
	for _, h := range all[1].Hints {
		hints = append(hints, string(h.Kind)+" "+h.Value.Reveal()+" "+h.Record)
	}
	if want := []string{"account erika statistik/visits/1/18", "ip+time 2001:db8::7 2026-11-03T12:00:00Z statistik/visits/1/18"}; !slices.Equal(hints, want) {
		t.Errorf("got hints %q, want %q", hints, want)
	}
}

func TestManyVisitsOfOneSecondAreReadWhole(t *testing.T) {
	var visits []matomoserver.Visit
	for i := range int64(3 * page) {
		visits = append(visits, made(i+1, "5f1e2d3c4b5a6978", "", "", noon))
	}
	visits = append(visits, made(9999, "5f1e2d3c4b5a6978", "", "", noon.Add(time.Second)))
	s := serve(t, matomoserver.Options{Visits: visits})
	all, a, err := ask(t, parse(t, fmt.Sprintf(connectionFile, s.URL())), query(identifier(person.VisitorID, "5f1e2d3c4b5a6978")))
	if err != nil || len(all) != len(visits) || a.Partial() || all[0].Reference != "visits/1/1" || all[len(all)-1].Reference != "visits/1/9999" {
		t.Errorf("got %d visits, gaps %v, %v, want %d in order", len(all), a.Gaps, err, len(visits))
	}
}

func TestWhatMatomoMustOffer(t *testing.T) {
	for _, c := range []struct {
		name string
		o    matomoserver.Options
		over string
		want error
	}{
		{"all is well", matomoserver.Options{}, "", nil},
		{"an old version", matomoserver.Options{Version: "4.16.1"}, "", connector.ErrConfig},
		{"no version", matomoserver.Options{Version: "x"}, "", connector.ErrConfig},
		{"no access to a site", matomoserver.Options{Sites: []int64{1}}, "", connector.ErrConfig},
		{"no single visits", matomoserver.Options{NoProfiles: true}, "", connector.ErrConfig},
		{"another token", matomoserver.Options{}, "another", connector.ErrConfig},
	} {
		s := serve(t, c.o)
		conn := parse(t, fmt.Sprintf(connectionFile, s.URL()))
		if c.over != "" {
			conn, _ = conn.Resolve(func(connector.Ref) (string, error) { return c.over, nil })
		}
		open, err := Kind{}.Open(t.Context(), conn)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		if err == nil {
			open.Close()
		} else if strings.Contains(err.Error(), "another") || strings.Contains(err.Error(), token) {
			t.Errorf("%s: got %v, want no token", c.name, err)
		}
	}
}

func TestAnonymousStatisticsAreAnsweredWithoutAsking(t *testing.T) {
	s := serve(t, matomoserver.Options{NoProfiles: true, Visits: []matomoserver.Visit{made(1, "5f1e2d3c4b5a6978", "192.0.2.0", "", noon)}})
	text := fmt.Sprintf(connectionFile, s.URL())
	text = text[:strings.Index(text, "match:")] + text[strings.Index(text, "matomo: {"):]
	text = strings.Replace(text, "user_id: [account, email]", "anonymous: true", 1)
	all, a, err := ask(t, parse(t, text), query(identifier(person.VisitorID, "5f1e2d3c4b5a6978")))
	if err != nil || len(all) > 0 || a.Outcome != connector.Unattributable || a.Reason != "connector.matomo.anonymous" || !wording.Has(a.Reason) {
		t.Errorf("got %d visits, %q, %q, %v", len(all), a.Outcome, a.Reason, err)
	}
}

// canned answers each method with what stands for it.
func canned(t *testing.T, over map[string]string) connector.Connection {
	t.Helper()
	answers := map[string]string{
		"API.getMatomoVersion": `{"value":"5.0.0"}`, "SitesManager.getSitesIdWithAdminAccess": `["1"]`, "Live.isVisitorProfileEnabled": `{"value":true}`,
		"Live.getLastVisitsDetails":         `[{"idVisit":"7","idSite":1,"visitorId":"5f1e2d3c4b5a6978","visitIp":"192.0.2.7","userId":null,"firstActionTimestamp":"10","lastActionTimestamp":20}]`,
		"PrivacyManager.exportDataSubjects": `{"log_visit":[{"idvisit":7,"idsite":"1"}]}`,
	}
	for k, v := range over {
		answers[k] = v
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		text := answers[r.PostForm.Get("method")]
		if strings.HasPrefix(text, "503") {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(s.Close)
	return parse(t, strings.Replace(fmt.Sprintf(connectionFile, s.URL), "[1, 4]", "[1]", 1))
}

func TestBrokenAnswers(t *testing.T) {
	const list, export = "Live.getLastVisitsDetails", "PrivacyManager.exportDataSubjects"
	said := func(message string) string { return `{"result":"error","message":"` + message + `"}` }
	for _, c := range []struct {
		name, method, text string
		n                  int
		gap                string
		err                error
	}{
		{"nothing wrong", "x", "", 1, "", nil},
		{"no visits", list, `[]`, 0, "", nil},
		{"a visit of another site", list, `[{"idVisit":7,"idSite":2,"visitorId":"5f1e2d3c4b5a6978","lastActionTimestamp":20}]`, 0, "", connector.ErrBroken},
		{"a visit without number", list, `[{"idSite":1,"visitorId":"5f1e2d3c4b5a6978","lastActionTimestamp":20}]`, 0, "", connector.ErrBroken},
		{"another order", list, `[{"idVisit":7,"idSite":1,"lastActionTimestamp":20},{"idVisit":8,"idSite":1,"lastActionTimestamp":19}]`, 0, "", connector.ErrBroken},
		{"a visit of somebody else", list, `[{"idVisit":7,"idSite":1,"visitorId":"0000000000000000","lastActionTimestamp":20}]`, 0, "", nil},
		{"half an answer", list, `[{"idVisit":7`, 0, "", connector.ErrBroken},
		{"a page of a proxy", list, `<html>erika@example.org`, 0, "", connector.ErrBroken},
		{"Latin-1", list, "[{\"userId\":\"M\xfcller\"}]", 0, "", connector.ErrBroken},
		{"the token expired", list, said("Unable to authenticate with the provided token erika@example.org."), 0, "", connector.ErrConfig},
		{"a segment nobody knows", list, said("Segment 'visitIp' is not a supported segment."), 0, "", connector.ErrConfig},
		{"the database is gone", list, said("SQLSTATE[HY000] [2002] Connection refused"), 0, "", connector.ErrUnreachable},
		{"something else", list, said("erika@example.org"), 0, "", connector.ErrBroken},
		{"overloaded", list, "503", 0, "", connector.ErrUnreachable},
		{"the visit was deleted", export, `[]`, 0, "connector.gap.matomo_deleted", nil},
		{"only another visit", export, `{"log_visit":[{"idvisit":8,"idsite":1}]}`, 0, "connector.gap.matomo_deleted", nil},
		{"tables that are none", export, `{"log_visit":[{"idvisit":7,"idsite":1}],"plugin":"x","other":{"a":[1]},"third":null,"fourth":[[1,2],null]}`, 1, "", nil},
		{"no tables", export, `7`, 0, "", connector.ErrBroken},
		{"export of nothing", export, `null`, 0, "", connector.ErrBroken},
		{"more than can be read", export, `{"log_visit":[{"idvisit":7,"idsite":1,"x":"` + strings.Repeat("x", maxAnswer) + `"}]}`, 0, "connector.gap.matomo_too_large", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, a, err := ask(t, canned(t, map[string]string{c.method: c.text}), query(identifier(person.VisitorID, "5f1e2d3c4b5a6978")))
			if !errors.Is(err, c.err) || c.err == nil && err != nil || len(all) != c.n {
				t.Errorf("got %d visits and %v, want %d and %v", len(all), err, c.n, c.err)
			}
			if a.Partial() != (c.gap != "") || a.Partial() && (a.Gaps[0].Reason != c.gap || !wording.Has(c.gap)) {
				t.Errorf("got gaps %v, want %q", a.Gaps, c.gap)
			}
			if err != nil && (strings.Contains(err.Error(), "erika") || strings.Contains(err.Error(), "SQL")) {
				t.Errorf("got %v, want no word of the system", err)
			}
		})
	}
}

func TestATooLargeExportIsAskedForInParts(t *testing.T) {
	var visits []matomoserver.Visit
	for i := range int64(40) {
		v := made(i+1, "5f1e2d3c4b5a6978", "", "", noon.Add(time.Duration(i)*time.Second))
		v.More = map[string]string{"custom_dimension_1": strings.Repeat("x", maxAnswer/10)}
		visits = append(visits, v)
	}
	s := serve(t, matomoserver.Options{Visits: visits})
	all, a, err := ask(t, parse(t, fmt.Sprintf(connectionFile, s.URL())), query(identifier(person.VisitorID, "5f1e2d3c4b5a6978")))
	if err != nil || len(all) != 40 || a.Partial() {
		t.Errorf("got %d visits, gaps %v, %v, want 40", len(all), a.Gaps, err)
	}
}

func TestTheFileIsChecked(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"in clear", `"%s"`, `"http://statistik.example.org"`, "matomo.url: must start with https://"},
		{"the script", `"%s"`, `"https://statistik.example.org/index.php"`, "must be the folder in which index.php lies"},
		{"no token", "secrets: {token: {env: X}}", "", "needs secrets.token"},
		{"no sites", `sites: [1, 4], `, ``, "matomo.sites: is missing"},
		{"a site twice", `[1, 4]`, `[1, 1]`, "matomo.sites.1: must be a number"},
		{"wide window", `sites:`, `window: 1h, sites:`, "matomo.window: must be 10m at most"},
		{"name", `{by: [account]}`, `{by: [name]}`, "visits are found by visitor-id"},
		{"account without user id", `, user_id: [account, email]`, ``, "visits are found by visitor-id"},
		{"user id of another sort", `[account, email]`, `[phone]`, "must be account or email"},
		{"nothing to match", "match:\n  - {by: [visitor-id]}\n  - {by: [account]}\n  - {by: [email]}\n  - {by: [ip+time]}\n", "", "say anonymous: true here"},
		{"anonymous, yet matched", `sites:`, `anonymous: true, sites:`, "there is nothing to match"},
		{"unknown key", `sites:`, `token: x, sites:`, "matomo.token: unknown key"},
	} {
		text := strings.Replace(connectionFile, c.from, c.to, 1)
		parsed, err := connector.ParseConnection("statistik.yaml", []byte(strings.Replace(text, "%s", "https://statistik.example.org/matomo", 1)))
		if err == nil {
			err = Kind{}.Check(parsed)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestNothingIsAskedOnceNobodyWaits(t *testing.T) {
	s := serve(t, matomoserver.Options{Visits: []matomoserver.Visit{made(1, "5f1e2d3c4b5a6978", "", "", noon)}})
	open, err := Kind{}.Open(t.Context(), parse(t, fmt.Sprintf(connectionFile, s.URL())))
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	before := s.Reads()
	if _, err := open.Find(ctx, query(identifier(person.VisitorID, "5f1e2d3c4b5a6978")), nil, nil); !errors.Is(err, context.Canceled) || s.Reads() != before {
		t.Errorf("got %v and %d questions, want %v and none", err, s.Reads()-before, context.Canceled)
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"result":"error","message":"x"}`))
	f.Add([]byte(`[{"idVisit":"7","idSite":1,"visitorId":"5f1e2d3c4b5a6978","userId":null,"lastActionTimestamp":20.5}]`))
	f.Add([]byte(`{"log_visit":[{"idvisit":7,"idsite":"1","location_ip":"c0000207","a":{"b":[null]}}],"log_action_log_visit_a":[{"idaction":1,"name":"x"}],"p":["q",7]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var visits []visit
		_ = decode("x", raw, &visits)
		e, err := readExport(raw)
		if err != nil {
			return
		}
		v := visit{ID: 7, Site: 1}
		fields, ok := e.fields(v)
		if again, _ := e.fields(v); len(again) != len(fields) {
			t.Errorf("got %d fields, then %d", len(fields), len(again))
		}
		for _, f := range fields {
			if f.Value.IsZero() || ok && f.Name == "" {
				t.Errorf("got an empty field %q", f.Name)
			}
		}
	})
}
