package inventory

import (
	"slices"
	"strings"

	"einsicht/internal/law"
)

// Gaps returns the wording keys of what the notice does not say about the
// system.
func (s System) Gaps() []string {
	var gaps []string
	add := func(missing bool, key string) {
		if missing {
			gaps = append(gaps, "inventory.gap."+key)
		}
	}
	wholly, partly := s.Retention.silent()
	unlisted := func(f string) bool { return strings.Contains(f, "nicht einzeln genannt") }
	add(s.Purpose == "", "purpose")
	add(s.Inferred || len(s.LegalBasis) == 0, "legal_basis")
	add(len(s.Fields) == 0 || slices.ContainsFunc(s.Fields, unlisted), "fields")
	add(wholly, "retention")
	add(partly, "retention_partly")
	add(s.Recipients == nil, "recipients")
	return gaps
}

// ToConfirm returns the wording keys of what is ours in the entry and has to be
// confirmed by the authority before an answer may rest on it.
func (s System) ToConfirm() []string {
	var keys []string
	add := func(ours bool, key string) {
		if ours {
			keys = append(keys, "inventory.confirm."+key)
		}
	}
	add(s.Inferred, "legal_basis")
	// Art. 20 stands or falls with the basis.
	add(s.Inferred && s.Portable, "portable")
	add(len(s.FieldsInferred) > 0, "fields")
	for _, k := range s.InferredKeys {
		add(true, k)
	}
	return keys
}

// Gaps returns the wording keys of what the notice does not say about the
// authority.
func (a Authority) Gaps() []string {
	gaps := a.contactGaps()
	add := func(missing bool, key string) {
		if missing {
			gaps = append(gaps, "inventory.gap."+key)
		}
	}
	add(a.DPO.IsZero(), "dpo")
	add(a.Supervisory == "" || slices.Contains(a.InferredKeys, "supervisory"), "supervisory")
	add(!slices.Contains(a.Rights, Complaint), "complaint")
	add(slices.ContainsFunc(law.Rights, a.omits), "rights")
	return gaps
}

// ToConfirm returns the wording keys of what is ours about the authority.
func (a Authority) ToConfirm() []string {
	var keys []string
	for _, k := range a.InferredKeys {
		keys = append(keys, "inventory.confirm."+k)
	}
	return keys
}

// omits says whether the notice leaves a right out. Art. 19 sentence 2 is none
// that Art. 13(2)(b) GDPR wants listed.
func (a Authority) omits(r law.Right) bool {
	return r != law.Notification && !slices.Contains(a.Rights, r)
}
