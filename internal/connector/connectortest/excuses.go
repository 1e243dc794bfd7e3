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
