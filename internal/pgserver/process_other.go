//go:build unix && !linux

package pgserver

import (
	"net"
	"path/filepath"
	"syscall"
)

// Only Linux can tell a process that its parent died; elsewhere the next start
// stops what a killed run left behind.
func dieWithParent(*syscall.SysProcAttr) {}

// serves reports whether a living server listens for the folder.
func (r running) serves(string) bool {
	conn, err := net.Dial("unix", filepath.Join(r.socket, ".s.PGSQL."+port))
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
