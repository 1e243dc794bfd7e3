package cdr

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	// workbookLimit is how large a workbook may be on the disk: it stands in
	// memory until it is unpacked.
	workbookLimit = 24 << 20
	// Unpacked, its tables lie in a folder only we can read, the rest in memory.
	tablesLimit = 2 << 30
	restLimit   = 8 << 20
	// cellLimit is more than the 32,767 characters that Excel takes.
	cellLimit = 256 << 10
	// inMemory is up to which size a table is not written to the disk.
	inMemory = 1 << 20
)

// errTooLarge: the file would not fit, packed or unpacked.
var errTooLarge = errors.New("file is too large")

// sheets reads the tables of a workbook row by row, with values as Excel shows
// them.
type sheets struct {
	book  *excelize.File
	names []string // of the tables that are still to be read
	rows  *excelize.Rows
	dir   *unpacked
	end   func()
}

// errTurned: there is no further table.
var errTurned = errors.New("no further sheet")

// openSheets unpacks a workbook; turn gives its first table. Without a name all
// of them are read. The library gives no error where the text of a table breaks
// off, and takes what it is given, so both are looked after first.
func openSheets(t *text, name string) (*sheets, error) {
	if t.size > workbookLimit {
		return nil, errTooLarge
	}
	data, err := io.ReadAll(io.LimitReader(t, workbookLimit+1))
	if err != nil {
		return nil, err
	}
	if err := inspect(data); err != nil {
		return nil, err
	}
	s := &sheets{end: t.close, names: []string{name}}
	if s.dir, err = newUnpacked(); err != nil {
		return nil, err
	}
	s.book, err = excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		UnzipSizeLimit: tablesLimit + restLimit, UnzipXMLSizeLimit: inMemory, TmpDir: s.dir.path,
	})
	if err != nil {
		s.remove()
		return nil, errCut
	}
	if name == "" {
		s.names = s.book.GetSheetList()
	}
	return s, nil
}

// turn goes on to the next table.
func (s *sheets) turn() error {
	if s.rows != nil {
		_ = s.rows.Close()
		s.rows = nil
	}
	if len(s.names) == 0 {
		return errTurned
	}
	var err error
	s.rows, err = s.book.Rows(s.names[0])
	s.names = s.names[1:]
	if err != nil {
		s.rows = nil
		return errCut
	}
	return nil
}

func (s *sheets) close() {
	s.remove()
	s.end()
}

func (s *sheets) remove() {
	if s.rows != nil {
		_ = s.rows.Close()
	}
	if s.book != nil {
		_ = s.book.Close()
	}
	s.dir.remove()
}

func (s *sheets) next() (row, error) {
	if s.rows == nil || !s.rows.Next() {
		return row{}, io.EOF
	}
	cells, err := s.rows.Columns()
	if err != nil {
		return row{}, errCut
	}
	return row{cells: cells}, nil
}

// inspect reads the parts of a workbook once: whether they unpack, whether
// tables come to their end, and whether anything is larger than it should be.
func inspect(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return errCut
	}
	var tables, rest uint64
	for _, part := range z.File {
		name := strings.ToLower(strings.ReplaceAll(part.Name, `\`, "/"))
		isTable, isStrings := strings.HasPrefix(name, "xl/worksheets/sheet"), name == "xl/sharedstrings.xml"
		if !isTable && !isStrings {
			if rest += part.UncompressedSize64; rest > restLimit {
				return errTooLarge
			}
			continue
		}
		if tables += part.UncompressedSize64; tables > tablesLimit {
			return errTooLarge
		}
		in, err := part.Open()
		if err != nil {
			return errCut
		}
		end := map[bool]string{true: "worksheet>", false: "sst>"}[isTable]
		err = readThrough(in, end)
		in.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// readThrough looks whether a part ends as it should, and holds no text longer
// than a cell may be.
func readThrough(in io.Reader, end string) error {
	buffer := make([]byte, 64<<10)
	var tail []byte
	run := 0 // since the last mark-up
	for {
		n, err := in.Read(buffer)
		piece := buffer[:n]
		for len(piece) > 0 {
			i := bytes.IndexAny(piece, "<>")
			if i < 0 {
				run += len(piece)
				break
			}
			if run += i; run > cellLimit {
				return errTooLarge
			}
			run, piece = 0, piece[i+1:]
		}
		if run > cellLimit {
			return errTooLarge
		}
		tail = append(tail, buffer[:n]...)
		tail = tail[max(0, len(tail)-64):]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errCut
		}
	}
	if text := strings.TrimSpace(string(tail)); !strings.HasSuffix(text, end) && !strings.HasSuffix(text, "/>") {
		return errCut
	}
	return nil
}
