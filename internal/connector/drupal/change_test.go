package drupal

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/sql/sqltest"
)

// changeHarness is a site whose writer may change it.
type changeHarness struct{ *harness }

func newChangeHarness(t *testing.T, e sqltest.Engine, account string) changeHarness {
	t.Helper()
	h := newHarness(t, e)
	file := strings.Replace(connectionFile, "secrets:\n", "secrets:\n  change_password: {env: PASSWORD}\n", 1)
	h.connection = h.parse(t, strings.Replace(file, "  prefix:", "  change_dsn: \""+e.Writer(t, h.database)+"\"\n  account: "+account+"\n  prefix:", 1))
	return changeHarness{h}
}

func TestChanges(t *testing.T) {
	everywhere(t, func(t *testing.T, e sqltest.Engine) {
		account := map[string]string{"PostgreSQL": "delete", "MariaDB": "mask"}[e.Name()]
		connectortest.RunChanges(t, func(t *testing.T) connectortest.ChangeHarness { return newChangeHarness(t, e, account) })
	})
}

var primary = regexp.MustCompile(`(?m)^([a-z_]+): .*PK\((.*)\)$`)

// keysOf gives the keys of the site's tables.
func keysOf() map[string][]string {
	all := map[string][]string{}
	for _, m := range primary.FindAllStringSubmatch(described, -1) {
		all[m[1]] = strings.Split(m[2], ", ")
	}
	return all
}

func (h changeHarness) Pieces(t *testing.T) map[string]string {
	all := map[string]string{}
	for table, key := range keysOf() {
		cast, row := "::text", "r::text"
		if h.Name() == "MariaDB" {
			var columns []string
			for _, c := range h.Strings(t, h.database, "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?", h.database, "site_"+table) {
				columns = append(columns, "quote("+h.Quote(c)+")")
			}
			cast, row = "", "concat_ws('|', "+strings.Join(columns, ", ")+")"
		}
		for _, line := range h.Strings(t, h.database, "SELECT concat_ws('\x01', r."+strings.Join(key, cast+", r.")+cast+", "+row+") FROM site_"+table+" r") {
			parts := strings.SplitN(line, "\x01", len(key)+1)
			name := "site_" + table
			for i, k := range parts[:len(key)] {
				if slices.Contains(tables[table].hidden, key[i]) {
					k = fmt.Sprintf("%x", sha256.Sum256([]byte(k)))
				}
				name += "/" + url.PathEscape(k)
			}
			all[name] = parts[len(key)]
		}
	}
	return all
}

// Fingerprint leaves out who tried to change a row: a rehearsal does.
func (h changeHarness) Fingerprint(t *testing.T) string {
	if h.Name() == "MariaDB" {
		return h.harness.Fingerprint(t)
	}
	return fmt.Sprint(h.Pieces(t))
}

func (h changeHarness) Correct(ref string) map[string]string {
	table, _, _ := strings.Cut(strings.TrimPrefix(ref, "site_"), "/")
	return map[string]map[string]string{
		users: {"name": "rike", "mail": "rike@example.org"}, comments: {"subject": "Dank", "name": "Rike", "mail": "rike@example.org"},
		"comment__comment_body": {"comment_body_value": "Sehr gut gemacht"}, elements: {"value": "Berichtigt"},
		"user__field_phone": {"field_phone_value": "0211 1"}, "user__field_vorname": {"field_vorname_value": "Rike"},
		"user__field_nachname": {"field_nachname_value": "Müller"}, "user__field_geburtsdatum": {"field_geburtsdatum_value": "1964-08-13"},
	}[table]
}

// where is the condition for a reference.
func (h changeHarness) where(ref string) (table, condition string) {
	parts := strings.Split(ref, "/")
	var conds []string
	for i, k := range keysOf()[strings.TrimPrefix(parts[0], "site_")] {
		value, _ := url.PathUnescape(parts[i+1])
		if k == "sid" && parts[0] == "site_sessions" {
			k = map[string]string{"MariaDB": "sha2(sid, 256)", "PostgreSQL": "encode(sha256(sid::text::bytea), 'hex')"}[h.Name()]
		}
		conds = append(conds, k+" = '"+value+"'")
	}
	return parts[0], strings.Join(conds, " AND ")
}

func (h changeHarness) Alter(t *testing.T, ref string) {
	t.Helper()
	table, where := h.where(ref)
	set := map[string]string{users: "mail = 'neu@example.org'", "sessions": "hostname = '192.0.2.9'", "history": "timestamp = 5", "watchdog": "message = 'Anders'", elements: "value = 'Anders'",
		comments: "subject = 'Anders'", submissions: "notes = 'Anders'", "webform_submission_log": "message = 'Anders'", "users_data": "serialized = 1", "users": "uuid = concat('x', uid)"}[strings.TrimPrefix(table, "site_")]
	if set == "" {
		set = "revision_id = 99"
	}
	h.Exec(t, h.database, "UPDATE "+table+" SET "+set+" WHERE "+where)
}

func (h changeHarness) Remove(t *testing.T, ref string) {
	t.Helper()
	table, where := h.where(ref)
	h.Exec(t, h.database, "DELETE FROM "+table+" WHERE "+where)
}

// Forbid lets a table of a module point at a line of the log.
func (h changeHarness) Forbid(t *testing.T, refs []string) string {
	t.Helper()
	i := slices.IndexFunc(refs, func(ref string) bool { return strings.HasPrefix(ref, "site_watchdog/") })
	h.Exec(t, h.database, "CREATE TABLE site_alarms (wid int, FOREIGN KEY (wid) REFERENCES site_watchdog (wid))")
	h.Exec(t, h.database, "INSERT INTO site_alarms VALUES ("+strings.TrimPrefix(refs[i], "site_watchdog/")+")")
	return refs[i]
}

func (h changeHarness) Deny(t *testing.T) { h.Engine.Deny(t, h.database) }

func TestWhatStaysIsATask(t *testing.T) {
	everywhere(t, func(t *testing.T, e sqltest.Engine) {
		for _, account := range []string{"mask", "delete"} {
			h := newChangeHarness(t, e, account)
			refs := h.Plant(t, connectortest.Erika, 1)
			opened, err := Kind{}.Open(t.Context(), h.connection)
			if err != nil {
				t.Fatal(err)
			}
			defer opened.Close()
			var some []connector.Change
			for _, ref := range refs {
				some = append(some, connector.Change{Do: connector.CanErase, Reference: ref})
			}
			effects, err := opened.(connector.Changer).Carry(t.Context(), some)
			if err != nil {
				t.Fatal(err)
			}
			for i, e := range effects {
				table, _, _ := strings.Cut(strings.TrimPrefix(refs[i], "site_"), "/")
				_, stays := masked[table]
				stays = stays && !(account == "delete" && strings.HasPrefix(table, "users"))
				switch want := map[bool]connector.EffectState{true: connector.Undeclared, false: connector.Changed}[table == "comment__comment_body" || table == "flagging"]; {
				case e.State != want:
					t.Errorf("%s: got %s (%s), want %s", refs[i], e.State, e.Reason, want)
				case want == connector.Changed && e.Gone() == stays:
					t.Errorf("%s: gone %v, want %v", refs[i], e.Gone(), !stays)
				}
			}
			for _, piece := range h.Pieces(t) {
				if strings.Contains(piece, connectortest.Erika.Email) || strings.Contains(piece, connectortest.Erika.Account) || strings.Contains(piece, connectortest.Erika.Phone) {
					t.Errorf("the person is named in %.80s", piece)
				}
			}
		}
	})
}

func TestWhatAModuleAddsIsNotErasedUnthought(t *testing.T) {
	everywhere(t, func(t *testing.T, e sqltest.Engine) {
		h := newChangeHarness(t, e, "mask")
		h.Plant(t, connectortest.Erika, 1)
		h.Exec(t, h.database, "ALTER TABLE site_users_field_data ADD COLUMN nickname varchar(20)")
		opened, err := Kind{}.Open(t.Context(), h.connection)
		if err != nil {
			t.Fatal(err)
		}
		defer opened.Close()
		effects, err := opened.(connector.Changer).Carry(t.Context(), []connector.Change{
			{Do: connector.CanErase, Reference: "site_users_field_data/2/de"}, {Do: connector.CanErase, Reference: "site_flagging/2"}, {Do: connector.CanErase, Reference: "site_users/2"},
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []connector.EffectState{connector.Undeclared, connector.Undeclared, connector.Changed} {
			if effects[i].State != want {
				t.Errorf("%d: got %s (%s), want %s", i, effects[i].State, effects[i].Reason, want)
			}
		}
	})
}
