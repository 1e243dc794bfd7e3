// Package all lists the kinds of systems that can be asked, one line each.
package all

import (
	"fmt"

	"einsicht/internal/connector"
	"einsicht/internal/connector/manual"
	"einsicht/internal/connector/sql"
	"einsicht/internal/connector/weblog"
)

// Kinds lists them.
func Kinds() []connector.Kind {
	return []connector.Kind{
		sql.Kind{},
		weblog.Kind{},
		manual.Kind{},
	}
}

// Kind gives the kind of a connection.
func Kind(c connector.Connection) (connector.Kind, error) {
	var names []string
	for _, k := range Kinds() {
		if k.Name() == c.Kind {
			return k, nil
		}
		names = append(names, k.Name())
	}
	return nil, fmt.Errorf("%s: kind: must be one of %v: %w", c.File, names, connector.ErrConfig)
}
