package maillog

import (
	"bytes"
	"strings"
)

// event is what a line says about a mail.
type event struct {
	id     string // queue id; empty: the line stands alone
	begins bool   // the first line of a mail, wherever its id was before
	ends   bool   // the last line of a mail

	messageID, account    string
	client, address, helo string // who handed the mail in: name, address, as it called itself
	from                  *string
	deliveries            []delivery
	size, score           string
	reject                bool // refused at the door
	access                bool // somebody signed in to a mailbox, or tried to
	failed                bool
}

// delivery is what became of a mail for one recipient.
type delivery struct {
	to, original  string // original: as it was addressed, before an alias
	relay, status string
}

// readEvent reads the message of a line of a mail server. Each program's lines
// are read as it writes them: what a sender chose, such as a message id, must
// not pass for something that the server says.
func readEvent(program, message []byte) (e event) {
	family, service := string(program), string(program)
	if i := strings.LastIndexByte(service, '/'); i >= 0 {
		family, service = service[:i], service[i+1:]
	}
	switch {
	case strings.HasPrefix(family, "postfix"):
		e.postfix(service, string(message))
	case strings.HasPrefix(service, "amavis"):
		e.amavis(string(message))
	case service == "dovecot" || strings.HasSuffix(service, "-login"):
		e.dovecot(string(message))
	default:
		id, rest, ok := strings.Cut(string(message), ": ")
		switch {
		case !ok:
		case isSendmail(service) && isSendmailID(id):
			e.id = id
			e.sendmail(rest)
		case isQueueID(id): // milters: opendkim, opendmarc
			e.id = id
		}
	}
	return e
}

func (e *event) postfix(service, message string) {
	id, rest, ok := strings.Cut(message, ": ")
	if !ok {
		return
	}
	if id != "NOQUEUE" {
		if !isQueueID(id) {
			return
		}
		e.id = id
	}
	switch {
	case strings.HasPrefix(rest, "client="):
		e.begins = true
		e.clientOf(strings.TrimPrefix(rest, "client="))
		e.account = value(rest, ", sasl_username=")
	case service == "pickup" && strings.HasPrefix(rest, "uid="):
		e.begins = true
		e.sender(rest, " from=<")
	case service == "cleanup" && strings.HasPrefix(rest, "message-id="):
		e.messageID = strings.TrimPrefix(rest, "message-id=")
	case strings.HasPrefix(rest, "from=<"):
		e.sender(rest, "from=<")
		e.size = value(rest, ", size=")
	case strings.HasPrefix(rest, "to=<"):
		e.delivered(rest)
	case service == "qmgr" && rest == "removed":
		e.ends = true
	case strings.Contains(rest, "; from=<"): // reject, hold, warn, header checks
		e.reject = strings.HasPrefix(rest, "reject") || strings.HasPrefix(rest, "milter-reject")
		if _, who, ok := strings.Cut(rest, " from "); ok {
			e.clientOf(who)
		}
		said, envelope, _ := strings.Cut(rest, "; from=<")
		e.sender("from=<"+envelope, "from=<")
		to, ok := angle(envelope, "to=<")
		if ok {
			e.deliveries = []delivery{{to: to, status: said}}
		}
		e.helo, _ = angle(envelope, "helo=<")
	}
}

// clientOf reads "mail.example.org[192.0.2.1]:1234…".
func (e *event) clientOf(s string) {
	name, rest, ok := strings.Cut(s, "[")
	if !ok || strings.ContainsAny(name, " ,;<") {
		return
	}
	address, _, ok := strings.Cut(rest, "]")
	if !ok {
		return
	}
	e.client, e.address = name, strings.TrimPrefix(address, "IPv6:")
}

func (e *event) sender(s, key string) {
	if from, ok := angle(s, key); ok {
		e.from = &from
	}
}

func (e *event) delivered(rest string) {
	d := delivery{relay: value(rest, ", relay="), status: value(rest, ", dsn=")}
	d.to, _ = angle(rest, "to=<")
	d.original, _ = angle(rest, ", orig_to=<")
	if _, status, ok := strings.Cut(rest, ", status="); ok {
		d.status = strings.TrimPrefix(d.status+" ", " ") + status
	}
	e.deliveries = []delivery{d}
}

func (e *event) sendmail(rest string) {
	switch {
	case strings.HasPrefix(rest, "from="):
		e.begins = true
		from := value(rest, "from=")
		from = strings.TrimSuffix(strings.TrimPrefix(from, "<"), ">")
		e.from, e.size = &from, value(rest, ", size=")
		e.messageID = value(rest, ", msgid=")
		if relay := value(rest, ", relay="); relay != "" {
			e.clientOf(strings.Replace(relay, " [", "[", 1))
		}
	case strings.HasPrefix(rest, "to="):
		list, _, _ := strings.Cut(strings.TrimPrefix(rest, "to="), ", ")
		relay, status := value(rest, ", relay="), value(rest, ", dsn=")
		if _, stat, ok := strings.Cut(rest, ", stat="); ok {
			status = strings.TrimPrefix(status+" ", " ") + stat
		}
		for to := range strings.SplitSeq(list, ",") {
			e.deliveries = append(e.deliveries, delivery{to: strings.Trim(to, "<> "), relay: relay, status: status})
		}
	case strings.HasPrefix(rest, "ruleset=check_rcpt"), strings.HasPrefix(rest, "ruleset=check_mail"):
		e.reject = strings.Contains(rest, ", reject=")
		arg, _ := angle(rest, ", arg1=<")
		_, status, _ := strings.Cut(rest, ", reject=")
		if strings.HasPrefix(rest, "ruleset=check_mail") {
			e.from = &arg
		} else {
			e.deliveries = []delivery{{to: arg, status: status}}
		}
		e.clientOf(strings.Replace(value(rest, ", relay="), " [", "[", 1))
	}
}

// amavis reads "(1-2) Passed CLEAN {…}, [192.0.2.1]:25 <a@x> -> <b@y>,<c@z>,
// Queue-ID: 4Z…, Message-ID: <…>, Hits: -1.9, size: 123".
func (e *event) amavis(message string) {
	e.id = value(message, ", Queue-ID: ")
	if !isQueueID(e.id) {
		e.id = ""
	}
	head, envelope, ok := strings.Cut(message, " <")
	if !ok {
		return
	}
	from, rest, ok := closing(envelope)
	if rest, ok = strings.CutPrefix(rest, " -> "); !ok {
		return
	}
	e.from, e.score = &from, value(rest, ", Hits: ")
	if _, status, ok := strings.Cut(head, ") "); ok {
		status, _, _ = strings.Cut(status, ", ")
		for strings.HasPrefix(rest, "<") {
			var to string
			if to, rest, ok = closing(rest[1:]); !ok {
				break
			}
			e.deliveries = append(e.deliveries, delivery{to: to, status: status})
			rest = strings.TrimPrefix(rest, ",")
		}
	}
}

// dovecot reads "imap-login: Login: user=<erika>, method=PLAIN, rip=192.0.2.1, …"
// and "imap(erika)<12><id>: Disconnected: …".
func (e *event) dovecot(message string) {
	if user, ok := angle(message, " user=<"); ok {
		e.access, e.account, e.address = true, user, value(message, ", rip=")
		e.failed = !strings.Contains(message, "Login: ")
		return
	}
	service, rest, ok := strings.Cut(message, "(")
	if !ok || strings.ContainsAny(service, " :") {
		return
	}
	if user, _, ok := strings.Cut(rest, ")"); ok {
		user, _, _ = strings.Cut(user, ",") // older ones: imap(erika,192.0.2.1)
		e.access, e.account = true, user
	}
}

// value reads what stands between a key and the next comma. Values in angle
// brackets may hold commas and are read by angle.
func value(s, key string) string {
	_, v, ok := strings.Cut(s, key)
	if !ok {
		return ""
	}
	if strings.HasPrefix(v, "<") {
		in, _, _ := closing(v[1:])
		return "<" + in + ">"
	}
	v, _, _ = strings.Cut(v, ", ")
	return v
}

// angle reads an address behind a key that ends with <.
func angle(s, key string) (string, bool) {
	_, v, ok := strings.Cut(s, key)
	if !ok {
		return "", false
	}
	v, _, ok = closing(v)
	return v, ok
}

// closing reads up to the > that ends an address. In quotes it may hold any
// sign (RFC 5321, 4.1.2).
func closing(s string) (in, rest string, ok bool) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '>' && !quoted:
			return s[:i], s[i+1:], true
		}
	}
	if quoted { // no quote but a sign of the address
		if i := strings.IndexByte(s, '>'); i >= 0 {
			return s[:i], s[i+1:], true
		}
	}
	return "", "", false
}

const consonants = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"

// isQueueID knows the short ids of Postfix, microseconds and inode in
// hexadecimal, and the long ones: six digits of seconds and four of
// microseconds to base 52, which has no vowels, z, and the inode.
func isQueueID(s string) bool {
	if len(s) < 6 || len(s) > 30 {
		return false
	}
	if strings.Trim(s, "0123456789ABCDEF") == "" {
		return true
	}
	return len(s) >= 12 && s[10] == 'z' && strings.Trim(s, consonants) == ""
}

func isSendmail(service string) bool {
	return strings.HasPrefix(service, "sendmail") || strings.HasPrefix(service, "sm-") || strings.HasPrefix(service, "mimedefang")
}

// isSendmailID knows ids such as 4AJ9UFxx012345: date and time to base 60, a
// count, and a process.
func isSendmailID(s string) bool {
	if len(s) < 12 || len(s) > 18 || strings.Trim(s[len(s)-5:], "0123456789") != "" {
		return false
	}
	for _, c := range s {
		if !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z') {
			return false
		}
	}
	return true
}

// mentions gives what looks like a mail address in a line, but for message ids.
func mentions(message []byte) (found []string) {
	if bytes.IndexByte(message, '@') < 0 && !bytes.Contains(message, []byte("%40")) {
		return nil
	}
	for word := range strings.FieldsFuncSeq(string(message), func(r rune) bool { return strings.ContainsRune(" \t<>(),;:\"'[]", r) }) {
		if i := strings.IndexByte(word, '='); i > 0 && keys[word[:i]] {
			word = word[i+1:]
		}
		local, domain, ok := strings.Cut(word, "@")
		if !ok {
			local, domain, ok = strings.Cut(word, "%40")
		}
		if ok && local != "" && domain != "" {
			found = append(found, word)
		}
	}
	return found
}

var keys = map[string]bool{"from": true, "to": true, "orig_to": true, "user": true, "sasl_username": true, "ctladdr": true, "rcpt": true, "authid": true}
