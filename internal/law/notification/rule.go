package notification

import "einsicht/internal/law/calendar"

// fourDays is the day on which three days became four, because letters travel
// longer (Postrechtsmodernisierungsgesetz, 15 July 2024).
var fourDays = calendar.Day(2025, 1, 1)

const (
	vwvfg    = "https://www.gesetze-im-internet.de/vwvfg/"
	vwvfgNRW = "https://recht.nrw.de/"
	ozg      = "https://www.gesetze-im-internet.de/ozg/"
	fromNote = "the text in force since 1 January 2025; known from Mitteilung 784/2024 of the Städte- und Gemeindebund NRW"
)

var rules = []Rule{
	{
		ID: Post, Start: Posted, Days: 3, Domestic: true, To: fourDays.AddDays(-1),
		Bases: map[calendar.Land]Basis{
			calendar.NW: {"§ 41 Abs. 2 Satz 1 VwVfG NRW", vwvfgNRW, true, ""},
			calendar.NI: {"§ 41 Abs. 2 Satz 1 VwVfG", vwvfg, false, "the text in force before 2025"},
		},
	},
	{
		ID: Post, Start: Posted, Days: 4, Domestic: true, From: fourDays,
		Bases: map[calendar.Land]Basis{
			calendar.NW: {"§ 41 Abs. 2 Satz 1 VwVfG NRW", vwvfgNRW, false, fromNote},
			calendar.NI: {"§ 41 Abs. 2 Satz 1 VwVfG", vwvfg, true, ""},
		},
	},
	{
		ID: Electronic, Start: Sent, Days: 3, To: fourDays.AddDays(-1),
		Bases: map[calendar.Land]Basis{
			calendar.NW: {"§ 41 Abs. 2 Satz 2 VwVfG NRW", vwvfgNRW, true, ""},
			calendar.NI: {"§ 41 Abs. 2 Satz 2 VwVfG", vwvfg, false, "the text in force before 2025"},
		},
	},
	{
		ID: Electronic, Start: Sent, Days: 4, From: fourDays,
		Bases: map[calendar.Land]Basis{
			calendar.NW: {"§ 41 Abs. 2 Satz 2 VwVfG NRW", vwvfgNRW, false, fromNote},
			calendar.NI: {"§ 41 Abs. 2 Satz 2 VwVfG", vwvfg, true, ""},
		},
	},
	{
		ID: Portal, Start: Fetched, Days: 1, Open: 10, Consent: true,
		Bases: map[calendar.Land]Basis{
			calendar.NW: {"§ 41 Abs. 2a VwVfG NRW", vwvfgNRW, false, "the text in force since 1 January 2025; read as of 1 December 2023"},
			calendar.NI: {"§ 41 Abs. 2a VwVfG", vwvfg, true, ""},
		},
	},
	{
		// Consent is presumed unless it was excluded when the account was opened.
		ID: OZGMailbox, Start: Provided, Days: 4, Unused: true, From: fourDays,
		Bases: map[calendar.Land]Basis{
			calendar.NW: {"§ 9 Abs. 1 OZG", ozg, true, ""},
			calendar.NI: {"§ 9 Abs. 1 OZG", ozg, true, ""},
		},
	},
}
