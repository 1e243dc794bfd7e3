package drupal

import "einsicht/internal/connector/sql"

// The tables are those of Drupal 9 and 10 with the modules of core and
// Webform 6. Names stand here without the site's prefix.
const (
	users       = "users_field_data"
	comments    = "comment_field_data"
	submissions = "webform_submission"
	elements    = "webform_submission_data"
)

// known is a table with what its columns mean.
type known struct {
	key   []string
	at    string
	user  string            // column with the account's number
	match map[string]string // kind of identifier → column
	reach [][]hop           // further ways to the person
	hints []sql.Hint
	// Columns, by what they mean:
	plain  []string
	times  []string // seconds since 1970
	hidden []string // never read: hashes, tokens, ids of sessions
}

type hop struct {
	table string
	on    map[string]string
}

var (
	fieldKey     = []string{"entity_id", "deleted", "delta", "langcode"}
	fieldColumns = []string{"bundle", "deleted", "entity_id", "revision_id", "langcode", "delta"}
	// A translation of a comment can be somebody else's: the language belongs
	// to the key.
	ofComment    = hop{comments, map[string]string{"entity_id": "cid", "langcode": "langcode"}}
	ofSubmission = hop{submissions, map[string]string{"sid": "sid"}}
)

func visit(address, at string) sql.Hint {
	return sql.Hint{Kind: "ip+time", Columns: []string{address, at}}
}

var tables = map[string]known{
	users: {
		key: []string{"uid", "langcode"}, at: "created",
		match:  map[string]string{"email": "mail", "account": "name"},
		hints:  []sql.Hint{{Kind: "account", Columns: []string{"name"}}, {Kind: "email", Columns: []string{"mail"}}},
		plain:  []string{"uid", "langcode", "preferred_langcode", "preferred_admin_langcode", "name", "mail", "timezone", "status", "init", "default_langcode"},
		times:  []string{"created", "changed", "access", "login"},
		hidden: []string{"pass"},
	},
	"users":       {key: []string{"uid"}, user: "uid", plain: []string{"uid", "uuid", "langcode"}},
	"user__roles": {key: fieldKey, user: "entity_id", plain: append([]string{"roles_target_id"}, fieldColumns...)},
	"user__user_picture": {key: fieldKey, user: "entity_id", plain: append([]string{"user_picture_target_id", "user_picture_alt", "user_picture_title",
		"user_picture_width", "user_picture_height"}, fieldColumns...)},
	// Modules keep secrets here, such as the seed of a second factor.
	"users_data": {key: []string{"uid", "module", "name"}, user: "uid", plain: []string{"uid", "module", "name", "serialized"}, hidden: []string{"value"}},
	"sessions": {
		key: []string{"sid"}, at: "timestamp", user: "uid", hints: []sql.Hint{visit("hostname", "timestamp")},
		plain: []string{"uid", "hostname"}, times: []string{"timestamp"}, hidden: []string{"sid", "session"},
	},
	"history": {key: []string{"uid", "nid"}, at: "timestamp", user: "uid", plain: []string{"uid", "nid"}, times: []string{"timestamp"}},
	"watchdog": {
		key: []string{"wid"}, at: "timestamp", user: "uid", hints: []sql.Hint{visit("hostname", "timestamp")},
		plain: []string{"wid", "uid", "type", "message", "variables", "severity", "link", "location", "referer", "hostname"}, times: []string{"timestamp"},
	},
	"file_managed": {
		key: []string{"fid"}, at: "created", user: "uid",
		plain: []string{"fid", "uuid", "langcode", "uid", "filename", "uri", "filemime", "filesize", "status"}, times: []string{"created", "changed"},
	},
	comments: {
		key: []string{"cid", "langcode"}, at: "created", user: "uid", hints: []sql.Hint{visit("hostname", "created")},
		match: map[string]string{"email": "mail", "display-name": "name"}, // of guests
		plain: []string{"cid", "comment_type", "langcode", "status", "uid", "pid", "entity_id", "subject", "name", "mail", "homepage", "hostname",
			"thread", "entity_type", "field_name", "default_langcode"},
		times: []string{"created", "changed"},
	},
	"comment__comment_body": {key: fieldKey, reach: [][]hop{{ofComment}}, plain: append([]string{"comment_body_value", "comment_body_format"}, fieldColumns...)},
	"node_field_data": {
		key: []string{"nid", "langcode"}, at: "created", user: "uid",
		plain: []string{"nid", "vid", "type", "langcode", "status", "uid", "title", "promote", "sticky", "default_langcode", "revision_translation_affected"},
		times: []string{"created", "changed"},
	},
	"node_field_revision": {
		key: []string{"vid", "langcode"}, at: "changed", user: "uid",
		plain: []string{"nid", "vid", "langcode", "status", "uid", "title", "promote", "sticky", "default_langcode", "revision_translation_affected"},
		times: []string{"created", "changed"},
	},
	"node_revision": {
		key: []string{"vid"}, at: "revision_timestamp", user: "revision_uid",
		plain: []string{"nid", "vid", "langcode", "revision_uid", "revision_log", "revision_default"}, times: []string{"revision_timestamp"},
	},
	submissions: {
		key: []string{"sid"}, at: "created", user: "uid", hints: []sql.Hint{visit("remote_addr", "created")},
		plain: []string{"sid", "webform_id", "uuid", "langcode", "serial", "uri", "in_draft", "current_page", "remote_addr", "uid", "entity_type",
			"entity_id", "locked", "sticky", "notes"},
		times: []string{"created", "completed", "changed"}, hidden: []string{"token"},
	},
	// What somebody else noted about a submission is about the person, too.
	elements: {key: []string{"sid", "name", "property", "delta"}, reach: [][]hop{{ofSubmission}}, plain: []string{"webform_id", "sid", "name", "property", "delta", "value"}},
	"webform_submission_log": {
		key: []string{"lid"}, at: "timestamp", user: "uid", reach: [][]hop{{ofSubmission}},
		plain: []string{"lid", "webform_id", "sid", "handler_id", "uid", "operation", "message", "data"}, times: []string{"timestamp"},
	},
}
