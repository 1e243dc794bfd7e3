package lawcli

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/law/workedcase"
	"einsicht/internal/wording"
)

// explained is what `einsicht law explain` says about one case.
type explained struct {
	File       string         `json:"file"`
	Line       int            `json:"line"`
	Name       string         `json:"name"`
	Story      string         `json:"story,omitempty"`
	Right      law.Right      `json:"right"`
	Title      text           `json:"title"`
	Citation   string         `json:"citation"`
	Land       calendar.Land  `json:"land"`
	On         calendar.Date  `json:"on"`
	Catalogue  string         `json:"catalogue_sha256"`
	Outcome    assess.Outcome `json:"outcome"`
	Pending    []string       `json:"pending"` // systems that have not answered
	Due        []said         `json:"due"`
	Limits     []limit        `json:"limits"`
	NotHolding []vain         `json:"not_holding"`
	Instead    []said         `json:"instead"`
	AskStaff   []asked        `json:"ask_staff"`
	MayAsk     []asked        `json:"may_ask"`
	AskPerson  []said         `json:"ask_person"`
	Tasks      []task         `json:"tasks"`
	OnFile     []said         `json:"on_file"`
	Notes      []said         `json:"notes"`
	Confirm    []cited        `json:"confirm"` // staff must compare these with the text in force first
	Neutral    bool           `json:"neutral"` // the letter reads as if nothing were held
}

// cited is a ground at a system; no system: at the whole case.
type cited struct {
	Ground   string `json:"ground"`
	Citation string `json:"citation"`
	System   string `json:"system,omitempty"`
}

type said struct {
	System   string `json:"system,omitempty"`
	Citation string `json:"citation"`
	text
}

type limit struct {
	cited
	Title    text             `json:"title"`
	Effect   catalogue.Effect `json:"effect"`
	Whole    bool             `json:"whole"`
	Withheld bool             `json:"reasons_withheld"`
	Secret   bool             `json:"secret_fact"`
	Review   bool             `json:"review"`
}

// vain is a ground that somebody took up and that does not hold.
type vain struct {
	cited
	Title    text            `json:"title"`
	Standing assess.Standing `json:"standing"`
	Failed   []text          `json:"failed"`
	Unusable *text           `json:"unusable,omitempty"`
}

type asked struct {
	cited
	Condition string       `json:"condition"`
	About     assess.About `json:"about"`
	text
}

type task struct {
	cited
	Task catalogue.Task `json:"task"`
	text
}

// Explain assesses the worked cases in files, whether they expect an outcome or
// not, and says in German what follows: or as JSON, one list of all cases. An
// error about a file is one line for each fault: "file:12: what".
func Explain(files []string, asJSON bool) ([]byte, error) {
	if len(files) == 0 {
		return nil, errors.New("name at least one file of cases")
	}
	book, err := catalogue.Load()
	if err != nil {
		return nil, err
	}
	var all []explained
	var faults []error
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		cases, err := workedcase.ParseFacts(book, data)
		faults = append(faults, inFile(file, err))
		for _, c := range cases {
			all = append(all, explain(book, file, c))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if asJSON {
		return json.MarshalIndent(all, "", "  ")
	}
	return prose(all), nil
}

// inFile puts the file before the line of each fault.
func inFile(file string, err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var errs []error
		for _, e := range joined.Unwrap() {
			errs = append(errs, inFile(file, e))
		}
		return errors.Join(errs...)
	}
	if f := new(workedcase.Fault); errors.As(err, &f) {
		return fmt.Errorf("%s:%d: %s", file, f.Line, f.Text)
	}
	return err
}

func explain(book catalogue.Book, file string, c workedcase.Case) explained {
	e := book.On(c.Facts.Day)
	r := assess.Assess(e, c.Facts)
	x := explained{
		File: file, Line: c.Line, Name: c.Name, Story: c.Story, Right: c.Facts.Right, Land: c.Facts.Land, On: c.Facts.Day,
		Catalogue: hex.EncodeToString(e.SHA256[:]), Outcome: r.Outcome, Neutral: r.Neutral,
		Due: lines(r.Due), Instead: lines(r.Instead), AskPerson: lines(r.AskPerson), OnFile: lines(r.OnFile), Notes: lines(r.Notes),
		Pending: []string{}, Limits: []limit{}, NotHolding: []vain{}, Tasks: []task{}, Confirm: []cited{},
	}
	right, ok := e.Right(c.Facts.Right)
	if x.Title, x.Citation = text(right.Title), right.Citation; !ok { // a duty nobody files a request for
		x.Title, x.Citation = both("law.explain.duty."+string(c.Facts.Right)), duties[c.Facts.Right]
	}
	at := func(p assess.Place) cited {
		if p.Ground == string(right.Right) {
			return cited{p.Ground, right.Citation, p.System}
		}
		g, _ := e.Ground(p.Ground)
		return cited{p.Ground, g.Citation, p.System}
	}
	questions := func(from []assess.Asked) []asked {
		list := []asked{}
		for _, q := range from {
			list = append(list, asked{at(q.Place), q.Condition, q.About, text(q.Text)})
		}
		return list
	}
	x.AskStaff, x.MayAsk = questions(r.AskStaff), questions(r.MayAsk)
	for _, s := range c.Facts.Systems {
		if s.State == assess.Pending {
			x.Pending = append(x.Pending, s.Name)
		}
	}
	for _, l := range r.Limits {
		g, _ := e.Ground(l.Ground)
		x.Limits = append(x.Limits, limit{at(l.Place), text(g.Title), l.Effect, l.Whole, l.ReasonsWithheld, l.SecretFact, l.Review})
	}
	for _, k := range r.Checks {
		if !c.Facts.Claimed[k.Place] || k.Standing == assess.Holds || k.Standing == assess.Awaits {
			continue
		}
		g, _ := e.Ground(k.Ground)
		v := vain{at(k.Place), text(g.Title), k.Standing, []text{}, orNull(g.Unusable)}
		for _, q := range g.Questions() {
			for _, failed := range k.Failed {
				if q.ID == failed {
					v.Failed = append(v.Failed, text(q.Sentence))
				}
			}
		}
		x.NotHolding = append(x.NotHolding, v)
	}
	for _, t := range r.Tasks {
		x.Tasks = append(x.Tasks, task{at(t.Place), t.Task, both("law.task." + string(t.Task))})
	}
	for _, id := range r.Confirm {
		x.Confirm = append(x.Confirm, at(assess.Place{Ground: id}))
	}
	return x
}

var duties = map[law.Right]string{catalogue.Information: "Art. 14 DSGVO", catalogue.BreachNotice: "Art. 34 DSGVO"}

func lines(from []assess.Line) []said {
	list := []said{}
	for _, l := range from {
		list = append(list, said{l.System, l.Citation, text{l.Text(wording.German), l.Text(wording.English)}})
	}
	return list
}

func both(key string, pairs ...string) text {
	return text{wording.Text(wording.German, key, pairs...), wording.Text(wording.English, key, pairs...)}
}
