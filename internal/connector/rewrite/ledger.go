package rewrite

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/google/uuid"
)

// Entry is one line of the ledger of checksums. It says nothing about anybody.
type Entry struct {
	At    time.Time `json:"at"`
	State string    `json:"state"`
	File  string    `json:"file"`
	// Beside is where the copy lies, and then the file that it took the place of.
	Beside  string      `json:"beside"`
	Before  Checksum    `json:"before"`
	After   Checksum    `json:"after"`
	Changed int         `json:"changed"` // records
	Changes []uuid.UUID `json:"changes"` // of the plan, each of one record
	// Prev is the SHA-256 of the line before: no line can be taken out unnoticed.
	Prev string `json:"prev"`
}

// States of an entry: Begun is followed by one of the others.
const (
	Begun     = "begun"
	Done      = "done"
	Abandoned = "abandoned" // the file is as it was
)

// Checksum is what a file was. That of the text outlives packing: it is that of
// what zcat shows.
type Checksum struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	Text   string `json:"text_sha256"`
	Lines  int64  `json:"lines"`
}

// ledger is the open, locked file. There is one writer at a time.
type ledger struct {
	file *os.File
	last Entry
	prev string // of the next line
	torn bool   // the last line lacks its end
}

// lock opens the ledger, and waits for whoever has it.
func (f Files) lock(ctx context.Context) (*ledger, error) {
	path := filepath.Join(f.Checksums, filepath.Base(f.System)+".jsonl")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o640)
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrNotExist):
		return nil, errChecksums
	case err != nil:
		return nil, f.failed(path, err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			break
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, f.failed(path, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	l := &ledger{file: file}
	if err == nil {
		err = l.read()
	}
	if err == nil {
		err = syncFolder(f.Checksums)
	}
	if err != nil {
		file.Close()
		return nil, f.failed(path, err)
	}
	return l, nil
}

func (l *ledger) close() { l.file.Close() } // and with it the lock

// read goes through the lines once: a rewriting is a rare thing.
func (l *ledger) read() error {
	in := bufio.NewReaderSize(l.file, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			if l.torn = len(line) > 0; l.torn {
				l.prev = sum(line)
			}
			return nil
		}
		if err != nil {
			return err
		}
		var e Entry
		if json.Unmarshal(line, &e) == nil && e.State != "" {
			l.last = e
		}
		l.prev = sum(bytes.TrimSuffix(line, []byte("\n")))
	}
}

// add writes a line and makes sure that it stays.
func (l *ledger) add(e Entry) error {
	e.Prev = l.prev
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	text := append(line, '\n')
	if l.torn {
		text = append([]byte("\n"), text...) // what a process left that ended
	}
	if _, err := l.file.Write(text); err != nil {
		return err
	}
	l.last, l.prev, l.torn = e, sum(line), false
	return l.file.Sync()
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
