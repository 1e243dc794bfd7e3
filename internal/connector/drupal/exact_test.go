package drupal

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/sql/sqltest"
	"einsicht/internal/person"
)

// Numbers mean nothing by themselves in Drupal: comment 5, node 5 and account 5
// have nothing to do with one another, translations and revisions of one thing
// have different authors, and values of one field differ by delta and language.
const crossed = `
INSERT INTO site_users VALUES (5, 'u5', 'de'), (6, 'u6', 'de'), (7, 'u7', 'de');
INSERT INTO site_users_field_data VALUES
	(5, 'de', 'de', NULL, 'erika', 'h', 'erika@example.org', '', 1, 1, 1, 1, 1, NULL, 1), (5, 'en', 'de', NULL, 'erika', 'h', 'erika@example.org', '', 1, 1, 1, 1, 1, NULL, 0),
	(6, 'de', 'de', NULL, 'erika2', 'h', 'erika2@example.org', '', 1, 1, 1, 1, 1, NULL, 1),
	(7, 'de', 'de', NULL, 'Erika Mustermann', 'h', 'erika@example.com', '', 1, 1, 1, 1, 1, NULL, 1),
	(8, 'de', 'de', NULL, 'max', 'h', 'max@example.org', '', 1, 1, 1, 1, 1, NULL, 1);
INSERT INTO site_user__field_vorname VALUES ('user', 0, 5, 5, 'de', 0, 'Erika'), ('user', 0, 6, 6, 'de', 0, 'Erika'), ('user', 0, 7, 5, 'de', 0, 'Erika'), ('user', 0, 8, 8, 'de', 0, 'Max');
INSERT INTO site_user__field_nachname VALUES ('user', 0, 5, 5, 'de', 0, 'Mustermann'), ('user', 0, 6, 6, 'de', 0, 'Mustermann'), ('user', 0, 7, 5, 'de', 0, 'Mustermann'), ('user', 0, 8, 8, 'de', 0, 'Mustermann');
INSERT INTO site_user__field_geburtsdatum VALUES ('user', 0, 5, 5, 'de', 0, '1964-08-12'), ('user', 0, 6, 6, 'de', 0, '1991-02-03'), ('user', 0, 7, 5, 'de', 0, '1964-12-08'), ('user', 0, 8, 8, 'de', 0, '1964-08-12');
INSERT INTO site_user__field_phone VALUES ('user', 0, 5, 5, 'de', 0, '0211 8370199'), ('user', 0, 5, 5, 'en', 0, '+49 211 8370199'), ('user', 0, 5, 5, 'de', 1, '0211 1'), ('user', 1, 5, 5, 'de', 0, '0211 2'),
	('user', 0, 6, 5, 'de', 0, '0221 9998811'), ('user', 0, 7, 5, 'de', 1, '030 1234567');
INSERT INTO site_user__field_hobby VALUES ('user', 0, 5, 6, 'de', 0, 'Chor'), ('user', 0, 5, 6, 'de', 1, 'Rad'), ('user', 0, 6, 5, 'de', 0, 'Boot'), ('user', 0, 7, 5, 'en', 1, 'Chor');
INSERT INTO site_user__roles VALUES ('user', 0, 5, 5, 'de', 0, 'a'), ('user', 0, 6, 5, 'de', 0, 'a');
INSERT INTO site_sessions VALUES (5, 'aBc', '192.0.2.5', 9, 'x'), (6, 'def', '192.0.2.6', 9, 'x'), (0, 'ghi', '192.0.2.5', 9, 'x');
INSERT INTO site_comment_field_data VALUES
	(5, 'comment', 'de', 1, 5, NULL, 6, 's', 'erika', NULL, NULL, '192.0.2.5', 1, 1, '01/', 'node', 'comment', 1),
	(5, 'comment', 'en', 1, 6, NULL, 6, 's', 'erika2', NULL, NULL, '192.0.2.6', 1, 1, '01/', 'node', 'comment', 0),
	(6, 'comment', 'de', 1, 6, 5, 5, 's', 'erika2', NULL, NULL, '192.0.2.6', 1, 1, '02/', 'node', 'comment', 1),
	(6, 'comment', 'en', 1, 5, 5, 5, 's', 'erika', NULL, NULL, '192.0.2.5', 1, 1, '02/', 'node', 'comment', 0),
	(8, 'comment', 'de', 1, 0, NULL, 5, 's', 'Erika Mustermann', 'Erika+site@example.org', NULL, '192.0.2.7', 1, 1, '03/', 'node', 'comment', 1),
	(8, 'comment', 'en', 1, 0, NULL, 5, 's', 'Erika Mustermann', 'erika@example.com', NULL, '192.0.2.7', 1, 1, '03/', 'node', 'comment', 0),
	(9, 'comment', 'de', 1, 0, NULL, 5, 's', 'Erika Mustermann', 'erika@example.com', NULL, '192.0.2.7', 1, 1, '03/', 'node', 'comment', 1);
INSERT INTO site_comment__comment_body VALUES
	('comment', 0, 5, 5, 'de', 0, 'x', NULL), ('comment', 0, 5, 5, 'en', 0, 'x', NULL), ('comment', 0, 5, 5, 'en', 1, 'x', NULL),
	('comment', 0, 6, 6, 'de', 0, 'x', NULL), ('comment', 0, 6, 6, 'en', 0, 'x', NULL), ('comment', 1, 6, 6, 'en', 0, 'x', NULL),
	('comment', 0, 8, 8, 'de', 0, 'x', NULL), ('comment', 0, 8, 8, 'en', 0, 'x', NULL), ('comment', 0, 9, 9, 'de', 0, 'x', NULL);
INSERT INTO site_comment__field_anlass VALUES ('comment', 0, 5, 5, 'de', 0, 'x'), ('comment', 0, 5, 5, 'en', 0, 'x'), ('comment', 0, 8, 8, 'de', 0, 'x'), ('comment', 0, 8, 8, 'en', 0, 'x');
INSERT INTO site_node_field_data VALUES
	(5, 50, 'page', 'de', 1, 5, 't', 1, 1, 0, 0, 1, 1), (5, 50, 'page', 'en', 1, 6, 't', 1, 1, 0, 0, 0, 1), (6, 60, 'page', 'de', 1, 6, 't', 1, 1, 0, 0, 1, 1);
INSERT INTO site_node_field_revision VALUES
	(5, 49, 'de', 1, 6, 't', 1, 1, 0, 0, 1, 1), (5, 50, 'de', 1, 5, 't', 1, 1, 0, 0, 1, 1), (5, 50, 'en', 1, 6, 't', 1, 1, 0, 0, 0, 1), (6, 5, 'de', 1, 6, 't', 1, 1, 0, 0, 1, 1), (6, 60, 'de', 1, 6, 't', 1, 1, 0, 0, 1, 1);
INSERT INTO site_node_revision VALUES (5, 49, 'de', 6, 1, 'x', 1), (5, 50, 'de', 6, 1, 'x', 1), (6, 60, 'de', 5, 1, 'x', 1), (6, 5, 'de', 6, 1, 'x', 1);
INSERT INTO site_node__body VALUES ('page', 0, 5, 50, 'de', 0, 'x');
INSERT INTO site_webform_submission VALUES
	(5, 'a', 'w5', 'de', 1, 't', '/', 1, 1, 1, 0, NULL, '', 6, NULL, NULL, 0, 0, NULL), (6, 'a', 'w6', 'de', 1, 't', '/', 1, 1, 1, 0, NULL, '', 0, NULL, NULL, 0, 0, NULL),
	(8, 'a', 'w8', 'de', 1, 't', '/', 1, 1, 1, 0, NULL, '', 0, NULL, NULL, 0, 0, NULL), (9, 'b', 'w9', 'de', 1, 't', '/', 1, 1, 1, 0, NULL, '', 5, NULL, NULL, 0, 0, NULL),
	(10, 'b', 'w10', 'de', 1, 't', '/', 1, 1, 1, 0, NULL, '', 0, NULL, NULL, 0, 0, NULL), (11, 'b', 'w11', 'de', 1, 't', '/', 1, 1, 1, 0, NULL, '', 0, NULL, NULL, 0, 0, NULL),
	(12, 'b', 'w12', 'de', 1, 't', '/', 1, 1, 1, 0, NULL, '', 0, NULL, NULL, 0, 0, NULL), (13, 'b', 'w13', 'de', 1, 't', '/', 1, 1, 1, 0, NULL, '', 0, NULL, NULL, 0, 0, NULL),
	(14, 'b', 'w14', 'de', 1, 't', '/', 1, 1, 1, 0, NULL, '', 0, NULL, NULL, 0, 0, NULL);
INSERT INTO site_webform_submission_data VALUES
	('a', 5, 'email', '', 0, 'erika2@example.org'), ('a', 5, 'name', '', 0, 'Erika Mustermann'), ('a', 5, 'freundin', '', 0, 'erika@example.org'),
	('a', 6, 'email', '', 0, 'x@example.org'), ('a', 6, 'email', '', 1, ' ERIKA@example.org'), ('a', 6, 'text', '', 0, 'x'), ('a', 6, 'text', '', 1, 'x'),
	('a', 8, 'e_mail_adresse', '', 0, 'erika@example.com'), ('a', 8, 'person', 'first', 0, 'Erika'), ('a', 8, 'person', 'last', 0, 'Mustermann'), ('a', 8, 'email', 'hint', 0, 'erika@example.org'),
	('b', 9, 'text', '', 0, 'x'), ('b', 10, 'text', '', 0, 'erika@example.org'), ('b', 10, 'e_mail_adresse', 'hint', 0, 'erika@example.org'), ('b', 10, 'name', 'hint', 0, 'Erika Mustermann'),
	('b', 11, 'partner', 'first', 0, 'Erika'), ('b', 11, 'person', 'last', 0, 'Mustermann'), ('b', 12, 'person', 'first', 0, 'Erika'), ('b', 12, 'partner', 'last', 0, 'Mustermann'),
	('b', 13, 'person', 'hint', 0, 'Erika'), ('b', 13, 'person', 'last', 0, 'Mustermann'), ('b', 14, 'person', 'first', 0, 'Erika'), ('b', 14, 'person', 'hint', 0, 'Mustermann');
INSERT INTO site_webform_submission_log VALUES (5, 'a', 9, NULL, 6, 'x', 'x', 'x', 1), (6, 'a', 5, NULL, 6, 'x', 'x', 'x', 1), (7, 'a', 8, NULL, 5, 'x', 'x', 'x', 1);
INSERT INTO site_watchdog VALUES (5, 6, 'x', 'x', '', 1, '', '', '', '', 1), (6, 5, 'x', 'x', '', 1, '', '', '', '', 1), (7, 0, 'x', 'x', '', 1, '', '', '', '', 1);
INSERT INTO site_users_data VALUES (5, 'a', 'b', 'x', 0), (6, 'a', 'b', 'x', 0);
INSERT INTO site_history VALUES (5, 6, 1), (6, 5, 1);
INSERT INTO site_flagging VALUES (5, 'a', 6, '5'), (6, 'a', 5, '6');
`

// erikas are what account 5, the comments of her address and her forms are.
var erikas = []string{
	"users/5", "users_field_data/5/de", "users_field_data/5/en", "user__field_vorname/5/0/0/de", "user__field_nachname/5/0/0/de", "user__field_geburtsdatum/5/0/0/de",
	"user__field_phone/5/0/0/de", "user__field_phone/5/0/0/en", "user__field_phone/5/0/1/de", "user__field_phone/5/1/0/de", "user__field_hobby/5/0/0/de", "user__field_hobby/5/0/1/de",
	"user__roles/5/0/0/de", "sessions/" + fmt.Sprintf("%x", sha256.Sum256([]byte("aBc"))),
	"comment_field_data/5/de", "comment_field_data/6/en", "comment_field_data/8/de",
	"comment__comment_body/5/0/0/de", "comment__comment_body/6/0/0/en", "comment__comment_body/6/1/0/en", "comment__comment_body/8/0/0/de", "comment__field_anlass/5/0/0/de", "comment__field_anlass/8/0/0/de",
	"node_field_data/5/de", "node_field_revision/50/de", "node_revision/60",
	"webform_submission/6", "webform_submission/9", "webform_submission_data/6/email//0", "webform_submission_data/6/email//1", "webform_submission_data/6/text//0",
	"webform_submission_data/6/text//1", "webform_submission_data/9/text//0", "webform_submission_log/5", "webform_submission_log/7",
	"watchdog/6", "users_data/5/a/b", "history/5/6", "flagging/6",
}

func wanted() (refs []string) {
	for _, r := range erikas {
		refs = append(refs, "site_"+r)
	}
	return refs
}

func erika() connector.Query {
	q := connectortest.Erika.Query()
	for i := range q.Identifiers {
		switch q.Identifiers[i].Kind {
		case person.Email:
			q.Identifiers[i].Value = person.NewText("Erika@Example.org")
		case person.Account:
			q.Identifiers[i].Value = person.NewText("erika")
		}
	}
	return q
}

func TestCrossedNumbersLeadToNobodyElse(t *testing.T) {
	everywhere(t, func(t *testing.T, e sqltest.Engine) {
		h := newHarness(t, e)
		h.Exec(t, h.database, crossed)
		if err := sqltest.Exactly(t.Context(), Kind{}, h.connection, erika(), wanted()); err != nil {
			t.Error(err)
		}
		// The records alone tell the person apart, too: no account name, no
		// address, but name, birth date and telephone.
		q := erika()
		q.Identifiers = slices.DeleteFunc(q.Identifiers, func(id person.Identifier) bool { return id.Kind == person.Email || id.Kind == person.Account })
		guest := func(ref string) bool {
			return strings.HasPrefix(ref, "site_comment_field_data/8/") || strings.HasPrefix(ref, "site_comment__comment_body/8/") || strings.HasPrefix(ref, "site_comment__field_anlass/8/") ||
				strings.HasPrefix(ref, "site_webform_submission/6") || strings.HasPrefix(ref, "site_webform_submission_data/6/")
		}
		if err := sqltest.Exactly(t.Context(), Kind{}, h.connection, q, slices.DeleteFunc(wanted(), guest)); err != nil {
			t.Errorf("without account and address: %v", err)
		}
	})
}

// A mapping that lacks one column of a join gives other records, and that is
// seen.
func TestAWrongMappingIsNoticed(t *testing.T) {
	change := func(table string, f func(*known)) func() {
		return func() {
			k := tables[table]
			f(&k)
			tables[table] = k
		}
	}
	wrong := map[string]func(){
		"bodies without the language": change("comment__comment_body", func(k *known) { k.reach = [][]hop{{{comments, map[string]string{"entity_id": "cid"}}}} }),
		"bodies of the node": change("comment__comment_body", func(k *known) {
			k.reach = [][]hop{{{comments, map[string]string{"entity_id": "entity_id", "langcode": "langcode"}}}}
		}),
		"bodies by the parent": change("comment__comment_body", func(k *known) {
			k.reach = [][]hop{{{comments, map[string]string{"entity_id": "pid", "langcode": "langcode"}}}}
		}),
		"fields by their revision":    change("user__roles", func(k *known) { k.user = "revision_id" }),
		"content by its number":       change("node_field_data", func(k *known) { k.user = "nid" }),
		"revisions by their number":   change("node_field_revision", func(k *known) { k.user = "vid" }),
		"read content as the reader":  change("history", func(k *known) { k.user = "nid" }),
		"forms by their number":       change(submissions, func(k *known) { k.user = "sid" }),
		"accounts without an address": change(users, func(k *known) { k.match = map[string]string{"account": "name"} }),
		"the log by its number":       change("watchdog", func(k *known) { k.user = "wid" }),
	}
	everywhere(t, func(t *testing.T, e sqltest.Engine) {
		h := newHarness(t, e)
		h.Exec(t, h.database, crossed)
		for name, do := range wrong {
			t.Run(name, func(t *testing.T) {
				kept := maps.Clone(tables)
				defer func() { tables = kept }()
				do()
				q := erika()
				if name == "accounts without an address" {
					q.Identifiers = q.OfKind(person.Email)
				}
				if err := sqltest.Exactly(t.Context(), Kind{}, h.connection, q, wanted()); err == nil {
					t.Error("got exactly the person's records, want others")
				}
			})
		}
	})
}

func TestTheMappingFitsTheSite(t *testing.T) {
	everywhere(t, func(t *testing.T, e sqltest.Engine) {
		h := newHarness(t, e)
		h.Plant(t, connectortest.Erika, 1)
		h.Exec(t, h.database, "ALTER TABLE site_users_field_data ADD COLUMN nickname varchar(20)")
		h.Exec(t, h.database, "UPDATE site_users_field_data SET nickname = 'Rike'")
		c, err := Kind{}.Open(t.Context(), h.connection)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fields := map[string]connector.Field{}
		hints := map[person.IdentifierKind]string{}
		q := connector.Query{Identifiers: connectortest.Erika.Query().OfKind(person.Email)}
		if _, err := c.Find(t.Context(), q, nil, func(f connector.Finding, _ connector.Cursor) error {
			for _, one := range f.Fields {
				fields[f.Origin.Place+"."+one.Name] = one
			}
			for _, hint := range f.Hints {
				hints[hint.Kind] = hint.Value.Reveal()
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]connector.Field{
			"site_users_field_data.mail":               {Value: person.NewText(connectortest.Erika.Email)},
			"site_users_field_data.created":            {Value: person.NewText("2026-11-10T09:30:15Z")},
			"site_users_field_data.login":              {},
			"site_users_field_data.pass":               {Withheld: true},
			"site_sessions.sid":                        {Withheld: true},
			"site_sessions.session":                    {Withheld: true},
			"site_users_data.value":                    {Withheld: true},
			"site_webform_submission.token":            {Withheld: true},
			"site_user__field_hobby.field_hobby_value": {Unmapped: true, Value: person.NewText("Chor")},
			"site_user__field_phone.field_phone_value": {Value: person.NewText(connectortest.Erika.Phone)},
			"site_users_field_data.nickname":           {Unmapped: true, Value: person.NewText("Rike")},
			"site_flagging.flag_id":                    {Unmapped: true, Value: person.NewText("lesezeichen")},
		} {
			got, ok := fields[name]
			if !ok || got.Withheld != want.Withheld || got.Unmapped != want.Unmapped || !got.Value.Equal(want.Value) {
				t.Errorf("%s: got %v, withheld %v, unmapped %v, %q; want withheld %v, unmapped %v, %q", name, ok, got.Withheld, got.Unmapped, got.Value.Reveal(),
					want.Withheld, want.Unmapped, want.Value.Reveal())
			}
		}
		if got := fields["site_user__field_phone.field_phone_value"].Label; got != "Telefon" {
			t.Errorf("label: got %q, want that of the connection", got)
		}
		if hints[person.Account] == "" || hints[person.Phone] != connectortest.Erika.Phone || hints[person.IPTime] != connectortest.Erika.IP+" 2026-11-10T09:30:15Z" {
			t.Errorf("hints: got %d", len(hints))
		}
	})
}

func TestModulesThatAreNotInstalledAreLeftOut(t *testing.T) {
	everywhere(t, func(t *testing.T, e sqltest.Engine) {
		h := newHarness(t, e)
		h.Exec(t, h.database, crossed)
		for _, table := range []string{"webform_submission", "webform_submission_data", "webform_submission_log", "comment_field_data", "watchdog", "node_revision"} {
			h.Exec(t, h.database, "DROP TABLE site_"+table)
		}
		gone := func(ref string) bool {
			return strings.Contains(ref, "webform") || strings.Contains(ref, "comment") || strings.Contains(ref, "watchdog") || strings.Contains(ref, "node_revision")
		}
		without := h.parse(t, strings.Replace(connectionFile, "  webforms:\n    email: [email, e_mail_adresse]\n    name: [name, person.first person.last]\n", "", 1))
		if err := sqltest.Exactly(t.Context(), Kind{}, without, erika(), slices.DeleteFunc(wanted(), gone)); err != nil {
			t.Error(err)
		}
		if _, err := (Kind{}).Open(t.Context(), h.connection); err == nil || !strings.Contains(err.Error(), "drupal.webforms") {
			t.Errorf("got %v, want that Webform is missing", err)
		}
	})
}

func TestTheFileIsChecked(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"as it stands", "", "", ""},
		{"another version", "version: 10", "version: 7", "drupal.yaml:17: drupal.version: must be 9 or 10"},
		{"a kind nobody knows", "kind: phone", "kind: shoe-size", "drupal.fields.field_phone.kind"},
		{"a name of no field", "name: [field_vorname, field_nachname]", "name: [field_x]", "drupal.name.0: is none of the fields"},
		{"no element", "email: [email, e_mail_adresse]", "email: []", "drupal.webforms.email"},
		{"unknown key", "prefix: site_", "praefix: site_", "unknown key"},
		{"password", "dsn: \"%s\"", "dsn: \"mysql://u:geheim@h/d\"", "drupal.dsn: holds a password"},
		{"nothing that leads to anybody", "- {by: [email], confidence: sure}\n  - {by: [account], confidence: sure}\n  - {by: [name, birthdate], confidence: sure}\n  - {by: [phone], confidence: likely}\n  - {by: [name], confidence: check}",
			"- {by: [iban]}", "must end at a table that has match"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := strings.Replace(strings.Replace(connectionFile, c.from, c.to, 1), "%s", "mysql://reader@/d?socket=/s", 1)
			parsed, err := connector.ParseConnection("drupal.yaml", []byte(file))
			if err != nil {
				t.Fatal(err)
			}
			err = Kind{}.Check(parsed)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "geheim")) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
