package sqltest

import (
	"fmt"
	"maps"
	"slices"

	"einsicht/internal/connector"
)

// WrongJoins gives, by what is wrong with it, a join of several columns (own column →
// column there) without one of them and with any two swapped, as somebody might write
// it into a mapping. A test that asks by it must notice.
func WrongJoins(on map[string]string) map[string]map[string]string {
	all := map[string]map[string]string{}
	columns := slices.Sorted(maps.Keys(on))
	if len(columns) < 2 {
		return nil
	}
	for i, a := range columns {
		less := maps.Clone(on)
		delete(less, a)
		all["without "+a] = less
		for _, b := range columns[i+1:] {
			swapped := maps.Clone(on)
			swapped[a], swapped[b] = on[b], on[a]
			all["with "+a+" and "+b+" swapped"] = swapped
		}
	}
	return all
}

// WrongSets gives, for each kind of identifier of each set of several, the sets of a
// connection with that one left out.
func WrongSets(match []connector.Match) map[string][]connector.Match {
	all := map[string][]connector.Match{}
	for i, m := range match {
		if len(m.By) < 2 {
			continue
		}
		for n, kind := range m.By {
			less := slices.Clone(match)
			less[i].By = slices.Delete(slices.Clone(m.By), n, n+1)
			all[fmt.Sprintf("set %d without the %s", i, kind)] = less
		}
	}
	return all
}
