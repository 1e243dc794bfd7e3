package main

import (
	"encoding/json"
	"os"

	"einsicht/cmd/internal/portal"
	"einsicht/internal/web/reply"
)

// routesCmd prints the route table, for tests and for who puts the portal behind
// another server.
type routesCmd struct {
	Demo bool `help:"With the routes of the demonstration."`
}

func (c *routesCmd) Run() error {
	type route struct {
		Method string      `json:"method"`
		Path   string      `json:"path"`
		Class  reply.Class `json:"class"`
		Auth   reply.Auth  `json:"auth"`
	}
	var all []route
	for _, r := range portal.Routes(c.Demo) {
		all = append(all, route{r.Method, r.Path, r.Class, r.Auth})
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(all)
}
