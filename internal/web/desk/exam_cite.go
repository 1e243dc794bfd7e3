package desk

import (
	"strings"

	"einsicht/internal/law/catalogue"
	"einsicht/internal/law/citation"
	"einsicht/internal/wording"
)

// sentence says a sentence of the catalogue.
func (w words) sentence(s catalogue.Sentence) string {
	if w.lang == wording.English {
		return s.EN
	}
	return s.DE
}

// cite writes a citation as the language does: "§ 12 Abs. 2 DSG NRW" is
// "§ 12(2) DSG NRW", and "Art. 15 Abs. 1 Buchst. c DSGVO" is "Art. 15(1)(c) GDPR".
func (w words) cite(c string) string {
	if w.lang != wording.English || c == "" {
		return c
	}
	parsed, err := citation.Parse(c)
	if err != nil {
		return c
	}
	said := make([]string, len(parsed.Provisions))
	for i, p := range parsed.Provisions {
		said[i] = english(p)
	}
	joint := " in conjunction with "
	if !strings.Contains(c, " i. V. m. ") {
		joint = " and "
	}
	return strings.Join(said, joint)
}

func english(p citation.Provision) string {
	text := p.Sign + " " + p.Number
	if p.Sign == "Erwägungsgrund" {
		text = "recital " + p.Number
	}
	for _, part := range p.Parts {
		switch part.Unit {
		case "Abs.", "Buchst.":
			text += "(" + part.Value + ")"
		case "UAbs.":
			text += " subpara. " + part.Value
		case "Satz":
			text += " sentence " + part.Value
		case "Halbsatz":
			text += " half-sentence " + part.Value
		case "Nr.":
			text += " no. " + part.Value
		case "Alt.":
			text += " alternative " + part.Value
		}
	}
	if p.Act == "DSGVO" {
		return text + " GDPR"
	}
	return text + " " + p.Act
}
