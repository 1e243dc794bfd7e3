package imap

import (
	"slices"
	"strings"
	"testing"

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
