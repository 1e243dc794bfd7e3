package lawcli

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"einsicht/internal/law/catalogue"
	"einsicht/internal/law/workedcase"
)

// ErrCheck says that worked cases come out otherwise than they expect.
var ErrCheck = errors.New("worked cases differ from what they expect")

// Check runs the worked cases in files, an authority's own included, and reports
// line by line what differs: "file:12: name: what". With ErrCheck the report is
// complete; any other error is about reading.
func Check(files []string) ([]byte, error) {
	if len(files) == 0 {
		return nil, errors.New("name at least one file of worked cases")
	}
	book, err := catalogue.Load()
	if err != nil {
		return nil, err
	}
	var report bytes.Buffer
	cases, different := 0, 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		read, err := workedcase.Parse(book, data)
		if err != nil {
			return nil, inFile(file, err)
		}
		for _, c := range read {
			cases++
			wrong := c.Check(book)
			if len(wrong) > 0 {
				different++
			}
			for _, w := range wrong {
				fmt.Fprintf(&report, "%s:%d: %s: %s\n", file, c.Line, c.Name, w)
			}
		}
	}
	fmt.Fprintf(&report, "%d worked cases, %d different\n", cases, different)
	if different > 0 {
		return report.Bytes(), ErrCheck
	}
	return report.Bytes(), nil
}
