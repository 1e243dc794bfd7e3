package cdr

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
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

// sheet reads a table of a workbook row by row, with values as Excel shows
// them.
type sheet struct {
	book *excelize.File
	rows *excelize.Rows
	dir  string
	end  func()
}

// openSheet unpacks a workbook. The library gives no error where the text of a
// table breaks off, and takes what it is given, so both are looked after first.
func openSheet(t *text, name string) (*sheet, error) {
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
	dir, err := os.MkdirTemp("", "einsicht-cdr-")
	if err != nil {
		return nil, err
	}
	s := &sheet{dir: dir, end: t.close}
	s.book, err = excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		UnzipSizeLimit: tablesLimit + restLimit, UnzipXMLSizeLimit: inMemory, TmpDir: dir,
	})
	if err != nil {
		s.remove()
		return nil, errCut
	}
	if name == "" {
		name = s.book.GetSheetName(0)
	}
	if s.rows, err = s.book.Rows(name); err != nil {
		s.remove()
		return nil, errCut
	}
	return s, nil
}

func (s *sheet) close() {
	s.remove()
	s.end()
}

func (s *sheet) remove() {
	if s.rows != nil {
		_ = s.rows.Close()
	}
	if s.book != nil {
		_ = s.book.Close()
	}
	_ = os.RemoveAll(s.dir)
}

func (s *sheet) next() (row, error) {
	if !s.rows.Next() {
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
