package correspondence

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/letter"
	"einsicht/internal/person"
)

// Inform writes to a recipient of data what was done to them on a day, as the rights
// name it, in the transaction of what it tells (Art. 19 sentence 1 GDPR); way is how it
// gets there. The caller holds the case's lock.
func (s *Correspondence) Inform(ctx context.Context, c casefile.Case, to []person.Text, about []law.Right, content person.Text, on calendar.Date, way casefile.AnswerWay, actor casefile.Actor, now time.Time) (uuid.UUID, error) {
	inv, err := s.Inventories.Version(ctx, c.Inventory)
	if err != nil {
		return uuid.Nil, err
	}
	id := uuid.New()
	x := sheet{
		kind: letter.KindRecipientsNotice, to: to, rights: about, way: way, by: actor.ID, land: inv.Authority.Land,
		words: map[string]person.Text{"content": content}, values: map[string]string{"done": on.String()},
	}
	return id, s.keep(ctx, c, id, x, actor, now)
}

// recipientTold notes that a recipient was told once its letter was posted.
func (s *Correspondence) recipientTold(ctx context.Context, c casefile.Case, w Written, actor casefile.Actor, now time.Time) error {
	if letter.Kind(w.Text.Kind) != letter.KindRecipientsNotice {
		return nil
	}
	notices, err := s.House.Notices(ctx, c)
	if err != nil {
		return err
	}
	for _, n := range notices {
		if n.Letter != w.ID || n.State != casefile.NoticeUnderway {
			continue
		}
		n.State, n.SentAt = casefile.NoticeSent, w.PostedOn.Time()
		if err := s.PutNotices(ctx, c, n); err != nil {
			return err
		}
		details := map[string]string{"notice": n.ID.String(), "state": string(n.State)}
		if err := s.Ledger.Record(ctx, ledger.NoticeSent, c.ID, actor, details, now); err != nil {
			return err
		}
		return s.Notifying(ctx, c, actor.ID, now)
	}
	return nil
}
