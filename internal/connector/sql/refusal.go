package sql

import (
	"einsicht/internal/connector"
)

// refusal is a change that the database, or the connection file, does not take.
// Others go on.
type refusal struct {
	state  connector.EffectState
	reason string
	// order: it may be taken when others have gone.
	order bool
}

func (r *refusal) Error() string { return r.reason }

// The reasons, as wording keys.
const (
	becauseReadOnly   = "connector.sql.read_only"
	becauseUndeclared = "connector.sql.undeclared"
	becauseField      = "connector.sql.undeclared_field"
	becauseView       = "connector.sql.view"
	becauseKept       = "connector.sql.kept"
	becauseOpen       = "connector.sql.open_columns"
	becauseStays      = "connector.sql.stays"
	becauseOtherwise  = "connector.sql.otherwise"
	becauseDragged    = "connector.sql.dragged"
	becauseStopped    = "connector.sql.stopped"
	becauseForeignKey = "connector.sql.foreign_key"
	becauseNotNull    = "connector.sql.not_null"
	becauseUnique     = "connector.sql.unique"
	becauseCheck      = "connector.sql.check"
	becauseTrigger    = "connector.sql.trigger"
	becauseValue      = "connector.sql.value"
	becauseLocked     = "connector.sql.locked"
	becauseRefused    = "connector.sql.refused"
	becauseDenied     = "connector.sql.denied"
	becauseStandby    = "connector.sql.read_only_server"
)
