package workedcase

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"einsicht/internal/law"
	"einsicht/internal/law/assess"
)

// system reads "Postfach; Art. 6 Abs. 1 UAbs. 1 Buchst. e DSGVO; automatisiert".
func (r *reading) system(v string) error {
	phrases := strings.Split(v, "; ")
	s := assess.System{ID: phrases[0], Name: phrases[0], Regime: regimes[r.c.Facts.Land], Form: assess.Automated, State: assess.Held}
	for _, p := range phrases[1:] {
		if bases := assess.BasesOf([]string{p}); bases != nil {
			s.Bases = append(s.Bases, bases...)
		} else if err := phrase(&s, p); err != nil {
			return err
		}
	}
	r.c.Facts.Systems = append(r.c.Facts.Systems, s)
	return nil
}

var (
	kept    = regexp.MustCompile(`^Aufbewahrung nach (.+) bis (\d.*)$`)
	rotates = regexp.MustCompile(`^überschrieben nach (\d+) Tagen$`)
)

func phrase(s *assess.System, p string) (err error) {
	if m := kept.FindStringSubmatch(p); m != nil {
		if m[1] != "internem Aktenplan" {
			s.Retention.Norm = m[1]
		}
		s.Retention.Until, err = day(m[2])
		return err
	}
	if m := rotates.FindStringSubmatch(p); m != nil {
		s.Rotation, err = strconv.Atoi(m[1])
		return err
	}
	if d, ok := strings.CutPrefix(p, "dem Archiv angeboten am "); ok {
		s.Offered, err = day(d)
		return err
	}
	switch p {
	case "automatisiert":
	case "auf Papier":
		s.Form = assess.Paper
	case "nur Datensicherung":
		s.Backup = true
	case "nur noch wegen der Aufbewahrung gespeichert":
		s.Retention.Only = true
	case "von der Person bereitgestellt":
		s.Provided = assess.Yes
	case "nicht von der Person bereitgestellt":
		s.Provided = assess.No
	case "wirtschaftliches Ziel nach § 5 Abs. 5 DSG NRW":
		s.Regime = law.BDSGNonPublic
	case "keine Daten":
		s.State = assess.Nothing
	case "noch keine Antwort":
		s.State = assess.Pending
	default:
		return errors.New("what is said about the Verfahren is not known here; docs/law.md lists the phrases")
	}
	return nil
}
