package portal

import "einsicht/internal/web/reply"

// routes are all pages of the portal but those of the door itself.
func (m *Main) routes() []reply.Route { return nil }
