package procedure

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"

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
		if len(s.ToConfirm()) > 0 && !bytes.Equal(confirmed[s.ID].Fingerprint, Fingerprint(s)) {
			open[s.ID] = true
		}
	}
	return open, nil
}

// Fingerprint names the wording of what is inferred about a system. A
// confirmation holds for this wording only: what is changed later is to be
// confirmed again.
func Fingerprint(s inventory.System) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %t", s.LegalBasis, s.Regime, s.FieldsInferred, s.ToConfirm(), s.Portable))
	return sum[:]
}
