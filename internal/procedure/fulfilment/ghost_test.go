package fulfilment_test

import (
	"context"

	"github.com/google/uuid"

	"einsicht/internal/connector"
)

// ghost is a system whose search still brings what reading no longer does.
type ghost struct{ *source }

func (g *ghost) Find(_ context.Context, _ connector.Query, _ connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	return connector.Answer{Outcome: connector.Found}, yield(connector.Finding{Reference: "rows/0"}, nil)
}

// opened gives one connector for every system.
type opened struct{ connector.Connector }

func (o opened) Has(context.Context, uuid.UUID, string) (bool, error) { return true, nil }

func (o opened) Open(context.Context, uuid.UUID, string) (connector.Connector, error) {
	return o.Connector, nil
}
