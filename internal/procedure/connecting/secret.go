package connecting

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
)

// noCase: what is recorded here belongs to no case.
var noCase = uuid.Nil

// maxSecret is how long a secret may be, in bytes: a private key fits.
const maxSecret = 16 << 10

var secretName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// PutSecret seals a secret of a system under a name, which its connection refers
// to as {sealed: NAME}. Nobody can read it here again, whoever they are; workers
// use the new one from their next question on, and only towards the hosts that
// the text last saved, or the file, names now.
func (s *Connecting) PutSecret(ctx context.Context, actor casefile.Actor, system, name string, value person.Text, now time.Time) error {
	if err := s.Permission.May(actor, casefile.ActionConnect, actor.Authority); err != nil {
		return err
	}
	plain := strings.TrimRight(value.Reveal(), "\r\n") // as of a file
	fields := map[string]string{}
	if !secretName.MatchString(name) {
		fields["name"] = "connecting.error.secret_name"
	}
	if plain == "" {
		fields["value"] = "connecting.error.secret_empty"
	} else if len(plain) > maxSecret {
		fields["value"] = "connecting.error.secret_long"
	}
	if len(fields) > 0 {
		p := problem.New(problem.Invalid, "connecting.error.secret")
		p.Fields = fields
		return p
	}
	return s.Units.InTx(ctx, actor.Authority, func(ctx context.Context) error {
		place, err := s.place(ctx, actor.Authority, system, name)
		if err != nil {
			return err
		}
		sealed, err := s.Secrets.SealSecret(ctx, place, []byte(plain))
		if err != nil {
			return err
		}
		if err := s.Store.PutSecret(ctx, Secret{System: system, Name: name, Sealed: sealed, ChangedAt: now, ChangedBy: actor.ID}); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.SecretSealed, noCase, actor, map[string]string{"system": system, "name": name}, now)
	})
}

// place is what a secret is bound to. There must be a connection already: who
// enters a secret must know whom it is for.
func (s *Connecting) place(ctx context.Context, authority uuid.UUID, system, name string) (connector.SecretPlace, error) {
	place := connector.SecretPlace{Authority: authority, System: system, Name: name}
	if _, err := s.system(ctx, system); err != nil {
		return place, err
	}
	files, err := s.Store.Files(ctx)
	if err != nil {
		return place, err
	}
	if f, ok := files[system]; ok {
		place.Hosts = f.Hosts
		return place, nil
	}
	row, err := s.Store.LockRow(ctx, system)
	if known, err := found(err); err != nil {
		return place, err
	} else if !known {
		return place, problem.New(problem.Conflict, "connecting.error.secret_early")
	}
	text, err := s.text(ctx, authority, system, draft, row.Draft)
	if err != nil {
		return place, err
	}
	c, err := connector.ParseConnection(fileOf(system), text)
	return c.SecretPlace(authority, name), err
}
