package webdav

import (
	"context"
	"net/http"
	"slices"

	"einsicht/internal/connector"
)

// References gives those of all files below the roots. What can't be listed is an
// error: a file that came back may lie there.
func (s *share) References(ctx context.Context, yield func(reference string) error) error {
	budget := &budget{}
	for _, root := range s.roots {
		if err := s.below(ctx, root, root, budget, nil, yield); err != nil {
			return err
		}
	}
	return nil
}

func (s *share) below(ctx context.Context, root, path string, budget *budget, above []mark, yield func(string) error) error {
	list := &sorted{budget: budget}
	defer list.close()
	var m mark
	err := s.propfind(ctx, root, path, "1", func(e entry) error {
		m.add(e)
		switch {
		case e.self:
			return nil
		case e.Status == http.StatusNotFound: // gone in the meantime
			return nil
		case e.Status != 0 && e.Status/100 != 2:
			return connector.Fail(connector.ErrBroken, root, "a part can't be listed", nil)
		}
		return list.add(e)
	})
	if code(err) == http.StatusNotFound && path != root {
		return nil
	}
	if err != nil {
		return err
	}
	if m.n > 1 && slices.Contains(above, m) || len(above) == maxDepth {
		return nil // a loop: its files have a shorter name
	}
	above = append(slices.Clone(above), m)
	return list.all(func(e entry) error {
		if e.Dir {
			return s.below(ctx, root, path+e.Name+"/", budget, above, yield)
		}
		return yield((path + e.Name)[1:])
	})
}
