package pgserver

import (
	"fmt"
	"os"
	"syscall"
)

func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }

// serves reports whether the process is a living server over the folder: a
// server works in its data folder, and the dead work nowhere.
func (r running) serves(data string) bool {
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", r.pid))
	return err == nil && cwd == data
}
