package pdf

import (
	"strconv"
	"strings"

	"einsicht/internal/letter"
	"einsicht/internal/wording"
)

// shownRecords is how many records of a system the PDF shows: as many as the
// HTML does. The tables and daten.json have all.
const shownRecords = 500

func (d *document) text(key string, pairs ...string) string {
	return wording.Text(d.l.Lang, key, pairs...)
}

// data writes what the authority holds, by purpose, on pages of their own.
func (d *document) data() {
	d.heading("Annex", 2, d.text("letter.data.heading"))
	d.p("Text", d.text("letter.data.intro"))
	for _, g := range d.l.Groups {
		d.h("", 3, d.said(d.text("letter.data.purpose", "purpose", g.Purpose), g.Systems[0].Foreign))
		for _, s := range g.Systems {
			d.system(s)
		}
	}
}

func (d *document) system(s letter.Data) {
	d.h("", 4, d.said(s.Name, s.Foreign))
	about := letter.Table{
		Caption: d.text("letter.data.facts", "system", s.Name),
		Head:    []string{d.text("letter.data.about"), d.text("letter.data.content")},
	}
	for _, f := range s.Facts {
		about.Rows = append(about.Rows, []string{f.Label, strings.Join(f.Lines, "\n")})
	}
	d.pairs(about, "Caption", s.Foreign)
	if s.Total > shownRecords {
		d.p("Note", d.text("letter.data.more", "shown", strconv.Itoa(shownRecords), "total", strconv.Itoa(s.Total), "file", s.Table))
	}
	shown := 0
	for rec, err := range s.Records() {
		if err == nil {
			err = d.ctx.Err()
		}
		if err != nil {
			d.fail(err)
			return
		}
		if shown++; shown > shownRecords || d.err != nil {
			return
		}
		d.record(rec)
	}
}

func (d *document) record(rec letter.Record) {
	if rec.Withheld {
		d.p("Record", rec.Title)
		d.p("Text", d.text("letter.data.withheld"))
	} else {
		t := letter.Table{Caption: rec.Title, Head: []string{d.text("letter.data.field"), d.text("letter.data.value")}}
		for _, f := range rec.Fields {
			value := f.Value
			if f.Note != "" {
				value = f.Note
			}
			t.Rows = append(t.Rows, []string{f.Label, value})
		}
		d.pairs(t, "Record", false)
	}
	if rec.Why != "" {
		d.p("Note", d.text("letter.data.why", "why", rec.Why))
	}
}
