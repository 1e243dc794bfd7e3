package landscape

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"mime"
	"mime/quotedprintable"
	"net/url"
	"slices"
	"strings"
	"time"

	"einsicht/internal/connector/imap/imapserver"
)

// mailboxes are the offices that are written to.
var mailboxes = []served{
	mailbox("stk-mailboxes", "stk-nrw", "nrwdirekt@stk.nrw.example"),
	mailbox("itnrw-enquiries", "it-nrw", "poststelle@it.nrw.example"),
	mailbox("krz-enquiries", "krz", "info@krz.example"),
	mailbox("mhkbd-enquiries", "mhkbd-it-fortbildung", "it-fortbildung@mhkbd.nrw.example"),
	mailbox("nlq-mailboxes", "nlq", "bildungsportal@nlq.example"),
}

// mail is one mail on its way into a folder.
type mail struct {
	folder  string
	at      time.Time
	message imapserver.Message
	of      Person
}

// mailbox is the mail server of an office: what people wrote, and what it
// answered.
func mailbox(id, authority, office string) served {
	return served{id: id, authority: authority, like: "mailbox", serve: func(s *shelf) (server, map[string]string, error) {
		var mails []mail
		s.each(func(p Person, n int, r *rand.Rand) {
			asked := s.ago(r, 500)
			subject := pick(r, []string{"Frage zu meinem Antrag", "Bitte um Auskunft", "Rückmeldung zur Veranstaltung", "Adressänderung"})
			number := fmt.Sprintf("<%s.%d@%s>", p.ID, n, "mail.example.org")
			w := p.spelled(r)
			from := mime.QEncoding.Encode("utf-8", w.Name()) + " <" + w.Email + ">"
			body := "Guten Tag,\n\n" + pick(r, []string{"ich möchte wissen, wie weit mein Antrag ist.", "meine Anschrift hat sich geändert.", "vielen Dank für den schönen Tag!"}) +
				"\n\nMit freundlichen Grüßen\n" + w.Name() + "\n" + w.Address() + "\nTelefon " + w.Phone + "\n"
			mails = append(mails, mail{folder: pick(r, []string{"INBOX", "Erledigt/" + fmt.Sprint(asked.Year())}), at: asked, of: p,
				message: written822(asked, number, "", from, office, subject, body, r.IntN(3) == 0)})
			if r.IntN(3) > 0 {
				answered := asked.Add(26 * time.Hour)
				mails = append(mails, mail{folder: "Gesendet", at: answered, of: p, message: written822(answered, "<re."+number[1:], number, office, from,
					"AW: "+subject, "Guten Tag,\n\nwir haben Ihr Anliegen an die zuständige Stelle gegeben.\n\nIhr Team\n", false)})
			}
		})
		slices.SortStableFunc(mails, func(a, b mail) int { return cmp.Or(cmp.Compare(a.folder, b.folder), a.at.Compare(b.at)) })
		folders := map[string][]imapserver.Message{"INBOX": nil, "Gesendet": nil, "Entwürfe": nil}
		for _, m := range mails {
			folders[m.folder] = append(folders[m.folder], m.message)
		}
		// Folders get their number of validity in the order of their names, mails
		// theirs in the order in which they came.
		validity, last := map[string]int{}, map[string]int{}
		for i, name := range slices.Sorted(maps.Keys(folders)) {
			validity[name] = i + 1
		}
		for _, m := range mails {
			last[m.folder]++
			s.holds(m.of, fmt.Sprintf("%s/%d/%d", url.PathEscape(m.folder), validity[m.folder], last[m.folder]))
		}
		running, err := imapserver.Start(imapserver.Options{User: "auskunft", Password: password, Changer: "pflege", ChangePassword: password, Mailboxes: folders})
		if err != nil {
			return nil, nil, err
		}
		_, domain, _ := strings.Cut(office, "@")
		return running, map[string]string{"url": "imap://" + running.Addr(), "own": domain}, nil
	}}
}

// written822 is a mail as it goes over the wire (RFC 5322, 2045 to 2047).
func written822(at time.Time, id, answers, from, to, subject, body string, attached bool) imapserver.Message {
	var b bytes.Buffer
	head := func(name, value string) {
		if value != "" {
			b.WriteString(name + ": " + value + "\r\n")
		}
	}
	head("Date", at.In(berlin).Format(time.RFC1123Z))
	head("From", from)
	head("To", to)
	head("Message-ID", id)
	head("In-Reply-To", answers)
	head("References", answers)
	head("Subject", mime.QEncoding.Encode("utf-8", subject))
	head("MIME-Version", "1.0")
	text := func() {
		head("Content-Type", "text/plain; charset=utf-8")
		head("Content-Transfer-Encoding", "quoted-printable")
		b.WriteString("\r\n")
		w := quotedprintable.NewWriter(&b)
		w.Write([]byte(body)) // into memory
		w.Close()
	}
	if attached {
		head("Content-Type", "multipart/mixed; boundary=grenze")
		b.WriteString("\r\n--grenze\r\n")
		text()
		b.WriteString("\r\n--grenze\r\n")
		head("Content-Type", "text/csv; name=anlage.csv")
		head("Content-Disposition", "attachment; filename=anlage.csv")
		head("Content-Transfer-Encoding", "base64")
		b.WriteString("\r\n" + base64.StdEncoding.EncodeToString([]byte("Datum;Betreff\n"+at.Format(time.DateOnly)+";Anlage\n")) + "\r\n--grenze--\r\n")
	} else {
		text()
	}
	return imapserver.Message{Raw: b.Bytes(), At: at}
}
