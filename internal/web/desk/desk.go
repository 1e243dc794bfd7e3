// Package desk is where staff work: they see which cases are urgent, find out
// who is asking, look at what the systems hold, decide, and let the answer out.
//
// What a page leaves out is only comfort: whether somebody may do something,
// and whether the case allows it, is decided in the steps. What they refuse
// comes back on the same page with every reason and nothing typed lost.
package desk

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/law/silence"
	"einsicht/internal/letter"
	"einsicht/internal/login"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/procedure/delivery"
	"einsicht/internal/procedure/gathering"
	"einsicht/internal/procedure/identification"
	"einsicht/internal/procedure/oversight"
	"einsicht/internal/procedure/review"
	"einsicht/internal/web/reply"
)

// Deps is what the desk needs. The steps are those of internal/procedure.
type Deps struct {
	Oversight      lister
	Review         reviewer
	Exam           examiner
	Gathering      asker
	Identification identifier
	Fulfilment     fulfiller
	Delivery       deliverer
	Correspondence writer
	Accounts       accounts
	Permission     permission
	Authorities    func(ctx context.Context) ([]casefile.Authority, error)
	Names          func(ctx context.Context, authority uuid.UUID) (map[uuid.UUID]string, error) // of staff
	SignIns        signIns                                                                      // may be nil: nothing is recorded

	// Law is the catalogue: what was read of the acts, and the grounds findings can
	// rest on.
	Law catalogue.Book

	// Tasks reads the open tasks of the authority, with the file numbers of
	// their cases.
	Tasks func(ctx context.Context, actor casefile.Actor) ([]casefile.Task, map[uuid.UUID]string, error)
	// Register reads the inventory in force and what in it was confirmed.
	Register func(ctx context.Context, actor casefile.Actor) (inventory.Inventory, map[string][]procedure.Confirmation, error)
	// Progress reads how far the systems of a case are, with the number of
	// findings of each. It shows no name and so is no viewing.
	Progress func(ctx context.Context, actor casefile.Actor, caseID uuid.UUID) ([]gathering.Progress, error)
}

type lister interface {
	List(ctx context.Context, actor casefile.Actor, search person.Text, openOnly bool, now time.Time) ([]oversight.Row, error)
	Waiting(ctx context.Context, actor casefile.Actor, now time.Time) ([]oversight.Waiting, error)
}

type reviewer interface {
	Open(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, now time.Time) (review.Opened, error)
	DecideFindings(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, findings []uuid.UUID, d disclosure.Decision, now time.Time) error
	AcceptGaps(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, reason person.Text, now time.Time) error
	Propose(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, note person.Text, now time.Time) error
	Return(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, note person.Text, now time.Time) error
	Release(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) error
	GiveUp(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, forFile, forPerson person.Text, now time.Time) error
	File(ctx context.Context, actor casefile.Actor, caseID, finding uuid.UUID, n int, now time.Time) (*review.File, error)
	Confirm(ctx context.Context, actor casefile.Actor, system string, now time.Time) error
}

// examiner holds a right against the law of today.
type examiner interface {
	Examine(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, now time.Time) (review.Examined, error)
	TakeUp(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, claim casefile.Claim, now time.Time) error
	Drop(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, ground, system string, now time.Time) error
	Answer(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, answers []casefile.Answer, now time.Time) error
	Know(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, known casefile.Known, now time.Time) error
	DecideRight(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, text casefile.RightText, now time.Time) error
	Reside(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, residence casefile.Residence, now time.Time) error
	ConfirmLaw(ctx context.Context, actor casefile.Actor, now time.Time) error
	LawBanner(ctx context.Context, actor casefile.Actor, now time.Time) (must bool, by procedure.Confirmation, err error)
}

type asker interface {
	Start(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) error
	AskAgain(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, system string, now time.Time) error
	AnswerTask(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, system string, a gathering.ManualAnswer, now time.Time) error
}

type identifier interface {
	Verify(ctx context.Context, actor casefile.Actor, caseID, identifier uuid.UUID, how casefile.VerifiedHow, note person.Text, now time.Time) error
	AddIdentifier(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, kind person.IdentifierKind, value person.Text, now time.Time) error
	TakeUp(ctx context.Context, actor casefile.Actor, caseID, finding uuid.UUID, hint int, note person.Text, now time.Time) error
	ReplaceCode(ctx context.Context, actor casefile.Actor, caseID, contact uuid.UUID, now time.Time) (forLetter person.Text, err error)
	SendContactCode(ctx context.Context, actor casefile.Actor, caseID, identifier uuid.UUID, now time.Time) error
	AskFor(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, q identification.Question, now time.Time) error
	// Answered lets the clock run again from the day on which an answer came in, GoOn without one.
	Answered(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, on calendar.Date, now time.Time) error
	GoOn(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, now time.Time) error
}

type deliverer interface {
	Provide(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) (*delivery.Provided, error)
	DraftAnswer(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) (letter.Letter, []string, error)
	Posted(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, on calendar.Date, now time.Time) error
	Direct(ctx context.Context, actor casefile.Actor, authority casefile.Authority, caseID uuid.UUID, now time.Time) (delivery.Direct, error)
	Transmit(ctx context.Context, actor casefile.Actor, authority casefile.Authority, caseID uuid.UUID, controller string, now time.Time) error
}

// writer writes letters, and extends the period by one.
type writer interface {
	Extend(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, reasons person.Text, on calendar.Date, now time.Time) error
	Draft(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, kind letter.Kind, words map[string]person.Text, values map[string]string, to []person.Text, now time.Time) (letter.Letter, []string, error)
	Write(ctx context.Context, actor casefile.Actor, land calendar.Land, caseID uuid.UUID, kind letter.Kind, words map[string]person.Text, values map[string]string, to []person.Text, now time.Time) (uuid.UUID, error)
	Letters(ctx context.Context, actor casefile.Actor, caseID uuid.UUID) ([]correspondence.Written, error)
	Letter(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, now time.Time) (correspondence.Written, error)
	PDF(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, now time.Time) ([]byte, error)
	PrintsPDF() bool
	PostLetter(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, on calendar.Date, now time.Time) error
	Settle(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, task casefile.TaskKind, note person.Text, now time.Time) error
	SettleReply(ctx context.Context, actor casefile.Actor, caseID, to uuid.UUID, note person.Text, now time.Time) error
}

type accounts interface {
	SignIn(ctx context.Context, c login.Credentials) (login.Staff, error)
	Current(ctx context.Context, id uuid.UUID) (login.Staff, error)
	Invited(ctx context.Context, token string) (login.Staff, error)
	Accept(ctx context.Context, token, password string) (login.Staff, error)
}

// permission says what to leave out of a page.
type permission interface {
	May(actor casefile.Actor, action casefile.Action, authority uuid.UUID) error
}

// signIns records who came and went.
type signIns interface {
	SignedIn(ctx context.Context, actor casefile.Actor, now time.Time) error
	SignedOut(ctx context.Context, actor casefile.Actor, now time.Time) error
}

const (
	home   = "/desk"
	signIn = "/desk/anmelden"
)

// uploadLimit is far beyond what a file may have: whoever picks one that is too long
// gets the form back with what they typed, and not a page that knows nothing of it.
const uploadLimit = 256 << 20

// Routes is everything staff see.
func Routes(d Deps) []reply.Route {
	public := func(method string, class reply.Class, path string, h fiber.Handler) reply.Route {
		return reply.Route{Method: method, Path: path, Class: class, Auth: reply.Public, Handler: h}
	}
	get := func(path string, h handler) reply.Route {
		return reply.Route{Method: fiber.MethodGet, Path: path, Class: reply.PageClass, Auth: reply.Staff, Door: signIn, Handler: d.staff(h)}
	}
	post := func(path string, h handler) reply.Route {
		return reply.Route{Method: fiber.MethodPost, Path: path, Class: reply.FormClass, Auth: reply.Staff, Door: signIn, Handler: d.staff(h)}
	}
	routes := []reply.Route{
		public(fiber.MethodGet, reply.PageClass, signIn, d.showSignIn),
		public(fiber.MethodPost, reply.FormClass, signIn, d.signIn),
		public(fiber.MethodGet, reply.PageClass, "/desk/einladung/:token", d.showInvitation),
		public(fiber.MethodPost, reply.FormClass, "/desk/einladung/:token", d.acceptInvitation),
		post("/desk/abmelden", d.signOut),
		get(home, d.showList),
		post(home, d.search),
		post("/desk/tasten", d.switchKeys),
		get("/desk/aufgaben", d.showTasks),
		get("/desk/verzeichnis", d.showRegister),
		post("/desk/verzeichnis/:system/bestaetigen", d.confirm),
		post("/desk/verzeichnis/gesetz", d.confirmLaw),
		get("/desk/vorgang/:id", d.showCase),
		get("/desk/vorgang/:id/stand", d.showProgress),
		get("/desk/vorgang/:id/recht/:right", d.showExam),
		get("/desk/vorgang/:id/plan", d.showPlan),
		get("/desk/vorgang/:id/plan/stand", d.showPlanStand),
		get("/desk/vorgang/:id/plan/nachweis", d.showProof),
		get("/desk/vorgang/:id/plan/aufgabe/:system", d.showPlanTask),
		post("/desk/vorgang/:id/plan/aufgabe/:system", d.confirmChange),
		get("/desk/einschraenkungen", d.listRestrictions),
		get("/desk/vorgang/:id/empfaenger", d.showRecipients),
		get("/desk/vorgang/:id/einschraenkung", d.showRestrictions),
		get("/desk/vorgang/:id/schreiben/neu", d.newLetter),
		post("/desk/vorgang/:id/schreiben/neu", d.writeLetter),
		get("/desk/vorgang/:id/antwort", d.showAnswer),
		get("/desk/vorgang/:id/schreiben/:letter", d.showLetter),
	}
	for _, a := range d.actions() {
		routes = append(routes, post("/desk/vorgang/:id/"+a.verb, d.acting(a)))
	}
	for _, a := range d.examActions() {
		routes = append(routes, post("/desk/vorgang/:id/recht/:right/"+a.verb, d.examining(a)))
	}
	for _, a := range d.planActions() {
		routes = append(routes, post("/desk/vorgang/:id/plan/"+a.verb, d.planning(a)))
	}
	for _, a := range d.recipientActions() {
		routes = append(routes, post("/desk/vorgang/:id/empfaenger/"+a.verb, d.telling(a)))
	}
	for _, a := range d.restrictionActions() {
		routes = append(routes, post("/desk/vorgang/:id/einschraenkung/"+a.verb, d.restricting(a)))
	}
	download := func(path string, h handler) reply.Route {
		r := get(path, h)
		r.Class = reply.DownloadClass
		return r
	}
	return append(routes,
		post("/desk/vorgang/:id/zugangscode", d.replaceCode),
		download("/desk/vorgang/:id/schreiben/:letter/datei", d.letterFile),
		download("/desk/vorgang/:id/schreiben/:letter/pdf", d.letterPDF),
		reply.Route{Method: fiber.MethodPost, Path: "/desk/vorgang/:id/aufgabe", Class: reply.UploadClass, Auth: reply.Staff, Door: signIn, MaxBody: uploadLimit, Handler: d.staff(d.answerTask)},
		download("/desk/vorgang/:id/paket", d.download),
		download("/desk/vorgang/:id/datei/:finding/:n", d.openFile),
	)
}

// action is what staff do to a case with a form: the last word of its address,
// the place on the page to return to, and what is done.
type action struct {
	verb  string
	place string
	do    func(c *fiber.Ctx, v visitor, caseID uuid.UUID, f sent) error
}

func (d Deps) actions() []action {
	return []action{
		{"befragen", "verfahren", d.askSystems},
		{"erneut", "verfahren", d.askAgain},
		{"pruefen", "identitaet", d.verify},
		{"kennung", "identitaet", d.addIdentifier},
		{"hinweis", "identitaet", d.takeUp},
		{"code", "identitaet", d.sendCode},
		{"fragen", "identitaet", d.ask(silence.Identity)},
		{"praezisieren", "frist", d.ask(silence.Clarification)},
		{"antwort", "identitaet", d.answered},
		{"fund", "funde", d.decideFinding},
		{"sammel", "funde", d.decideMany},
		{"luecken", "entscheidung", d.acceptGaps},
		{"vorlegen", "freigabe", d.propose},
		{"zurueckgeben", "freigabe", d.sendBack},
		{"freigeben", "freigabe", d.release},
		{"umsetzen", "umsetzung", d.order},
		{"beenden", "freigabe", d.giveUp},
		{"verlaengern", "frist", d.extend},
		{"versandt", "freigabe", d.posted},
		{"uebermitteln", "freigabe", d.transmit},
		{"aufgegeben", "schreiben", d.postLetters},
		{"erledigt", "aufgaben", d.settle},
	}
}
