package imap

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/person"
)

func TestAConversationOfHers(t *testing.T) {
	mails := map[string][]string{
		"A": {
			"Message-ID: <1@x>\nFrom: amt@behoerde.example\nTo: b@example.com\n\nwer antwortet?\n",
			"Message-ID: <2@x>\nIn-Reply-To: <1@x>\nReferences: <1@x>\nFrom: erika.mustermann@example.org\nTo: amt@behoerde.example\n\nich\n",
			"Message-ID: <3@x>\nFrom: c@example.com\n\nanderes\n",
		},
		"B": {
			"Message-ID: <4@x>\nReferences: <0@x> <2@x>\nFrom: amt@behoerde.example\nTo: amt2@behoerde.example\n\nweiter\n",
			"Message-ID: <5@x>\nReferences: <3@x>\nFrom: d@example.com\n\nanderes\n",
			"Message-ID: <6@x>\nIn-Reply-To: <4@x>\nFrom: d@example.com\n\nzu weit weg\n",
		},
	}
	server, all := serve(t, mails)
	byEmail := strings.Replace(connectionFile, everyMail, "", 1) // others are asked for by their heads only
	q := connectortest.Erika.Query()
	for _, conn := range []connector.Connection{all, connection(t, byEmail, server.Addr())} {
		all, cursors, _ := find(t, conn, q, nil)
		var got []string
		for _, f := range all {
			got = append(got, f.Reference[:1]+f.Reference[len(f.Reference)-1:]+" "+string(f.Confidence))
			if len(f.Led) != 1 || f.Led[0][0] != q.OfKind(person.Email)[0].ID {
				t.Errorf("%s: got led by %v, want her address", f.Reference, f.Led)
			}
		}
		if want := []string{"A1 check", "A2 sure", "B1 check"}; !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
		if rest, _, _ := find(t, conn, q, cursors[1]); len(rest) != 1 || rest[0].Reference != all[2].Reference {
			t.Errorf("resumed: got %d mails, want the last of the conversation", len(rest))
		}
	}
	off := connection(t, connectionFile+"  conversations: false\n", server.Addr())
	if all, _, _ := find(t, off, q, nil); len(all) != 1 {
		t.Errorf("without conversations: got %d mails, want her own", len(all))
	}
}

// everyMail is the line of the connection for which every mail is read.
const everyMail = "  - {by: [phone], confidence: check}\n"

func TestFollowingConversationsPauses(t *testing.T) {
	mails := make([]string, 0, 3*perStretch)
	for i := range 3 * perStretch {
		mails = append(mails, fmt.Sprintf("Message-ID: <%d@x>\nFrom: tom@example.com\n\nanderes\n", i))
	}
	mails[10] = "Message-ID: <hers@x>\nFrom: m@example.org\n\nich\n"
	mails[2*perStretch+10] = "Message-ID: <answer@x>\nIn-Reply-To: <hers@x>\nFrom: tom@example.com\n\nweiter\n"
	server, _ := serve(t, map[string][]string{"A": mails, "B": {mails[2*perStretch+10]}})
	conn := connection(t, strings.Replace(connectionFile, everyMail, "", 1), server.Addr())
	q := known("email=m@example.org")
	whole, _, _ := find(t, conn, q, nil)
	if len(whole) != 3 {
		t.Fatalf("got %d mails, want hers and two of her conversation", len(whole))
	}
	q.Pause = time.Unix(1, 0)
	var got []string
	following := 0
	for at := connector.Cursor(nil); ; {
		all, _, a := find(t, conn, q, at)
		for _, f := range all {
			got = append(got, f.Reference+" "+string(f.Confidence))
		}
		if a.Next == nil {
			break
		}
		if bytes.Contains(a.Next, []byte("Following")) {
			following++
		}
		if bytes.Equal(a.Next, at) {
			t.Fatal("got the same cursor twice: it never gets on")
		}
		at = a.Next
	}
	if following < 3 {
		t.Errorf("got %d pauses while conversations were followed, want one for each stretch", following)
	}
	var want []string
	for _, f := range whole {
		want = append(want, f.Reference+" "+string(f.Confidence))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q in parts, want %q", got, want)
	}
}

func TestTheAddressOfOneAndTheNameOfAnotherAreNobody(t *testing.T) {
	server, _ := serve(t, map[string][]string{"A": {
		"From: Karl Fremd <familie@example.org>\nTo: Erika Mustermann <em@example.com>\n\nx\n",
		"From: Karl Fremd <kf@example.com>\nTo: Erika Mustermann <familie@example.org>\n\nx\n",
	}})
	file := strings.Replace(connectionFile, everyMail, "", 1)
	before, rest, _ := strings.Cut(file, "match:")
	rest = rest[strings.Index(rest, "\nimap:"):]
	conn := connection(t, before+"match:\n  - {by: [email, name], confidence: sure}"+rest, server.Addr())
	all, _, _ := find(t, conn, known("email=familie@example.org", "name=Erika Mustermann"), nil)
	var got []connector.Confidence
	for _, f := range all {
		got = append(got, f.Confidence)
	}
	if want := []connector.Confidence{connector.Check, connector.Sure}; !slices.Equal(got, want) {
		t.Errorf("got %q, want the mixed one to be checked: %q", got, want)
	}
}

func TestAnswersToAnotherDomainAreNoHint(t *testing.T) {
	_, conn := serve(t, map[string][]string{"A": {
		"From: erika.mustermann@example.org\nReply-To: betrug@example.net, erika@Example.org\n\nx\n",
	}})
	all, _, _ := find(t, conn, known("email=erika.mustermann@example.org"), nil)
	if len(all) != 1 || len(all[0].Hints) != 1 || all[0].Hints[0].Value.Reveal() != "erika@example.org" {
		t.Errorf("got %d mails, want one with the address of her own domain as its only hint", len(all))
	}
}
