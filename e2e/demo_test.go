package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"einsicht/internal/landscape"
	"einsicht/internal/pgserver"
)

// password is that of the demonstration's accounts.
const password = "einsicht-demo-2026!"

// Staff of the demonstration, at every authority.
const (
	clerk    = "Karla Sommer"
	approver = "Viktor Brandt"
	officer  = "Dana Held"
)

// home is where everything runs; houses are the authorities whose sources the
// demonstration builds.
var (
	house  *demo
	shots  = flag.String("shots", "", "folder for pictures of the main pages")
	houses = []string{"stk-nrw", "it-nrw"}
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := func() (int, error) {
		dir, err := os.MkdirTemp("/tmp", "einsicht-e2e-") // the database's user must be able to enter it
		if err != nil {
			return 1, err
		}
		defer remove(dir)
		if err := os.Chmod(dir, 0o755); err != nil {
			return 1, err
		}
		if err := startBrowser(dir); err != nil {
			return 1, err
		}
		defer stopBrowser()
		if house, err = startDemo(dir); err != nil {
			return 1, err
		}
		return m.Run(), house.stop()
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

// remove removes the folder: the browser's helpers write to it a little longer
// than the browser lives.
func remove(dir string) {
	for range 20 {
		if os.RemoveAll(dir) == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// demo is the demonstration, running as a process of its own.
type demo struct {
	URL       string
	Landscape *landscape.Landscape
	club      *club // to whom data can be handed directly
	dir       string
	env       []string
	process   *exec.Cmd
	ended     chan error
}

func startDemo(dir string) (*demo, error) {
	build := exec.Command("go", "build", "-o", dir+"/bin/", "./cmd/demo", "./cmd/einsicht")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build: %w\n%s", err, out)
	}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o755); err != nil {
		return nil, err
	}
	other, err := startClub(dir, filepath.Join(data, "controllers.yaml"))
	if err != nil {
		return nil, err
	}
	for range 3 { // between asking for a free address and using it, another program may take it
		var listen string
		if listen, err = freeAddress(); err != nil {
			return nil, err
		}
		d := &demo{URL: "http://" + listen, club: other, dir: dir, ended: make(chan error, 1)}
		d.env = append(os.Environ(), "EINSICHT_DATA="+data, "EINSICHT_LISTEN="+listen, "DATABASE_URL=", "EINSICHT_MIGRATE_URL=", "EINSICHT_URL=", "EINSICHT_NOW=", "EINSICHT_CONTROLLERS=")
		if err = d.start(); err == nil {
			return d, d.attach(data)
		}
		if !strings.Contains(err.Error(), syscall.EADDRINUSE.Error()) {
			break
		}
	}
	return nil, err
}

// start runs the program and waits until it says where it listens.
func (d *demo) start() error {
	d.process = exec.Command(filepath.Join(d.dir, "bin", "demo"))
	d.process.Env = d.env
	d.process.SysProcAttr = dieWithParent()
	var log safeBuffer
	d.process.Stderr = &log
	said, err := d.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := d.process.Start(); err != nil {
		return err
	}
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(said)
		for lines.Scan() {
			if strings.Contains(lines.Text(), d.URL) {
				ready <- true
				break
			}
		}
		io.Copy(io.Discard, said)
		d.ended <- d.process.Wait()
	}()
	select {
	case <-ready:
		return nil
	case err := <-d.ended:
		return fmt.Errorf("the demonstration ended: %w\n%s", err, log.String())
	case <-time.After(5 * time.Minute):
		return errors.Join(fmt.Errorf("the demonstration did not start in five minutes\n%s", log.String()), d.process.Process.Kill())
	}
}

// attach reaches the sources that the demonstration started, to plant records.
func (d *demo) attach(data string) error {
	ctx := context.Background()
	sources, err := pgserver.Start(ctx, pgserver.Options{Data: data, Name: "sources", Bare: true})
	if err != nil {
		return err
	}
	d.Landscape, err = landscape.Attach(landscape.Options{Server: sources, Dir: filepath.Join(data, "landscape"), Seed: 2026, Now: time.Now()})
	return err
}

func (d *demo) stop() error {
	defer d.club.server.Close()
	if err := d.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-d.ended:
		if err != nil {
			return fmt.Errorf("the demonstration ended with: %w", err)
		}
		return nil
	case <-time.After(patience):
		return errors.Join(errors.New("the demonstration does not end"), d.process.Process.Kill())
	}
}

// run runs the program's command line beside the running portal.
func (d *demo) run(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(filepath.Join(d.dir, "bin", "einsicht"), args...)
	cmd.Env = d.env
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		t.Fatalf("einsicht %s: %v\n%s", strings.Join(args, " "), err, failed.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// route is one of the program's route table.
type route struct{ Method, Path, Class, Auth string }

func (d *demo) routes(t *testing.T) []route {
	t.Helper()
	var all []route
	if err := json.Unmarshal([]byte(d.run(t, "routes", "--demo")), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no routes: this checks nothing")
	}
	return all
}

// plant adds rows of this run for a person to every system of an authority and
// gives all references by system. Access logs get none: lines of the past
// can't come in today.
func (d *demo) plant(t *testing.T, authority, person string) map[string][]string {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("%s: seed %d", authority, seed)
	all := map[string][]string{}
	for _, system := range d.Landscape.Systems() {
		if !strings.HasPrefix(system, prefixes[authority]) {
			continue
		}
		if !strings.HasSuffix(system, "weblog") && d.Landscape.Plantable(system) {
			if _, err := d.Landscape.Plant(context.Background(), system, person, 1+int(seed%3), seed); err != nil {
				t.Fatal(err)
			}
		}
		all[system] = d.Landscape.Planted(system, person)
	}
	if len(all) < 5 {
		t.Fatalf("only %d systems: this checks nothing", len(all))
	}
	return all
}

// prefixes of the systems that the demonstration builds for an authority.
var prefixes = map[string]string{"stk-nrw": "stk-", "it-nrw": "itnrw-"}

var codePattern = regexp.MustCompile(`\b\d{8}\b`)

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// safeBuffer is written by one goroutine and read by another.
type safeBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
