package logs

import (
	"strconv"

	"einsicht/internal/connector"
)

// Number makes the names of the fields of one finding differ: the second
// "recipient" is "recipient_2". Staff decide by name what speaks about others,
// so one decision must not reach two values. It changes the fields.
func Number(fields []connector.Field) []connector.Field {
	taken, times := make(map[string]bool, len(fields)), make(map[string]int, len(fields))
	for _, f := range fields {
		taken[f.Name] = true
	}
	for i, f := range fields {
		if times[f.Name]++; times[f.Name] == 1 {
			continue
		}
		for {
			name := f.Name + "_" + strconv.Itoa(times[f.Name])
			if !taken[name] {
				taken[name], fields[i].Name = true, name
				break
			}
			times[f.Name]++ // a field of that name came from the system
		}
	}
	return fields
}
