package procedure

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"einsicht/internal/inventory"
)

// Unconfirmed says of which systems the inventory holds something inferred that
// nobody of the authority has confirmed in its present wording.
func (h *House) Unconfirmed(ctx context.Context, inv inventory.Inventory) (map[string]bool, error) {
	confirmed, err := h.Inventories.Confirmations(ctx)
	if err != nil {
		return nil, err
	}
	open := map[string]bool{}
	for _, s := range inv.Systems {
		if _, ok := Confirmed(s, confirmed[s.ID]); len(s.ToConfirm()) > 0 && !ok {
			open[s.ID] = true
		}
	}
	return open, nil
}

// Confirmed finds the confirmation that holds for the present wording.
func Confirmed(s inventory.System, all []Confirmation) (Confirmation, bool) {
	i := slices.IndexFunc(all, func(c Confirmation) bool { return bytes.Equal(c.Fingerprint, Fingerprint(s)) })
	if i < 0 {
		return Confirmation{}, false
	}
	return all[i], true
}

// Fingerprint names the wording of what is inferred about a system. A
// confirmation holds for this wording only: what is changed later is to be
// confirmed again.
func Fingerprint(s inventory.System) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %t", s.LegalBasis, s.Regime, s.FieldsInferred, s.ToConfirm(), s.Portable))
	return sum[:]
}
