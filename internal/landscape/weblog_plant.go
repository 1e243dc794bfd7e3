package landscape

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func (w weblog) plant(_ context.Context, l *Landscape, p Person, n int, seed uint64) ([]string, error) {
	r := random(seed, "plant", w.id, p.ID)
	var planted []string
	for i := range n {
		name := filepath.Join(w.path(l), logName(0))
		h := l.signedIn(w, p, r, time.Hour)
		if i == 0 {
			var at time.Time
			var err error
			if name, at, err = l.oldest(w); err != nil {
				return nil, err
			}
			h.at = at
		}
		if w.nameless {
			contacts := l.state.Contacts[w.authority][p.ID]
			if len(contacts) == 0 {
				return nil, nil // no line here can be tied to the person
			}
			c := contacts[i%len(contacts)]
			h.user, h.ip, h.at = "-", c.IP, c.At
		}
		h.request = fmt.Sprintf("GET /konto/daten?seite=%d HTTP/1.1", r.IntN(1<<30)) // so that no line is there twice
		text, err := unpacked(name)
		if err != nil {
			return nil, err
		}
		if err := rewrite(name, text+h.String()+"\n"); err != nil {
			return nil, err
		}
		planted = append(planted, h.reference())
	}
	l.note(w.id, p.ID, planted)
	return planted, nil
}

// oldest is the file that goes next, and the time of its last line.
func (l *Landscape) oldest(w weblog) (name string, at time.Time, err error) {
	for n := range 64 {
		candidate := filepath.Join(w.path(l), logName(n))
		if _, err := os.Stat(candidate); err == nil {
			name = candidate
		}
	}
	text, err := unpacked(name)
	if err != nil {
		return "", at, err
	}
	last := strings.TrimSpace(text)
	last = last[strings.LastIndexByte(last, '\n')+1:]
	_, last, _ = strings.Cut(last, "[")
	last, _, _ = strings.Cut(last, "]")
	at, err = time.Parse("02/Jan/2006:15:04:05 -0700", last)
	return name, at, err
}

func unpacked(name string) (string, error) {
	text, err := os.ReadFile(name)
	if err != nil || !strings.HasSuffix(name, ".gz") {
		return string(text), err
	}
	zip, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return "", err
	}
	text, err = io.ReadAll(zip)
	return string(text), err
}

func rewrite(name, text string) error {
	if !strings.HasSuffix(name, ".gz") {
		return replace(name, []byte(text))
	}
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write([]byte(text)); err != nil {
		return err
	}
	if err := zip.Close(); err != nil {
		return err
	}
	return replace(name, packed.Bytes())
}
