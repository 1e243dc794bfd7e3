// Package pdf turns a letter into a file that can be printed, posted and kept:
// an accessible PDF with an address window.
//
// The letter is written as a flat OpenDocument text and converted by LibreOffice.
// One file is both PDF/UA-1 (ISO 14289-1, accessible) and PDF/A-3b (ISO
// 19005-3, to be archived). Without LibreOffice there is ErrMissing, and the
// HTML letter is complete without it.
package pdf

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"einsicht/internal/letter"
)

// Config says how letters are converted. The zero value works where LibreOffice
// is found.
type Config struct {
	Binary   string        // soffice; empty: Find
	Dir      string        // private folder for what is under work; empty: one below os.TempDir
	Timeout  time.Duration // for one letter; 45 s if zero, below the limit of a job
	Parallel int           // LibreOffice processes at a time, about 200 MB each; 2 if zero
}

// Renderer converts letters. Close it to leave nothing behind.
type Renderer struct {
	binary  string
	timeout time.Duration
	folder  *folder
	glyphs  glyphs
	// A profile serves one process at a time: whoever holds it may convert.
	profiles chan string
}

// New prepares the conversion, and wipes what a killed run left behind.
func New(c Config) (*Renderer, error) {
	if c.Binary == "" {
		var err error
		if c.Binary, err = Find(); err != nil {
			return nil, err
		}
	}
	if c.Dir == "" {
		c.Dir = filepath.Join(os.TempDir(), fmt.Sprintf("einsicht-pdf-%d", os.Geteuid()))
	}
	if c.Timeout <= 0 {
		c.Timeout = 45 * time.Second
	}
	if c.Parallel <= 0 {
		c.Parallel = 2
	}
	f, err := openFolder(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("folder for PDF: %w", err)
	}
	r := &Renderer{binary: c.Binary, timeout: c.Timeout, folder: f, glyphs: installed(), profiles: make(chan string, c.Parallel)}
	for i := range c.Parallel {
		r.profiles <- filepath.Join(f.path, fmt.Sprintf("profile-%d", i))
	}
	return r, nil
}

// Close wipes the folder. Call it when no Render runs any more.
func (r *Renderer) Close() error { return r.folder.close() }

// Render writes the letter as PDF. Nothing is written to w unless the whole
// letter became a PDF.
func (r *Renderer) Render(ctx context.Context, w io.Writer, l letter.Letter) (err error) {
	profile, err := r.take(ctx)
	if err != nil {
		return err
	}
	defer func() { r.profiles <- profile }()
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()

	job, err := r.folder.job()
	if err != nil {
		return fmt.Errorf("folder for a letter: %w", err)
	}
	// The letter lies there in clear. This runs under a panic, too.
	defer func() { err = errors.Join(err, wipe(job)) }()

	source := filepath.Join(job, "letter.fodt")
	if err := r.write(ctx, source, l); err != nil {
		return fmt.Errorf("letter as OpenDocument: %w", err)
	}
	if err := r.convert(ctx, profile, job, source, standards); err != nil {
		// A profile whose process was killed may count as in use.
		return errors.Join(err, wipe(profile))
	}
	file, err := os.ReadFile(filepath.Join(job, "letter.pdf"))
	if err != nil {
		// soffice ends with 0 when it could not read or write, too.
		return errors.New("LibreOffice made no PDF")
	}
	_, err = w.Write(mend(file, locales[l.Lang].Tag()))
	return err
}

func (r *Renderer) take(ctx context.Context) (profile string, err error) {
	select {
	case profile = <-r.profiles:
		return profile, nil
	case <-ctx.Done():
		return "", fmt.Errorf("waiting for LibreOffice: %w", ctx.Err())
	}
}

func (r *Renderer) write(ctx context.Context, path string, l letter.Letter) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	buf := bufio.NewWriter(f)
	if err := writeODT(ctx, buf, l, r.glyphs); err != nil {
		return err
	}
	return errors.Join(buf.Flush(), f.Close())
}
