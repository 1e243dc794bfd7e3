// Package receiver takes packages that another controller hands over directly
// (Art. 20(2) GDPR), keeps them in a folder, and signs that they arrived.
//
// It is the other side of package transfer, for whoever wants to receive
// (`einsicht transfer receive`), and what transmissions are tested against.
package receiver

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/transfer"
)

// Receiver serves uploads below its root. It is safe for concurrent use by one
// process.
type Receiver struct {
	Dir   string             // a folder for each parcel
	Name  string             // stands in receipts
	Key   ed25519.PrivateKey // signs them
	Token string             // that senders show
	Limit int64              // bytes of the largest parcel; 0: none
	Now   func() time.Time

	mu   sync.Mutex
	busy map[uuid.UUID]bool
}

// parcel is what a sender said about one.
type parcel struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// The files of a parcel.
const (
	aboutFile   = "parcel.json"
	partFile    = "package.part"
	packageFile = "package.zip"
	receiptFile = "receipt.jws"
)

func (r *Receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("Tus-Resumable", transfer.Version)
	w.Header().Set("Cache-Control", "no-store")
	if subtle.ConstantTimeCompare([]byte(q.Header.Get("Authorization")), []byte("Bearer "+r.Token)) != 1 {
		w.Header().Set("WWW-Authenticate", "Bearer")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if q.Header.Get("Tus-Resumable") != transfer.Version {
		w.Header().Set("Tus-Version", transfer.Version)
		w.WriteHeader(http.StatusPreconditionFailed)
		return
	}
	if q.Method == http.MethodPost {
		w.WriteHeader(r.create(w, q))
		return
	}
	id, err := uuid.Parse(q.URL.Path[strings.LastIndexByte(q.URL.Path, '/')+1:])
	if err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	about, err := r.about(id)
	if err != nil {
		w.WriteHeader(statusOf(err))
		return
	}
	switch q.Method {
	case http.MethodHead:
		r.head(w, id, about)
	case http.MethodPatch:
		w.WriteHeader(r.add(w, q, id, about))
	case http.MethodGet:
		r.receipt(w, id)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// create makes place for a parcel; for one that has it already it is the same.
func (r *Receiver) create(w http.ResponseWriter, q *http.Request) int {
	size, err := strconv.ParseInt(q.Header.Get("Upload-Length"), 10, 64)
	said := metadata(q.Header.Get("Upload-Metadata"))
	id, parsed := uuid.Parse(said["parcel"])
	sum, decoded := hex.DecodeString(said["sha256"])
	switch {
	case err != nil || parsed != nil || decoded != nil || size < 0 || len(sum) != sha256.Size:
		return http.StatusBadRequest
	case r.Limit > 0 && size > r.Limit:
		return http.StatusRequestEntityTooLarge
	}
	about := parcel{size, said["sha256"]}
	before, err := r.about(id)
	switch {
	case err == nil && before != about:
		return http.StatusUnprocessableEntity // an id names one parcel, once
	case errors.Is(err, fs.ErrNotExist):
		text, err := json.Marshal(about)
		if err == nil {
			err = os.MkdirAll(r.path(id, ""), 0o700)
		}
		if err == nil {
			err = keep(r.path(id, aboutFile), text)
		}
		if err != nil {
			return http.StatusInternalServerError
		}
	case err != nil:
		return http.StatusInternalServerError
	}
	w.Header().Set("Location", strings.TrimSuffix(q.URL.Path, "/")+"/"+id.String())
	return http.StatusCreated
}

func (r *Receiver) head(w http.ResponseWriter, id uuid.UUID, about parcel) {
	n, err := r.has(id, about)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Upload-Length", strconv.FormatInt(about.Size, 10))
	w.Header().Set("Upload-Offset", strconv.FormatInt(n, 10))
}

// add takes more of a parcel. What arrived before the connection was lost is kept.
func (r *Receiver) add(w http.ResponseWriter, q *http.Request, id uuid.UUID, about parcel) int {
	if q.Header.Get("Content-Type") != "application/offset+octet-stream" {
		return http.StatusUnsupportedMediaType
	}
	if !r.hold(id) {
		return http.StatusLocked
	}
	defer r.release(id)
	n, err := r.has(id, about)
	if err != nil {
		return http.StatusInternalServerError
	}
	if from, err := strconv.ParseInt(q.Header.Get("Upload-Offset"), 10, 64); err != nil || from != n {
		return http.StatusConflict
	}
	if n < about.Size {
		got, err := r.write(id, n, io.LimitReader(q.Body, about.Size-n))
		n += got
		if err != nil {
			return http.StatusInternalServerError
		}
	}
	if n == about.Size {
		if status := r.finish(id, about); status != 0 {
			return status
		}
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(n, 10))
	return http.StatusNoContent
}

func (r *Receiver) write(id uuid.UUID, from int64, body io.Reader) (int64, error) {
	f, err := os.OpenFile(r.path(id, partFile), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return 0, err
	}
	if _, err = f.Seek(from, io.SeekStart); err != nil {
		return 0, errors.Join(err, f.Close())
	}
	n, err := io.Copy(f, body)
	return n, errors.Join(err, f.Sync(), f.Close())
}

// finish holds the whole parcel against its checksum and signs for it. A parcel that
// is another begins anew.
func (r *Receiver) finish(id uuid.UUID, about parcel) (status int) {
	if _, err := os.Stat(r.path(id, receiptFile)); err == nil {
		return 0
	}
	sum, err := sumOf(r.path(id, partFile))
	if err != nil {
		return http.StatusInternalServerError
	}
	if sum != about.SHA256 {
		_ = os.Remove(r.path(id, partFile))
		return 460 // checksum mismatch, as tus numbers it
	}
	signed, err := transfer.Receipt{Receiver: r.Name, Parcel: id, Size: about.Size, SHA256: sum, ReceivedAt: r.Now().UTC().Truncate(time.Second)}.Sign(r.Key)
	if err == nil {
		err = keep(r.path(id, receiptFile), []byte(signed))
	}
	if err == nil {
		err = os.Rename(r.path(id, partFile), r.path(id, packageFile))
	}
	if err != nil {
		return http.StatusInternalServerError
	}
	return 0
}

func (r *Receiver) receipt(w http.ResponseWriter, id uuid.UUID) {
	signed, err := os.ReadFile(r.path(id, receiptFile))
	if errors.Is(err, fs.ErrNotExist) {
		w.WriteHeader(http.StatusConflict) // it is not complete yet
		return
	}
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/jose")
	_, _ = w.Write(signed)
}

// has says how much of a parcel is there. With all of it there and no receipt, the
// machine stopped in between: the last byte is asked for again.
func (r *Receiver) has(id uuid.UUID, about parcel) (int64, error) {
	if _, err := os.Stat(r.path(id, receiptFile)); err == nil {
		// The machine may have stopped after it had signed.
		err := os.Rename(r.path(id, partFile), r.path(id, packageFile))
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return about.Size, err
	}
	info, err := os.Stat(r.path(id, partFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return min(info.Size(), max(about.Size-1, 0)), nil
}

func (r *Receiver) about(id uuid.UUID) (parcel, error) {
	var about parcel
	text, err := os.ReadFile(r.path(id, aboutFile))
	if err != nil {
		return about, err
	}
	return about, json.Unmarshal(text, &about)
}

func (r *Receiver) path(id uuid.UUID, file string) string {
	return filepath.Join(r.Dir, id.String(), file)
}

func (r *Receiver) hold(id uuid.UUID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[id] {
		return false
	}
	if r.busy == nil {
		r.busy = map[uuid.UUID]bool{}
	}
	r.busy[id] = true
	return true
}

func (r *Receiver) release(id uuid.UUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.busy, id)
}

func statusOf(err error) int {
	if errors.Is(err, fs.ErrNotExist) {
		return http.StatusNotFound
	}
	return http.StatusInternalServerError
}

// keep writes a file that is there whole or not at all.
func keep(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), path)
}

func sumOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// metadata reads the header Upload-Metadata of tus.
func metadata(header string) map[string]string {
	all := map[string]string{}
	for _, pair := range strings.Split(header, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(pair), " ")
		if text, err := base64.StdEncoding.DecodeString(value); err == nil {
			all[key] = string(text)
		}
	}
	return all
}
