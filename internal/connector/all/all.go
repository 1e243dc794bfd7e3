// Package all lists the kinds of systems that can be asked, one line each.
package all

import (
	"fmt"

	"einsicht/internal/connector"
	"einsicht/internal/connector/applog"
	"einsicht/internal/connector/authlog"
	"einsicht/internal/connector/cdr"
	"einsicht/internal/connector/drupal"
	"einsicht/internal/connector/imap"
	"einsicht/internal/connector/ldap"
	"einsicht/internal/connector/maillog"
	"einsicht/internal/connector/mailman"
	"einsicht/internal/connector/manual"
	"einsicht/internal/connector/matomo"
	"einsicht/internal/connector/rest"
	"einsicht/internal/connector/sql"
	"einsicht/internal/connector/webdav"
	"einsicht/internal/connector/weblog"
)

// Kinds lists them.
func Kinds() []connector.Kind {
	return []connector.Kind{
		sql.Kind{},
		drupal.Kind{},
		weblog.Kind{},
		imap.Kind{},
		ldap.Kind{},
		cdr.Kind{},
		authlog.Kind{},
		applog.Kind{},
		matomo.Kind{},
		maillog.Kind{},
		mailman.Kind{},
		webdav.Kind{},
		rest.Kind{},
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
