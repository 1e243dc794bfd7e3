package web_test

import (
	"context"
	"testing"
	"time"

	"einsicht/internal/web"
	"einsicht/internal/web/webtest"
)

// leaving is a store in which somebody signs out right after a page of theirs
// has read the session.
type leaving struct {
	*webtest.Sessions
	now bool
}

func (l *leaving) Get(ctx context.Context, hash []byte) ([]byte, time.Time, time.Time, error) {
	sealed, created, seen, err := l.Sessions.Get(ctx, hash)
	if l.now {
		_ = l.Delete(ctx, hash)
	}
	return sealed, created, seen, err
}

func TestWhoSignedOutStaysOutWhileAnotherPageIsUnderWay(t *testing.T) {
	store := &leaving{Sessions: webtest.NewSessions()}
	p := webtest.Start(t, web.Deps{Routes: routes(), Sessions: store})
	b := enter(t, p)
	p.Clock.Forward(2 * time.Minute)
	store.now = true
	if got := b.Get("/t/inside").Status; got != 200 {
		t.Fatalf("the page under way: got %d, want 200", got)
	}
	if n := len(store.Rows()); n != 0 {
		t.Errorf("got %d sessions after sign-out, want none", n)
	}
	if got := b.Get("/t/inside").Status; got != 303 {
		t.Errorf("the next page: got %d, want to be sent to the door", got)
	}
}
