package portal

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"path/filepath"

	"einsicht/internal/letter"
	"einsicht/internal/pdf"
	"einsicht/internal/problem"
)

// openPrinter prepares LibreOffice, where this process works and it is
// installed. Without it the letters are complete as HTML, and the operator is
// told how to have both.
func (m *Main) openPrinter(context.Context) error {
	if !m.PDF || !m.Part.Works {
		return nil
	}
	if m.Soffice != "" {
		if _, err := exec.LookPath(m.Soffice); err != nil {
			return errors.New("EINSICHT_SOFFICE names no program: let it name LibreOffice's soffice, or leave it out")
		}
	}
	r, err := pdf.New(pdf.Config{Binary: m.Soffice, Dir: filepath.Join(m.Data, "print")})
	if errors.Is(err, pdf.ErrMissing) {
		m.Log.Warn("letters without PDF", "why", err)
		return nil
	}
	if err != nil {
		return err
	}
	m.printer = &printer{r}
	return nil
}

// printer says in the words of the house that LibreOffice is gone.
type printer struct{ *pdf.Renderer }

// Render makes a letter a PDF.
func (p *printer) Render(ctx context.Context, w io.Writer, l letter.Letter) error {
	err := p.Renderer.Render(ctx, w, l)
	if errors.Is(err, pdf.ErrMissing) {
		return problem.New(problem.Unavailable, "correspondence.pdf.missing").Because(err)
	}
	return err
}
