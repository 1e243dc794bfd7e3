package assess

import (
	"regexp"
	"slices"

	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/law/citation"
)

// monthsOfSilence: § 4(5) sentence 1 ArchivG NRW.
const monthsOfSilence = 6

// know answers a condition from what the register says; Unknown means that
// staff are asked.
func (a *assessment) know(fact catalogue.Fact, s System) Known {
	switch fact {
	case catalogue.Paper, catalogue.NotAutomated:
		return is(s.Form == Paper, s.Form != "")
	case catalogue.BackupOnly:
		return is(s.Backup, true)
	case catalogue.RetentionOnly:
		return is(s.Retention.Only, true)
	case catalogue.StatutoryRetention:
		// An internal schedule is no legal obligation, Art. 17(3)(b) GDPR.
		_, err := citation.Parse(s.Retention.Norm)
		return is(err == nil, true)
	case catalogue.RetentionRuns:
		return is(!a.facts.Day.After(s.Retention.Until), !s.Retention.Until.IsZero())
	case catalogue.ArchiveDutyCanEnd:
		return is(a.silenceCounts(), true)
	case catalogue.ArchiveSixMonths:
		return is(a.sixMonthsOver(s.Offered), true)
	case catalogue.ArchiveDutyLasts:
		return is(!a.silenceCounts() || !a.sixMonthsOver(s.Offered), true)
	case catalogue.NoConsentOrContract:
		return is(!has(s, Consent, Contract), len(s.Bases) > 0)
	case catalogue.PublicTask:
		// A system on several bases may do some of its work in a public task: ask.
		mixed := onPublicTask(s) && has(s, Consent, Contract)
		return is(onPublicTask(s), len(s.Bases) > 0 && !mixed)
	case catalogue.NoPublicTask:
		return is(!has(s, PublicTask, LegitimateInterest), len(s.Bases) > 0)
	case catalogue.NoConsent:
		return is(!has(s, Consent), len(s.Bases) > 0)
	case catalogue.NotProvided:
		return is(s.Provided == No, s.Provided != Unknown)
	}
	return Unknown
}

// silenceCounts: § 10(5) ArchivG NRW does not refer municipal bodies to § 4(5);
// § 11(3) does refer other legal persons. An unnamed kind of body waits.
func (a *assessment) silenceCounts() bool {
	return a.facts.Body == OfLand || a.facts.Body == OtherBody
}

func (a *assessment) sixMonthsOver(offered calendar.Date) bool {
	return !offered.IsZero() && a.facts.Day.After(offered.AddMonths(monthsOfSilence))
}

// basis finds a legal basis in the long form, "Art. 6 Abs. 1 UAbs. 1 Buchst. e
// DSGVO", and as privacy notices write it, "Art. 6(1)(e), (3) DSGVO".
var basis = regexp.MustCompile(`Art\. ?(?:6 ?(?:Abs\. 1 (?:UAbs\. 1 )?Buchst\. |\(1\) ?\()([a-f])\b|9 ?(?:Abs\. 2 Buchst\. |\(2\) ?\()(a)\b).*DSGVO`)

// BasesOf reads the legal bases out of provisions, each once. A text that names
// none is passed over.
func BasesOf(provisions []string) []Basis {
	var bases []Basis
	for _, text := range provisions {
		m := basis.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		if b := Basis(m[1] + m[2]); !slices.Contains(bases, b) {
			bases = append(bases, b)
		}
	}
	return bases
}

// onPublicTask: Art. 6(1) subpara. 2 forbids authorities to rely on (f) in their
// tasks, so it is treated as (e); a body with economic aims may rely on it.
func onPublicTask(s System) bool {
	return has(s, PublicTask) || s.Regime != law.BDSGNonPublic && has(s, LegitimateInterest)
}

func has(s System, any ...Basis) bool {
	return slices.ContainsFunc(s.Bases, func(b Basis) bool { return slices.Contains(any, b) })
}

func is(yes, known bool) Known {
	switch {
	case !known:
		return Unknown
	case yes:
		return Yes
	}
	return No
}
