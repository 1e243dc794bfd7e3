package e2e

import "syscall"

// dieWithParent lets the demonstration end in order when the test run is killed.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
