package pgserver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// folder makes the folder of the program's data and returns its full path. The
// server's user must be able to pass through it, but not to list it.
func folder(data string, who account) (string, error) {
	if data == "" {
		return "", errors.New("no folder for the data: set EINSICHT_DATA")
	}
	mode := fs.FileMode(0o700)
	if who.credential != nil {
		mode = 0o711
	}
	if err := os.MkdirAll(data, mode); err != nil {
		return "", fmt.Errorf("make the folder of the data (EINSICHT_DATA): %w", err)
	}
	full, err := filepath.Abs(data)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(full)
}

// existing is the place of a cluster made earlier; empty: none yet. A note that
// names a place where nothing lies is an error: an empty database in place of a
// lost one would look like a portal without cases.
func (s *Server) existing() (data, note string, err error) {
	inside := filepath.Join(s.options.Data, s.options.Name)
	if clusterVersion(inside) != 0 {
		return inside, "", nil
	}
	text, err := os.ReadFile(inside + ".path")
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	place, reason, _ := strings.Cut(string(text), "\n")
	if clusterVersion(place) == 0 {
		return "", "", fmt.Errorf("%s.path says that the database lies in %s, but nothing is there: "+
			"bring it back, or remove that file to begin with an empty one", inside, place)
	}
	return place, strings.TrimSpace(reason), nil
}

// create makes a cluster: beside its final name, then renamed, so that an
// unfinished one never looks finished.
func (s *Server) create(ctx context.Context) (data, note string, err error) {
	data = filepath.Join(s.options.Data, s.options.Name)
	if s.account.enter(s.bin, s.options.Data) != nil {
		data, note, err = s.outside()
		if err != nil {
			return "", "", err
		}
	}
	if err := s.initdb(ctx, data+".tmp"); err != nil {
		return "", "", err
	}
	if err := os.Rename(data+".tmp", data); err != nil {
		return "", "", err
	}
	if note == "" {
		return data, "", nil
	}
	file := filepath.Join(s.options.Data, s.options.Name) + ".path"
	return data, note, os.WriteFile(file, []byte(data+"\n"+note+"\n"), 0o644)
}

// outside picks a place for data whose folder the server's user can't enter,
// such as one below root's home. A cluster that an earlier folder of the same
// name left there is neither used nor touched: its keys are gone.
func (s *Server) outside() (data, note string, err error) {
	if err := os.MkdirAll(s.options.elsewhere, 0o755); err != nil {
		return "", "", err
	}
	sum := sha256.Sum256([]byte(filepath.Join(s.options.Data, s.options.Name)))
	base := filepath.Join(s.options.elsewhere, hex.EncodeToString(sum[:8]))
	data = base
	for n := 2; ; n++ {
		if _, err := os.Lstat(data); errors.Is(err, fs.ErrNotExist) {
			break
		}
		data = base + "-" + strconv.Itoa(n)
	}
	note = fmt.Sprintf("The database of %s lies in %s, because user %q, as whom it runs, can't enter that folder.",
		s.options.Data, data, s.account.name)
	if data != base {
		note += fmt.Sprintf(" An earlier database of the same folder still lies in %s; remove it if nobody needs it.", base)
	}
	return data, note, nil
}

// initdb tries German sorting by ICU first; not every build has it, and not
// every system the locale C.UTF-8.
func (s *Server) initdb(ctx context.Context, dir string) error {
	runtime.LockOSThread() // see account.run
	defer runtime.UnlockOSThread()
	var first error
	for _, locale := range [][]string{
		{"--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=de-DE"},
		{"--locale=C", "--locale-provider=icu", "--icu-locale=de-DE"},
		{"--locale=C.UTF-8"},
		{"--locale=C"},
	} {
		if err := os.RemoveAll(dir); err != nil { // of a run that was killed
			return err
		}
		if err := s.account.mine(dir); err != nil {
			return err
		}
		args := append([]string{"-D", dir, "-U", superuser, "-E", "UTF8", "--data-checksums",
			"--auth-local=peer", "--auth-host=reject"}, locale...)
		cmd := s.account.command(dir, filepath.Join(s.bin, "initdb"), args...)
		dieWithParent(cmd.SysProcAttr)
		out, err := cmd.CombinedOutput()
		if err == nil {
			return nil
		}
		if first == nil {
			first = fmt.Errorf("initdb: %w: %s", err, lastLines(out))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return first
}

// clusterVersion is the major version that made the cluster in a folder; 0:
// there is none.
func clusterVersion(data string) int {
	if data == "" {
		return 0
	}
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err != nil {
		return 0
	}
	version, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return version
}
