package pdf

import (
	"fmt"
	"strings"

	"einsicht/internal/letter"
)

// style is how a paragraph looks, as attributes of OpenDocument.
type style struct {
	Display   string // the name by which LibreOffice knows it, where that matters
	Level     int    // of a heading
	Paragraph string
	Text      string
	Tabs      string
}

// styles are the paragraphs. LibreOffice tags by their names: "Heading 1" to "5"
// are headings, "Table Heading" makes a header cell. None has a border: LibreOffice
// 7 paints that of a header outside of all tags.
var styles = map[string]style{
	"Letterhead":       {Text: `fo:font-size="15pt" fo:font-weight="bold"`},
	"Header":           {Text: `fo:font-size="8.5pt" fo:color="#4a5264"`, Tabs: tab("right", 165)},
	"Footer":           {Paragraph: `fo:text-align="end"`, Text: `fo:font-size="8.5pt" fo:color="#4a5264"`},
	"Mark":             {Text: `fo:font-size="1pt"`},
	"Sender":           {Paragraph: `fo:line-height="` + mm(senderLine) + `"`, Text: `fo:font-size="7pt" fo:color="#4a5264"`},
	"Address":          {Paragraph: `fo:line-height="` + mm(addressLine) + `"`},
	"Reference":        {Paragraph: `fo:margin-left="24mm" fo:text-indent="-24mm" fo:margin-bottom="1mm" fo:text-align="start"`, Text: `fo:font-size="8.5pt"`, Tabs: tab("left", 24)},
	"Heading_20_1":     {Display: "Heading 1", Level: 1, Paragraph: `fo:margin-bottom="5mm" fo:keep-with-next="always" fo:keep-together="always"`, Text: `fo:font-size="13pt" fo:font-weight="bold"`},
	"Heading_20_2":     {Display: "Heading 2", Level: 2, Paragraph: `fo:margin-top="6mm" fo:margin-bottom="2mm" fo:keep-with-next="always" fo:keep-together="always"`, Text: `fo:font-size="12pt" fo:font-weight="bold"`},
	"Heading_20_3":     {Display: "Heading 3", Level: 3, Paragraph: `fo:margin-top="4.5mm" fo:margin-bottom="1.5mm" fo:keep-with-next="always" fo:keep-together="always"`, Text: `fo:font-size="11pt" fo:font-weight="bold"`},
	"Heading_20_4":     {Display: "Heading 4", Level: 4, Paragraph: `fo:margin-top="4mm" fo:margin-bottom="1mm" fo:keep-with-next="always" fo:keep-together="always"`, Text: `fo:font-size="10.5pt" fo:font-weight="bold"`},
	"Heading_20_5":     {Display: "Heading 5", Level: 5, Paragraph: `fo:margin-top="3mm" fo:margin-bottom="1mm" fo:keep-with-next="always" fo:keep-together="always"`, Text: `fo:font-size="10.5pt" fo:font-weight="bold"`},
	"Text":             {Paragraph: `fo:margin-bottom="2.5mm" fo:line-height="120%"`},
	"Last":             {Paragraph: `fo:margin-bottom="2.5mm" fo:line-height="120%" fo:keep-with-next="always"`},
	"List":             {Paragraph: `fo:margin-bottom="1mm" fo:line-height="120%"`},
	"Caption":          {Display: "Letter Caption", Paragraph: `fo:margin-top="1mm" fo:margin-bottom="0.5mm" fo:keep-with-next="always"`, Text: `fo:font-size="9pt" fo:color="#4a5264"`},
	"Record":           {Paragraph: `fo:margin-top="3mm" fo:margin-bottom="0.5mm" fo:keep-with-next="always"`, Text: `fo:font-weight="bold"`},
	"Note":             {Paragraph: `fo:margin-bottom="2.5mm"`, Text: `fo:color="#4a5264" fo:font-style="italic"`},
	"Table_20_Heading": {Display: "Table Heading", Paragraph: `fo:keep-with-next="always"`, Text: `fo:font-size="9pt" fo:font-weight="bold"`},
	"Cell":             {Paragraph: `fo:text-align="start"`, Text: `fo:font-size="9.5pt"`},
	"Closing":          {Paragraph: `fo:margin-top="8mm" fo:keep-together="always" fo:line-height="150%"`},
}

func tab(kind string, at float64) string {
	return fmt.Sprintf(`<style:tab-stops><style:tab-stop style:position="%s" style:type="%s"/></style:tab-stops>`, mm(at), kind)
}

func mm(v float64) string { return fmt.Sprintf("%.2fmm", v) }

// DIN 5008, form B, in millimetres. The address field begins 45 below the edge,
// where the text of the first page does; from there on counts what follows.
const (
	fieldTop    = 1.0  // a window may be cut a little low
	addressFrom = 17.7 // above it the sender and room for remarks on the delivery
	addressLine = 4.4
	senderLine  = 2.9
	subjectFrom = 53.5
	infoTop     = 4.0 // with fieldTop 5: LibreOffice moves both columns down by that
	infoLine    = 3.5
	infoGap     = 1.0
)

// marks are where to fold and to punch, below the edge.
var marks = []string{"105", "148.5", "210"}

// addressTop is the space below the sender's line that lets the address begin
// where it has to.
func addressTop(sender string) float64 {
	return max(addressFrom-fieldTop-float64(lines(sender, 80, 7))*senderLine, 1)
}

// subjectTop is the space above the subject, which begins below both columns.
func subjectTop(address int, references []letter.ReferenceLine) float64 {
	info := fieldTop + infoTop
	for _, r := range references {
		info += float64(lines(r.Value, 46, 8.5))*infoLine + infoGap
	}
	return max(subjectFrom-max(addressFrom+float64(address)*addressLine, info), 8.5)
}

// lines reckons how many lines of so many millimetres a text needs at a size in
// points.
func lines(text string, width, points float64) int {
	const pointMM = 25.4 / 72
	n, left := 1, width
	for word := range strings.FieldsSeq(text) {
		long := 0.0
		for _, r := range word {
			long += em(r) * points * pointMM
		}
		if long > left && left < width {
			n, left = n+1, width
		}
		for ; long > width; long -= width { // broken where the line ends
			n++
		}
		left -= long + em(' ')*points*pointMM
	}
	return n
}

// em is how wide Liberation Sans draws a letter, roughly.
func em(r rune) float64 {
	switch {
	case strings.ContainsRune("ijl'|", r):
		return 0.22
	case strings.ContainsRune(" ftIr.,:;/()-·", r):
		return 0.3
	case strings.ContainsRune("mwMWÄÖÜOQGDCHNRU@–", r):
		return 0.75
	case r >= 'A' && r <= 'Z':
		return 0.65
	}
	return 0.54
}
