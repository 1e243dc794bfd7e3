package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"einsicht/cmd/internal/portal"
	"einsicht/cmd/internal/settings"
	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/letter"
	"einsicht/internal/wording"
	letterview "einsicht/views/letter"
)

type lettersCmd struct {
	Import  lettersImportCmd  `cmd:"" help:"Make a file an authority's own words for its letters."`
	Check   lettersCheckCmd   `cmd:"" help:"Read such a file and write every letter of a sample case; change nothing."`
	Preview lettersPreviewCmd `cmd:"" help:"The same, and keep the letters as HTML to look at."`
}

type lettersImportCmd struct {
	settings.Settings
	Authority string `required:"" help:"Id of the authority, such as stk-nrw."`
	File      string `arg:"" type:"existingfile" help:"Text blocks (YAML)."`
}

func (c *lettersImportCmd) Run(ctx context.Context) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	return withHouse(ctx, c.Settings, func(ctx context.Context, m *portal.Main) error {
		a, err := find(ctx, m, c.Authority)
		if err != nil {
			return err
		}
		operator := casefile.Actor{Role: casefile.Operator, Authority: a.ID}
		changed, err := m.Steps.Correspondence.ImportTexts(ctx, operator, c.File, data, m.Clock())
		if err != nil {
			return err
		}
		fmt.Printf("%s: %s\n", a.Slug, map[bool]string{true: "imported", false: "unchanged"}[changed])
		return nil
	})
}

type lettersCheckCmd struct {
	settings.Settings
	Authority string `required:"" help:"Id of the authority, such as stk-nrw."`
	File      string `arg:"" type:"existingfile" help:"Text blocks (YAML)."`
}

func (c *lettersCheckCmd) Run(ctx context.Context) error {
	return withTexts(ctx, c.Settings, c.Authority, c.File, func(_ context.Context, samples []letter.Letter) error {
		fmt.Printf("%s: can be used; %d letters written\n", c.File, len(samples))
		return nil
	})
}

type lettersPreviewCmd struct {
	settings.Settings
	Authority string `required:"" help:"Id of the authority, such as stk-nrw."`
	Out       string `required:"" type:"path" help:"Folder for the letters."`
	File      string `arg:"" type:"existingfile" help:"Text blocks (YAML)."`
}

func (c *lettersPreviewCmd) Run(ctx context.Context) error {
	return withTexts(ctx, c.Settings, c.Authority, c.File, func(ctx context.Context, samples []letter.Letter) error {
		if err := os.MkdirAll(c.Out, 0o755); err != nil {
			return err
		}
		for _, l := range samples {
			f, err := os.Create(filepath.Join(c.Out, fmt.Sprintf("%s.%s.html", l.Kind, l.Lang)))
			if err != nil {
				return err
			}
			if err := errors.Join(letterview.Document(l).Render(ctx, f), f.Close()); err != nil {
				return err
			}
		}
		fmt.Printf("%d letters in %s\n", len(samples), c.Out)
		return nil
	})
}

// withTexts reads a file of text blocks and writes the letters of a sample case
// with them. What the inventory of the authority leaves missing is a warning.
func withTexts(ctx context.Context, s settings.Settings, authority, file string, f func(ctx context.Context, samples []letter.Letter) error) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	texts, err := letter.ParseTexts(file, data)
	if err != nil {
		return err
	}
	return withHouse(ctx, s, func(ctx context.Context, m *portal.Main) error {
		a, err := find(ctx, m, authority)
		if err != nil {
			return err
		}
		inv, err := m.Steps.Intake.Inform(ctx, a)
		if err != nil {
			return err
		}
		samples, err := sampleLetters(inv.Authority, texts)
		if err != nil {
			return err
		}
		for _, l := range samples {
			for _, missing := range letter.Missing(l) {
				fmt.Fprintf(os.Stderr, "warning: %s (%s): %s\n", l.Kind, l.Lang, missing)
			}
		}
		return f(ctx, samples)
	})
}

func sampleLetters(a inventory.Authority, texts letter.Texts) ([]letter.Letter, error) {
	var all []letter.Letter
	var faults []error
	add := func(l letter.Letter, err error) { faults, all = append(faults, err), append(all, l) }
	for _, lang := range wording.Languages {
		in, err := letter.SampleAnswer(lang, a)
		if err != nil {
			return nil, err
		}
		in.Texts = texts
		add(letter.Answer(in))
		for _, k := range letter.Kinds {
			n := letter.Sample(k, lang, a)
			n.Texts = texts
			add(letter.Write(n))
		}
	}
	return all, errors.Join(faults...)
}
