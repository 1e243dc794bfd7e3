package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cpu is the time that processors worked: for this process, in which clients and
// portal run, and for the database server.
type cpu struct{ here, server time.Duration }

func (c cpu) plus(o cpu) cpu     { return cpu{c.here + o.here, c.server + o.server} }
func (c cpu) minus(o cpu) cpu    { return cpu{c.here - o.here, c.server - o.server} }
func (c cpu) sum() time.Duration { return c.here + c.server }

func (h *house) cpu(b *testing.B) cpu {
	b.Helper()
	var mine syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &mine); err != nil {
		b.Fatal(err)
	}
	c := cpu{here: time.Duration(mine.Utime.Nano() + mine.Stime.Nano())}
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range all {
		if parent, used, ok := stat(name); ok && parent == h.server {
			c.server += used
		}
	}
	return c
}

// stat reads proc(5): parent and time used of a process. One that has just ended
// is none.
func stat(name string) (parent int, used time.Duration, ok bool) {
	text, err := os.ReadFile(name)
	if err != nil {
		return 0, 0, false
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, 0, false
	}
	parent, _ = strconv.Atoi(fields[1])
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return parent, time.Duration(user+system) * tick, true
}

// tick is the unit of proc(5) on every Linux that Go runs on.
const tick = time.Second / 100

// postmaster is the process all others of the server are children of.
func postmaster(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0, fmt.Errorf("find the database server: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(line)
}
