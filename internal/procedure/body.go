package procedure

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/person"
	"einsicht/internal/problem"
)

// smallBody is how long a content may be that lies in its finding: to keep each of
// a million short files by itself takes longer than to read them.
const smallBody = 64 << 10

// KeepBody takes the content of a file out of its system and keeps it. Nobody knows
// its place before the finding is kept; what none names is swept away. Where the
// system failed, the error is a connector.Failure.
func (h *House) KeepBody(ctx context.Context, c casefile.Case, f connector.Field) (connector.Field, error) {
	if f.Body == nil || f.Body.Open == nil {
		return f, nil
	}
	in, err := f.Body.Open(ctx)
	if err != nil {
		return f, err
	}
	defer in.Close()
	body := *f.Body
	body.Open = nil
	sum := sha256.New()
	begin, err := io.ReadAll(io.LimitReader(in, smallBody+1))
	switch {
	case err != nil:
		return f, err
	case len(begin) <= smallBody:
		sum.Write(begin)
		body.Size, f.Value = int64(len(begin)), person.NewText(base64.StdEncoding.EncodeToString(begin))
	default:
		body.Number = uuid.New()
		rest := io.TeeReader(io.MultiReader(bytes.NewReader(begin), in), sum)
		if body.Size, err = h.putStream(ctx, bodySlot(c, body.Number), rest); err != nil {
			return f, err
		}
	}
	body.SHA256 = hex.EncodeToString(sum.Sum(nil))
	f.Body = &body
	return f, nil
}

// OpenFile reads the content of a file of a finding. Only io.EOF says that it is
// whole. It fails with problem.NotFound where the content is gone.
func (h *House) OpenFile(ctx context.Context, c casefile.Case, finding uuid.UUID, f connector.Field) (io.ReadCloser, error) {
	switch {
	case f.Body == nil:
		return nil, fmt.Errorf("finding %s holds no file: %w", finding, problem.NotFound)
	case f.Body.Number != uuid.Nil:
		return h.OpenBlob(ctx, bodySlot(c, f.Body.Number))
	}
	var content []byte
	err := h.Units.View(ctx, c.Authority, func(ctx context.Context) error {
		row, err := h.Findings.Finding(ctx, c.ID, finding)
		if err != nil {
			return err
		}
		record, err := h.record(ctx, c, row)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(record.Fields, func(o connector.Field) bool { return o.Name == f.Name })
		if i < 0 {
			return fmt.Errorf("finding %s holds no such file: %w", finding, problem.NotFound)
		}
		content, err = within(record.Fields[i])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", finding, err)
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

// OpenBlob reads a sealed file that lies under the number of its row. Only io.EOF
// says that it is whole.
func (h *House) OpenBlob(ctx context.Context, slot casefile.Slot) (io.ReadCloser, error) {
	blob, _, err := h.Blobs.Open(ctx, slot.Row.String())
	if err != nil {
		return nil, err
	}
	var plain io.Reader
	err = h.Units.View(ctx, slot.Authority, func(ctx context.Context) error {
		plain, err = h.Keys.OpenStream(ctx, slot, blob)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, blob.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{plain, blob}, nil
}

// PutBlob seals what write writes and keeps it under the number of its row.
func (h *House) PutBlob(ctx context.Context, slot casefile.Slot, write func(io.Writer) error) error {
	return h.Blobs.Put(ctx, slot.Row.String(), func(w io.Writer) error {
		var sealed io.WriteCloser
		err := h.Units.View(ctx, slot.Authority, func(ctx context.Context) (err error) {
			sealed, err = h.Keys.SealStream(ctx, slot, w)
			return err
		})
		if err != nil {
			return err
		}
		if err := write(sealed); err != nil {
			return err
		}
		return sealed.Close()
	})
}

// DropBodies deletes contents that no finding names any more. What it can't delete
// is swept away later.
func (h *House) DropBodies(ctx context.Context, numbers []uuid.UUID) error {
	var errs []error
	for _, number := range numbers {
		errs = append(errs, h.Blobs.Delete(ctx, number.String()))
	}
	return errors.Join(errs...)
}

func (h *House) putStream(ctx context.Context, slot casefile.Slot, r io.Reader) (size int64, err error) {
	return size, h.PutBlob(ctx, slot, func(w io.Writer) error {
		size, err = io.Copy(w, r)
		return err
	})
}

func bodySlot(c casefile.Case, number uuid.UUID) casefile.Slot {
	return SlotOf(c, "finding", "body", number)
}

// leaveContents takes small contents out of a record that is opened, so that a case
// of many files needs no more memory than one of few.
func leaveContents(record *connector.Finding) {
	for i, f := range record.Fields {
		if f.Body == nil && f.IsContent() { // kept before contents had a place of their own
			if content, err := within(f); err == nil {
				body := connector.NewBody(content)
				body.SHA256, body.Open = body.Stamp, nil
				f.Body, record.Fields[i].Body = body, body
			}
		}
		if f.Body != nil {
			record.Fields[i].Value = person.Text{}
		}
	}
}

// within is a content that lies in its field.
func within(f connector.Field) ([]byte, error) {
	content, err := base64.StdEncoding.DecodeString(f.Value.Reveal())
	if err != nil {
		return nil, errors.New("the content of a file can't be read") // the cause quotes it
	}
	return content, nil
}
