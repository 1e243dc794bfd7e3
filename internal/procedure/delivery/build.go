package delivery

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/export"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	letterview "einsicht/views/letter"
	portableview "einsicht/views/portable"
)

// Build makes the package of a released case. It may run twice: a package that
// is finished stays as it is, one that was torn is written anew under the same
// key.
func (s *Delivery) Build(ctx context.Context, authority, caseID uuid.UUID, now time.Time) error {
	p, err := s.start(ctx, authority, caseID, now)
	if err != nil || p.State != casefile.PackageWanted {
		return err
	}
	a, err := s.compile(ctx, authority, caseID, now, func(procedure.Matter) error { return nil })
	if err != nil {
		return err
	}
	written, err := a.write()
	if err != nil {
		return err
	}
	key, err := s.signingKey(ctx, a, authority, now)
	if err != nil {
		return err
	}
	pack := a.pack(ctx, written, s.print(ctx, a, written), key)
	text, err := s.store(ctx, blobSlot(a.c, p), pack, now)
	if err != nil {
		return fmt.Errorf("build package %s: %w", p.ID, err)
	}
	text.Records, text.Done = a.records(), a.input.Measures.Tallies()
	return s.built(ctx, p, text, authority, now)
}

// store writes a package to its place: streamed, packed and sealed on the way.
func (s *Delivery) store(ctx context.Context, slot casefile.Slot, p export.Package, now time.Time) (casefile.PackageText, error) {
	var text casefile.PackageText
	err := s.PutBlob(ctx, slot, func(w io.Writer) error {
		measured := export.NewMeter(w)
		manifest, err := export.Write(measured, p, calendar.DateOf(now).Time())
		if err != nil {
			return err
		}
		for _, e := range manifest.Entries {
			text.Entries = append(text.Entries, casefile.PackageEntry{Name: e.Name, Size: e.Size, SHA256: e.SHA256, Offset: e.Offset})
		}
		whole := measured.Sum("")
		text.Size, text.SHA256 = whole.Size, whole.SHA256
		return nil
	})
	return text, err
}

// start finds or opens the package of a released case.
func (s *Delivery) start(ctx context.Context, authority, caseID uuid.UUID, now time.Time) (casefile.Package, error) {
	var p casefile.Package
	err := s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		c, err := s.Cases.Lock(ctx, caseID)
		if err != nil {
			return err
		}
		if c.State != casefile.Released {
			p.State = casefile.PackageBuilt // by an earlier run of the job
			return nil
		}
		all, err := s.Findings.Packages(ctx, caseID)
		if err != nil {
			return err
		}
		if len(all) > 0 {
			p = all[0]
			return nil
		}
		p = casefile.Package{ID: uuid.New(), Case: caseID, State: casefile.PackageWanted, CreatedAt: now}
		return s.Findings.PutPackage(ctx, p)
	})
	return p, err
}

func (s *Delivery) built(ctx context.Context, p casefile.Package, text casefile.PackageText, authority uuid.UUID, now time.Time) error {
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		c, err := s.Cases.Lock(ctx, p.Case)
		if err != nil || c.State != casefile.Released {
			return err
		}
		p.State, p.BuiltAt = casefile.PackageBuilt, now
		if p.Sealed, err = s.Seal(ctx, procedure.SlotOf(c, "package", "sealed", p.ID), text); err != nil {
			return err
		}
		if err := s.Findings.PutPackage(ctx, p); err != nil {
			return err
		}
		c.AvailableUntil = now.Add(procedure.DataStays)
		return s.Move(ctx, &c, casefile.Build, casefile.Actor{Role: casefile.System, Authority: authority}, casefile.HappeningText{}, now)
	})
}

// write writes the letter.
func (a *answer) write() (letter.Letter, error) {
	l, err := letter.Answer(a.input)
	if err != nil {
		return l, err
	}
	if missing := letter.Missing(l); len(missing) > 0 {
		return l, fmt.Errorf("the letter lacks something: %s: %w", missing[0], problem.Conflict)
	}
	return l, nil
}

// patience is how long the answer waits for its PDF; the job has to write the
// package, too.
const patience = 25 * time.Second

// print makes the letter a PDF. Where that fails the answer goes out without: the
// HTML is the whole letter.
func (s *Delivery) print(ctx context.Context, a *answer, l letter.Letter) []byte {
	if s.Printer == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var pdf bytes.Buffer
	if err := s.Printer.Render(ctx, &pdf, l); err != nil {
		s.Log.Warn("answer without PDF", "case", a.c.ID, "error", err)
		return nil
	}
	return pdf.Bytes()
}

// pack is the package as export writes it.
func (a *answer) pack(ctx context.Context, l letter.Letter, printed []byte, key ed25519.PrivateKey) export.Package {
	p := export.Package{
		Authority: a.input.Authority.Name, FileNumber: a.c.FileNumber, Date: a.input.Date,
		Answer:    func(w io.Writer) error { return letterview.Answer(l).Render(ctx, w) },
		Disclosed: a.disclosed, Measures: a.input.Measures,
		Files: a.files,
	}
	if printed != nil {
		p.Printed = func(w io.Writer) error {
			_, err := w.Write(printed)
			return err
		}
	}
	if !a.givesAccess() { // then all that goes out is there to take along
		p.Disclosed, p.Files = disclosure.Disclosed{}, nil
	}
	if p.Takeout = a.takeout(ctx, key); p.Takeout != nil {
		p.TakeoutIndex = func(w io.Writer) error { return portableview.Index(a.page(*p.Takeout, false)).Render(ctx, w) }
	}
	return p
}

// records is how many go out.
func (a *answer) records() int {
	if !a.givesAccess() {
		taken, _ := a.takenAlong()
		return taken
	}
	return a.disclosed.Given()
}

func blobSlot(c casefile.Case, p casefile.Package) casefile.Slot {
	return procedure.SlotOf(c, "package", "blob", p.ID)
}
