package authlog

import (
	"net/netip"
	"regexp"
	"strings"
)

// said is what a line says about a visit.
type said struct {
	service string // sshd, openvpn, wireguard
	event   event
	account string
	method  string // publickey, password
	key     string // fingerprint
	address string
	port    string
	failed  bool // whoever it was did not get in by this
}

// event is what a line means for the visit it belongs to.
type event int

const (
	goesOn  event = iota
	begins        // somebody calls; nothing before it belongs to the visit
	tries         // somebody names an account or a key
	letIn         // the server is sure who it is
	session       // of somebody who was let in
	ends
)

// proves says that the server was sure whom it had let in.
func (s said) proves() bool {
	return s.account != "" && !s.failed && (s.event == letIn || s.event == session || s.event == ends)
}

// pattern is a message of a program. Groups are named like the parts of said.
type pattern struct {
	*regexp.Regexp
	event  event
	failed bool
}

func message(s string, e event, failed bool) pattern {
	s = strings.NewReplacer(
		"FROM", `(?P<address>[0-9A-Fa-f:.%\w]+) port (?P<port>\d+)`,
		"KEY", `(?:[A-Z0-9-]+ )(?P<key>SHA256:[A-Za-z0-9+/=]+|MD5:[0-9a-f:]+)`,
	).Replace(s)
	return pattern{regexp.MustCompile(`^` + s + `$`), e, failed}
}

// What sshd says. A name that somebody types can look like the rest of a
// message, so names reach as far as they can, up to the last " from ".
var sshd = []pattern{
	message(`Connection from FROM\b.*`, begins, false),
	message(`Accepted (?P<method>\S+) for (?P<account>.*) from FROM(?: ssh2)?(?:: KEY.*)?`, letIn, false),
	message(`Failed (?P<method>\S+) for (?:invalid user )?(?P<account>.*) from FROM(?: ssh2)?(?:: KEY.*)?`, tries, true),
	message(`Invalid user (?P<account>.*) from FROM`, tries, true),
	message(`Accepted key KEY found at .*`, tries, false),
	message(`Postponed (?P<method>\S+) for (?:invalid user )?(?P<account>.*) from FROM.*`, tries, false),
	message(`User (?P<account>.*) from \S+ not allowed because .*`, tries, true),
	message(`(?:error: )?maximum authentication attempts exceeded for (?:invalid user )?(?P<account>.*) from FROM.*`, tries, true),
	message(`pam_unix\(sshd:auth\): authentication failure; .* rhost=(?P<address>\S*)(?:  user=(?P<account>.*))?`, tries, true),
	message(`pam_unix\(sshd:session\): session (?:opened|closed) for user (?P<account>[^ (]+)(?:\(uid=\d+\))?(?: by .*)?`, session, false),
	message(`Starting session: .* for (?P<account>\S+) from FROM.*`, session, false),
	message(`Close session: user (?P<account>\S+) from FROM.*`, session, false),
	message(`Received disconnect from FROM.*`, goesOn, false),
	message(`Disconnected from user (?P<account>\S+) FROM`, ends, false),
	message(`(?:Connection (?:closed|reset) by|Disconnected from) (?:authenticating|invalid) user (?P<account>.*) FROM.*`, ends, true),
	message(`(?:Connection (?:closed|reset) by|Disconnected from|Timeout before authentication for) FROM.*`, ends, false),
}

// What OpenVPN says, behind the client's name and address.
var openvpn = []pattern{
	message(`TLS: Initial packet from .*`, begins, false),
	message(`VERIFY OK: depth=0, .*\bCN=(?P<account>[^,/]+).*`, tries, false),
	message(`VERIFY ERROR: depth=0, .*\bCN=(?P<account>[^,/]+).*`, tries, true),
	message(`TLS: Username/Password authentication succeeded for username '(?P<account>.*)'.*`, tries, false),
	message(`\[(?P<account>.*)\] Peer Connection Initiated with .*`, letIn, false),
	message(`TLS Auth Error: .*`, tries, true),
	message(`(?:SIGTERM|SIGUSR1)\[.*|.*client-instance (?:exiting|restarting).*`, ends, false),
}

var (
	openvpnPeer   = regexp.MustCompile(`^(?:([^/\s]+)/)?(?:(?:tcp|udp)[46]?(?:-server)?:)?(?:\[?(?:AF_INET6?\])?\[?)([0-9A-Fa-f:.]+?)\]?:(\d+) (.*)$`)
	wireguardPeer = regexp.MustCompile(`\(([0-9A-Fa-f:.\[\]]+):(\d+)\)`)
	wireguardKey  = regexp.MustCompile(`\bpeer\(([^)]+)\)`) // a number alone names nobody
)

// understand tells what an entry says; ok is false for other programs.
func understand(e entry) (s said, ok bool) {
	process := strings.ToLower(e.process)
	switch {
	case strings.HasPrefix(process, "sshd"):
		s.service = "sshd"
		s.listen(sshd, strings.TrimSuffix(e.text, " [preauth]"))
	case strings.Contains(process, "openvpn"), strings.Contains(process, "ovpn"):
		s.service = "openvpn"
		m := openvpnPeer.FindStringSubmatch(e.text)
		if m == nil {
			return s, false // about the server itself
		}
		s.listen(openvpn, m[4])
		s.address, s.port = m[2], m[3]
		if m[1] != "" && s.event == goesOn { // OpenVPN names only whom it let in
			s.account, s.event = m[1], session
		} else if m[1] != "" && s.account == "" {
			s.account = m[1]
		}
	case strings.HasPrefix(e.text, "wireguard: "), strings.HasPrefix(process, "wireguard"):
		s.service = "wireguard"
		if m := wireguardPeer.FindStringSubmatch(e.text); m != nil {
			s.address, s.port = strings.Trim(m[1], "[]"), m[2]
		}
		if m := wireguardKey.FindStringSubmatch(e.text); m != nil {
			s.account = m[1]
		}
	default:
		return s, false
	}
	if _, err := netip.ParseAddr(s.address); err != nil {
		s.address = ""
	}
	return s, true
}

// listen finds the message among those that are known.
func (s *said) listen(known []pattern, text string) {
	for _, p := range known {
		m := p.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		s.event, s.failed = p.event, p.failed
		for i, name := range p.SubexpNames() {
			switch name {
			case "account":
				s.account = m[i]
			case "method":
				s.method = m[i]
			case "key":
				s.key = m[i]
			case "address":
				s.address = m[i]
			case "port":
				s.port = m[i]
			}
		}
		return
	}
}
