package source

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"einsicht/internal/connector"
)

// breaking gives a file that breaks off, until it does not.
func breaking(times int, err error) func() io.ReadCloser {
	return func() io.ReadCloser {
		if times--; times >= 0 {
			return io.NopCloser(io.MultiReader(strings.NewReader("half"), failing{err}))
		}
		return io.NopCloser(strings.NewReader("half and half"))
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestAFileThatBreaksOffIsTheSystemsFault(t *testing.T) {
	gone := connector.Fail(connector.ErrUnreachable, "fake", "", nil)
	mine := errors.New("our disk is full")
	for name, c := range map[string]struct {
		breaks int
		err    error
		hands  func(error) error // what whoever asked makes of it
		finds  int64
		want   []string
		fails  error
	}{
		"once":                        {1, gone, func(err error) error { return err }, 2, []string{"0", "1"}, nil},
		"again and again":             {100, gone, func(err error) error { return err }, attempts, nil, gone},
		"and is wrapped":              {1, gone, func(err error) error { return errors.Join(err) }, 2, []string{"0", "1"}, nil},
		"and something else is wrong": {1, gone, func(error) error { return mine }, 1, nil, mine},
		"and nobody minds":            {1, gone, func(error) error { return nil }, 1, []string{"0", "1"}, nil},
		"since it is unreadable":      {1, connector.Fail(connector.ErrBroken, "fake", "", nil), func(err error) error { return err }, 1, nil, connector.ErrBroken},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{records: 2, file: breaking(c.breaks, c.err)}
				opened, err := sources(t, f, head).Open(t.Context(), somebody, "shop")
				if err != nil {
					t.Fatal(err)
				}
				defer opened.Close()
				var got []string
				_, err = opened.Find(t.Context(), connector.Query{}, nil, func(one connector.Finding, _ connector.Cursor) error {
					in, err := one.Files()[0].Field.Body.Open(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					text, err := io.ReadAll(in)
					if err == nil && string(text) != "half and half" {
						t.Errorf("got %q for a whole file", text)
					}
					if err != nil {
						err = c.hands(err)
					}
					if err == nil {
						got = append(got, one.Reference)
					}
					return err
				})
				if !errors.Is(err, c.fails) || (err == nil) != (c.fails == nil) || f.finds.Load() != c.finds || !slices.Equal(got, c.want) {
					t.Errorf("got %v, %v after %d searches; want %v, %v after %d", got, err, f.finds.Load(), c.want, c.fails, c.finds)
				}
			})
		})
	}
}

func TestAFileIsOpenOnlyWhileItsRecordIsGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opened, err := sources(t, &fake{records: 1, file: breaking(0, nil)}, head).Open(t.Context(), somebody, "shop")
		if err != nil {
			t.Fatal(err)
		}
		defer opened.Close()
		var kept connector.Finding
		if _, err := opened.Find(t.Context(), connector.Query{}, nil, func(one connector.Finding, _ connector.Cursor) error { kept = one; return nil }); err != nil {
			t.Fatal(err)
		}
		if in, err := kept.Files()[0].Field.Body.Open(t.Context()); err == nil {
			text, _ := io.ReadAll(in)
			t.Errorf("got %q of a record that was given long ago", text)
		}
	})
}
