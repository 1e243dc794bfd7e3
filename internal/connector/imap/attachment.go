package imap

import (
	"context"
	"errors"
	"io"
	"math"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-message"

	"einsicht/internal/connector"
)

// held is how many bytes of the files of one mail are held in memory, where their
// text is searched. What is longer is read anew by whoever wants it.
const held = 8 << 20

// tooLarge says of each file of a mail whether it is more than the connection
// lets be copied of one mail.
func (a *account) tooLarge(files []file) []bool {
	most, sum := int64(a.mapping.MaxContent)<<20, int64(0)
	large := make([]bool, len(files))
	for i, f := range files {
		if large[i] = most > 0 && sum+f.size > most; !large[i] {
			sum += f.size
		}
	}
	return large
}

// body is the content of the nth file of a mail of the open mailbox.
func (w *walk) body(uid imap.UID, n int, f file) *connector.Body {
	b := &connector.Body{Stamp: f.sum, Size: f.size, Type: f.kind}
	switch {
	case !f.left:
		b.Open = connector.NewBody(f.content).Open
	default:
		if f.more {
			b.Size = -1
		}
		b.Open = func(ctx context.Context) (io.ReadCloser, error) { return w.openFile(ctx, uid, n, b.Size) }
	}
	return b
}

// openFile reads a mail again, piece by piece, up to its nth file.
func (w *walk) openFile(ctx context.Context, uid imap.UID, n int, size int64) (io.ReadCloser, error) {
	text := &pieces{ctx: ctx, s: w.session, uid: uid}
	in := (&seek{n: n}).find(begin(text, math.MaxInt64).entity, 0)
	if text.err != nil {
		return nil, ofServer(text.err)
	}
	if in == nil {
		return nil, errCut
	}
	return &attached{text: text, in: in, left: size}, nil
}

// errCut: the mail is not the one any more that was read before.
var errCut = connector.Fail(connector.ErrUnreachable, "fetch", "cut off", nil)

func ofServer(err error) error {
	if errors.Is(err, errLost) {
		return connector.Fail(connector.ErrUnreachable, "fetch", "", nil)
	}
	return err
}

// attached is a file within a mail that is being read.
type attached struct {
	text *pieces
	in   io.Reader
	left int64 // negative: nobody knows
}

func (a *attached) Read(p []byte) (int, error) {
	n, err := a.in.Read(p)
	if a.left >= 0 {
		n = int(min(int64(n), a.left))
		a.left -= int64(n)
	}
	switch {
	case a.text.err != nil:
		return n, ofServer(a.text.err)
	case err == nil && a.left == 0:
		return n, io.EOF
	case err == nil:
		return n, nil
	case a.left > 0:
		return n, errCut
	}
	return n, io.EOF // where it is damaged, as when it was read first
}

func (*attached) Close() error { return nil }

// seek looks for a file of a mail, in the order of parts.
type seek struct{ n, parts int }

func (s *seek) find(e *message.Entity, depth int) io.Reader {
	if s.parts++; e == nil || s.parts > mostParts || depth > mostDepth {
		return nil
	}
	switch sort, _, _ := sortOf(e); sort {
	case several:
		for inside := e.MultipartReader(); s.parts <= mostParts; {
			part, err := inside.NextPart()
			if part == nil || errors.Is(err, io.EOF) {
				return nil
			}
			if in := s.find(part, depth+1); in != nil {
				return in
			}
		}
	case asFile:
		if s.n--; s.n < 0 {
			return e.Body
		}
	}
	return nil
}
