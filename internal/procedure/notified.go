package procedure

import (
	"context"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/notification"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

// Notified says for the file from which day something counts as notified, and by
// which rule; on is the day on which it began its way.
func (h *House) Notified(ctx context.Context, c casefile.Case, rule notification.Rule, on, effective calendar.Date) (person.Text, error) {
	inv, err := h.Inventories.Version(ctx, c.Inventory)
	if err != nil {
		return person.Text{}, err
	}
	return person.NewText(wording.Text(wording.German, "correspondence.notified."+string(rule.ID), "on", wording.Date(wording.German, on.Time()),
		"effective", wording.Date(wording.German, effective.Time()), "citation", rule.Bases[inv.Authority.Land].Citation)), nil
}
