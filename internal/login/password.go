package login

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/secure/precis"

	"einsicht/internal/problem"
)

// Cost is what one argon2id run takes.
type Cost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// RFC9106 is the second recommended option of RFC 9106, section 4: 64 MiB,
// three passes, four lanes.
var RFC9106 = Cost{Memory: 64 * 1024, Time: 3, Threads: 4}

const (
	saltBytes = 16 // RFC 9106, section 4: 128 bits of salt
	tagBytes  = 32 // and 256 bits of tag

	// A stored string may ask for at most this: a changed row shall not take
	// the memory of the machine.
	mostMemory = 1024 * 1024 // KiB
	mostTime   = 16

	// So many runs at once; with RFC9106 they hold 256 MiB. The others wait.
	runsAtOnce = 4
)

// passwords hashes and compares passwords, a few at a time.
type passwords struct {
	cost  Cost
	slots chan struct{}
	dummy []byte
	runs  atomic.Int64 // runs so far; a test counts them
}

func newPasswords(c Cost) *passwords {
	return &passwords{cost: c, slots: make(chan struct{}, runsAtOnce), dummy: make([]byte, saltBytes)}
}

// encode gives the string to store, in the form of the password hashing
// competition: $argon2id$v=19$m=…,t=…,p=…$salt$tag.
func (p *passwords) encode(ctx context.Context, password string) (string, error) {
	opaque, err := precis.OpaqueString.String(password)
	if err != nil {
		return "", errors.New("preparing a password: it holds characters that RFC 8265 does not allow")
	}
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails, see crypto/rand
	tag, err := p.run(ctx, opaque, salt, p.cost)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, p.cost.Memory, p.cost.Time, p.cost.Threads, b64(salt), b64(tag)), nil
}

// match says whether a password is the stored one. It does one run in any case,
// also where nothing is stored.
func (p *passwords) match(ctx context.Context, stored, password string) (bool, error) {
	cost, salt, want, readable := decode(stored)
	if !readable {
		cost, salt, want = p.cost, p.dummy, nil
	}
	opaque, err := precis.OpaqueString.String(password)
	if err != nil || len(password) > longestPassword {
		opaque, want = "", nil
	}
	got, err := p.run(ctx, opaque, salt, cost)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// outdated says whether a stored password was hashed at another cost than today's.
func (p *passwords) outdated(stored string) bool {
	cost, _, _, readable := decode(stored)
	return !readable || cost != p.cost
}

func (p *passwords) run(ctx context.Context, opaque string, salt []byte, c Cost) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, problem.New(problem.Unavailable, "login.busy").Because(ctx.Err())
	}
	p.runs.Add(1)
	return argon2.IDKey([]byte(opaque), salt, c.Time, c.Memory, c.Threads, tagBytes), nil
}

func decode(stored string) (c Cost, salt, tag []byte, ok bool) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, false
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Threads); err != nil || n != 3 {
		return c, nil, nil, false
	}
	if c.Memory > mostMemory || c.Time == 0 || c.Time > mostTime || c.Threads == 0 {
		return c, nil, nil, false
	}
	salt, errSalt := base64.RawStdEncoding.DecodeString(parts[4])
	tag, errTag := base64.RawStdEncoding.DecodeString(parts[5])
	return c, salt, tag, errSalt == nil && errTag == nil && len(salt) >= 8 && len(tag) == tagBytes
}
