package applog

// profile is a set of shipped patterns.
type profile struct {
	Time     timing
	Patterns []pattern
}

var profiles = map[string]profile{"jitsi": jitsi, "join": join}

const (
	// Containers put their name in front of each line.
	container = `^(?:[\w.-]+ +\| +)?`
	// Prosody writes a time, the session that speaks, a level, and what happened;
	// between them blanks or a tab.
	prosody = container + `(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) `
	session = `(?:bosh)?(?P<visit>c2s[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27})\s+`
	jid     = `(?P<jid>(?P<account>[^@\s/]+)@[^\s/]+)(?:/\S+)?`
	// Jicofo and the videobridge write a time, a level, a thread, and in brackets
	// what it is about.
	java    = container + `(?:Jicofo |JVB )?(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) (?P<level>[A-Z]+): \[\d+\] `
	room    = `\[room=(?P<conference>[^\s\]]+)[^\]]*\] `
	bridge  = `\[confId=[^\]]*?conf_name=(?P<conference>[^\s\]]+)[^\]]*? epId=(?P<visit>[0-9a-f]+)(?: stats_id=(?P<participant>[^\s\]]+))?[^\]]*\] `
	older   = `\[confId=[^\]]*?stats_id=(?P<participant>[^\s\]]+)[^\]]*?conf_name=(?P<conference>[^\s\]]+)[^\]]*? epId=(?P<visit>[0-9a-f]+)[^\]]*\] `
	paired  = `(?P<statement>.*(?:-> |Adding allowed address: )\[?(?P<address>[0-9.]+|[0-9a-fA-F:]+)\]?:\d+/(?:udp|tcp|ssltcp).*)$`
	guarded = `(?P<statement>.*invalid password\. Expected: (?P<secret>\S+) received (?P<attempt>\S+).*)$`
)

// jitsi knows the lines of Prosody, Jicofo and the videobridge that are about
// one participant. The name under which statistics are kept (stats_id) comes
// from the browser and counts as a display name.
var jitsi = profile{
	Time: timing{
		Expression: container + `(?:Jicofo |JVB )?(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})?|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) `,
		Layout:     []string{"2006-01-02 15:04:05", "Jan _2 15:04:05"},
	},
	Patterns: []pattern{
		{Name: "connected", Expression: prosody + session + `info\s+(?P<statement>Client connected)$`, Join: "visit", Starts: true},
		{Name: "connected", Expression: prosody + `mod_bosh\s+info\s+(?P<statement>New BOSH session, assigned it sid '(?P<visit>[0-9a-f-]+)')`, Join: "visit", Starts: true},
		{
			Name: "login", Expression: prosody + session + `info\s+(?P<statement>Authenticated as ` + jid + `)$`,
			Identifiers: map[string]string{"account": "account", "email": "jid"}, Join: "visit",
		},
		{Name: "left", Expression: prosody + session + `info\s+(?P<statement>(?:BOSH c|C)lient disconnected.*)$`, Join: "visit", Ends: true},
		{
			Name: "session", Expression: prosody + session + `(?P<level>[a-z]+)\s+(?P<statement>.*(?:request from|stream for) <?(?P<address>[0-9.]+|[0-9a-fA-F:]+)\b.*)$`,
			Identifiers: map[string]string{"ip+time": "address"}, Join: "visit",
		},
		{Name: "session", Expression: prosody + session + `(?P<level>[a-z]+)\s+(?P<statement>.*)$`, Join: "visit"},
		{
			Name: "request", Expression: java + `.*(?P<statement>Conference request for room (?P<conference>[^,\s]+), from ` + jid + `)$`,
			Identifiers: map[string]string{"account": "account", "email": "jid", "conference-id": "conference"},
		},
		{
			Name: "login", Expression: java + `.*(?P<statement>Jid \S+ authenticated as: ` + jid + `)$`,
			Identifiers: map[string]string{"account": "account", "email": "jid"},
		},
		{
			Name: "joined", Expression: java + room + `.*(?P<statement>Member joined:(?P<visit>[0-9a-f]{8}) stats-id=(?P<participant>\S+).*)$`,
			Identifiers: map[string]string{"display-name": "participant", "conference-id": "conference"}, Join: "visit", Starts: true,
		},
		{
			Name: "left", Expression: java + room + `.*(?P<statement>Member (?:left:|kicked: )(?P<visit>[0-9a-f]{8}))$`,
			Identifiers: map[string]string{"conference-id": "conference"}, Join: "visit", Ends: true,
		},
		{
			Name: "participant", Expression: java + room + `(?P<statement>.*(?:Creating participant|Terminating|Removed participant) (?P<visit>[0-9a-f]{8})\b.*)$`,
			Identifiers: map[string]string{"conference-id": "conference"}, Join: "visit",
		},
		{
			Name: "joined", Expression: java + `.*(?P<statement>type=MemberJoined .*member=ChatMember\[(?P<conference>[^/\s]+)/(?P<visit>[0-9a-f]{8}), jid: (?:null|` + jid + `)\].*)$`,
			Identifiers: map[string]string{"account": "account", "email": "jid", "conference-id": "conference"}, Join: "visit", Starts: true,
		},
		{
			Name: "left", Expression: java + `.*(?P<statement>type=MemberLeft .*member=ChatMember\[(?P<conference>[^/\s]+)/(?P<visit>[0-9a-f]{8}), jid: (?:null|` + jid + `)\].*)$`,
			Identifiers: map[string]string{"account": "account", "email": "jid", "conference-id": "conference"}, Join: "visit", Ends: true,
		},
		onBridge(older, guarded), onBridge(bridge, guarded),
		onBridge(older, paired), onBridge(bridge, paired),
		onBridge(older, `(?P<statement>.*)$`), onBridge(bridge, `(?P<statement>.*)$`),
	},
}

func onBridge(context, statement string) pattern {
	p := pattern{
		Name: "bridge", Expression: java + context + statement,
		Identifiers: map[string]string{"display-name": "participant", "conference-id": "conference"}, Join: "visit",
	}
	switch statement {
	case paired:
		p.Identifiers["ip+time"] = "address"
	case guarded:
		p.Withhold = []string{"secret", "attempt"}
	}
	return p
}

// conference begins each line of a conference log; call is one participant's.
const (
	conference = `^(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) (?:\S+ )?\S+: conference=(?P<conference>\S+) `
	call       = `call=(?P<visit>\S+) `
)

// join knows a conference log that writes, after the time and the program,
// conference=… call=… event=… and what is known of the participant:
//
//	… conference=4711-22 event=created inviter="Max Muster" mail=max@example.org
//	… conference=4711-22 call=9f3a event=joined name="Erika" mail=… phone=… address=… inviter="Max Muster"
//	… conference=4711-22 call=9f3a event=left duration=1834
var join = profile{
	Time: timing{Expression: `^(?P<time>\d{4}-\d\d-\d\dT\S+) `, Layout: []string{"2006-01-02T15:04:05Z07:00"}},
	Patterns: []pattern{
		{
			Name: "created", Expression: conference + `event=created inviter="(?P<inviter>[^"]*)"(?: mail=(?P<mail>\S+))?`,
			Identifiers: map[string]string{"conference-id": "conference", "name": "inviter", "email": "mail"},
		},
		{
			Name:        "joined",
			Expression:  conference + call + `event=joined name="(?P<participant>[^"]*)"(?: mail=(?P<mail>\S+))?(?: phone=(?P<phone>\S+))?(?: address=(?P<address>\S+))?(?: inviter="(?P<inviter>[^"]*)")?`,
			Identifiers: map[string]string{"conference-id": "conference", "name": "participant", "display-name": "participant", "email": "mail", "phone": "phone", "ip+time": "address"},
			Join:        "visit", Starts: true, ThirdParty: []string{"inviter"},
		},
		{
			Name: "left", Expression: conference + call + `(?P<statement>event=left.*)$`,
			Identifiers: map[string]string{"conference-id": "conference"}, Join: "visit", Ends: true,
		},
		{
			Name: "visit", Expression: conference + call + `(?P<statement>event=.*)$`,
			Identifiers: map[string]string{"conference-id": "conference"}, Join: "visit",
		},
	},
}
