package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"einsicht/cmd/internal/portal"
)

// lines waits for what a log says.
type lines struct {
	want string
	got  chan string
	once sync.Once
}

func (l *lines) Write(b []byte) (int, error) {
	if s := string(b); strings.Contains(s, l.want) {
		l.once.Do(func() { l.got <- s })
	}
	return len(b), nil
}

func TestAFileThatNobodyAsksIsNamedAtTheStart(t *testing.T) {
	s, _ := house(t)
	s.Connections = t.TempDir()
	for system, text := range map[string]string{"known": "system: stk-brochures\nkind: manual\n", "typo": "system: stk-brochuers\nkind: manual\n"} {
		if err := os.WriteFile(filepath.Join(s.Connections, system+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := s.Config(portal.Worker)
	if err != nil {
		t.Fatal(err)
	}
	said := &lines{want: "no inventory knows", got: make(chan string, 1)}
	cfg.Log, cfg.PDF = slog.New(slog.NewTextHandler(said, nil)), false
	m, err := portal.New(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- m.Run(running) }()
	select {
	case line := <-said.got:
		if !strings.Contains(line, "[stk-brochuers]") || !strings.Contains(line, "level=WARN") {
			t.Errorf("got %q, want the one system that nobody knows", line)
		}
	case <-time.After(2 * time.Minute):
		t.Error("the start says nothing of a file that nobody asks")
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := m.Close(ctx); err != nil {
		t.Error(err)
	}
}

func TestTestPeopleMayHaveCommas(t *testing.T) {
	var c cli
	parser, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"portal", "--connect-test-people", "name=Petra Probe;address=Weg 1, 50667 Köln"}); err != nil {
		t.Fatal(err)
	}
	cfg, err := c.Portal.Config(portal.Portal)
	if want := []string{"name=Petra Probe", "address=Weg 1, 50667 Köln"}; err != nil || !slices.Equal(cfg.TestPeople, want) {
		t.Errorf("got %q, %v, want %q", cfg.TestPeople, err, want)
	}
	c.Portal.TestPeople = []string{"Petra Probe"}
	if _, err := c.Portal.Config(portal.Portal); err == nil || !strings.Contains(err.Error(), "EINSICHT_CONNECT_TEST_PEOPLE") || strings.Contains(err.Error(), "Petra") {
		t.Errorf("no kind: got %v, want the setting named and no value", err)
	}
}
