package pdf

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"einsicht/internal/letter"
)

// tableWidth is the width of the text, in millimetres.
const tableWidth = 165

// widths lists what a column can be wide: whole millimetres.
func widths() []int {
	all := make([]int, tableWidth)
	for i := range all {
		all[i] = i + 1
	}
	return all
}

func (d *document) table(t letter.Table) {
	d.p("Caption", t.Caption)
	d.grid(t, columns(t), false)
}

// pairs writes a table of names and values; all of them have the same columns,
// so that a page of them is quiet. Foreign values are German in a letter that
// is not.
func (d *document) pairs(t letter.Table, caption string, foreign bool) {
	d.p(caption, t.Caption)
	d.grid(t, []int{55, tableWidth - 55}, foreign)
}

// grid writes the rows. LibreOffice 7 gives every header cell the scope of a
// column, so only the first row has any; the row repeats on each page.
func (d *document) grid(t letter.Table, columns []int, foreign bool) {
	kind := "table"
	if len(t.Rows) <= 10 && !slices.ContainsFunc(t.Rows, isLong) {
		kind = "short-table"
	}
	d.raw(`<table:table table:style-name="`, kind, `">`)
	for _, width := range columns {
		d.raw(`<table:table-column table:style-name="w`, strconv.Itoa(width), `"/>`)
	}
	d.raw("<table:table-header-rows>")
	d.row(t.Head, "head", "Table_20_Heading", false)
	d.raw("</table:table-header-rows>")
	for _, row := range t.Rows {
		d.row(row, "cell", "Cell", foreign)
	}
	d.raw("</table:table>\n")
}

// isLong says of a row that it may be split between pages. LibreOffice cuts off a
// row that is kept together and longer than a page.
func isLong(cells []string) bool {
	joined := strings.Join(cells, "")
	return utf8.RuneCountInString(joined) > 400 || strings.Count(joined, "\n") > 10
}

func (d *document) row(cells []string, cellStyle, style string, foreign bool) {
	kept := "row"
	if isLong(cells) {
		kept = "long-row"
	}
	d.raw(`<table:table-row table:style-name="`, kept, `">`)
	for i, cell := range cells {
		d.raw(`<table:table-cell table:style-name="`, cellStyle, `" office:value-type="string"><text:p text:style-name="`, style, `">`)
		d.raw(d.said(cell, foreign && i > 0))
		d.raw("</text:p></table:table-cell>")
	}
	d.raw("</table:table-row>")
}

// columns shares the width out by the longest cell of each column, within
// bounds: a long text may not starve a short one.
func columns(t letter.Table) []int {
	weights := make([]int, len(t.Head))
	sum := 0
	for i := range weights {
		weights[i] = utf8.RuneCountInString(t.Head[i])
		for _, row := range t.Rows {
			if i < len(row) {
				weights[i] = max(weights[i], utf8.RuneCountInString(row[i]))
			}
		}
		weights[i] = min(max(weights[i], 18), 64)
		sum += weights[i]
	}
	left := tableWidth
	for i, weight := range weights {
		weights[i] = weight * tableWidth / sum
		left -= weights[i]
	}
	if len(weights) > 0 {
		weights[len(weights)-1] += left
	}
	return weights
}
