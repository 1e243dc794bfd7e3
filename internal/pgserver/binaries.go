package pgserver

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first release the portal's schema works with.
const oldest = 15

// ErrMissing is the kind of failure when no usable server is installed.
var ErrMissing = errors.New("no PostgreSQL server that can be used")

// usual places of the server's binaries. Debian, openSUSE and Alpine leave them
// out of PATH on purpose.
var usual = []string{
	"/usr/lib/postgresql/*/bin",         // Debian, Ubuntu
	"/usr/pgsql-*/bin",                  // Red Hat with the PostgreSQL repository
	"/usr/lib/postgresql*/bin",          // openSUSE
	"/usr/libexec/postgresql*",          // Alpine
	"/usr/local/pgsql/bin",              // built from source
	"/opt/homebrew/opt/postgresql*/bin", // Homebrew on Apple silicon
	"/usr/local/opt/postgresql*/bin",    // Homebrew on Intel
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// binaries finds the folder of initdb and postgres: the one on PATH if it will
// do, else the newest. An existing cluster needs its own major version (want;
// 0: none yet).
func (a account) binaries(want int) (string, error) {
	var candidates []string
	if path, err := exec.LookPath("postgres"); err == nil {
		candidates = append(candidates, path)
	}
	for _, pattern := range usual {
		found, _ := filepath.Glob(filepath.Join(pattern, "postgres"))
		slices.Reverse(found)
		candidates = append(candidates, found...)
	}
	return a.choose(candidates, want)
}

func (a account) choose(candidates []string, want int) (string, error) {
	best, newest := "", 0
	var rejected []string
	for i, candidate := range candidates {
		path, err := filepath.EvalSymlinks(candidate)
		if err != nil {
			continue
		}
		dir := filepath.Dir(path)
		version, err := a.version(dir)
		switch {
		case err != nil:
			rejected = append(rejected, fmt.Sprintf("%s (%v)", dir, err))
		case version < oldest || want != 0 && version != want:
			rejected = append(rejected, fmt.Sprintf("%s (version %d)", dir, version))
		case version > newest:
			best, newest = dir, version
			if i == 0 { // the one on PATH was put there for a reason
				return best, nil
			}
		}
	}
	if best == "" {
		return "", missing(want, rejected)
	}
	return best, nil
}

var number = regexp.MustCompile(`PostgreSQL\D* (\d+)`)

// version asks the server's binary, as the server's user: one that it can't
// execute is of no use.
func (a account) version(dir string) (int, error) {
	if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err != nil {
		return 0, errors.New("without initdb")
	}
	out, err := a.command("/", filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, fmt.Errorf("user %s can't run it: %w", a.name, err)
	}
	found := number.FindSubmatch(out)
	if found == nil {
		return 0, errors.New("version unknown")
	}
	return strconv.Atoi(string(found[1]))
}

func missing(want int, rejected []string) error {
	need := fmt.Sprintf("PostgreSQL %d or newer", oldest)
	if want != 0 {
		need = fmt.Sprintf("PostgreSQL %d, which made the existing data", want)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "the private database needs %s. Ways out:\n", need)
	text.WriteString("  - install the server: \"make deps\", or by hand the package postgresql (Debian, Ubuntu, Alpine,\n" +
		"    Arch, Homebrew) or postgresql-server (Fedora, Red Hat, openSUSE)\n" +
		"  - put the folder of its binaries (initdb, postgres) on PATH\n" +
		"  - use a server of your own: DATABASE_URL and EINSICHT_MIGRATE_URL; \"einsicht migrate --roles\"\n" +
		"    prints what its administrator has to run")
	if len(rejected) > 0 {
		fmt.Fprintf(&text, "\nFound, but of no use: %s", strings.Join(rejected, "; "))
	}
	return fmt.Errorf("%w: %s", ErrMissing, text.String())
}
