package mailman

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// FuzzEntry shows any record: no crash, and nothing of what is secret.
func FuzzEntry(f *testing.F) {
	f.Add([]byte(`{"email":"erika@example.org","password":"xyzzy","token":["xyzzy"],"registered_on":"0001-01-01T00:00:00","new":{"a":1}}`))
	f.Add([]byte(`{"email":{"a":[]},"when":"2026-11-22T07:45:06","hide_address":null,"sender":7}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var e entry
		if json.Unmarshal(data, &e) != nil {
			return
		}
		whose(e)
		identity(e)
		readTime(e.text("when"))
		settings(e, e)
		for _, form := range []form{addressForm, userForm, memberForm, requestForm, heldForm, banForm} {
			for _, one := range form.fieldsOf(e) {
				if slices.Contains(secret, strings.TrimPrefix(one.Name, prefix)) && (!one.Withheld || !one.Value.IsZero()) {
					t.Errorf("%s leaves the house", one.Name)
				}
			}
		}
	})
}

func FuzzAReferenceIsTakenToTheLetter(f *testing.F) {
	for _, s := range []string{"addresses/a@example.org", "bans/l.example.org/a@example.org", "bans/a@example.org", "held/l/7", "users/..", "members/a/b", "requests/l", "addresses/a%2Fb", "addresses/%2e%2e", "members/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := readReference(s); ok && (n.reference() != s || n.key == "" || n.key == ".." || n.list == "..") {
			t.Errorf("%q is read as %q", s, n.reference())
		}
	})
}
