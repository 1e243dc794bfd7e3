package rewrite

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// patch is what changes in the text of a file: so many bytes from a place on.
type patch struct {
	start  int64
	length int
	sum    [sha256.Size]byte // of the bytes that stand there
	with   []byte            // as many bytes; nil: blanks
}

// copy writes the copy, and says what both are.
func (f Files) copy(ctx context.Context, in *os.File, beside string, patches []patch) (before, after Checksum, err error) {
	info, err := in.Stat()
	if err != nil {
		return before, after, err
	}
	out, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return before, after, refused(err, err)
	}
	defer out.Close()
	if err := f.step(ctx, "fill"); err != nil {
		return before, after, err
	}
	was, is := counting{raw: sha256.New(), text: sha256.New()}, counting{raw: sha256.New(), text: sha256.New()}
	raw := bufio.NewReaderSize(io.TeeReader(patient{ctx, in}, &was.rawSide), 256<<10)
	was.rawSide.hash, is.rawSide.hash = was.raw, is.raw
	buffered := bufio.NewWriterSize(io.MultiWriter(out, &is.rawSide), 256<<10)
	text, pack, err := unpack(packingOf(in), raw, buffered)
	if err != nil {
		return before, after, torn(ctx, err)
	}
	err = carryOver(io.TeeReader(text, &was), io.MultiWriter(pack, &is), patches)
	if closing := text.Close(); err == nil {
		err = closing
	}
	if err == nil {
		_, err = io.Copy(io.Discard, raw)
	}
	if err != nil {
		return before, after, torn(ctx, refused(err, err))
	}
	if err = errors.Join(pack.Close(), buffered.Flush()); err == nil {
		err = alike(out, info)
	}
	if err != nil {
		return before, after, refused(err, err)
	}
	return was.checksum(), is.checksum(), nil
}

// torn: a packed file that can't be read to its end must not lose what follows.
func torn(ctx context.Context, err error) error {
	var said *refusal
	var system *fs.PathError
	if ctx.Err() != nil || errors.As(err, &said) || errors.As(err, &system) {
		return err
	}
	return errTorn
}

// carryOver copies a text with its patches.
func carryOver(from io.Reader, to io.Writer, patches []patch) error {
	at := int64(0)
	for _, p := range patches {
		if p.start < at {
			return errMoved
		}
		if _, err := io.CopyN(to, from, p.start-at); err != nil {
			return unexpected(err)
		}
		there := make([]byte, p.length)
		if _, err := io.ReadFull(from, there); err != nil {
			return unexpected(err)
		}
		if sha256.Sum256(there) != p.sum {
			return errMoved
		}
		if p.with != nil {
			copy(there, p.with)
		} else {
			blank(there)
		}
		if _, err := to.Write(there); err != nil {
			return err
		}
		at = p.start + int64(p.length)
	}
	_, err := io.Copy(to, from)
	return err
}

// unexpected: the text is shorter than it was.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errMoved
	}
	return err
}

// blank leaves of a record one line of blanks.
func blank(record []byte) {
	text := bytes.TrimRight(record, "\r\n")
	for i := range text {
		text[i] = ' '
	}
}

// alike gives the copy owner and mode of the file, and its times but for a second.
func alike(out *os.File, info os.FileInfo) error {
	own, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return errDenied
	}
	if err := out.Chown(int(own.Uid), int(own.Gid)); err != nil {
		return err
	}
	if err := out.Chmod(info.Mode()); err != nil {
		return err
	}
	// When it was written tells the year of lines that tell none, and how long a
	// file is kept. A second more, and backups notice that look at size and time only.
	written := info.ModTime().Add(time.Second)
	if now := time.Now(); written.After(now) {
		written = now
	}
	if err := os.Chtimes(out.Name(), time.Unix(own.Atim.Unix()), written); err != nil {
		return err
	}
	return out.Sync()
}

// counting is what a file is, while it is read or written.
type counting struct {
	raw, text hash.Hash
	rawSide   side
	lines     int64
	open      bool // the last line lacks its end
}

// side counts the bytes of the file itself.
type side struct {
	hash hash.Hash
	n    int64
}

func (s *side) Write(b []byte) (int, error) {
	s.n += int64(len(b))
	return s.hash.Write(b)
}

// Write takes text.
func (c *counting) Write(b []byte) (int, error) {
	if len(b) > 0 {
		c.lines += int64(bytes.Count(b, []byte{'\n'}))
		c.open = b[len(b)-1] != '\n'
	}
	return c.text.Write(b)
}

func (c *counting) checksum() Checksum {
	s := Checksum{SHA256: hex.EncodeToString(c.raw.Sum(nil)), Size: c.rawSide.n, Text: hex.EncodeToString(c.text.Sum(nil)), Lines: c.lines}
	if c.open {
		s.Lines++
	}
	return s
}

func checksumAt(ctx context.Context, path string) (string, error) {
	in, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return "", err
	}
	defer in.Close()
	return checksumOf(ctx, in)
}

func checksumOf(ctx context.Context, in *os.File) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(patientAt{ctx, in}, 0, 1<<62)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// patient reads as long as somebody waits.
type patient struct {
	ctx context.Context
	io.Reader
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.Reader.Read(b)
}

type patientAt struct {
	ctx context.Context
	io.ReaderAt
}

func (p patientAt) ReadAt(b []byte, off int64) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.ReaderAt.ReadAt(b, off)
}
