package keyring

import (
	"context"
	"errors"
	"fmt"
	"io"

	"einsicht/internal/casefile"
)

// An empty stream does not open in Tink (its reader takes the end for a wrong
// key); so every stream begins with the number of its format.
const streamFormat = 1

// SealStream encrypts a file for its place while it is written to w. Close ends
// the seal and leaves w open; without it the file does not open.
func (k *Keyring) SealStream(ctx context.Context, slot casefile.Slot, w io.Writer) (io.WriteCloser, error) {
	keys, err := k.caseKeys(ctx, slot.Authority, slot.Case)
	if err != nil {
		return nil, err
	}
	files, err := keys.files()
	if err != nil {
		return nil, fmt.Errorf("case %s: %w", slot.Case, err)
	}
	sealing, err := files.NewEncryptingWriter(w, place(slot))
	if err != nil {
		return nil, fmt.Errorf("seal a file of case %s: %w", slot.Case, err)
	}
	if _, err := sealing.Write([]byte{streamFormat}); err != nil {
		return nil, fmt.Errorf("seal a file of case %s: %w", slot.Case, err)
	}
	return sealing, nil
}

// OpenStream decrypts what SealStream made for the same place. What is read
// is genuine, but only io.EOF says that it is whole: a file that was cut off
// gives almost everything and then ErrUnsealed.
func (k *Keyring) OpenStream(ctx context.Context, slot casefile.Slot, r io.Reader) (io.Reader, error) {
	keys, err := k.caseKeys(ctx, slot.Authority, slot.Case)
	if err != nil {
		return nil, err
	}
	files, err := keys.files()
	if err != nil {
		return nil, fmt.Errorf("case %s: %w", slot.Case, err)
	}
	from := &source{r: r}
	plain, err := files.NewDecryptingReader(from, place(slot))
	if err != nil {
		return nil, unsealed(slot)
	}
	opening := &opening{plain: plain, from: from, slot: slot}
	var format [1]byte
	if _, err := io.ReadFull(opening, format[:]); err != nil {
		return nil, err
	}
	if format[0] != streamFormat {
		return nil, unsealed(slot)
	}
	return opening, nil
}

// opening tells a broken seal from a file that could not be read.
type opening struct {
	plain io.Reader
	from  *source
	slot  casefile.Slot
}

func (o *opening) Read(p []byte) (int, error) {
	n, err := o.plain.Read(p)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case o.from.err != nil:
		return n, fmt.Errorf("read a sealed file of case %s: %w", o.slot.Case, o.from.err)
	}
	return n, unsealed(o.slot)
}

// source remembers why reading the ciphertext failed.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
