package connector

import (
	"slices"
	"testing"
)

func TestDistinctNames(t *testing.T) {
	for sentence, c := range map[string]struct{ names, want []string }{
		"different names stay":                  {[]string{"a", "b"}, []string{"a", "b"}},
		"a name that comes again is counted":    {[]string{"a", "b", "a", "a"}, []string{"a", "b", "a_2", "a_3"}},
		"a name of the system itself is kept":   {[]string{"a", "a", "a_2", "a"}, []string{"a", "a_3", "a_2", "a_4"}},
		"what has no name is a question mark":   {[]string{"", "a", ""}, []string{"?", "a", "?_2"}},
		"a counted name that comes again":       {[]string{"a_2", "a", "a", "a_2"}, []string{"a_2", "a", "a_3", "a_2_2"}},
		"names of other names' counting differ": {[]string{"a", "a", "a_2", "a_2"}, []string{"a", "a_3", "a_2", "a_2_2"}},
	} {
		if got := DistinctNames(slices.Clone(c.names)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", sentence, got, c.want)
		}
	}
}

func TestDistinctFieldsNamesFields(t *testing.T) {
	fields := DistinctFields([]Field{{Name: "a"}, {Name: "a"}})
	if fields[0].Name != "a" || fields[1].Name != "a_2" {
		t.Errorf("got %s and %s, want a and a_2", fields[0].Name, fields[1].Name)
	}
}
