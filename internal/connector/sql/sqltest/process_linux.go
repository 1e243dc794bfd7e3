package sqltest

import "syscall"

// ownProcess lets the server end with the test, also when that is killed.
func ownProcess() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
