package drupal

import (
	"regexp"
	"strings"

	"einsicht/internal/connector/sql/sqltest"
)

// Drupal makes its tables from one description for every database. So does
// this: the tables of Drupal 10 with Webform 6, as its installer makes them.
// unsigned, ascii and blob are those of Drupal's schema API.
const described = `
users: uid unsigned, uuid ascii(128), langcode ascii(12), PK(uid)
users_field_data: uid unsigned, langcode ascii(12), preferred_langcode ascii(12) NULL, preferred_admin_langcode ascii(12) NULL, name varchar(60), pass varchar(255) NULL, mail varchar(254) NULL, timezone varchar(32) NULL, status tinyint NULL, created int, changed int NULL, access int, login int NULL, init varchar(254) NULL, default_langcode tinyint, PK(uid, langcode)
users_data: uid unsigned, module ascii(50), name ascii(128), value blob NULL, serialized tinyint NULL, PK(uid, module, name)
user__roles: bundle ascii(128), deleted tinyint, entity_id unsigned, revision_id unsigned, langcode ascii(32), delta unsigned, roles_target_id ascii(255), PK(entity_id, deleted, delta, langcode)
user__field_phone: bundle ascii(128), deleted tinyint, entity_id unsigned, revision_id unsigned, langcode ascii(32), delta unsigned, field_phone_value varchar(256), PK(entity_id, deleted, delta, langcode)
user__field_vorname: bundle ascii(128), deleted tinyint, entity_id unsigned, revision_id unsigned, langcode ascii(32), delta unsigned, field_vorname_value varchar(255), PK(entity_id, deleted, delta, langcode)
user__field_nachname: bundle ascii(128), deleted tinyint, entity_id unsigned, revision_id unsigned, langcode ascii(32), delta unsigned, field_nachname_value varchar(255), PK(entity_id, deleted, delta, langcode)
user__field_geburtsdatum: bundle ascii(128), deleted tinyint, entity_id unsigned, revision_id unsigned, langcode ascii(32), delta unsigned, field_geburtsdatum_value varchar(20), PK(entity_id, deleted, delta, langcode)
user__field_hobby: bundle ascii(128), deleted tinyint, entity_id unsigned, revision_id unsigned, langcode ascii(32), delta unsigned, field_hobby_value varchar(255), PK(entity_id, deleted, delta, langcode)
sessions: uid unsigned, sid ascii(128), hostname ascii(128), timestamp int, session blob NULL, PK(sid)
history: uid unsigned, nid unsigned, timestamp int, PK(uid, nid)
watchdog: wid int, uid unsigned, type ascii(64), message text, variables blob, severity tinyint, link text NULL, location text, referer text NULL, hostname ascii(128), timestamp int, PK(wid)
comment_field_data: cid unsigned, comment_type ascii(32), langcode ascii(12), status tinyint, uid unsigned, pid unsigned NULL, entity_id unsigned NULL, subject varchar(64) NULL, name varchar(60) NULL, mail varchar(254) NULL, homepage varchar(255) NULL, hostname varchar(128) NULL, created int, changed int NULL, thread varchar(255), entity_type ascii(32), field_name ascii(32), default_langcode tinyint, PK(cid, langcode)
comment__comment_body: bundle ascii(128), deleted tinyint, entity_id unsigned, revision_id unsigned, langcode ascii(32), delta unsigned, comment_body_value text, comment_body_format ascii(255) NULL, PK(entity_id, deleted, delta, langcode)
comment__field_anlass: bundle ascii(128), deleted tinyint, entity_id unsigned, revision_id unsigned, langcode ascii(32), delta unsigned, field_anlass_value varchar(255), PK(entity_id, deleted, delta, langcode)
node_field_data: nid unsigned, vid unsigned, type ascii(32), langcode ascii(12), status tinyint, uid unsigned, title varchar(255), created int, changed int, promote tinyint, sticky tinyint, default_langcode tinyint, revision_translation_affected tinyint NULL, PK(nid, langcode)
node_field_revision: nid unsigned, vid unsigned, langcode ascii(12), status tinyint, uid unsigned, title varchar(255) NULL, created int NULL, changed int NULL, promote tinyint NULL, sticky tinyint NULL, default_langcode tinyint, revision_translation_affected tinyint NULL, PK(vid, langcode)
node_revision: nid unsigned, vid unsigned, langcode ascii(12), revision_uid unsigned NULL, revision_timestamp int NULL, revision_log text NULL, revision_default tinyint NULL, PK(vid)
node__body: bundle ascii(128), deleted tinyint, entity_id unsigned, revision_id unsigned, langcode ascii(32), delta unsigned, body_value text, PK(entity_id, deleted, delta, langcode)
webform_submission: sid int, webform_id ascii(32), uuid ascii(128), langcode ascii(12), serial int NULL, token varchar(255) NULL, uri varchar(2000) NULL, created int NULL, completed int NULL, changed int NULL, in_draft tinyint NULL, current_page varchar(128) NULL, remote_addr varchar(128) NULL, uid unsigned NULL, entity_type ascii(32) NULL, entity_id varchar(255) NULL, locked tinyint NULL, sticky tinyint NULL, notes text NULL, PK(sid)
webform_submission_data: webform_id varchar(32), sid unsigned, name varchar(128), property varchar(128), delta unsigned, value text, PK(sid, name, property, delta)
webform_submission_log: lid int, webform_id varchar(32), sid unsigned NULL, handler_id varchar(64) NULL, uid unsigned, operation ascii(64), message text, data blob, timestamp int, PK(lid)
flagging: id int, flag_id ascii(32), uid unsigned NULL, entity_id varchar(255), PK(id)
cache_page: cid ascii(255), data blob NULL, PK(cid)
`

var column = regexp.MustCompile(`([a-z_]+) (unsigned|ascii|varchar|tinyint|int|text|blob)(\([0-9]+\))?( NULL)?,`)

// schema writes the description for a database, with the site's prefix.
func schema(e sqltest.Engine, prefix string) string {
	types := map[string]string{"unsigned": "int(10) unsigned", "ascii": "varchar$len CHARACTER SET ascii", "varchar": "varchar$len", "tinyint": "tinyint(4)", "int": "int(11)", "text": "longtext", "blob": "longblob"}
	suffix := " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci"
	if e.Name() == "PostgreSQL" {
		types = map[string]string{"unsigned": "bigint CHECK ($col >= 0)", "ascii": "varchar$len", "varchar": "varchar$len", "tinyint": "smallint", "int": "integer", "text": "text", "blob": "bytea"}
		suffix = ""
	}
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSpace(described)) {
		name, columns, _ := strings.Cut(strings.TrimSpace(line), ": ")
		b.WriteString("CREATE TABLE " + prefix + name + " (" + column.ReplaceAllStringFunc(columns, func(s string) string {
			m := column.FindStringSubmatch(s)
			null := " NOT NULL"
			if m[4] != "" {
				null = ""
			}
			kind := strings.NewReplacer("$len", m[3], "$col", e.Quote(m[1])).Replace(types[m[2]])
			return e.Quote(m[1]) + " " + kind + null + ","
		}))
		b.WriteString(")" + suffix + ";\n")
	}
	for _, table := range []string{"sessions", "watchdog", "comment_field_data", "node_field_data", "node_field_revision", "webform_submission", "webform_submission_log"} {
		b.WriteString("CREATE INDEX " + prefix + table + "_uid ON " + prefix + table + " (uid);\n")
	}
	return strings.ReplaceAll(b.String(), "PK(", "PRIMARY KEY (")
}
