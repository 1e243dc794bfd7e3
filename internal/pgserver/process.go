package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a server that this program started.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has gone
	tail *tail
}

// run starts the server so that it gets SIGINT (a fast, clean stop) when this
// program dies. The kernel ties that signal to the thread that forked, not to
// the process, so one thread is kept for it (go.dev/issue/27505).
func (a account) run(bin, data string, args []string, log io.Writer) (*process, error) {
	p := &process{done: make(chan struct{}), tail: &tail{}}
	p.cmd = a.command(data, filepath.Join(bin, "postgres"), args...)
	p.cmd.Stderr = io.MultiWriter(p.tail, log)
	p.cmd.WaitDelay = time.Second
	p.cmd.SysProcAttr.Setpgid = true // Ctrl-C reaches the program first, which then stops the server
	dieWithParent(p.cmd.SysProcAttr)
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := p.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.cmd.Wait() // its answer says nothing that done does not
		close(p.done)
	}()
	return p, <-started
}

// stop asks for a fast stop and, when the context ends, for an immediate one.
func (p *process) stop(ctx context.Context) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	p.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
	}
	p.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-p.done:
		return nil
	case <-time.After(5 * time.Second):
		return fmt.Errorf("PostgreSQL does not stop (process %d): %w", p.cmd.Process.Pid, ctx.Err())
	}
}

// last is what the server said last.
func (p *process) last() string { return lastLines(p.tail.bytes()) }

// dismiss stops a server that outlived the program that started it. The caller
// holds the folder's lock, so nobody works with it.
func dismiss(ctx context.Context, data string) error {
	left, err := readPIDFile(data)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !left.serves(data) {
		// The number may belong to another program by now, or to a dead process
		// that nobody reaped; PostgreSQL would take either for a server.
		if syscall.Kill(left.pid, 0) == nil {
			return os.Remove(filepath.Join(data, pidFile))
		}
		return nil
	}
	for waited := 0; left.serves(data); waited++ {
		switch waited {
		case 0, 50: // it may have got one already and ignores none
			syscall.Kill(left.pid, syscall.SIGINT)
		case 400: // 20 seconds
			syscall.Kill(left.pid, syscall.SIGQUIT)
		case 600:
			return fmt.Errorf("process %d does not stop", left.pid)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

const pidFile = "postmaster.pid"

// running is what a server writes about itself into its folder.
type running struct {
	pid    int
	socket string
}

func readPIDFile(data string) (running, error) {
	text, err := os.ReadFile(filepath.Join(data, pidFile))
	if err != nil {
		return running{}, err
	}
	lines := strings.Split(string(text), "\n") // process, data, start, port, socket folder, …
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil {
		return running{}, fmt.Errorf("read %s in the database folder: %w", pidFile, err)
	}
	r := running{pid: pid}
	if len(lines) > 4 {
		r.socket = strings.TrimSpace(lines[4])
	}
	return r, nil
}

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - 4096; over > 0 {
		t.buf = t.buf[over:]
	}
	return len(p), nil
}

func (t *tail) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]byte(nil), t.buf...)
}

func lastLines(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-6):], "; ")
}
