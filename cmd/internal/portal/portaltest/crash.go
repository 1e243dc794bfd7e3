package portaltest

import (
	"context"
	"testing"

	"einsicht/internal/pgserver"
)

// CrashSources stops the server that the landscape's databases are on at once, as a
// power cut does: nothing is finished, and it recovers at the next start. Only for a
// house with a landscape of its own.
func (h *House) CrashSources(t testing.TB) {
	t.Helper()
	at, now := context.WithCancel(ctx)
	now()
	if err := h.Sources.Stop(at); err != nil {
		t.Fatal(err)
	}
}

// ReviveSources starts it again, at the same address.
func (h *House) ReviveSources(t testing.TB) {
	t.Helper()
	anew, err := pgserver.Start(ctx, sourcesAt(h.sourcesBelow))
	if err != nil {
		t.Fatal(err)
	}
	if anew.Socket() != h.Sources.Socket() {
		t.Fatal("the server is at another address now")
	}
	*h.Sources = *anew // for all who know it
}

// sourcesAt are the options of that server.
func sourcesAt(below string) pgserver.Options {
	return pgserver.Options{Data: below, Name: "sources", Bare: true, Settings: map[string]string{"fsync": "off"}}
}
