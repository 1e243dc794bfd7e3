package rest

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// What the system sets with each write makes no other record of one that was corrected
// as planned.
func TestWhatTheSystemSetsWithEachWriteIsNotCompared(t *testing.T) {
	change := `{read: {path: "/r/{id}"}, rectify: {method: PATCH, path: "/r/{id}", fields: [mail], body: '{"mail": "{mail}", "version": "{v}"}'}}`
	for fields, volatile := range map[string]bool{"\n      fields: {v: {volatile: true}}": true, "\n      fields: {v: {label: Fassung}}": false} {
		o := &one{t: t, record: `{"id":7,"mail":"erika@example.org","v":3}`, write: func(o *one, _ http.ResponseWriter, _ *http.Request) {
			o.record = `{"id":7,"mail":"neu@example.org","v":4}`
		}}
		c := o.open(change + fields)
		some := []connector.Change{{Do: connector.CanRectify, Reference: "r/7", Values: map[string]person.Text{"mail": person.NewText("neu@example.org")}}}
		planned, err := c.Rehearse(t.Context(), some)
		if err != nil || planned[0].State != connector.Changed {
			t.Fatalf("rehearsed: got %v and %v", planned, err)
		}
		some[0].Seen = planned[0].Before.Fingerprint()
		carried, err := c.Carry(t.Context(), some)
		if err != nil || carried[0].State != connector.Changed || !strings.Contains(o.said[0], `"version":3`) {
			t.Fatalf("carried: got %v and %v, said %q", carried, err, o.said)
		}
		read, err := c.Read(t.Context(), []string{"r/7"})
		if same := bytes.Equal(read["r/7"].Fingerprint(), planned[0].FingerprintAfter()); err != nil || same != volatile {
			t.Errorf("volatile %t: got as planned %t (%v)", volatile, same, err)
		}
	}
}
