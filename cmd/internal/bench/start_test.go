package bench

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkStart builds the programs and starts them as an operator does, with a
// private PostgreSQL: the first time, and five times more.
func BenchmarkStart(b *testing.B) {
	dir := folder(b)
	fmt.Println()
	for _, program := range []string{"einsicht", "demo"} {
		binary := filepath.Join(dir, program)
		build := exec.Command("go", "build", "-o", binary, "einsicht/cmd/"+program)
		if out, err := build.CombinedOutput(); err != nil {
			b.Fatalf("build %s: %v\n%s", program, err, out)
		}
		data := filepath.Join(dir, program+"-data")
		first := start(b, program, binary, data)
		first.stop(b)
		took := make([]time.Duration, 5)
		var last *running
		for i := range took {
			last = start(b, program, binary, data)
			took[i] = last.ready
			if i < len(took)-1 {
				last.stop(b)
			}
		}
		time.Sleep(5 * time.Second)
		idle := last.memory(b)
		last.stop(b)
		fmt.Printf("%-8s first start %5.2f s, second start %.3f s to the first 200 of /healthz (median of 5), VmRSS after 5 s idle %.0f MB, without PostgreSQL\n",
			program, first.ready.Seconds(), quantile(took, 0.5).Seconds(), idle)
		b.ReportMetric(quantile(took, 0.5).Seconds(), program+"-start-s")
		b.ReportMetric(idle, program+"-idle-MB")
	}
	b.ReportMetric(0, "ns/op")
}

// running is a program in a process of its own.
type running struct {
	*exec.Cmd
	ready time.Duration // from its start to its first answer
}

func start(b *testing.B, program, binary, data string) *running {
	b.Helper()
	cmd := exec.Command(binary)
	if program == "einsicht" {
		cmd.Args = append(cmd.Args, "run")
	}
	cmd.Env = append(os.Environ(), "EINSICHT_DATA="+data, "EINSICHT_LISTEN=127.0.0.1:0", "DATABASE_URL=")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	r := &running{Cmd: cmd}
	b.Cleanup(func() { cmd.Process.Signal(syscall.SIGTERM); cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(lines.Text()); address != "" {
			healthy(b, address)
			r.ready = time.Since(begun)
			go func() {
				for lines.Scan() { // so that it never waits to be read
				}
			}()
			return r
		}
	}
	b.Fatalf("%s ended before it said where it listens: %s", program, said.String())
	return nil
}

func healthy(b *testing.B, address string) {
	b.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		res, err := http.Get(address + "/healthz")
		if err != nil {
			continue
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return
		}
	}
	b.Fatal("not healthy within 20 seconds")
}

func (r *running) stop(b *testing.B) {
	b.Helper()
	if err := r.Process.Signal(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	if err := r.Wait(); err != nil {
		b.Errorf("stop: %v", err)
	}
}

// memory is what the process holds in RAM, in megabytes.
func (r *running) memory(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	found := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		b.Fatal("no VmRSS")
	}
	kilobytes, err := strconv.Atoi(string(found[1]))
	if err != nil {
		b.Fatal(err)
	}
	return float64(kilobytes) / 1024
}
