package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"einsicht/cmd/internal/portal"
	"einsicht/cmd/internal/settings"
	"einsicht/internal/pgserver"
)

type runCmd struct{ settings.Settings }

func (c *runCmd) Run(ctx context.Context) error { return serve(ctx, c.Settings, portal.Run) }

type portalCmd struct{ settings.Settings }

func (c *portalCmd) Run(ctx context.Context) error { return serve(ctx, c.Settings, portal.Portal) }

type workerCmd struct{ settings.Settings }

func (c *workerCmd) Run(ctx context.Context) error { return serve(ctx, c.Settings, portal.Worker) }

func serve(ctx context.Context, s settings.Settings, part portal.Part) error {
	cfg, err := s.Config(part)
	if err != nil {
		return err
	}
	m, err := portal.New(ctx, cfg)
	if err != nil {
		return err
	}
	if address := m.Address(); address != "" {
		fmt.Println("Einsicht answers at", address)
	}
	err = m.Run(ctx)
	closing, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if closed := m.Close(closing); err == nil {
		err = closed
	}
	return err
}

type migrateCmd struct {
	settings.Settings
	Roles bool `help:"Print the SQL that an administrator of a server of one's own runs first."`
}

func (c *migrateCmd) Run(ctx context.Context) error {
	if c.Roles {
		_, err := fmt.Fprint(os.Stdout, pgserver.RolesSQL(pgserver.Owner, pgserver.Program))
		return err
	}
	cfg, err := c.Config(portal.Tool)
	if err != nil {
		return err
	}
	if cfg.DatabaseURL != "" && cfg.MigrateURL == "" {
		return fmt.Errorf("EINSICHT_MIGRATE_URL is not set: it names the owner of the schema, who alone may change it")
	}
	return portal.Migrate(ctx, cfg)
}
