package manual

import (
	"errors"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

func TestPeopleAnswer(t *testing.T) {
	c, err := connector.ParseConnection("papier.yaml", []byte("system: papier\nkind: manual\n"))
	if err != nil {
		t.Fatal(err)
	}
	office, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := office.Find(t.Context(), connectortest.Erika.Query(), nil, nil)
	if !errors.Is(err, connector.ErrManual) || answer.Outcome != "" {
		t.Errorf("got %q and %v, want no outcome and %v", answer.Outcome, err, connector.ErrManual)
	}
	c, err = connector.ParseConnection("papier.yaml", []byte("system: papier\nkind: manual\nmanual: {dsn: x}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := (Kind{}).Check(c); !errors.Is(err, connector.ErrConfig) {
		t.Errorf("settings: got %v, want %v", err, connector.ErrConfig)
	}
}
