package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"einsicht/cmd/internal/portal"
	"einsicht/cmd/internal/settings"
	"einsicht/internal/casefile"
	"einsicht/internal/person"
)

// connectorSealCmd keeps a secret under a name that connections refer to as
// {sealed: NAME}. As an argument it would stand in the list of processes and in
// the shell's history.
type connectorSealCmd struct {
	settings.Settings
	Name      string `arg:"" help:"Name of the secret, as in {sealed: NAME}."`
	Authority string `required:"" help:"Id of the authority, such as stk-nrw."`
	System    string `required:"" help:"Id of the system that takes it. It is sent only to the hosts that the system's connection names now."`

	in io.Reader
}

func (c *connectorSealCmd) Run(ctx context.Context) error {
	if c.in == nil {
		c.in = os.Stdin
		if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return errors.New("the secret is read from standard input, which shows what is typed: einsicht connector seal NAME --authority ID --system ID < FILE")
		}
	}
	secret, err := io.ReadAll(io.LimitReader(c.in, 1<<20))
	if err != nil {
		return fmt.Errorf("read the secret: %w", err)
	}
	return withHouse(ctx, c.Settings, func(ctx context.Context, m *portal.Main) error {
		a, err := find(ctx, m, c.Authority)
		if err != nil {
			return err
		}
		operator := casefile.Actor{Role: casefile.Operator, Authority: a.ID}
		if err := m.Steps.Connecting.PutSecret(ctx, operator, c.System, c.Name, person.NewText(string(secret)), m.Clock()); err != nil {
			return err
		}
		fmt.Printf("%s, %s: {sealed: %s}\n", a.Slug, c.System, c.Name)
		return nil
	})
}
