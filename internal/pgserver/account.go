package pgserver

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account is the user of the operating system as whom the server runs:
// PostgreSQL refuses to run as root.
type account struct {
	name       string // as whom the server runs
	client     string // as whom this program runs
	uid, gid   int
	credential *syscall.Credential // nil: as this program
}

func serverAccount() (account, error) {
	me, err := user.Current()
	if err != nil {
		return account{}, fmt.Errorf("look up the user this program runs as: %w", err)
	}
	a := account{name: me.Username, client: me.Username, uid: os.Geteuid(), gid: os.Getegid()}
	if a.uid != 0 {
		return a, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		a.name, a.uid, a.gid = name, uid, gid
		a.credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), Groups: []uint32{uint32(gid)}}
		return a, nil
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody: " +
		"run this program as another user, or set DATABASE_URL to a server of your own")
}

// command runs a program of PostgreSQL as the server's user in a folder.
func (a account) command(dir, path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	cmd.Env = []string{"LC_ALL=C.UTF-8", "TZ=UTC", "PATH=/usr/local/bin:/usr/bin:/bin"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential}
	return cmd
}

// enter tries whether the server's user can enter a folder, by doing it: that
// asks modes, access lists and mounts alike.
func (a account) enter(bin, dir string) error {
	return a.command(dir, filepath.Join(bin, "postgres"), "--version").Run()
}

// mine makes a folder that only the server's user can enter.
func (a account) mine(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return a.give(dir)
}

func (a account) give(path string) error {
	if a.credential == nil {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// socketFolder makes the folder of the server's socket. A socket's path may
// have 107 bytes at most, so it does not lie beside the data.
func (a account) socketFolder(data string) (string, error) {
	sum := sha256.Sum256([]byte(data))
	name := hex.EncodeToString(sum[:6])
	var places []string
	if a.credential != nil && os.MkdirAll("/run/einsicht", 0o755) == nil {
		places = append(places, filepath.Join("/run/einsicht", name))
	}
	places = append(places, fmt.Sprintf("/tmp/einsicht-%d-%s", a.uid, name))
	for _, dir := range places {
		if a.mine(dir) == nil {
			return dir, nil
		}
		if a.owns(dir) { // left by a killed run, whose process number may be another's by now
			os.Remove(filepath.Join(dir, ".s.PGSQL."+port+".lock"))
			return dir, nil
		}
	}
	// Somebody else sits on the name in /tmp.
	dir, err := os.MkdirTemp("/tmp", "einsicht-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the database socket: %w", err)
	}
	return dir, a.give(dir)
}

// owns tells a folder that an earlier run left from one that somebody else put
// there.
func (a account) owns(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == a.uid
}

// admit writes who may connect: the user this program runs as and the server's
// own, as any of the roles. Roles admitted earlier stay.
func (a account) admit(data string, roles ...string) error {
	rules := "# Written at every start. Nobody connects but over the socket, and no password is known.\n" +
		"local all all peer map=einsicht\n"
	if err := a.write(filepath.Join(data, "pg_hba.conf"), rules); err != nil {
		return err
	}
	file := filepath.Join(data, "pg_ident.conf")
	before, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the roles of the database server: %w", err)
	}
	for line := range strings.Lines(string(before)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "einsicht" {
			roles = append(roles, strings.Trim(f[2], `"`))
		}
	}
	var text strings.Builder
	text.WriteString("# Written by the program: user of the operating system, role of the database.\n")
	seen := map[string]bool{}
	for _, role := range roles {
		for _, name := range []string{a.client, a.name} {
			line := fmt.Sprintf("einsicht %q %q\n", name, role)
			if !seen[line] {
				text.WriteString(line)
			}
			seen[line] = true
		}
	}
	return a.write(file, text.String())
}

// write replaces a file of the server atomically.
func (a account) write(name, text string) error {
	tmp := name + ".tmp"
	if err := os.WriteFile(tmp, []byte(text), 0o600); err != nil {
		return err
	}
	if err := a.give(tmp); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}
