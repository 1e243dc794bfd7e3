//go:build unix && !linux

package e2e

import "syscall"

// dieWithParent is a thing of Linux only.
func dieWithParent() *syscall.SysProcAttr { return nil }
