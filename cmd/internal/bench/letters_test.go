package bench

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"einsicht/internal/inventory"
	"einsicht/internal/letter"
	"einsicht/internal/pdf"
	"einsicht/internal/wording"
	views "einsicht/views/letter"
)

// BenchmarkLetters renders every kind of letter as HTML and as PDF. The baseline
// of both is the shortest letter there is: what is left is the machinery's own.
func BenchmarkLetters(b *testing.B) {
	shipped := inventory.Shipped()
	var letters []letter.Letter
	for _, k := range letter.Kinds {
		l, err := letter.Write(letter.Sample(k, wording.German, shipped[0].Authority))
		if err != nil {
			b.Fatal(err)
		}
		letters = append(letters, l)
	}
	shortest := letter.Letter{Lang: wording.German, Authority: "A", Subject: "S", FileNumber: "1"}
	page := func(l letter.Letter) {
		if err := views.Document(l).Render(context.Background(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	all, bare := alternate(100, 1, func() {
		for _, l := range letters {
			page(l)
		}
	}, func() {
		for range letters {
			page(shortest)
		}
	})
	print := func(what string, all, bare time.Duration) float64 {
		perSecond := float64(len(letters)) / all.Seconds()
		fmt.Printf("  %-5s %9.1f letters/s, %9.1f of the shortest letter; ratio %.2f\n", what, perSecond, float64(len(letters))/bare.Seconds(), float64(bare)/float64(all))
		return perSecond
	}
	fmt.Printf("\nletters of %d kinds, one after the other:\n", len(letters))
	b.ReportMetric(print("HTML", all, bare), "html/s")

	binary, err := pdf.Find()
	if err != nil {
		b.Fatal(err)
	}
	r, err := pdf.New(pdf.Config{Binary: binary, Dir: b.TempDir(), Timeout: time.Minute, Parallel: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	paper := func(l letter.Letter) {
		if err := r.Render(context.Background(), io.Discard, l); err != nil {
			b.Fatal(err)
		}
	}
	paper(shortest) // makes the profile
	all, bare = alternate(1, 1, func() {
		for _, l := range letters {
			paper(l)
		}
	}, func() {
		for range letters {
			paper(shortest)
		}
	})
	b.ReportMetric(print("PDF", all, bare), "pdf/s")
	b.ReportMetric(0, "ns/op")
}
