//go:build unix && !linux

package pdf

import "syscall"

// Only Linux can tell a process that its parent died; elsewhere it ends with
// its letter.
func dieWithParent(*syscall.SysProcAttr) {}
