package imap

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// Sorts of data that addresses of others are, for grouping: staff of the
// authority are no strangers, but people all the same.
const (
	CategoryStaff  = "staff"
	CategoryOthers = "others"
)

// reference names a mail: mailbox, validity of its numbers, number. That is
// what the protocol promises never to give to another mail (RFC 3501, 2.3.1.1).
// The Message-ID is not: the sender chooses it, may leave it out, and may take
// that of another mail, which would then hide behind it. A mail that is moved
// is another record, and so is each copy of one.
func (w *walk) reference(uid imap.UID) string {
	return named{w.box.name, w.box.validity, uid}.reference()
}

// finding makes a record of a mail.
func (w *walk) finding(uid imap.UID, about letter, m mail) connector.Finding {
	at := m.at
	if at.IsZero() {
		at = about.at
	}
	r := record{walk: w, foreign: !w.hers(m.people["From"]) && !w.staff(m.people["From"]), named: map[string]int{}}
	r.add("time", at.Format(time.RFC3339), false)
	r.add("mail_subject", m.subject, r.foreign)
	r.addPeople("mail_from", m.people["From"])
	for _, p := range []struct{ kind, head string }{{"mail_sender", "Sender"}, {"mail_reply_to", "Reply-To"}, {"mail_to", "To"}, {"mail_cc", "Cc"}, {"mail_bcc", "Bcc"}} {
		if p.kind == "mail_to" || !slices.Equal(m.people[p.head], m.people["From"]) {
			r.addPeople(p.kind, m.people[p.head])
		}
	}
	r.add("mail_text", m.text, r.foreign)
	r.add("mail_html", m.rich, r.foreign)
	for i, large := range w.account.tooLarge(m.files) {
		r.addFile(uid, i, m.files[i], large)
	}
	r.addRest(m)
	if w.account.restricted(about.flags) {
		r.add(restrictedField, w.account.mapping.Change.Restrict.Keyword, false)
	}
	return connector.Finding{
		Reference: w.reference(uid), Category: w.box.name, Label: "E-Mail", Fields: r.fields,
		Origin: connector.Origin{Place: w.box.name, Position: "UID " + strconv.FormatUint(uint64(uid), 10), At: at, Mapping: w.account.connection.Version},
	}
}

// record gathers the fields of a mail.
type record struct {
	walk    *walk
	foreign bool // neither the person nor the authority wrote it
	fields  []connector.Field
	named   map[string]int
}

// name makes the name of a field the only one of its kind: staff decide on
// fields by their names. The second "mail_to" is "mail_to_2".
func (r *record) name(kind string) string {
	if r.named[kind]++; r.named[kind] > 1 {
		return kind + "_" + strconv.Itoa(r.named[kind])
	}
	return kind
}

func (r *record) add(kind, value string, third bool) {
	if value != "" {
		r.fields = append(r.fields, connector.Field{Name: r.name(kind), Value: person.NewText(value), ThirdParty: third})
	}
}

// addPeople adds addresses, each as a field of its own.
func (r *record) addPeople(kind string, list []address) {
	for _, a := range list {
		value := a.mail
		if a.name != "" {
			value = a.name + " <" + a.mail + ">"
		}
		f := connector.Field{Name: r.name(kind), Value: person.NewText(value)}
		switch {
		case r.walk.knows(a.mail):
		case r.walk.account.mapping.own(a.mail):
			f.ThirdParty, f.Category = true, CategoryStaff
		default:
			f.ThirdParty, f.Category = true, CategoryOthers
		}
		r.fields = append(r.fields, f)
	}
}

// addFile adds an attachment. The first one's fields are those of a record that
// is a file (connector.FileFields).
func (r *record) addFile(uid imap.UID, nth int, f file, large bool) {
	name := f.name
	if name == "" {
		name = "?"
	}
	r.add(connector.FileName, name, r.foreign)
	n := ""
	if i := r.named[connector.FileName]; i > 1 {
		n = "_" + strconv.Itoa(i)
	}
	add := func(kind, value string, third bool) {
		r.fields = append(r.fields, connector.Field{Name: kind + n, Value: person.NewText(value), ThirdParty: third})
	}
	add("file_type", f.kind, false)
	if !f.more {
		add("file_size", strconv.FormatInt(f.size, 10), false)
	}
	if large {
		add("mail_file_sha256", f.sum, false)
		add("file_too_large", strconv.FormatInt(f.size, 10), false)
		return
	}
	r.fields = append(r.fields, connector.Field{Name: connector.FileContent + n, Body: r.walk.body(uid, nth, f), ThirdParty: r.foreign})
}

// shown are the lines of the head that have a field.
var shown = []string{"Date", "Subject", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Mime-Version", "Content-Type", "Content-Transfer-Encoding"}

// transport are the lines of the head that programs write to bring a mail to its
// place and to its thread (RFC 5322, 3.6.4 and 3.6.7; RFC 2369; RFC 3834; RFC 6376;
// RFC 8601), by the beginning of their names.
var transport = []string{"Message-Id", "In-Reply-To", "References", "Received", "Return-Path", "Delivered-To", "X-Original-To", "Envelope-To",
	"Dkim-Signature", "Authentication-Results", "Arc-", "User-Agent", "X-Mailer", "Thread-", "Accept-Language", "Content-Language",
	"Auto-Submitted", "Precedence", "Importance", "Priority", "X-Priority", "List-", "X-Spam-", "X-Virus-"}

// addRest adds the other lines of the head: those of its transport, and those that
// nobody gave a meaning.
func (r *record) addRest(m mail) {
	var way, rest []string
	others := r.foreign
	for f := m.head.Fields(); f.Next(); {
		line := f.Key() + ": " + decodeLine(f.Value())
		switch key := f.Key(); {
		case slices.Contains(shown, key):
		case slices.ContainsFunc(transport, func(t string) bool { return strings.HasPrefix(key, t) }):
			way, others = append(way, line), others || r.walk.namesOthers(key, f.Value())
		default:
			rest = append(rest, line)
		}
	}
	if len(way) > 0 {
		r.fields = append(r.fields, connector.Field{Name: "mail_transport", Value: person.NewText(strings.Join(way, "\n")), ThirdParty: others})
	}
	if len(rest) > 0 {
		value := person.NewText(strings.Join(rest, "\n"))
		r.fields = append(r.fields, connector.Field{Name: "mail_head", Value: value, Unmapped: true, ThirdParty: r.foreign})
	}
}

// delivered are the lines of the transport that name mailboxes. What else has an @
// in it, such as a Message-Id, names machines.
var delivered = []string{"Received", "Return-Path", "Delivered-To", "X-Original-To", "Envelope-To"}

// mailbox is wider than addressPattern: what it takes for one is only marked.
var mailbox = regexp.MustCompile(`[^\s<>();,:]+@[^\s<>();,]+`)

// namesOthers says whether a line of the transport names a mailbox that is neither
// hers nor the authority's.
func (w *walk) namesOthers(key, value string) bool {
	return slices.Contains(delivered, key) && slices.ContainsFunc(mailbox.FindAllString(value, -1), func(a string) bool {
		return !w.knows(a) && !w.account.mapping.own(a)
	})
}

func (w *walk) hers(list []address) bool {
	return slices.ContainsFunc(list, func(a address) bool { return w.knows(a.mail) })
}

// knows says whether an address is hers. Who reads a mail by its reference does not
// know whose it is, and takes all for others'.
func (w *walk) knows(mail string) bool { return w.whose != nil && w.whose.Known(person.Email, mail) }

func (w *walk) staff(list []address) bool {
	return slices.ContainsFunc(list, func(a address) bool { return w.account.mapping.own(a.mail) })
}

// hints are the addresses that the person herself, writing, names for answers.
// Anybody can write under her address: an answer that would go to another domain
// than hers may be another's, and is no hint.
func (w *walk) hints(m mail, reference string) (hints []person.Identifier) {
	if !w.hers(m.people["From"]) {
		return nil
	}
	for _, a := range m.people["Reply-To"] {
		if w.account.mapping.own(a.mail) || !slices.ContainsFunc(m.people["From"], func(from address) bool {
			return w.whose.Known(person.Email, from.mail) && sameDomain(from.mail, a.mail)
		}) {
			continue
		}
		if id, ok := w.whose.Hint(person.Email, a.mail, w.account.connection.System+"/"+reference); ok {
			hints = append(hints, id)
		}
	}
	return hints
}

func sameDomain(a, b string) bool {
	first, err := person.Normal(person.Email, a)
	if err != nil {
		return false
	}
	second, err := person.Normal(person.Email, b)
	if err != nil {
		return false
	}
	return first[strings.LastIndexByte(first, '@'):] == second[strings.LastIndexByte(second, '@'):]
}
