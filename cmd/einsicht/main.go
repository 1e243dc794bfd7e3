// Command einsicht is the portal: it serves citizens and staff, works on jobs,
// and has the tools of an operator.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is the command line. Every flag is also a setting of the environment.
type cli struct {
	Run        runCmd        `cmd:"" help:"Serve and work in one process."`
	Portal     portalCmd     `cmd:"" help:"Serve only; holds no credentials of systems."`
	Worker     workerCmd     `cmd:"" help:"Work on jobs only."`
	Migrate    migrateCmd    `cmd:"" help:"Bring the schema up to date, as its owner."`
	Staff      staffCmd      `cmd:"" help:"Accounts of staff."`
	Inventory  inventoryCmd  `cmd:"" help:"Authorities and their systems."`
	Connector  connectorCmd  `cmd:"" help:"Ask one system, or check its connection file."`
	Fulfilment fulfilmentCmd `cmd:"" help:"What was changed in systems."`
	Law        lawCmd        `cmd:"" help:"Deadlines, grounds and rights."`
	Letters    lettersCmd    `cmd:"" help:"An authority's own words for its letters."`
	Transfer   transferCmd   `cmd:"" help:"Packages that controllers hand over directly."`
	Package    packageCmd    `cmd:"" help:"Verify what a person received."`
	Ledger     ledgerCmd     `cmd:"" help:"Verify what was recorded."`
	Routes     routesCmd     `cmd:"" help:"Print the route table as JSON."`
}

func main() {
	var c cli
	parser := kong.Parse(&c, kong.Name("einsicht"), kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Description("The portal for the rights under Art. 15–21 GDPR against public authorities."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parser.BindTo(ctx, (*context.Context)(nil))
	if err := parser.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "einsicht:", err)
		os.Exit(1)
	}
}
