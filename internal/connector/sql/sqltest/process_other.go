//go:build !linux

package sqltest

import "syscall"

func ownProcess() *syscall.SysProcAttr { return nil }
