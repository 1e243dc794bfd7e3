package portaltest

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
)

// Package is an answer as the person receives it: content by name.
type Package map[string][]byte

// Fetch downloads the package as the applicant.
func (w *Work) Fetch(t testing.TB, id uuid.UUID) Package {
	t.Helper()
	p, err := w.h.Steps.Delivery.Provide(ctx, w.Applicant(id), id, w.h.Now())
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := p.Stream(ctx, &file, w.h.Now); err != nil {
		t.Fatal(err)
	}
	if state := w.Case(t, id).State; state != casefile.Delivered {
		t.Errorf("got state %s after the download, want delivered", state)
	}
	return Unpack(t, file.Bytes())
}

// Unpack reads a package.
func Unpack(t testing.TB, file []byte) Package {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	p := Package{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if p[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
	}
	return p
}

// Data is the part of daten.json that tests look at.
type Data struct {
	Systems []struct {
		ID, Name, Outcome string
		Records           []struct{ Reference string }
	}
}

// Data reads daten.json.
func (p Package) Data(t testing.TB) Data {
	t.Helper()
	var d Data
	if err := json.Unmarshal(p["daten.json"], &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Systems) == 0 {
		t.Fatal("no systems in the package: this checks nothing")
	}
	return d
}

// References gives the references in a package by system, sorted.
func (p Package) References(t testing.TB) map[string][]string {
	t.Helper()
	got := map[string][]string{}
	for _, s := range p.Data(t).Systems {
		for _, r := range s.Records {
			got[s.ID] = append(got[s.ID], r.Reference)
		}
		slices.Sort(got[s.ID])
	}
	return got
}

// Audit checks the ledgers of all authorities, once they are in order.
func (h *House) Audit(t testing.TB) {
	t.Helper()
	all, err := h.DB.Authorities(ctx)
	if err != nil {
		t.Fatal(err)
	}
	entries := int64(0)
	for _, a := range all {
		Wait(t, "ledger in order", Patience, func() (bool, error) {
			waiting := 0
			err := h.DB.View(ctx, a.ID, func(ctx context.Context) error {
				years, err := h.Ledger.Years(ctx)
				if err != nil {
					return err
				}
				for _, year := range years {
					report, err := h.Ledger.Audit(ctx, year)
					if err != nil {
						return err
					}
					if !report.OK() {
						t.Errorf("%s: %v", a.Slug, report.Findings)
					}
					waiting += len(report.Unsequenced)
					entries = max(entries, report.Size)
				}
				return nil
			})
			return waiting == 0, err
		})
	}
	if entries == 0 {
		t.Error("no ledger entry: this checks nothing")
	}
}
