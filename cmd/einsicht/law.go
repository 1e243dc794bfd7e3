package main

import (
	"errors"
	"fmt"
	"os"

	"einsicht/cmd/internal/lawcli"
)

type lawCmd struct {
	Deadline lawDeadlineCmd `cmd:"" help:"Count the period of Art. 12(3) GDPR and print the reckoning as JSON."`
	Grounds  lawGroundsCmd  `cmd:"" help:"Print the grounds that can limit a right, as JSON."`
	Rights   lawRightsCmd   `cmd:"" help:"Print the rights and what a complete answer to each holds, as JSON."`
	Explain  lawExplainCmd  `cmd:"" help:"Say in German what the law makes of cases: outcome, limits, questions, file."`
	Check    lawCheckCmd    `cmd:"" help:"Run worked cases, an authority's own included."`
}

type lawDeadlineCmd struct {
	Land     string `required:"" help:"Land of the authority's seat: NW or NI."`
	Received string `required:"" help:"Moment of receipt, such as 2026-01-31T10:00."`
	Events   string `help:"suspend 2026-02-02; resume 2026-02-10; extend 2026-02-20"`
}

func (c *lawDeadlineCmd) Run() error {
	return printed(lawcli.Deadline(c.Land, c.Received, c.Events))
}

type lawGroundsCmd struct {
	Land   string `required:"" help:"NW or NI."`
	Right  string `required:"" help:"access, rectification, erasure, restriction, notification, portability, objection or consent-withdrawal."`
	On     string `required:"" help:"Day of the decision, such as 2026-03-01."`
	Regime string `help:"dsg_nrw, bdsg_nonpublic or ndsg; all of the Land without it."`
}

func (c *lawGroundsCmd) Run() error {
	return printed(lawcli.Grounds(c.Land, c.Right, c.On, c.Regime))
}

type lawRightsCmd struct {
	On string `required:"" help:"A day, such as 2026-03-01."`
}

func (c *lawRightsCmd) Run() error { return printed(lawcli.Rights(c.On)) }

type lawExplainCmd struct {
	JSON  bool     `name:"json" help:"Print JSON instead, in both languages."`
	Files []string `arg:"" name:"casefile" type:"existingfile" help:"Cases as check reads them; no expected results needed."`
}

func (c *lawExplainCmd) Run() error { return printed(lawcli.Explain(c.Files, c.JSON)) }

type lawCheckCmd struct {
	Files []string `arg:"" type:"existingfile" help:"Worked cases (txtar)."`
}

// Run prints the report also when cases differ.
func (c *lawCheckCmd) Run() error {
	report, err := lawcli.Check(c.Files)
	if _, failed := os.Stdout.Write(report); failed != nil {
		return errors.Join(err, failed)
	}
	return err
}

func printed(out []byte, err error) error {
	if err != nil {
		return err
	}
	_, err = fmt.Println(string(out))
	return err
}
