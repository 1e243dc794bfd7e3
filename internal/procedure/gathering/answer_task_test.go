package gathering_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/blobstore"
	"einsicht/internal/casefile"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/gathering"
)

// slowDisk lets something happen while a file is being written.
type slowDisk struct {
	blobstore.Disk
	meanwhile func() error
	err       error
}

func (d *slowDisk) Put(ctx context.Context, key string, write func(io.Writer) error) error {
	d.err = errors.Join(d.err, d.meanwhile())
	return d.Disk.Put(ctx, key, write)
}

// A disk that is slow keeps nobody from the case, and what another said meanwhile counts.
func TestAUnitsFileIsWrittenBeforeTheCaseIsLocked(t *testing.T) {
	for _, answered := range []bool{false, true} {
		now := time.Now()
		h, disk := newCabinet(t, now)
		id, _, unit := h.shippedCase(t, casefile.Gathering, casefile.FoundNothing, false, now)
		slow := &slowDisk{Disk: disk, meanwhile: func() error {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // for ever, if the case is locked
			defer cancel()
			return h.db.InTx(ctx, h.authority.ID, func(ctx context.Context) error {
				if _, err := h.Cases.Lock(ctx, id); err != nil || !answered {
					return err
				}
				q, err := h.Findings.Inquiry(ctx, unit.ID)
				q.State, q.AnsweredAt = casefile.FoundNothing, now
				return errors.Join(err, h.Findings.PutInquiries(ctx, []casefile.Inquiry{q}))
			})
		}}
		h.Blobs = slow
		content, _ := io.ReadAll(noise(1, 1<<20))
		staff := casefile.Actor{ID: uuid.New(), Role: casefile.Clerk, Authority: h.authority.ID}
		answer := gathering.ManualAnswer{Led: []uuid.UUID{uuid.New()}, File: gathering.Upload{Name: person.NewText("akte.pdf"), Content: content}}
		err := (&gathering.Gathering{House: h.House}).AnswerTask(t.Context(), staff, id, unit.System, answer, now)
		if slow.err != nil {
			t.Fatalf("the case was locked while the file was written: %v", slow.err)
		}
		all, named := h.lie(t, disk)
		switch {
		case !answered && (err != nil || len(all) != 1 || named != 1):
			t.Errorf("got %v, %d files and %d named, want one that a finding names", err, len(all), named)
		case answered && (!errors.Is(err, problem.Conflict) || len(all) != 0):
			t.Errorf("somebody was faster: got %v and %d files, want it to be said and none", err, len(all))
		}
	}
}
