package connecting

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
)

// noCase: what is recorded here belongs to no case.
var noCase = uuid.Nil

// maxSecret is how long a secret may be, in bytes: a private key fits.
const maxSecret = 16 << 10

var secretName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// PutSecret seals a secret of the authority under a name, which connections refer
// to as {sealed: NAME}. Nobody can read it here again, whoever they are; workers
// use the new one from their next question on.
func (s *Connecting) PutSecret(ctx context.Context, actor casefile.Actor, name string, value person.Text, now time.Time) error {
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
	sealed, err := s.Secrets.SealSecret(ctx, actor.Authority, name, []byte(plain))
	if err != nil {
		return err
	}
	return s.Units.InTx(ctx, actor.Authority, func(ctx context.Context) error {
		if err := s.Store.PutSecret(ctx, Secret{Name: name, Sealed: sealed, ChangedAt: now, ChangedBy: actor.ID}); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.SecretSealed, noCase, actor, map[string]string{"name": name}, now)
	})
}
