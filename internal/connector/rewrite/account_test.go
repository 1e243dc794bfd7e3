package rewrite_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"einsicht/internal/connector"
)

// What the account may is asked of the system, before anything is done.
func TestWhatAnAccountMay(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can act as somebody else")
	}
	const nobody = 65534
	for name, c := range map[string]struct {
		own  func(s *shelf) []string
		want string
	}{
		"nothing is its own":                    {func(*shelf) []string { return nil }, "denied denied"},
		"the folders are, and the file is not":  {func(s *shelf) []string { return []string{s.Dir, s.Checksums} }, "denied denied"},
		"all but the folder for checksums":      {func(s *shelf) []string { return []string{s.Dir, s.Path("log.1")} }, "denied no_checksums"},
		"all but the folder in which it stands": {func(s *shelf) []string { return []string{s.Path("log.1"), s.Checksums} }, "denied denied"},
		"all":                                   {func(s *shelf) []string { return []string{s.Dir, s.Path("log.1"), s.Checksums} }, "changed"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf(t)
			for _, above := range []string{filepath.Dir(s.Dir), filepath.Dir(filepath.Dir(s.Dir))} {
				if err := os.Chmod(above, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			s.Write(t, "log.1", "a\nb\n")
			for _, path := range c.own(s) {
				if err := os.Chown(path, nobody, nobody); err != nil {
					t.Fatal(err)
				}
			}
			said := make(chan []string)
			go func() {
				defer close(said)
				runtime.LockOSThread() // it ends with the goroutine, and with it what it is
				for _, call := range [][2]uintptr{{syscall.SYS_SETRESGID, nobody}, {syscall.SYS_SETRESUID, nobody}} {
					if _, _, err := syscall.RawSyscall(call[0], call[1], call[1], call[1]); err != 0 {
						said <- []string{err.Error()}
						return
					}
				}
				var states []string
				for _, do := range []func() ([]connector.Effect, error){
					func() ([]connector.Effect, error) { return s.Desk.Rehearse(t.Context(), erase(refOf("a", 0))) },
					func() ([]connector.Effect, error) { return s.Desk.Carry(t.Context(), erase(refOf("a", 0))) },
				} {
					effects, err := do()
					if err != nil {
						states = append(states, err.Error())
						continue
					}
					states = append(states, strings.TrimSpace(string(effects[0].State)+" "+strings.TrimPrefix(effects[0].Reason, "connector.rewrite.")))
				}
				said <- states
			}()
			if got := <-said; !slices.Equal(got, []string{c.want, c.want}) {
				t.Errorf("got %q, want %q in the rehearsal and after it", got, c.want)
			}
			if got, want := s.Text(t, "log.1"), map[bool]string{true: " \nb\n", false: "a\nb\n"}[c.want == "changed"]; got != want {
				t.Errorf("got %q", got)
			}
		})
	}
}
