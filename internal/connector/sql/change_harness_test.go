package sql

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

// What is declared in the tests: a table of each sort.
var (
	deletingFile = changeFile(map[string]string{
		"participants": `{erase: delete, rectify: [first_name, last_name, email, born, mood], restrict: {column: zip, set: gesperrt},
        with: [{table: enrolments, on: {id: participant_id}}, {table: news.members, on: {id: participant_id}}]}`,
		"enrolments":   `{erase: delete, rectify: [grade], with: [{table: certificates, on: {course_id: course_id, participant_id: participant_id, attempt: attempt}}]}`,
		"certificates": `{erase: delete}`,
		"courses":      `{keep: [{why: "§ 147 Abs. 3 AO"}]}`,
		"messages":     `{erase: delete, rectify: [body]}`,
	})
	maskingFile = changeFile(map[string]string{
		"participants": `
        erase: mask
        mask:
          empty: [first_name, phone, login, street, zip, city, password_hash, ip, mood, referrer, 'Bemerkung "x"']
          text: {last_name: gelöscht, email: "geloescht-{id}@example.invalid"}
          generalise: {born: year, seen: month}
        keep: [{columns: [id], why: "§ 147 Abs. 3 AO"}]`,
		"enrolments": `{erase: mask, mask: {text: {examiner: "-"}, empty: [grade]}, keep: [{columns: [course_id, participant_id, attempt], why: "§ 3 PrüfO"}],
        with: [{table: certificates, on: {course_id: course_id, participant_id: participant_id, attempt: attempt}}]}`,
		"certificates": `{erase: delete}`,
		"messages":     `{erase: mask, mask: {text: {body: "", secret: "weg"}, empty: [sender]}, keep: [{columns: [id, parent_id], why: Gespräch}]}`,
	})
)

// changeFile is the connection file with changes, by table.
func changeFile(changes map[string]string) string {
	file := strings.Replace(connectionFile, "secrets:\n", "secrets:\n  change_password: {env: PASSWORD}\n", 1)
	file = strings.Replace(file, `  dsn: "%s"`, "  dsn: \"%s\"\n  change_dsn: \"%w\"", 1)
	for table, change := range changes {
		name := "    - name: " + table + "\n"
		if !strings.Contains(file, name) {
			panic(table)
		}
		file = strings.Replace(file, name, name+"      change: "+change+"\n", 1)
	}
	return file
}

// keysOf are the keys of the tables of the harness.
var keysOf = map[string][]string{
	"participants": {"id"}, "courses": {"id"}, "enrolments": {"course_id", "participant_id", "attempt"}, "certificates": {"serial"},
	"news.lists": {"name"}, "news.members": {"list", "participant_id"}, "messages": {"id"},
}

// changeHarness is a database whose writer may change it.
type changeHarness struct {
	*harness
	corrections map[string]map[string]string // by table
}

func newChangeHarness(t *testing.T, e engine, file string) *changeHarness {
	t.Helper()
	h := newHarness(t, e, strings.ReplaceAll(file, "  change_dsn: \"%w\"\n", ""))
	if e == engine(maria) { // as they are in PostgreSQL
		h.do(t, `ALTER TABLE enrolments ADD FOREIGN KEY (course_id) REFERENCES courses (id), ADD FOREIGN KEY (participant_id) REFERENCES participants (id);
ALTER TABLE certificates ADD FOREIGN KEY (course_id, participant_id, attempt) REFERENCES enrolments (course_id, participant_id, attempt);
ALTER TABLE messages ADD FOREIGN KEY (parent_id) REFERENCES messages (id);
ALTER TABLE news.members ADD FOREIGN KEY (participant_id) REFERENCES `+h.database+`.participants (id)`)
	}
	h.connection = h.parse(t, strings.ReplaceAll(file, "%w", e.Writer(t, h.database)))
	return &changeHarness{harness: h, corrections: map[string]map[string]string{
		"participants": {"first_name": "Erika-Maria", "last_name": "Müstermann", "email": "neu@example.org", "born": "1964-08-13", "mood": "schlecht"},
		"enrolments":   {"grade": "sehr gut"},
		"messages":     {"body": "Berichtigt: 1 = 1"},
	}}
}

func TestChanges(t *testing.T) {
	everywhere(t, func(t *testing.T, e engine) {
		for name, file := range map[string]string{"deleting": deletingFile, "masking": maskingFile} {
			t.Run(name, func(t *testing.T) {
				connectortest.RunChanges(t, func(t *testing.T) connectortest.ChangeHarness { return newChangeHarness(t, e, file) })
			})
		}
	})
}

// Fingerprint leaves out who tried to change a row: a rehearsal does.
func (h *changeHarness) Fingerprint(t *testing.T) string {
	if h.engine != engine(postgresql) {
		return h.harness.Fingerprint(t)
	}
	var all []string
	for table := range keysOf {
		all = append(all, h.Strings(t, h.database, "SELECT r::text || r.xmin FROM "+table+" r ORDER BY 1")...)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func (h *changeHarness) Pieces(t *testing.T) map[string]string {
	all := map[string]string{}
	for table, key := range keysOf {
		cast, row := "::text", "r::text"
		if h.engine == engine(maria) {
			schema, name, ok := strings.Cut(table, ".")
			if !ok {
				schema, name = h.database, table
			}
			var columns []string
			for _, c := range h.Strings(t, h.database, "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?", schema, name) {
				columns = append(columns, "quote("+h.Quote(c)+")")
			}
			cast, row = "", "concat_ws('|', "+strings.Join(columns, ", ")+")"
		}
		list := "concat_ws('\x01', r." + strings.Join(key, cast+", r.") + cast + ", " + row + ")"
		for _, line := range h.Strings(t, h.database, "SELECT "+list+" FROM "+table+" r") {
			parts := strings.SplitN(line, "\x01", len(key)+1)
			all[reference(table, parts[:len(key)])] = parts[len(key)]
		}
	}
	return all
}

func (h *changeHarness) Correct(ref string) map[string]string {
	table, _, _ := strings.Cut(ref, "/")
	if len(h.declares(table).Rectify) == 0 {
		return nil
	}
	return h.corrections[table]
}

// declares is what the connection says of a table.
func (h *changeHarness) declares(table string) Change {
	var m Mapping
	if err := h.connection.Decode(&m); err != nil {
		panic(err)
	}
	if one, _ := m.table(table); one.Change != nil {
		return *one.Change
	}
	return Change{}
}

// where is the condition for a reference.
func (h *changeHarness) where(ref string) (table, condition string) {
	parts := strings.Split(ref, "/")
	var conds []string
	for i, k := range keysOf[parts[0]] {
		value, _ := url.PathUnescape(parts[i+1])
		conds = append(conds, k+" = '"+value+"'")
	}
	return parts[0], strings.Join(conds, " AND ")
}

func (h *changeHarness) Alter(t *testing.T, ref string) {
	t.Helper()
	table, where := h.where(ref)
	set := map[string]string{"participants": "phone = '0211 1'", "enrolments": "grade = 'mangelhaft'", "certificates": "attempt = 2", "messages": "body = 'Anders'"}[table]
	h.do(t, "UPDATE "+table+" SET "+set+" WHERE "+where)
}

func (h *changeHarness) Remove(t *testing.T, ref string) {
	t.Helper()
	table, where := h.where(ref)
	h.do(t, "DELETE FROM "+table+" WHERE "+where)
}

// Forbid lets another table point at a message that nobody replied to.
func (h *changeHarness) Forbid(t *testing.T, refs []string) string {
	t.Helper()
	h.do(t, "CREATE TABLE holds (message_id bigint, FOREIGN KEY (message_id) REFERENCES messages (id))")
	for _, ref := range refs {
		id, ok := strings.CutPrefix(ref, "messages/")
		if ok && len(h.Strings(t, h.database, "SELECT id FROM messages WHERE parent_id = "+id+" OR id = "+id+" AND parent_id IS NOT NULL")) == 0 {
			h.hold(t, id)
			return ref
		}
	}
	t.Fatal("no message stands alone")
	return ""
}

func (h *changeHarness) hold(t *testing.T, id string) {
	t.Helper()
	h.do(t, "INSERT INTO holds VALUES ("+id+")")
	switch {
	case h.declares("messages").Erase != masking: // a row that stays is held by what it says
	case h.engine == engine(postgresql):
		h.do(t, "ALTER TABLE messages ADD CONSTRAINT held CHECK (id <> "+id+" OR sender IS NOT NULL)")
	default:
		h.do(t, "CREATE TRIGGER held BEFORE UPDATE ON messages FOR EACH ROW IF OLD.id = "+id+" THEN SIGNAL SQLSTATE '45000'; END IF")
	}
}

func (h *changeHarness) Deny(t *testing.T) { h.engine.Deny(t, h.database) }

func (h *changeHarness) open(t *testing.T) connector.Changer {
	t.Helper()
	c, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(connector.Changer)
}
