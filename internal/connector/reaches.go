package connector

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Reach is one place that a connection leads to: a host, or a path on the machine
// that asks.
type Reach struct {
	Key  string // of the kind's own part, see Connection.Wrong
	Host string // lower case, without its port; Unknown where nobody can tell
	Path string // file, folder of a socket, or pattern of files
}

// Unknown stands for a host that is not said, or in a way that is read here
// otherwise than by whoever connects. Nobody may allow it.
const Unknown = "?"

// reaching says how the values of keys lead somewhere. A key is told by its name
// alone, so that a kind can't forget to say what it reaches.
var reaching = map[string]func(value string) []Reach{
	"url": ofURL, "proxy": ofURL,
	"dsn": ofDSN, "change_dsn": ofDSN,
	"files": ofFile, "ca": ofFile,
	"sslrootcert": ofFile, "sslcert": ofFile, "sslkey": ofFile,
	"checksums": ofFile,
}

// ReachingKeys lists the keys that lead somewhere.
func ReachingKeys() []string {
	var keys []string
	for key := range reaching {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Reaches lists the hosts and paths that the connection leads to, each once and
// in order.
func (c Connection) Reaches() (hosts, paths []string) {
	for _, r := range c.Reached() {
		if r.Path != "" {
			paths = append(paths, r.Path)
		} else {
			hosts = append(hosts, r.Host)
		}
	}
	slices.Sort(hosts)
	slices.Sort(paths)
	return slices.Compact(hosts), slices.Compact(paths)
}

// Reached is Reaches with the keys that say so, in the order of the file.
func (c Connection) Reached() []Reach {
	if c.node == nil {
		return nil
	}
	var all []Reach
	for i := 0; i+1 < len(c.node.Content); i += 2 {
		key := c.node.Content[i].Value
		if of := reaching[key]; of != nil {
			for _, value := range texts(c.node.Content[i+1]) {
				for _, r := range of(value) {
					r.Key = key
					all = append(all, r)
				}
			}
		}
	}
	return all
}

// Databases lists the names of databases that the connection opens; Unknown where
// nobody can tell.
func (c Connection) Databases() []string {
	var all []string
	if c.node == nil {
		return nil
	}
	for _, value := range slices.Concat(texts(valueOf(c.node, "dsn")), texts(valueOf(c.node, "change_dsn"))) {
		s, ok := readDSN(value)
		switch name := s["database"]; {
		case !ok, len(name) == 0 && len(s["user"]) == 0, slices.Contains(name, ""):
			all = append(all, Unknown)
		case len(name) == 0: // PostgreSQL's default
			all = append(all, s["user"]...)
		default:
			all = append(all, name...)
		}
	}
	return all
}

// texts are the values of a key as they would be decoded.
func texts(n *yaml.Node) []string {
	if n == nil {
		return nil
	}
	var one string
	var many []string
	switch {
	case n.Decode(&one) == nil:
		return []string{one}
	case n.Decode(&many) == nil:
		return many
	}
	return []string{""} // no host and no path: allowed nowhere
}

func ofFile(value string) []Reach {
	if value == "" {
		return []Reach{{Host: Unknown}}
	}
	return []Reach{{Path: value}}
}

func ofURL(value string) []Reach {
	u, err := url.Parse(value)
	if err != nil {
		return []Reach{{Host: Unknown}}
	}
	return []Reach{{Host: hostName(u.Hostname())}}
}

// hostName writes a host in the one way in which it is compared.
func hostName(s string) string {
	s = strings.TrimSuffix(strings.ToLower(s), ".")
	if ip, err := netip.ParseAddr(s); err == nil {
		return ip.Unmap().String()
	}
	if s == "" || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		return Unknown
	}
	return s
}

// ofDSN reads how a database is named: as an address or as keywords, several
// hosts, folders of sockets, files of certificates.
func ofDSN(value string) []Reach {
	s, ok := readDSN(value)
	if !ok || len(s["service"]) > 0 {
		return []Reach{{Host: Unknown}} // a service stands in a file that names hosts
	}
	var all []Reach
	for _, list := range append(s["host"], s["hostaddr"]...) {
		for host := range strings.SplitSeq(list, ",") {
			switch {
			case strings.HasPrefix(host, "/"), strings.HasPrefix(host, "@"):
				all = append(all, Reach{Path: host})
			default:
				all = append(all, Reach{Host: hostName(host)})
			}
		}
	}
	for _, socket := range s["socket"] {
		all = append(all, ofFile(socket)...)
	}
	if len(all) == 0 {
		all = append(all, Reach{Host: Unknown}) // the default of whoever connects
	}
	for _, key := range []string{"ca", "sslrootcert", "sslcert", "sslkey", "passfile", "servicefile"} {
		for _, file := range s[key] {
			if file != "system" && file != "" {
				all = append(all, Reach{Path: file})
			}
		}
	}
	return all
}

var (
	// Narrower than what drivers take: what two of them could read in two ways,
	// such as a second "@", is not read at all.
	dsnAddress = regexp.MustCompile(`^(?:postgres|postgresql|mysql|mariadb)://(?:([^@:/?#\[\]]*)@)?([^@/?#]*)(?:/([^?#@]*))?(?:\?([^#@]*))?$`)
	dsnKeyword = regexp.MustCompile(`^ *([a-z_]+) *= *('(?:[^'\\]|\\.)*'|[^ '\\]*) *`)
	dsnPort    = regexp.MustCompile(`:[0-9]*$`)
	dsnEscaped = regexp.MustCompile(`\\(.)`)
)

// readDSN gives all values of each key, also of those that another would win
// over. It is false where the text might mean something else to a driver.
func readDSN(dsn string) (map[string][]string, bool) {
	if strings.ContainsFunc(dsn, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, false
	}
	if strings.Contains(dsn, "://") {
		return readAddress(dsn)
	}
	read := map[string][]string{}
	for rest := dsn; rest != ""; {
		m := dsnKeyword.FindStringSubmatch(rest)
		if m == nil {
			return nil, false
		}
		rest = rest[len(m[0]):]
		value := m[2]
		if strings.HasPrefix(value, "'") {
			value = dsnEscaped.ReplaceAllString(value[1:len(value)-1], "$1")
		}
		put(read, m[1], value)
	}
	return read, len(read) > 0
}

func put(read map[string][]string, key, value string) {
	if key == "dbname" {
		key = "database"
	}
	read[key] = append(read[key], value)
}

func readAddress(dsn string) (map[string][]string, bool) {
	m := dsnAddress.FindStringSubmatch(dsn)
	if m == nil || strings.ContainsAny(dsn, ` \`) {
		return nil, false
	}
	read := map[string][]string{}
	for i, key := range []string{"", "user", "", "database"} {
		value, err := url.PathUnescape(m[i])
		if err != nil {
			return nil, false
		}
		if key != "" && value != "" {
			put(read, key, value)
		}
	}
	if m[2] != "" {
		for one := range strings.SplitSeq(m[2], ",") {
			one = dsnPort.ReplaceAllString(one, "")
			if strings.HasPrefix(one, "[") && strings.HasSuffix(one, "]") {
				one = one[1 : len(one)-1]
			}
			host, err := url.PathUnescape(one)
			if err != nil {
				return nil, false
			}
			put(read, "host", host)
		}
	}
	query, err := url.ParseQuery(m[4])
	if err != nil || strings.Contains(m[4], "+") { // a blank to one, a plus to another
		return nil, false
	}
	for key, values := range query {
		for _, value := range values {
			put(read, key, value)
		}
	}
	return read, true
}
