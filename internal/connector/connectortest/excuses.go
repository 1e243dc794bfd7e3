package connectortest

import "testing"

// excuses say which kinds have nothing to show in a part of the suite for which
// a harness must bring something, and why. A kind that neither brings it nor
// stands here fails, and so does one that stands here and brings it.
var excuses = map[string]map[string]string{
	"everything": {"manual": "people answer: there is no source that could be asked"},
	"reads":      {},
	"spoil":      {},
	"gaps":       {"drupal": "its tables are asked as those of sql, whose harness shows it"},
	"hints": {
		"webdav": "a file in the person's folder that belongs to somebody else is to be checked, so none names a further identifier",
	},
	"mixed": {},
	"files": {
		"applog":  "its records are lines, without files",
		"authlog": "its records are lines, without files",
		"cdr":     "its records are lines, without files",
		"drupal":  "its records are rows, whose values are text",
		"ldap":    "its values are short, and at hand with the entry",
		"maillog": "its records are lines, without files",
		"mailman": "its records are members and settings, without files",
		"matomo":  "its records are rows, whose values are text",
		"rest":    "its records are what one answer says, without files",
		"sql":     "its records are rows, whose values are text",
		"weblog":  "its records are lines, without files",
	},
}

// excused says whether a part of the suite has nothing to ask of this kind.
func (b *bench) excused(t *testing.T, part string, able bool) bool {
	t.Helper()
	kind := b.Kind().Name()
	why, stands := excuses[part][kind]
	switch {
	case able && stands:
		t.Fatalf("%s is excused from %s, but its harness brings what it needs: strike it out", kind, part)
	case stands:
		t.Skipf("%s has no %s: %s", kind, part, why)
	case !able:
		t.Fatalf("the harness of %s brings nothing for %s, and nothing excuses it", kind, part)
	}
	return false
}
