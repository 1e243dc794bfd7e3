package reply

import (
	"encoding/json"
	"fmt"
	"time"
)

// Key names a value of a session.
type Key string

// What a session can hold. Names and free text never stand in it.
const (
	StaffID   Key = "staff"  // who is signed in at the desk
	CaseID    Key = "case"   // the case whose access code was given
	Notice    Key = "notice" // the notice to a recipient whose code was given, with its authority
	FreshCode Key = "code"   // a new access code, for 30 minutes or until it is noted
)

// Session is what the portal remembers about a visitor between two pages. A
// handler changes it; it is sealed and kept after the handler returned without
// an error.
type Session struct {
	now     time.Time
	values  map[Key]value
	changed bool
	renewed bool
	ended   bool
}

type value struct {
	Text  string     `json:"v"`
	Until *time.Time `json:"u,omitempty"`
}

// NewSession returns an empty session at a moment.
func NewSession(now time.Time) *Session {
	return &Session{now: now, values: map[Key]value{}}
}

// ReadSession returns a session from what Bytes gave.
func ReadSession(b []byte, now time.Time) (*Session, error) {
	s := NewSession(now)
	if err := json.Unmarshal(b, &s.values); err != nil {
		return nil, fmt.Errorf("read session: malformed, %d bytes", len(b))
	}
	return s, nil
}

// Get returns a value; empty if there is none or its time is over.
func (s *Session) Get(k Key) string {
	v := s.values[k]
	if v.Until != nil && !s.now.Before(*v.Until) {
		return ""
	}
	return v.Text
}

// Set keeps a value as long as the session lasts.
func (s *Session) Set(k Key, text string) { s.put(k, value{Text: text}) }

// SetUntil keeps a value until a moment.
func (s *Session) SetUntil(k Key, text string, until time.Time) {
	s.put(k, value{Text: text, Until: &until})
}

func (s *Session) put(k Key, v value) {
	s.values[k] = v
	s.changed = true
}

// Delete forgets a value.
func (s *Session) Delete(k Key) {
	if _, ok := s.values[k]; ok {
		delete(s.values, k)
		s.changed = true
	}
}

// Renew gives the session a new id: at sign-in and when an access code was
// given, so that an id somebody else knows is worth nothing afterwards.
func (s *Session) Renew() { s.renewed, s.changed = true, true }

// End forgets everything: at sign-out.
func (s *Session) End() {
	clear(s.values)
	s.ended, s.changed = true, true
}

// Changed says whether the session must be kept anew.
func (s *Session) Changed() bool { return s.changed }

// Renewed says whether it needs a new id.
func (s *Session) Renewed() bool { return s.renewed }

// Ended says whether it is over.
func (s *Session) Ended() bool { return s.ended }

// Bytes is the session as it is sealed. Values whose time is over are left out.
func (s *Session) Bytes() ([]byte, error) {
	kept := map[Key]value{}
	for k, v := range s.values {
		if v.Until == nil || s.now.Before(*v.Until) {
			kept[k] = v
		}
	}
	return json.Marshal(kept)
}
