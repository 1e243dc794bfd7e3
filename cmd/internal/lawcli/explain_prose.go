package lawcli

import (
	"bytes"
	"fmt"
	"strings"

	"einsicht/internal/law/assess"
	"einsicht/internal/wording"
)

// prose writes cases as a German reader wants them: the outcome first, then under
// a heading each what follows. Headings with nothing under them are left out.
func prose(all []explained) []byte {
	var b bytes.Buffer
	for i, x := range all {
		if i > 0 {
			b.WriteString("\n\n")
		}
		x.write(&b)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

func (x explained) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "%s (%s:%d)\n%s\n", x.Name, x.File, x.Line, strings.Repeat("=", len([]rune(x.Name))))
	if x.Story != "" {
		fmt.Fprintln(b, x.Story)
	}
	fmt.Fprintln(b, german("law.explain.head",
		"right", x.Title.DE, "citation", x.Citation, "land", german("deadline.land."+string(x.Land)), "date", wording.Date(wording.German, x.On.Time())))
	fmt.Fprintln(b, german("law.explain.outcome", "outcome", german("law.outcome."+string(x.Outcome))))

	var limits, vainly, tasks, confirm []string
	for _, l := range x.Limits {
		limits = append(limits, l.line())
	}
	for _, v := range x.NotHolding {
		vainly = append(vainly, v.line())
	}
	for _, t := range x.Tasks {
		tasks = append(tasks, in(t.System, cite(t.DE, t.Citation)))
	}
	for _, c := range x.Confirm {
		confirm = append(confirm, cite(c.Citation, c.Ground))
	}
	due := "due"
	switch {
	case x.Outcome == assess.Open:
		due = "due_so_far"
	case len(x.Limits) > 0:
		due = "due_else"
	}
	for _, section := range []struct {
		key   string
		items []string
	}{
		{"pending", x.Pending}, {due, sentences(x.Due)}, {"limits", limits}, {"instead", sentences(x.Instead)}, {"not_holding", vainly},
		{"ask_staff", asks(x.AskStaff)}, {"may_ask", asks(x.MayAsk)}, {"ask_person", sentences(x.AskPerson)},
		{"tasks", tasks}, {"on_file", sentences(x.OnFile)}, {"notes", sentences(x.Notes)}, {"confirm", confirm},
	} {
		if len(section.items) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n%s:\n", german("law.explain."+section.key))
		for _, item := range section.items {
			fmt.Fprintf(b, "- %s\n", item)
		}
	}
}

// line says of a limit what it rests on, what it does and how far.
func (l limit) line() string {
	reach := "law.explain.parts"
	if l.Whole {
		reach = "law.explain.whole"
	}
	words := []string{german("law.effect." + string(l.Effect)), german(reach)}
	for _, more := range []struct {
		key string
		is  bool
	}{{"withheld", l.Withheld}, {"secret", l.Secret}, {"review", l.Review}} {
		if more.is {
			words = append(words, german("law.explain."+more.key))
		}
	}
	return in(l.System, fmt.Sprintf("%s, %s: %s", cite(l.Citation, l.Ground), l.Title.DE, strings.Join(words, "; ")))
}

func (v vain) line() string {
	var why []string
	switch {
	case v.Unusable != nil:
		why = []string{german("law.explain.unusable", "text", v.Unusable.DE)}
	case v.Standing == assess.Foreign:
		why = []string{german("law.explain.foreign")}
	}
	for _, f := range v.Failed {
		why = append(why, german("law.explain.fails", "text", f.DE))
	}
	return in(v.System, fmt.Sprintf("%s, %s. %s", cite(v.Citation, v.Ground), v.Title.DE, strings.Join(why, " ")))
}

func sentences(list []said) []string {
	var out []string
	for _, s := range list {
		out = append(out, in(s.System, cite(s.DE, s.Citation)))
	}
	return out
}

func asks(list []asked) []string {
	var out []string
	for _, q := range list {
		out = append(out, in(q.System, cite(q.DE, q.Citation)))
	}
	return out
}

func in(system, what string) string {
	if system == "" {
		return what
	}
	return system + ": " + what
}

func cite(what, source string) string { return what + " (" + source + ")" }

func german(key string, pairs ...string) string { return wording.Text(wording.German, key, pairs...) }
