package rewrite

import (
	"maps"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"einsicht/internal/connector"
)

// Rule is the part "change" of a connection to files.
type Rule struct {
	// Erase is delete: the record is blanked; or mask: only what Mask names is.
	Erase string `yaml:"erase"`
	// Mask says what takes the place of values, by their names: a short text, or
	// Network. Keep names those that stay as they are, and Why says why.
	Mask map[string]string `yaml:"mask"`
	Keep []string          `yaml:"keep"`
	Why  string            `yaml:"why"`
	// Closed lists names of files that nobody writes to any more, such as
	// access.log.*; * and ? are allowed. Packed files are closed anyway.
	Closed []string `yaml:"closed"`
	// Quiet is how long nothing was written to a file before it counts as closed;
	// an hour if nothing is said.
	Quiet *time.Duration `yaml:"quiet"`
}

// What Rule.Erase may say.
const (
	Deleting = "delete"
	Masking  = "mask"
	// Network leaves of an address the network: /24, or /48 of IPv6.
	Network = "network"
)

// Declared says whether anything may be changed.
func (r *Rule) Declared() bool { return r != nil && r.Erase != "" }

// Abilities are those of a kind whose connection has this rule.
func (r *Rule) Abilities() []connector.Ability {
	if r.Declared() {
		return []connector.Ability{connector.CanFind, connector.CanPreview, connector.CanErase}
	}
	return []connector.Ability{connector.CanFind, connector.CanPreview}
}

// Check reads the rule of a connection and the folder of its checksums, both of
// which may be missing.
func (r *Rule) Check(c connector.Connection, checksums string) error {
	switch {
	case r == nil && checksums == "":
		return nil
	case !r.Declared():
		return c.Wrong("change.erase", "is missing: delete or mask")
	case r.Erase != Deleting && r.Erase != Masking:
		return c.Wrong("change.erase", "must be delete or mask")
	case (r.Erase == Masking) != (len(r.Mask) > 0):
		return c.Wrong("change.mask", "says what is masked, and goes with erase: mask")
	case r.Erase == Masking && strings.TrimSpace(r.Why) == "":
		return c.Wrong("change.why", "is missing: the person is told why the rest stays")
	case r.Erase == Deleting && (r.Why != "" || len(r.Keep) > 0):
		return c.Wrong("change.keep", "and why go with erase: mask")
	case checksums == "":
		return c.Wrong("checksums", "is missing: the folder that keeps what was rewritten")
	case !filepath.IsAbs(checksums):
		return c.Wrong("checksums", "must be a full path")
	case r.Quiet != nil && (*r.Quiet < 0 || *r.Quiet > 30*24*time.Hour):
		return c.Wrong("change.quiet", "must be 720h at most")
	}
	for name, text := range r.Mask {
		if !maskText.MatchString(text) {
			return c.Wrong("change.mask."+name, "must be network, or a word of letters, digits, points and dashes")
		}
		if slices.Contains(r.Keep, name) {
			return c.Wrong("change.keep", "names what is masked")
		}
	}
	for _, pattern := range r.Closed {
		if _, err := filepath.Match(pattern, ""); err != nil || strings.ContainsRune(pattern, filepath.Separator) || pattern == "" {
			return c.Wrong("change.closed", "must be names of files, * and ? allowed")
		}
	}
	return nil
}

var maskText = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// Covers says whether the mask, or what is kept, names a value.
func (r *Rule) Covers(name string) bool {
	_, masks := r.Mask[name]
	return masks || slices.Contains(r.Keep, name)
}

// Masked is what takes the place of a value; it is never longer.
func (r *Rule) Masked(name, value string) string {
	to, masks := r.Mask[name]
	if !masks || value == "" {
		return value
	}
	if to == Network {
		to = network(value)
	}
	return to[:min(len(to), len(value))]
}

// network is the network of an address; of anything else, such as the name of a
// computer, nothing is left.
func network(value string) string {
	ip, err := netip.ParseAddr(value)
	if err != nil {
		return "-"
	}
	ip = ip.Unmap().WithZone("")
	bits := map[bool]int{true: 24, false: 48}[ip.Is4()]
	net, err := ip.Prefix(bits)
	if err != nil {
		return "-"
	}
	return net.Addr().String()
}

// Keeps are what stays of a record under a mask.
func (r *Rule) Keeps() (kept []connector.Kept) {
	for _, name := range slices.Sorted(slices.Values(r.Keep)) {
		kept = append(kept, connector.Kept{Field: name, Why: r.Why})
	}
	for _, name := range slices.Sorted(maps.Keys(r.Mask)) {
		if r.Mask[name] == Network {
			kept = append(kept, connector.Kept{Field: name, Why: r.Why})
		}
	}
	return kept
}

// quiet is how long a file must have been left alone.
func (r *Rule) quiet() time.Duration {
	if r.Quiet == nil {
		return time.Hour
	}
	return *r.Quiet
}

// closed says whether the rule calls a file closed by its name.
func (r *Rule) closed(path string) bool {
	for _, pattern := range r.Closed {
		if ok, err := filepath.Match(pattern, filepath.Base(path)); ok && err == nil {
			return true
		}
	}
	return false
}
