package portal

import (
	"context"
	"io"

	"einsicht/internal/letter"
	"einsicht/internal/problem"
)

func (m *Main) openPrinter(context.Context) error { return nil }

// printer makes letters PDF.
type printer struct{}

// Render makes a letter a PDF.
func (p *printer) Render(context.Context, io.Writer, letter.Letter) error {
	return problem.New(problem.Unavailable, "correspondence.pdf.missing")
}

// Close leaves nothing behind.
func (p *printer) Close() error { return nil }
