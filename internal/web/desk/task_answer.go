package desk

import (
	"errors"
	"io"
	"mime/multipart"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/silence"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/gathering"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// answerTask takes what a unit found: a file, a text, or nothing.
func (d Deps) answerTask(c *fiber.Ctx, v visitor) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	parts, err := reply.Upload(c)
	if err != nil {
		return err
	}
	f, file, err := readUpload(parts)
	if err != nil {
		return err
	}
	answer := gathering.ManualAnswer{Nothing: f.get("nothing") != "", Text: f.text("text"), File: file, Led: f.uuids("led"), Note: f.text("note")}
	system := f.get("task")
	if err := d.Gathering.AnswerTask(c.UserContext(), v.actor, id, system, answer, v.now); err != nil {
		return d.refuse(c, v, id, f, err)
	}
	return reply.Redirect(c, casePath(id)+"#aufgaben")
}

// readUpload reads the fields and the file. Of a file that is too long it keeps one
// byte more than allowed, so that the step refuses it; the rest is read and dropped.
func readUpload(parts *multipart.Reader) (sent, gathering.Upload, error) {
	values, file := url.Values{}, gathering.Upload{}
	left := int64(reply.FormLimit) // for all fields together
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return sent{values.Get("form"), values}, file, nil
		}
		if err != nil {
			return sent{}, file, problem.New(problem.Invalid, "problem.invalid")
		}
		limit := left
		if part.FormName() == "file" {
			limit = gathering.MaxUpload
		}
		content, err := io.ReadAll(io.LimitReader(part, limit+1))
		switch {
		case err != nil:
			return sent{}, file, problem.New(problem.Invalid, "problem.invalid")
		case part.FormName() == "file":
			file = gathering.Upload{Name: person.NewText(part.FileName()), Content: content}
		case int64(len(content)) > limit:
			return sent{}, file, problem.New(problem.TooLarge, "problem.toolarge")
		default:
			left -= int64(len(content))
			values.Add(part.FormName(), string(content))
		}
	}
}

// settled are tasks in which staff wait for somebody else, and put on file how it
// came out.
var settled = map[casefile.TaskKind]bool{casefile.TaskSilence: true, casefile.TaskWrite: true, casefile.TaskReply: true}

func (d Deps) settle(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	if to := f.uuid("letter"); to != uuid.Nil {
		return d.Correspondence.SettleReply(c.UserContext(), v.actor, id, to, f.text("note"), v.now)
	}
	return d.Correspondence.Settle(c.UserContext(), v.actor, id, casefile.TaskKind(f.get("task")), f.text("note"), v.now)
}

func (s *sheet) settleForm(t casefile.Task) desk.Form {
	if q, open := s.question(); open && t.Kind == casefile.TaskSilence && q.About == silence.Clarification {
		return s.goOnForm()
	}
	b := s.form(settleID(t), "erledigt")
	b.hidden("task", string(t.Kind))
	if t.System != "" {
		b.hidden("letter", t.System)
	}
	b.area(b.field("note", "desk.settle."+string(t.Kind)), "")
	return b.done(s.say("desk.settle.title"), s.say("desk.do.erledigt"))
}

// goOnForm: what was not narrowed down was asked for as a whole.
func (s *sheet) goOnForm() desk.Form {
	b := s.form("ohne-antwort", "antwort")
	b.hidden("silent", "1")
	b.form.Lead = s.say("desk.go_on.text")
	return b.done(s.say("desk.go_on.title"), s.say("desk.go_on.do"))
}

func settleID(t casefile.Task) string {
	if t.System == "" {
		return "erledigt-" + string(t.Kind)
	}
	return "erledigt-" + string(t.Kind) + "-" + t.System
}

func taskID(t casefile.Task) string { return "aufgabe-" + string(t.Kind) + "-" + t.System }

func (s *sheet) openTasks() []casefile.Task {
	var open []casefile.Task
	for _, t := range s.o.Tasks {
		if t.DoneAt.IsZero() {
			open = append(open, t)
		}
	}
	return open
}

// tasks are what people have to do for the case.
func (s *sheet) tasks() desk.Tasks {
	p := desk.Tasks{Title: s.say("desk.part.tasks"), EmptyTitle: s.say("desk.tasks.none"), EmptyText: s.say("desk.tasks.none.text")}
	for _, t := range s.o.Tasks {
		system, _ := s.o.Inventory.System(t.System)
		title := s.say("case.task." + string(t.Kind))
		if t.Kind == casefile.TaskReply {
			if to, err := uuid.Parse(t.System); err == nil {
				title += ": " + s.subject(to)
			}
		} else if t.System != "" {
			title += ": " + system.In(s.lang).Name
		}
		if !t.DoneAt.IsZero() {
			p.Done = append(p.Done, kern.Item{Key: title, Value: s.say("desk.tasks.done", "name", s.who(t.DoneBy), "at", s.moment(t.DoneAt))})
			continue
		}
		one := desk.Task{ID: taskID(t), Title: title, Text: s.say("desk.task." + string(t.Kind))}
		if t.Kind == casefile.TaskRepair {
			one.Text = strings.Join(append(s.troubleOf(t.System), one.Text), " ")
		}
		if !t.DueOn.IsZero() {
			one.Text += " " + s.say("desk.task.until", "date", s.day(t.DueOn))
		}
		switch {
		case !s.kept(s.d.may(s.visitor, casefile.ActionAnswerTask), "antwort-"+t.System, settleID(t), "ohne-antwort"):
		case t.Kind == casefile.TaskSearch || t.Kind == casefile.TaskRepair:
			one.Form = s.taskForm(t)
			if t.Kind == casefile.TaskRepair && s.d.may(s.visitor, casefile.ActionAskSystems) && s.oneAgain().Shown {
				one.Href = kern.Link{Href: "#erneut", Label: s.say("desk.systems.one.title")}
			}
		case settled[t.Kind]:
			one.Form = s.settleForm(t)
		case t.Kind == casefile.TaskChange:
			one.Href = kern.Link{Href: planTaskPath(s.path, t.System), Label: s.say("plan.task.open")}
		case t.Kind == casefile.TaskLift:
			one.Href = kern.Link{Href: restrictionsPath(s.path), Label: s.say("restriction.see")}
		case t.Kind == casefile.TaskNotify:
			one.Href = kern.Link{Href: recipientsPath(s.path), Label: s.say("recipients.see")}
		case t.Kind == casefile.TaskLetter:
			one.Href = kern.Link{Href: "#schreiben", Label: s.say("desk.task.letters")}
		default:
			one.Href = kern.Link{Href: "#freigabe", Label: s.say("desk.task.where")}
		}
		p.Open = append(p.Open, one)
	}
	p.DoneTitle = s.say("desk.tasks.finished", "n", itoa(len(p.Done)))
	return p
}

func (s *sheet) taskForm(t casefile.Task) desk.Form {
	b := s.form("antwort-"+t.System, "aufgabe")
	b.form.Upload = true
	b.hidden("task", t.System)
	b.check(b.field("nothing", "desk.answer.nothing"), false)
	b.area(b.optional(b.field("text", "desk.answer.text")), "")
	b.add(kern.File(kern.Upload{Field: b.optional(b.field("file", "desk.answer.file")), Limits: s.say("desk.answer.limit", "n", itoa(gathering.MaxUpload>>20))}))
	b.boxes(b.field("led", "desk.answer.led"), s.identifiers(func(casefile.Identifier) bool { return true }))
	b.area(b.optional(b.field("note", "desk.answer.note")), "")
	return b.done(s.say("desk.answer.title"), s.say("desk.do.aufgabe"))
}
