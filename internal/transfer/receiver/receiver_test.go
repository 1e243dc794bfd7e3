package receiver_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/transfer"
	"einsicht/internal/transfer/receiver"
)

const token = "only-for-this-test"

// side is a receiving side whose line can be cut.
type side struct {
	*receiver.Receiver
	server *httptest.Server
	line   *line
	to     transfer.Controller

	lost      string       // the method of a question that is cut off once, when all of it is there
	answering sync.RWMutex // held by every question until it is answered
}

// idle waits until nothing is answered any more: who was cut off reads that before the
// other side does.
func (s *side) idle() {
	s.answering.Lock()
	defer s.answering.Unlock()
}

func newSide(t *testing.T) *side {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &side{Receiver: &receiver.Receiver{Dir: t.TempDir(), Name: "Beispielverein", Key: private, Token: token, Now: time.Now}, line: &line{left: -1}}
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		s.answering.RLock()
		defer s.answering.RUnlock()
		if q.Method == s.lost {
			s.lost = ""
			panic(http.ErrAbortHandler)
		}
		s.Receiver.ServeHTTP(w, q)
	}))
	s.line.Listener = s.server.Listener
	s.server.Listener = s.line
	s.server.StartTLS()
	t.Cleanup(s.server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.server.Certificate())
	s.to = transfer.Controller{Name: "Beispielverein", Address: s.server.URL + "/uploads", Key: public, Token: token, Roots: roots}
	return s
}

// line is a listener that is cut once a number of bytes have come.
type line struct {
	net.Listener

	mu    sync.Mutex
	left  int // before it is cut; negative: never
	came  int
	calls int
}

func (l *line) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	return &wire{c, l}, nil
}

func (l *line) cutAfter(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = n
}

func (l *line) passed() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.came
}

// connections says how many were made. Bytes of one may come after its answer: the
// farewell of TLS does.
func (l *line) connections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls
}

type wire struct {
	net.Conn
	line *line
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	l := w.line
	l.mu.Lock()
	defer l.mu.Unlock()
	l.came += n
	if l.left >= 0 {
		if l.left -= n; l.left <= 0 {
			l.left = -1
			_ = w.Conn.Close()
			return 0, errors.New("cut")
		}
	}
	return n, err
}

func parcelOf(content []byte) transfer.Parcel {
	return transfer.Parcel{ID: uuid.New(), Size: int64(len(content)), SHA256: fmt.Sprintf("%x", sha256.Sum256(content)), Open: func(offset int64) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content[offset:])), nil
	}}
}

func randomBytes(n int) []byte {
	r := rand.NewChaCha8([32]byte{1})
	content := make([]byte, n)
	_, _ = r.Read(content)
	return content
}

// attempts sends until nothing is cut any more, as a job does, which comes again after
// a while.
type attempts struct {
	location string
	n        int
}

func (a *attempts) send(t *testing.T, s *side, p transfer.Parcel) string {
	t.Helper()
	for a.n = 1; a.n < 20; a.n++ {
		signed, err := transfer.Send(t.Context(), s.to, p, a.location, func(location string) error { a.location = location; return nil })
		if err == nil {
			return signed
		}
		if !errors.Is(err, transfer.ErrUnreachable) {
			t.Fatalf("attempt %d: %v", a.n, err)
		}
		s.idle()
	}
	t.Fatal("it never arrived")
	return ""
}

func TestACutTransmissionGoesOnWhereItWas(t *testing.T) {
	const size = 3 << 20
	content := randomBytes(size)
	for _, tt := range []struct {
		name string
		cut  int    // after so many bytes of all that comes; negative: never
		lost string // the method that is cut off
	}{
		{"in the handshake", 100, ""},
		{"before the place for it is known", 1_700, ""},
		{"before anything of it is there", 4_500, ""},
		{"in the middle", size / 2, ""},
		{"near its end", size - 2_000, ""},
		{"after the last byte, before the receipt", -1, http.MethodGet},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSide(t)
			p := parcelOf(content)
			s.line.cutAfter(tt.cut)
			s.lost = tt.lost
			a := &attempts{}
			signed := a.send(t, s, p)
			if a.n < 2 {
				t.Error("nothing was cut: this checks nothing")
			}
			if n := s.line.passed(); n > size+size/4 {
				t.Errorf("%d bytes were sent for %d: it did not go on where it was", n, size)
			}
			s.check(t, p, content, signed)
		})
	}
}

// check holds both sides against each other.
func (s *side) check(t *testing.T, p transfer.Parcel, content []byte, signed string) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(s.Dir, p.ID.String(), "package.zip"))
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("got %d bytes and %v, want the %d that were sent", len(got), err, len(content))
	}
	theirs, err := os.ReadFile(filepath.Join(s.Dir, p.ID.String(), "receipt.jws"))
	if err != nil || string(theirs) != signed {
		t.Errorf("%v: both sides hold another receipt", err)
	}
	r, err := transfer.Open(signed, s.to.Key)
	if err != nil || r.Parcel != p.ID || r.SHA256 != p.SHA256 || r.Size != p.Size || r.Receiver != "Beispielverein" {
		t.Errorf("got %+v and %v, want a receipt for the parcel", r, err)
	}
}

func TestAMachineThatStopsInBetweenFinishes(t *testing.T) {
	content := randomBytes(100_000)
	s := newSide(t)
	p := parcelOf(content)
	(&attempts{}).send(t, s, p)
	dir := filepath.Join(s.Dir, p.ID.String())
	if err := errors.Join(os.Rename(filepath.Join(dir, "package.zip"), filepath.Join(dir, "package.part")), os.Remove(filepath.Join(dir, "receipt.jws"))); err != nil {
		t.Fatal(err)
	}
	s.check(t, p, content, (&attempts{}).send(t, s, p))
}

func TestAMachineThatStopsAfterItSignedKeepsThePackage(t *testing.T) {
	content := randomBytes(100_000)
	s := newSide(t)
	p, a := parcelOf(content), &attempts{}
	a.send(t, s, p)
	dir := filepath.Join(s.Dir, p.ID.String())
	if err := os.Rename(filepath.Join(dir, "package.zip"), filepath.Join(dir, "package.part")); err != nil {
		t.Fatal(err)
	}
	s.check(t, p, content, a.send(t, s, p))
}

// Where an earlier address took a parcel, nothing goes once another is listed.
func TestAPlaceElsewhereGetsNoToken(t *testing.T) {
	content := randomBytes(1_000)
	before, s := newSide(t), newSide(t)
	p, a := parcelOf(content), &attempts{}
	a.send(t, before, p)
	made := before.line.connections()
	s.check(t, p, content, a.send(t, s, p))
	if n := before.line.connections(); n != made {
		t.Errorf("%d connections were made to the address before", n-made)
	}
}

func TestWhatIsAlteredOnItsWayBeginsAnew(t *testing.T) {
	content := randomBytes(100_000)
	s := newSide(t)
	p := parcelOf(content)
	a := &attempts{}
	s.line.cutAfter(60_000)
	if _, err := transfer.Send(t.Context(), s.to, p, "", func(l string) error { a.location = l; return nil }); !errors.Is(err, transfer.ErrUnreachable) {
		t.Fatalf("got %v, want it cut", err)
	}
	s.idle()
	part := filepath.Join(s.Dir, p.ID.String(), "package.part")
	before, err := os.ReadFile(part)
	if err != nil || len(before) == 0 {
		t.Fatalf("%d bytes and %v: this checks nothing", len(before), err)
	}
	before[0] ^= 1
	if err := os.WriteFile(part, before, 0o600); err != nil {
		t.Fatal(err)
	}
	signed := a.send(t, s, p)
	if a.n < 2 {
		t.Error("what was altered was taken")
	}
	s.check(t, p, content, signed)
}

func TestWhoIsNotTheListedControllerGetsOrProvesNothing(t *testing.T) {
	content := randomBytes(1_000)
	for _, tt := range []struct {
		name  string
		twist func(s *side, p *transfer.Parcel)
		want  error
	}{
		{"signs with another key", func(s *side, _ *transfer.Parcel) { _, s.Key, _ = ed25519.GenerateKey(nil) }, transfer.ErrReceipt},
		{"shows a certificate nobody vouches for", func(s *side, _ *transfer.Parcel) { s.to.Roots = x509.NewCertPool() }, transfer.ErrUnreachable},
		{"does not know who sends", func(s *side, _ *transfer.Parcel) { s.to.Token = "another" }, transfer.ErrRefused},
		{"takes nothing so large", func(s *side, _ *transfer.Parcel) { s.Limit = 10 }, transfer.ErrRefused},
		{"has no encrypted address", func(s *side, _ *transfer.Parcel) { s.to.Address = "http://" + s.server.Listener.Addr().String() }, transfer.ErrAddress},
		{"has a key of no use", func(s *side, _ *transfer.Parcel) { s.to.Key = s.to.Key[:8] }, transfer.ErrKey},
		{"sends on to somebody else", func(s *side, _ *transfer.Parcel) {
			s.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://elsewhere.example/uploads/1")
				w.WriteHeader(http.StatusCreated)
			})
		}, transfer.ErrRefused},
		{"redirects", func(s *side, _ *transfer.Parcel) {
			s.server.Config.Handler = http.RedirectHandler("https://elsewhere.example/", http.StatusTemporaryRedirect)
		}, transfer.ErrRefused},
		{"signs for another parcel", func(s *side, _ *transfer.Parcel) {
			other, err := transfer.Receipt{Receiver: s.Name, Parcel: uuid.New(), Size: 1, ReceivedAt: time.Now()}.Sign(s.Key)
			if err != nil {
				panic(err)
			}
			inner := s.server.Config.Handler
			s.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				if q.Method == http.MethodGet {
					fmt.Fprint(w, other)
					return
				}
				inner.ServeHTTP(w, q)
			})
		}, transfer.ErrReceipt},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, p := newSide(t), parcelOf(content)
			tt.twist(s, &p)
			signed, err := transfer.Send(context.WithoutCancel(t.Context()), s.to, p, "", func(string) error { return nil })
			if !errors.Is(err, tt.want) || signed != "" {
				t.Errorf("got %q and %v, want %v", signed, err, tt.want)
			}
		})
	}
}

func TestOneIDNamesOneParcel(t *testing.T) {
	s := newSide(t)
	p := parcelOf(randomBytes(1_000))
	(&attempts{}).send(t, s, p)
	other := parcelOf(randomBytes(2_000))
	other.ID = p.ID
	if _, err := transfer.Send(t.Context(), s.to, other, "", func(string) error { return nil }); !errors.Is(err, transfer.ErrRefused) {
		t.Errorf("got %v, want it refused", err)
	}
}
