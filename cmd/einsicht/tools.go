package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/cmd/internal/connectorcli"
	"einsicht/cmd/internal/portal"
	"einsicht/cmd/internal/settings"
	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/ledger"
)

type staffCmd struct {
	Add staffAddCmd `cmd:"" help:"Add an account and print a one-time link, good for 24 hours."`
}

type staffAddCmd struct {
	settings.Settings
	Authority string `required:"" help:"Id of the authority, such as stk-nrw."`
	Role      string `required:"" enum:"clerk,approver,officer,operator" help:"clerk, approver, officer or operator."`
	Name      string `arg:"" help:"Name to sign in with, as it stands in letters."`
}

func (c *staffAddCmd) Run(ctx context.Context) error {
	return withHouse(ctx, c.Settings, func(ctx context.Context, m *portal.Main) error {
		a, err := find(ctx, m, c.Authority)
		if err != nil {
			return err
		}
		token, err := addStaff(ctx, m, a, casefile.Role(c.Role), c.Name)
		if err != nil {
			return err
		}
		fmt.Printf("%s/desk/einladung/%s\n", m.URL, token)
		return nil
	})
}

// addStaff adds an account together with its entry in the ledger, or neither.
func addStaff(ctx context.Context, m *portal.Main, a casefile.Authority, role casefile.Role, name string) (token string, err error) {
	operator := casefile.Actor{Role: casefile.Operator, Authority: a.ID}
	if err := m.House.Permission.May(operator, casefile.ActionAddStaff, a.ID); err != nil {
		return "", err
	}
	err = m.DB.InTx(ctx, a.ID, func(ctx context.Context) error {
		if err := m.Ledger.Record(ctx, ledger.StaffAdded, uuid.Nil, operator, map[string]string{"role": string(role)}, m.Clock()); err != nil {
			return err
		}
		token, err = m.Accounts.Add(ctx, a.ID, role, name)
		return err
	})
	return token, err
}

type inventoryCmd struct {
	Import inventoryImportCmd `cmd:"" help:"Make files the current inventory of their authorities."`
}

type inventoryImportCmd struct {
	settings.Settings
	Files []string `arg:"" type:"existingfile" help:"Inventory files (YAML)."`
}

// Run reads all files before it changes anything.
func (c *inventoryImportCmd) Run(ctx context.Context) error {
	var all []inventory.Inventory
	var faults []error
	for _, file := range c.Files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		inv, warnings, err := inventory.Parse(file, data)
		for _, w := range warnings {
			fmt.Fprintln(os.Stderr, "warning:", w)
		}
		faults, all = append(faults, err), append(all, inv)
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	return withHouse(ctx, c.Settings, func(ctx context.Context, m *portal.Main) error {
		for _, inv := range all {
			changed, err := m.Import(ctx, inv, m.Clock())
			if err != nil {
				return err
			}
			fmt.Printf("%s: %d systems, %s\n", inv.Authority.ID, len(inv.Systems), map[bool]string{true: "imported", false: "unchanged"}[changed])
		}
		return nil
	})
}

type connectorCmd struct {
	Find  connectorFindCmd  `cmd:"" help:"Print one JSON object for each record of a person."`
	Check connectorCheckCmd `cmd:"" help:"Check a connection file and the system behind it."`
	Seal  connectorSealCmd  `cmd:"" help:"Keep a secret of a system, read from standard input, so that only workers can read it."`
}

type connectorFindCmd struct {
	File    string   `arg:"" type:"existingfile" help:"Connection file (YAML)."`
	Who     []string `arg:"" optional:"" help:"The same as --subject."`
	Subject []string `sep:"none" help:"What the person can be looked up by, as kind=value; several times. verified: in front of it says that it is no mere claim."`
}

// Help lists how a value of each kind is written.
func (*connectorFindCmd) Help() string {
	return "Values are printed: whoever asks has asked for just that. docs/connectors/find.md describes the objects.\n\nA subject is one of\n\n" + connectorcli.Subjects()
}

func (c *connectorFindCmd) Run(ctx context.Context) error {
	return connectorcli.Find(ctx, os.Stdout, c.File, append(c.Subject, c.Who...), portal.ReadSecret)
}

type connectorCheckCmd struct {
	File string `arg:"" type:"existingfile" help:"Connection file (YAML)."`
}

func (c *connectorCheckCmd) Run(ctx context.Context) error {
	return connectorcli.Check(ctx, os.Stdout, c.File, portal.ReadSecret)
}

type ledgerCmd struct {
	Verify ledgerVerifyCmd `cmd:"" help:"Find every changed, missing or reordered entry."`
}

type ledgerVerifyCmd struct {
	settings.Settings
	Authority string `help:"Id of one authority; all without it."`
}

// errTampered ends the command with a failure after its report.
var errTampered = errors.New("the ledger is not as it was written")

func (c *ledgerVerifyCmd) Run(ctx context.Context) error {
	return withHouse(ctx, c.Settings, func(ctx context.Context, m *portal.Main) error {
		all, err := c.authorities(ctx, m)
		if err != nil {
			return err
		}
		var failed error
		for _, a := range all {
			if err := verify(ctx, m, a); errors.Is(err, errTampered) {
				failed = err
			} else if err != nil {
				return err
			}
		}
		return failed
	})
}

func (c *ledgerVerifyCmd) authorities(ctx context.Context, m *portal.Main) ([]casefile.Authority, error) {
	if c.Authority == "" {
		return m.DB.Authorities(ctx)
	}
	a, err := find(ctx, m, c.Authority)
	return []casefile.Authority{a}, err
}

func verify(ctx context.Context, m *portal.Main, a casefile.Authority) error {
	var failed error
	return errors.Join(m.DB.View(ctx, a.ID, func(ctx context.Context) error {
		years, err := m.Ledger.Years(ctx)
		if err != nil {
			return err
		}
		for _, year := range years {
			report, err := m.Ledger.Audit(ctx, year)
			if err != nil {
				return err
			}
			fmt.Printf("%s %d: %d entries, root %s, %d wait for their place\n", a.Slug, year, report.Size, report.Root, len(report.Unsequenced))
			for _, f := range report.Findings {
				fmt.Println(" ", f)
			}
			if !report.OK() {
				failed = errTampered
			}
		}
		return nil
	}), failed)
}

// withHouse runs a tool on the opened house.
func withHouse(ctx context.Context, s settings.Settings, f func(context.Context, *portal.Main) error) error {
	return within(ctx, s, portal.Tool, f)
}

// within runs f in the house as a part of the program sees it, but serves and works
// nothing.
func within(ctx context.Context, s settings.Settings, part portal.Part, f func(context.Context, *portal.Main) error) error {
	cfg, err := s.Config(part)
	if err != nil {
		return err
	}
	m, err := portal.New(ctx, cfg)
	if err != nil {
		return err
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return errors.Join(f(ctx, m), m.Close(closing))
}

func find(ctx context.Context, m *portal.Main, slug string) (casefile.Authority, error) {
	all, err := m.DB.Authorities(ctx)
	if err != nil {
		return casefile.Authority{}, err
	}
	i := slices.IndexFunc(all, func(a casefile.Authority) bool { return a.Slug == slug })
	if i < 0 {
		var known []string
		for _, a := range all {
			known = append(known, a.Slug)
		}
		return casefile.Authority{}, fmt.Errorf("no authority %q; one of %v", slug, known)
	}
	return all[i], nil
}
