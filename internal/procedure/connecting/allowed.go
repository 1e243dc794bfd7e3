package connecting

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"

	"einsicht/internal/connector"
)

// Allowed is where connections entered at pages may lead. Whoever enters them
// works for one authority; the machine that asks has secrets and logs of all, and
// reaches what pages must not. So its operator says what, and the zero value
// allows nothing. Files, which only the operator writes, lead anywhere.
type Allowed struct {
	names    []string // "db.example", or "*.example" as ".example"
	networks []netip.Prefix
	paths    []string
	own      string // name of the portal's database
}

// The settings by which an operator allows.
const (
	SettingHosts = "EINSICHT_CONNECT_HOSTS"
	SettingPaths = "EINSICHT_CONNECT_PATHS"
)

// NewAllowed reads what an operator allows: hosts as names, as *.suffix and as
// networks, and absolute folders. own is the name of the portal's own database,
// which nobody may connect.
func NewAllowed(hosts, paths []string, own string) (Allowed, error) {
	a := Allowed{own: own}
	for _, host := range hosts {
		host = strings.ToLower(strings.TrimSpace(host))
		if network, err := netip.ParsePrefix(host); err == nil {
			a.networks = append(a.networks, network.Masked())
			continue
		}
		if ip, err := netip.ParseAddr(host); err == nil {
			ip = ip.Unmap()
			a.networks = append(a.networks, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		name := strings.TrimPrefix(host, "*")
		if strings.Trim(name, ".") == "" || len(name) < len(host) && name[0] != '.' || strings.ContainsAny(name, "*?/:@[] ") {
			return a, fmt.Errorf("%s: %q is no host; write db.example, *.example or 10.0.0.0/8", SettingHosts, host)
		}
		a.names = append(a.names, name)
	}
	for _, folder := range paths {
		folder = strings.TrimSpace(folder)
		if !path.IsAbs(folder) || strings.ContainsAny(folder, `*?[\`) {
			return a, fmt.Errorf("%s: %q is no absolute folder; write /var/log", SettingPaths, folder)
		}
		a.paths = append(a.paths, path.Clean(folder))
	}
	return a, nil
}

// What is refused, see whats.
const (
	hostRefused = "the operator of this program does not allow this host; " + SettingHosts + " has to name it"
	pathRefused = "the operator of this program does not allow this path; " + SettingPaths + " has to name a folder above it"
	pathClimbs  = "must be an absolute path without .. and backslashes"
	hostUnknown = "must name its hosts plainly"
	ownDatabase = "is the database of this program, or is named like it"
)

// Check says whether a connection leads only where it may. It looks at what is
// written; see Resolved for what lies there.
func (a Allowed) Check(c connector.Connection) error { return a.check(c, nil) }

// Resolved is Check, and asks for each path what it really is once symbolic links
// are followed. It is for processes that ask systems.
func (a Allowed) Resolved(c connector.Connection, really func(pattern string) []string) error {
	return a.check(c, really)
}

func (a Allowed) check(c connector.Connection, really func(string) []string) error {
	for _, name := range c.Databases() {
		switch name {
		case connector.Unknown:
			return c.Wrong("dsn", hostUnknown)
		case a.own: // wherever: a host has many names
			return c.Wrong("dsn", ownDatabase)
		}
	}
	for _, r := range c.Reached() {
		if what := a.refuses(r); what != "" {
			return c.Wrong(r.Key, what)
		}
		if r.Path == "" || really == nil {
			continue
		}
		for _, found := range really(r.Path) {
			if !within(found, a.real(really)) {
				return c.Wrong(r.Key, pathRefused)
			}
		}
	}
	return nil
}

// real are the folders allowed, links followed in them too: one may be a link.
func (a Allowed) real(really func(string) []string) []string {
	all := slices.Clone(a.paths)
	for _, folder := range a.paths {
		all = append(all, really(folder)...)
	}
	return all
}

func (a Allowed) refuses(r connector.Reach) string {
	switch {
	case r.Path != "" && !plain(r.Path):
		return pathClimbs
	case r.Path != "" && !within(path.Clean(r.Path), a.paths):
		return pathRefused
	case r.Path != "":
		return ""
	case r.Host == connector.Unknown:
		return hostUnknown
	case !a.host(r.Host):
		return hostRefused
	}
	return ""
}

// plain says whether a path or pattern can be compared by what is written.
func plain(p string) bool {
	return path.IsAbs(p) && !slices.Contains(strings.Split(p, "/"), "..") && !strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == '\\' })
}

func within(p string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return p == folder || strings.HasPrefix(p, strings.TrimSuffix(folder, "/")+"/")
	})
}

func (a Allowed) host(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return slices.ContainsFunc(a.networks, func(n netip.Prefix) bool { return n.Contains(ip) })
	}
	return slices.ContainsFunc(a.names, func(name string) bool {
		return host == name || name[0] == '.' && strings.HasSuffix(host, name) && len(host) > len(name)
	})
}
