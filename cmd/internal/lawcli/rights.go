package lawcli

import (
	"encoding/hex"
	"encoding/json"

	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
)

// rightsAnswer is the answer of `einsicht law rights`.
type rightsAnswer struct {
	On        calendar.Date `json:"on"`
	Catalogue string        `json:"catalogue_sha256"`
	Rights    []right       `json:"rights"`
}

type right struct {
	Right    law.Right           `json:"right"`
	Citation string              `json:"citation"`
	Title    text                `json:"title"`
	Requires []condition         `json:"requires"`
	Contents []content           `json:"contents"`
	Steps    []text              `json:"steps"`
	Clock    clock               `json:"clock"`
	Needs    []catalogue.Ability `json:"needs"`
	Note     *text               `json:"note,omitempty"`
}

type content struct {
	ID       string `json:"id"`
	Citation string `json:"citation"`
	text
}

type clock struct {
	Action  string `json:"action,omitempty"`
	Refusal string `json:"refusal,omitempty"`
	AtOnce  bool   `json:"at_once"`
}

// Rights lists as JSON the rights of a day: what each requires, what a complete
// answer to it holds, its steps and periods.
func Rights(on string) ([]byte, error) {
	e, err := edition(on)
	if err != nil {
		return nil, err
	}
	out := rightsAnswer{On: e.Day, Catalogue: hex.EncodeToString(e.SHA256[:])}
	for _, r := range e.Rights() {
		x := right{
			Right: r.Right, Citation: r.Citation, Title: text(r.Title), Requires: []condition{}, Steps: texts(r.Steps),
			Clock: clock{r.Clock.Action, r.Clock.Refusal, r.Clock.AtOnce}, Needs: r.Needs, Note: orNull(r.Note),
		}
		for _, c := range r.Requires {
			x.Requires = append(x.Requires, condition{c.ID, c.Fact, text(c.Sentence)})
		}
		for _, c := range r.Contents {
			x.Contents = append(x.Contents, content{c.ID, c.Citation, text(c.Sentence)})
		}
		out.Rights = append(out.Rights, x)
	}
	return json.MarshalIndent(out, "", "  ")
}
