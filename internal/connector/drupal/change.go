package drupal

import (
	"maps"
	"slices"
	"strings"

	"einsicht/internal/connector/sql"
)

// guest is the account number of whoever has none: contents whose author goes are
// the guest's, as where Drupal itself cancels an account.
const guest = "0"

// gone are tables whose rows are deleted.
var gone = []string{"user__roles", "user__user_picture", "users_data", "sessions", "history", "watchdog", elements, "webform_submission_log"}

// masked are tables whose rows stay for the sake of others: what takes the place of
// values, by column, and why the rest stays (connector.drupal.why).
var masked = map[string]struct {
	text  map[string]string
	empty []string
	why   string
}{
	users: {
		// Names must differ. 0 is how Drupal says blocked, and never.
		text:  map[string]string{"name": "geloescht-{uid}", "status": "0", "created": "0", "changed": "0", "access": "0", "login": "0"},
		empty: []string{"preferred_langcode", "preferred_admin_langcode", "mail", "timezone", "init", "pass"}, why: "account",
	},
	"users": {text: map[string]string{"uuid": "geloescht-{uid}"}, why: "account"},
	comments: {
		text: map[string]string{"uid": guest}, empty: []string{"name", "mail", "homepage", "hostname"}, why: "comment",
	},
	"node_field_data":     {text: map[string]string{"uid": guest}, why: "content"},
	"node_field_revision": {text: map[string]string{"uid": guest}, why: "content"},
	"node_revision":       {text: map[string]string{"revision_uid": guest}, empty: []string{"revision_log"}, why: "content"},
}

// correctable are columns that staff may correct; of fields of accounts, it is the
// declared one.
var correctable = map[string][]string{
	users: {"name", "mail"}, comments: {"subject", "name", "mail"}, "comment__comment_body": {"comment_body_value"}, elements: {"value"},
}

// change says what may be changed in a table. Nil: nothing, since nobody has said
// what it is, or more than the table must be changed (files lie elsewhere).
func (f *fitting) change(name string, has sql.Columns) *sql.Change {
	field, isField := strings.CutPrefix(name, "user__")
	c := &sql.Change{Rectify: correctable[name]}
	if d, ok := f.Fields[field]; isField && ok && !d.Withhold {
		c.Rectify = []string{d.column(field)}
	}
	_, stays := masked[name]
	switch {
	case f.Account == "delete" && name == users:
		c.Erase = "delete"
	case f.Account == "delete" && name == "users":
		c.Erase, c.With = "delete", f.ofAccount()
	case stays:
		f.mask(c, name, has)
	case name == submissions:
		c.Erase, c.With = "delete", f.with("sid", "sid", elements, "webform_submission_log")
	case name == "comment__comment_body": // may name people; somebody has to read it
		c.Keep = []sql.Keep{{Why: text("why", "comment")}}
	case isField, slices.Contains(gone, name):
		c.Erase = "delete"
	default:
		return nil
	}
	return c
}

// mask keeps the columns that are known and that nothing takes the place of. What a
// module adds is left open: nobody has thought of it.
func (f *fitting) mask(c *sql.Change, name string, has sql.Columns) {
	m, k := masked[name], tables[name]
	keep := sql.Keep{Why: text("why", m.why)}
	c.Erase, c.Mask.Text = "mask", map[string]string{}
	for _, column := range slices.Concat(k.plain, k.times, k.hidden) {
		value, writes := m.text[column]
		switch {
		case !slices.Contains(has.All, column) && !slices.Contains(k.hidden, column):
		case writes:
			c.Mask.Text[column] = value
		case slices.Contains(m.empty, column):
			c.Mask.Empty = append(c.Mask.Empty, column)
		default:
			keep.Columns = append(keep.Columns, column)
		}
	}
	c.Keep = []sql.Keep{keep}
}

// ofAccount is what goes with an account.
func (f *fitting) ofAccount() []sql.With {
	all := f.with("uid", "uid", users, "users_data", "sessions", "history")
	for _, full := range slices.Sorted(maps.Keys(f.have)) {
		if name, ours := strings.CutPrefix(full, f.Prefix); ours && strings.HasPrefix(name, "user__") {
			all = append(all, f.with("uid", "entity_id", name)...)
		}
	}
	return all
}

// with lists those of the tables that are installed.
func (f *fitting) with(own, there string, names ...string) []sql.With {
	var all []sql.With
	for _, name := range names {
		if _, ok := f.have[f.Prefix+name]; ok {
			all = append(all, sql.With{Table: f.Prefix + name, On: map[string]string{own: there}})
		}
	}
	return all
}
