package main

import (
	"context"
	"fmt"

	"einsicht/cmd/internal/portal"
	"einsicht/cmd/internal/settings"
	"einsicht/internal/casefile"
)

type fulfilmentCmd struct {
	Reapply reapplyCmd `cmd:"" help:"Erase again what was erased in a system that was restored from a backup."`
}

type reapplyCmd struct {
	settings.Settings
	System    string `arg:"" help:"Id of the system that was restored."`
	Authority string `required:"" help:"Id of the authority, such as stk-nrw."`
}

// Run works where the credentials of systems are: with the settings of a worker.
func (c *reapplyCmd) Run(ctx context.Context) error {
	return within(ctx, c.Settings, portal.Worker, func(ctx context.Context, m *portal.Main) error {
		a, err := find(ctx, m, c.Authority)
		if err != nil {
			return err
		}
		operator := casefile.Actor{Role: casefile.Operator, Authority: a.ID}
		r, err := m.Steps.Fulfilment.Reapply(ctx, operator, c.System, m.Clock())
		if err != nil {
			return err
		}
		fmt.Printf("%s: looked at %d records, erased again %d, could not erase %d\n", c.System, r.Looked, r.Erased, r.Failed)
		if len(r.Others) > 0 {
			fmt.Printf("In the place of %d erased records stand others, or older versions of them. Nothing was done to these; look at them:\n", len(r.Others))
			for _, reference := range r.Others {
				fmt.Println("  " + reference)
			}
		}
		if r.Failed > 0 {
			return fmt.Errorf("%d records could not be erased: run it again, or erase them by hand", r.Failed)
		}
		return nil
	})
}
