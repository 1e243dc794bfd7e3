package portal_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/export"
	"einsicht/internal/law"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/transfer"
	"einsicht/internal/transfer/receiver"
)

// otherSide is a controller that receives; of the first package that comes only cut
// bytes arrive.
type otherSide struct {
	*receiver.Receiver
	file string // that lists it
	key  ed25519.PublicKey
	cut  atomic.Int64
}

func newOtherSide(t *testing.T, authority string, cut int64) *otherSide {
	t.Helper()
	dir := t.TempDir()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	o := &otherSide{Receiver: &receiver.Receiver{Dir: filepath.Join(dir, "incoming"), Name: "Beispielverein", Key: private, Token: "only-for-this-test", Now: time.Now}, key: public}
	o.cut.Store(cut)
	server := httptest.NewTLSServer(o)
	t.Cleanup(server.Close)
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	key := strings.ReplaceAll(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), "\n", "\n      ")
	o.file = filepath.Join(dir, "controllers.yaml")
	list := fmt.Sprintf("controllers:\n  - authority: %s\n    id: verein\n    name: Beispielverein e. V.\n    address: %s/uploads\n    token_file: %s\n    ca: %s\n    key: |\n      %s\n",
		authority, server.URL, filepath.Join(dir, "token"), filepath.Join(dir, "ca.pem"), key)
	if err := errors.Join(
		os.WriteFile(filepath.Join(dir, "token"), []byte(o.Token+"\n"), 0o600),
		os.WriteFile(filepath.Join(dir, "ca.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600),
		os.WriteFile(o.file, []byte(list), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *otherSide) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if cut := o.cut.Load(); r.Method == http.MethodPatch && cut > 0 {
		o.cut.Store(0)
		r.Body = io.NopCloser(io.MultiReader(io.LimitReader(r.Body, cut), failing{}))
		o.Receiver.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	o.Receiver.ServeHTTP(w, r)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestDataGoDirectlyToAnotherController goes from the request to the receipt that
// both sides hold, over a line that is cut.
func TestDataGoDirectlyToAnotherController(t *testing.T) {
	t.Parallel()
	o := newOtherSide(t, "stk-nrw", 700)
	h := portaltest.Start(t, portaltest.Options{Controllers: o.file})
	w := portaltest.NewWork(t, h, "stk-nrw")
	transmit := func(actor casefile.Actor, id uuid.UUID, controller string) error {
		return h.Steps.Delivery.Transmit(ctx, actor, w.Authority, id, controller, h.Now())
	}
	if err := transmit(w.Approver, submit(t, h, w, law.Portability), "verein"); !errors.Is(err, problem.Conflict) {
		t.Errorf("before there is an answer: got %v, want a conflict", err)
	}
	application := w.Application(h.Landscape.Person("erika"))
	application.Rights = []law.Right{law.Portability}
	application.Request.Direct.Listed = casefile.Controller{ID: "verein", Name: "Beispielverein e. V."}
	id := takesAlongFrom(t, h, w, w.Submit(t, application).Case, law.Portability)
	if got := w.Open(t, id).Request.Direct.Listed.ID; got != "verein" {
		t.Errorf("the desk reads that the person chose %q, want what they chose", got)
	}
	if err := transmit(w.Clerk, id, "verein"); !errors.Is(err, problem.Forbidden) {
		t.Errorf("the clerk: got %v, want that a clerk may not", err)
	}
	if err := transmit(w.Approver, id, "somebody"); !errors.Is(err, problem.Invalid) {
		t.Errorf("nobody lists it: got %v, want it invalid", err)
	}
	if err := transmit(w.Approver, id, "verein"); err != nil {
		t.Fatal(err)
	}
	if err := transmit(w.Approver, id, "verein"); !errors.Is(err, problem.Conflict) {
		t.Errorf("twice: got %v, want a conflict", err)
	}
	var one procedure.Transmission
	portaltest.Wait(t, "the receipt", portaltest.Patience, func() (bool, error) {
		d, err := h.Steps.Delivery.Direct(ctx, w.Clerk, w.Authority, id, h.Now())
		if err != nil || len(d.Begun) != 1 {
			return false, errors.Join(err, fmt.Errorf("%d transmissions", len(d.Begun)))
		}
		one = d.Begun[0]
		return one.State != casefile.Transmitting, nil
	})
	if o.cut.Load() != 0 {
		t.Error("nothing was cut: this checks nothing")
	}
	answer := w.Fetch(t, id)
	o.holds(t, one, answer[export.TakeoutName])
	if letter := strings.ReplaceAll(string(answer["Auskunft.html"]), "\u00a0", " "); !strings.Contains(letter, "direkt an: Beispielverein e. V. (Art. 20 Abs. 2 DSGVO). Sobald") {
		t.Error("the answer does not say that the data go to whom the person chose")
	}

	own, err := h.Steps.Correspondence.Own(ctx, w.Applicant(id), w.Authority.Land, h.Now())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(own.History, func(e correspondence.OwnHappening) bool {
		return e.Kind == casefile.NoteTransmitted && strings.Contains(e.Text.ForPerson.Reveal(), "Beispielverein e. V.") && strings.Contains(e.Text.ForPerson.Reveal(), one.Text.SHA256)
	}) {
		t.Error("the person does not read where the data went")
	}
	h.Audit(t)
}

// holds checks that both sides hold the same receipt, for what the person gets.
func (o *otherSide) holds(t *testing.T, one procedure.Transmission, want []byte) {
	t.Helper()
	if one.State != casefile.Transmitted {
		t.Fatalf("got %s %s, want it received", one.State, one.Text.Reason)
	}
	dir := filepath.Join(o.Dir, one.ID.String())
	theirs, err := os.ReadFile(filepath.Join(dir, "receipt.jws"))
	if err != nil || string(theirs) != one.Text.Receipt {
		t.Errorf("%v: both sides hold another receipt", err)
	}
	sum := sha256.Sum256(want)
	r, err := transfer.Open(one.Text.Receipt, o.key)
	if err != nil || r.Parcel != one.ID || r.SHA256 != hex.EncodeToString(sum[:]) || r.Size != int64(len(want)) {
		t.Errorf("got %+v and %v, want a receipt for what the person gets", r, err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "package.zip")); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v: %d bytes arrived, want the %d that the person gets", err, len(got), len(want))
	}
}
