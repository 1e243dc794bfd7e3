package portal

import (
	"context"
	"fmt"
	"html"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"einsicht/internal/keyring"
	"einsicht/internal/mailer"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/procedure/gathering"
	"einsicht/internal/wording"
	mailview "einsicht/views/mail"
)

// Mail says where mails go. Without a server they lie sealed in a folder.
type Mail struct {
	Server, From, User, Password string
	Plaintext                    bool // to a server on this machine only
}

// post writes a mail and gives it to the mail server or to the outbox.
type post struct {
	carrier interface {
		Send(ctx context.Context, m mailer.Message) error
	}
	url string // address of the portal, for the link
}

func (m *Main) openMail() (post, error) {
	p := post{url: m.URL}
	if m.Mail.Server == "" {
		p.carrier = m.Outbox()
		return p, nil
	}
	smtp := mailer.SMTP{Addr: m.Mail.Server, From: m.Mail.From, User: m.Mail.User, Password: m.Mail.Password, Now: m.Clock}
	if m.Mail.Plaintext {
		if !Loopback(m.Mail.Server) {
			return p, fmt.Errorf("EINSICHT_MAIL_PLAINTEXT is for a mail server on this machine only: leave it out, or let EINSICHT_SMTP name 127.0.0.1")
		}
		smtp.TLS = mailer.InClear
	}
	p.carrier = smtp
	return p, nil
}

// Outbox is where mails lie when no mail server is named.
func (m *Main) Outbox() mailer.Outbox {
	return mailer.Outbox{Dir: filepath.Join(m.Data, "outbox"), Sealer: outboxSeal{m.Keys}, Now: m.Clock}
}

var mailKinds = map[correspondence.Occasion]mailview.Kind{
	correspondence.Receipt: mailview.Receipt, correspondence.News: mailview.SomethingNew,
	correspondence.AnswerReady: mailview.AnswerReady, correspondence.Code: mailview.CodeSent,
	correspondence.AccessCode: mailview.AccessCode, correspondence.ToRecipient: mailview.ToRecipient,
}

// Send writes and sends one mail.
func (p post) Send(ctx context.Context, l correspondence.Letter) error {
	notice := mailview.Notice{
		Kind: mailKinds[l.Occasion], Lang: l.Lang, Authority: l.Authority,
		Link: p.url + "/" + l.Slug + "/stand", Privacy: p.url + "/" + l.Slug + "/datenschutz", Code: l.Code.Reveal(),
	}
	if l.Occasion == correspondence.ToRecipient {
		notice.Link, notice.Number, notice.Until = p.url+"/"+l.Slug+"/mitteilung", l.Number, wording.Date(l.Lang, l.Until.Time())
	}
	written, err := mailview.Write(ctx, notice)
	if err != nil {
		return err
	}
	return p.carrier.Send(ctx, mailer.Message{Ref: l.Ref, To: l.To, Subject: written.Subject, Text: written.Text, HTML: written.HTML})
}

// SendReminder tells an office of the authority that a task waits at the desk. The
// office is staff: it gets the language of the house.
func (p post) SendReminder(ctx context.Context, r gathering.Reminder) error {
	text := wording.Text(wording.German, "connecting.remind.body", "link", p.url+"/desk/aufgaben", "authority", r.Authority)
	page := "<!doctype html><html lang=\"de\"><head><meta charset=\"utf-8\"><title>%[1]s</title></head><body><h1>%[1]s</h1><p>%[2]s</p></body></html>"
	subject := wording.Text(wording.German, "connecting.remind.subject")
	return p.carrier.Send(ctx, mailer.Message{Ref: r.Ref, To: r.To, Subject: subject, Text: text,
		HTML: fmt.Sprintf(page, html.EscapeString(subject), strings.ReplaceAll(html.EscapeString(strings.TrimSpace(text)), "\n\n", "</p><p>"))})
}

// outboxSeal seals mails in the outbox with a key of the portal.
type outboxSeal struct{ keys *keyring.Keyring }

func (o outboxSeal) Seal(ctx context.Context, place string, plain []byte) ([]byte, error) {
	return o.keys.SealFor(ctx, uuid.Nil, "outbox", place, plain)
}

func (o outboxSeal) Open(ctx context.Context, place string, sealed []byte) ([]byte, error) {
	return o.keys.OpenFor(ctx, uuid.Nil, "outbox", place, sealed)
}
