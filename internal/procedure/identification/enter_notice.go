package identification

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/problem"
)

// EnterNotice lets a recipient of data in with number and code of a notice, and gives
// the number in its normal form. What is wrong, unknown, expired or was tried too often
// does the same work and gets the same answer. Guessing is slowed down like that of
// access codes; who knows a number besides has few attempts, of which a right one costs
// none.
func (s *Identification) EnterNotice(ctx context.Context, authority casefile.Authority, number, code, address string, now time.Time) (casefile.Actor, string, error) {
	number, _ = casefile.ParseFileNumber(number)
	normal, _ := casefile.ParseAccessCode(code)
	right, err := s.try(ctx, "citizen.notice.wait", "notice "+number, "address "+address)
	if err != nil {
		return casefile.Actor{}, "", err
	}
	var n casefile.Notice
	err = s.Units.InTx(ctx, authority.ID, func(ctx context.Context) error {
		n, err = s.Plans.TryNotice(ctx, number)
		return err
	})
	if err != nil {
		return casefile.Actor{}, "", err
	}
	given, err := s.NoticeMAC(ctx, number, normal)
	if err != nil {
		return casefile.Actor{}, "", err
	}
	stored := n.CodeMAC
	if stored == nil {
		absent := sha256.Sum256([]byte("absent"))
		stored = absent[:]
	}
	// This attempt is counted already.
	spent := n.Attempts > casefile.NoticeAttempts
	if !hmac.Equal(given, stored) || spent || !n.Opens(calendar.DateOf(now)) {
		return casefile.Actor{}, "", problem.New(problem.Forbidden, "citizen.notice.wrong")
	}
	err = s.Units.InTx(ctx, authority.ID, func(ctx context.Context) error { return s.Plans.NoticeEntered(ctx, n.ID) })
	if err != nil {
		return casefile.Actor{}, "", err
	}
	return casefile.Actor{ID: n.ID, Role: casefile.Recipient, Authority: authority.ID}, n.Number, right(ctx)
}
