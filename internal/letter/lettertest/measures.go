package lettertest

import (
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/letter"
	"einsicht/internal/person"
)

// Acted is when machines changed systems, and Read when they read them back: the
// next day in Germany, still the same in UTC.
var (
	Acted = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	Read  = time.Date(2026, 11, 20, 23, 5, 0, 0, time.UTC)
)

// carryOut adds everything that can become of a measure. With a secret, measures
// that nobody may know of are among them.
func (o Options) carryOut(in *letter.Input) {
	systems := map[string]inventory.System{}
	for _, a := range o.answers() {
		systems[a.System.ID] = a.System
	}
	weblog := systems["stk-weblog"]
	weblog.RotationDays = 30
	systems["stk-weblog"] = weblog

	var all []disclosure.Taken
	add := func(system, reference string, right law.Right, do connector.Ability, state casefile.MeasureState, change func(*disclosure.Taken)) {
		t := disclosure.Taken{System: systems[system], Measure: casefile.Measure{
			ID: uuid.NewSHA1(uuid.Nil, []byte("measure"+reference)), System: system, Finding: uuid.NewSHA1(uuid.Nil, []byte(system+reference)),
			Right: right, Do: do, State: state, ActedAt: Acted, DoneAt: Read,
		}, Text: casefile.MeasureText{Reference: reference, Label: "Bestellung", ForFile: planted("measure"), Before: []connector.Field{
			field("email", "E-Mail-Adresse", "OLD-VALUE alt@mustermann.example"), field("sum", "Rechnungsbetrag", "OLD-VALUE 12,00"),
		}, Proof: casefile.Proof{ReadAt: Read, Gone: true, Searched: true, Found: 7, Mapping: "7d3f"}}}
		if change != nil {
			change(&t)
		}
		all = append(all, t)
	}
	add("stk-weblog", "access.log/1", law.Erasure, connector.CanErase, casefile.Done, nil)
	add("stk-weblog", "access.log/2", law.Erasure, connector.CanErase, casefile.Done, nil)
	add("stk-brochures", "=orders/4711", law.Erasure, connector.CanErase, casefile.Done, func(t *disclosure.Taken) {
		t.Text.Left, t.Text.Proof.Searched = []byte{1}, false
		t.Text.Kept = []connector.Kept{{Field: "sum", Why: "§ 147 Abs. 3 AO"}}
		t.Text.With = []connector.Along{{Place: "order_items", Count: 3}}
	})
	add("stk-brochures", "orders/9000", law.Erasure, connector.CanErase, casefile.Done, func(t *disclosure.Taken) {
		t.Unnamed, t.Text.Proof.Searched = true, false
	})
	add("stk-brochures", "orders/4800", law.Erasure, connector.CanErase, casefile.Stays, func(t *disclosure.Taken) {
		t.Stay = disclosure.Stay{Title: "Rechtliche Pflicht zur Aufbewahrung", Citation: "Art. 17 Abs. 3 Buchst. b DSGVO", Norm: "§ 147 Abs. 3 AO",
			Until: day(12, 31), LookAgain: time.Date(2027, 5, 3, 0, 0, 0, 0, time.UTC)}
	})
	add("stk-brochures", "orders/4801", law.Erasure, connector.CanErase, casefile.Stays, func(t *disclosure.Taken) {
		t.Stay = disclosure.Stay{Reason: person.NewText("Die Bestellung wird gerade ausgeliefert.\nDanach löschen wir sie.")}
	})
	add("stk-brochures", "orders/4802", law.Erasure, connector.CanErase, casefile.Stays, func(t *disclosure.Taken) {
		t.Stay = disclosure.Stay{Withheld: true}
	})
	add("stk-chat", "", law.Erasure, connector.CanErase, casefile.Done, func(t *disclosure.Taken) {
		t.Finding, t.ActedAt = uuid.Nil, time.Time{}
		t.Text.Proof = casefile.Proof{ReadAt: Read, Statement: person.NewText("Wir haben das Gespräch gelöscht und danach gesucht.")}
	})
	add("stk-brochures", "orders/4711", law.Rectification, connector.CanRectify, casefile.Done, func(t *disclosure.Taken) {
		t.Text.Left, t.Text.Values = []byte{1}, map[string]person.Text{"email": person.NewText("NEW-VALUE neu@mustermann.example")}
	})
	add("stk-hotline", "calls/5", law.Rectification, connector.CanRectify, casefile.Done, func(t *disclosure.Taken) {
		t.Text.Values = map[string]person.Text{connector.Statement: person.NewText("NEW-VALUE Ich sehe das anders.")}
		t.Text.Proof = casefile.Proof{ReadAt: Read, Statement: person.NewText("Die Erklärung liegt im Vorgang.")}
	})
	add("stk-hotline", "calls/1", law.Restriction, connector.CanRestrict, casefile.Done, func(t *disclosure.Taken) { t.Text.Left = []byte{1} })
	until := func(change func(*disclosure.Provisional)) func(*disclosure.Taken) {
		return func(t *disclosure.Taken) {
			p := disclosure.Provisional{Measure: t.Measure, Text: t.Text, Becomes: disclosure.ToBeLifted}
			if t.Measure.State == casefile.Stays {
				t.Stay = disclosure.Stay{Title: "Zwingende Gründe für die Verarbeitung", Citation: "Art. 21 Abs. 1 Satz 2 DSGVO"}
			}
			if change != nil {
				change(&p)
			}
			t.Meanwhile = &p
		}
	}
	add("stk-hotline", "calls/2", law.Objection, connector.CanRestrict, casefile.Stays, until(nil))
	add("stk-hotline", "calls/3", law.Objection, connector.CanRestrict, casefile.Stays, until(func(p *disclosure.Provisional) {
		p.Text.Proof = casefile.Proof{ReadAt: Read, Statement: person.NewText("In der Liste vermerkt.")}
	}))
	add("stk-hotline", "calls/4", law.Objection, connector.CanRestrict, casefile.Done, until(func(p *disclosure.Provisional) {
		p.Becomes, p.LiftedAt = disclosure.Lifted, Read
	}))
	in.Rights[1] = letter.RightAnswer{Right: law.Erasure, Outcome: casefile.Granted}
	in.Rights = append(in.Rights, letter.RightAnswer{Right: law.Rectification, Outcome: casefile.Granted},
		letter.RightAnswer{Right: law.Restriction, Outcome: casefile.Granted}, letter.RightAnswer{Right: law.Objection, Outcome: casefile.Granted})
	if o.Secret {
		secret := func(t *disclosure.Taken) { t.Text.Secret, t.Text.ForPerson = true, planted("secret") }
		add(SecretSystem, "reports/1", law.Erasure, connector.CanErase, casefile.Done, secret)
		add(SecretSystem, "reports/2", law.Erasure, connector.CanErase, casefile.ForUnit, secret)
		add("stk-weblog", "access.log/3", law.Erasure, connector.CanErase, casefile.Done, func(t *disclosure.Taken) { t.Secret = true })
		add("stk-weblog", "access.log/4", law.Erasure, connector.CanErase, casefile.Stays, func(t *disclosure.Taken) {
			secret(t)
			t.Stay = disclosure.Stay{Title: Planted, Citation: Planted}
		})
		add("stk-chat", "", law.ConsentWithdrawal, connector.CanErase, casefile.Done, secret)
	}
	in.Measures = disclosure.Carried(o.Lang, all)
}
