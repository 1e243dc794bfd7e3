package connector

import (
	"cmp"
	"strconv"
)

// DistinctFields makes the names of the fields of one finding differ: the second
// "recipient" is "recipient_2", a name that is empty "?". Staff decide by name what
// speaks about others, so one decision must not reach two values. It changes the
// fields.
func DistinctFields(fields []Field) []Field {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	for i, name := range DistinctNames(names) {
		fields[i].Name = name
	}
	return fields
}

// DistinctNames does so with names alone, in place. A name that the system gave
// itself stays with the first that has it.
func DistinctNames(names []string) []string {
	taken := make(map[string]bool, len(names))
	for i, name := range names {
		names[i] = cmp.Or(name, "?")
		taken[names[i]] = true
	}
	if len(taken) == len(names) {
		return names // as nearly always
	}
	times := make(map[string]int, len(names))
	for i, name := range names {
		if times[name]++; times[name] == 1 {
			continue
		}
		for names[i] = nth(name, times[name]); taken[names[i]]; names[i] = nth(name, times[name]) {
			times[name]++
		}
		taken[names[i]] = true
	}
	return names
}

func nth(name string, n int) string { return name + "_" + strconv.Itoa(n) }
