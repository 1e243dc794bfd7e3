package letter

import (
	"slices"
	"strings"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

// Input is what an answer is made of.
type Input struct {
	Lang       wording.Lang // the German text decides
	Authority  inventory.Authority
	To         []person.Text // name and address, line by line
	FileNumber string
	Received   time.Time // civil date of the request
	Date       time.Time // civil date of the answer
	InCharge   string    // who acts for the authority
	Rights     []RightAnswer
	Disclosed  disclosure.Disclosed // for access
	Measures   disclosure.Measures  // what was done in systems, and what stays
	Changed    bool                 // something was done in a system, so that recipients are told of it
	Recipients []Recipient          // of what was changed, for who asked
	BackupDays int                  // after which no backup holds what was erased, where a system itself does not say; 0: not known

	Confirmed map[string]bool   // by system: the authority confirmed what is ours in its entry
	Sources   map[string]string // by system: Art. 15(1)(g), where the data are not from the person
	Automated string            // Art. 15(1)(h); empty: none is recorded
	Transfers string            // Art. 15(2); empty: none is recorded
	Court     string            // name and address of the court, as staff confirmed it; empty: the rule is named

	Texts        Texts
	NonPublic    bool // systems under § 5(5) DSG NRW are in the case: which way to court is open is not settled
	CivilServant bool // the person asks as a civil servant, § 54(2) BeamtStG: not settled in Lower Saxony
}

// RightAnswer is the decision on one right that was asked for.
type RightAnswer struct {
	Right   law.Right
	Outcome casefile.Outcome // as the person may know it; of access, less where the records show less
	// Citation of the ground, for the person: "§ 10 Abs. 2 DSG NRW". It is
	// left out where ForPerson is empty, because it would tell the reason.
	Citation  string
	ForPerson person.Text
	// Silent: reasons are kept back by a decision with a note on file, § 12(4)
	// s. 1 DSG NRW.
	Silent bool

	Limits  []Limit      // what limits the right, one by one
	Systems []SystemLine // of portability: whether the right exists, system by system
	Done    []Promise    // what is done: also when a backup is overwritten
}

// Promise says in a sentence what is done.
type Promise struct {
	System string // id; empty: it is about none, or about what no measure tells
	Text   string
}

// needsReasons says whether the right itself was refused, wholly or in part. Of
// access given in part the reasons stand with what is kept back.
func (r RightAnswer) needsReasons() bool {
	return r.Outcome == casefile.Refused || r.Outcome == casefile.PartlyGranted && r.Right != law.Access
}

// hasReasons says whether anything in the answer gives them.
func (r RightAnswer) hasReasons() bool {
	return !r.ForPerson.IsZero() || r.Silent || len(r.limits()) > 0 ||
		slices.ContainsFunc(r.Systems, func(s SystemLine) bool { return !s.Applies && s.Why != "" })
}

// unidentifiable is a negative answer under Art. 11(2) GDPR: none of the systems
// can tie data to the person.
const unidentifiable casefile.Outcome = "unattributable"

// Answer writes the letter. An input that can't become a letter at all (no
// right, or a right that nobody decided) is problem.Conflict; what else the law
// wants and the letter lacks, Missing says.
func Answer(in Input) (Letter, error) {
	w := writer{in: in}
	rights, err := w.decided()
	if err != nil {
		return Letter{}, err
	}
	asksAccess := slices.ContainsFunc(rights, func(r RightAnswer) bool { return r.Right == law.Access && r.Outcome != casefile.Refused })
	l := Letter{
		Kind: KindAnswer, Lang: in.Lang, Authority: in.Authority.Name, Sender: in.Authority.Contact.Address(), To: in.To,
		Date: in.Date, FileNumber: in.FileNumber, InCharge: in.InCharge, Reference: w.reference(true),
		Subject: w.text("letter.subject"), Opening: w.opening(), Closing: w.closing(),
		asksAccess: asksAccess, unsettled: w.unsettled(),
	}
	l.Sections = append(l.Sections, w.summary(rights), w.outcome(rights))
	if len(in.Measures.All) > 0 {
		l.Sections = append(l.Sections, w.measures(rights))
	}
	if sec, ok := w.toldRecipients(rights); ok {
		l.Sections = append(l.Sections, sec)
	}
	if asksAccess {
		if in.Disclosed.Unanswered() {
			l.Sections = append(l.Sections, w.incomplete())
		}
		l.Groups = w.groups()
		l.Gaps = w.gaps()
		l.unconfirmed = w.unconfirmed()
		l.Sections = append(l.Sections, w.confirmation(), w.searched(), w.automated(), w.moreRights())
	}
	l.Sections = append(l.Sections, w.complaint(), w.remedy())
	for _, r := range rights {
		l.refuses = l.refuses || r.Outcome.Refuses() || len(r.limits()) > 0
		w.claims(&l, r)
		stays := w.stays(r.Right)
		reasons := r.hasReasons() || len(stays) > 0 || w.keepsFields(r.Right)
		if r.needsReasons() && !reasons || slices.ContainsFunc(r.limits(), Limit.lacksReasons) || slices.ContainsFunc(stays, lacksReasons) {
			l.noReasons = append(l.noReasons, r.Right)
		}
		if slices.ContainsFunc(r.limits(), Limit.lacksGround) || slices.ContainsFunc(stays, lacksGround) {
			l.noGround = append(l.noGround, r.Right)
		}
	}
	return l, nil
}

// writer writes the parts of one letter.
type writer struct{ in Input }

func (w writer) text(key string, pairs ...string) string {
	return w.in.Texts.fill(w.in.Lang, key, pairs...)
}

func (w writer) date(day time.Time) string { return wording.ShortDate(w.in.Lang, day) }

// decided returns the rights with their outcomes.
func (w writer) decided() ([]RightAnswer, error) {
	rights := slices.Clone(w.in.Rights)
	if len(rights) == 0 {
		return nil, problem.New(problem.Conflict, "letter.missing.outcome")
	}
	for i, r := range rights {
		if r.Outcome == casefile.Undecided {
			return nil, problem.New(problem.Conflict, "letter.missing.outcome")
		}
		// A limit can leave nothing in the records: what only a backup holds was
		// never found. What was granted must not say more than the records do.
		if r.Right == law.Access && !r.Outcome.Refuses() {
			rights[i].Outcome = w.disclosedOutcome()
		}
		rights[i].Outcome = w.carriedOutcome(rights[i])
	}
	return rights, nil
}

// disclosedOutcome follows from the records. Where nothing was found, what this
// portal holds about the request itself is given all the same.
func (w writer) disclosedOutcome() casefile.Outcome {
	d := w.in.Disclosed
	switch {
	case d.Refuses() || d.Unanswered():
		return casefile.PartlyGranted
	case d.Given() > 0:
		return casefile.Granted
	case len(d.Systems) > 0 && !slices.ContainsFunc(d.Systems, func(s disclosure.System) bool { return s.Outcome != disclosure.Unattributable }):
		return unidentifiable
	}
	return casefile.NothingHeld
}

// reference is the block beside the address. When a person asked is for the
// person alone.
func (w writer) reference(applicant bool) []ReferenceLine {
	in := w.in
	lines := []ReferenceLine{
		{w.text("letter.ref.file_number"), in.FileNumber},
		{w.text("letter.ref.date"), w.date(in.Date)},
	}
	if applicant {
		lines = append(lines, ReferenceLine{w.text("letter.ref.received"), w.date(in.Received)})
	}
	if in.InCharge != "" {
		lines = append(lines, ReferenceLine{w.text("letter.ref.in_charge"), in.InCharge})
	}
	if contact := join(" · ", in.Authority.Contact.Phone, in.Authority.Contact.Email); contact != "" {
		lines = append(lines, ReferenceLine{w.text("letter.ref.contact"), contact})
	}
	if dpo := in.Authority.DPO; !dpo.IsZero() {
		lines = append(lines, ReferenceLine{w.text("letter.ref.dpo"), join(" · ", dpo.Name, dpo.Phone, dpo.Email)})
	}
	return lines
}

func (w writer) greeting() []Block {
	blocks := []Block{Paragraph{w.text("letter.greeting")}}
	if w.in.Lang != wording.German {
		blocks = append(blocks, Paragraph{w.text("letter.german_decides")})
	}
	return blocks
}

func (w writer) opening() []Block {
	return slices.Insert(w.greeting(), 1, Block(Paragraph{w.text("letter.opening", "date", w.date(w.in.Received))}))
}

func (w writer) closing() []string {
	return slices.DeleteFunc([]string{w.text("letter.closing"), w.in.InCharge, w.in.Authority.Name}, func(s string) bool { return s == "" })
}

// pairs fill the placeholders that every notice has.
func (w writer) pairs() []string {
	in := w.in
	contact := in.Authority.Contact
	contact.Fax, contact.Web = "", ""
	return []string{
		"authority", in.Authority.Name, "contact", strings.Join(contact.Lines(in.Lang), ", "), "date", w.date(in.Date), "file_number", in.FileNumber,
		"in_charge", in.InCharge, "received", w.date(in.Received),
	}
}

func (w writer) outcome(rights []RightAnswer) Section {
	table := Table{
		Caption: w.text("letter.outcome.table"),
		Head:    []string{w.text("letter.outcome.right"), w.text("letter.outcome.decision")},
	}
	var reasons []Block
	for _, r := range rights {
		name := w.text("letter.right." + string(r.Right))
		table.Rows = append(table.Rows, []string{name + " (" + w.article(r.Right) + ")", w.said(r)})
		reasons = append(reasons, w.reasons(name, r)...)
		reasons = append(reasons, w.detail(name, r)...)
	}
	return Section{Outcome, w.text("letter.outcome.heading"), append([]Block{table}, reasons...)}
}

// said is the decision on a right in a sentence.
func (w writer) said(r RightAnswer) string {
	return w.ofRight("letter.outcome."+string(r.Outcome), r.Right)
}

// ofRight is a sentence that reads differently for some rights.
func (w writer) ofRight(key string, right law.Right) string {
	if own := key + "." + string(right); wording.Has(own) {
		return w.text(own)
	}
	return w.text(key)
}

func (w writer) reasons(name string, r RightAnswer) []Block {
	heading := Heading{3, w.text("letter.outcome.reasons", "right", name)}
	if r.ForPerson.IsZero() {
		if r.Silent && r.needsReasons() {
			return []Block{heading, Paragraph{w.text("letter.outcome.no_reasons")}}
		}
		return nil
	}
	blocks := []Block{heading, Words{r.ForPerson}}
	if r.Citation != "" {
		blocks = append(blocks, Paragraph{w.text("letter.outcome.ground", "ground", r.Citation)})
	}
	return blocks
}

// article cites a right in the letter's language.
func (w writer) article(r law.Right) string {
	if w.in.Lang == wording.German {
		return r.Article()
	}
	return strings.NewReplacer("DSGVO", "GDPR", " Abs. 3", "(3)", " Satz 2", " sentence 2").Replace(r.Article())
}

// join joins what is not empty.
func join(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), sep)
}
