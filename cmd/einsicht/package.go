package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"

	"einsicht/cmd/internal/portal"
	"einsicht/cmd/internal/settings"
	"einsicht/internal/export"
	"einsicht/internal/law/calendar"
)

type packageCmd struct {
	Verify packageVerifyCmd `cmd:"" help:"Compare a package with its checksums and its signature. Needs no portal."`
	Key    packageKeyCmd    `cmd:"" help:"Print the public key that signs an authority's packages, to publish it."`
}

// packageVerifyCmd is for whoever was handed a package: the person, another
// controller, a court.
type packageVerifyCmd struct {
	File string `arg:"" type:"existingfile" help:"An answer's package, or one to take along."`
	Key  string `help:"Fingerprint that the key which signed must have."`
}

func (c *packageVerifyCmd) Run() error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	checked, err := export.CheckAny(f, info.Size())
	switch {
	case err != nil:
		return err
	case c.Key != "" && checked.Fingerprint == "":
		return errors.New("the checksums are right, but nothing in the package is signed")
	case c.Key != "" && c.Key != checked.Fingerprint:
		return fmt.Errorf("the checksums are right, but another key signed: %s", checked.Fingerprint)
	}
	fmt.Printf("all %d entries are as the manifest says\n", checked.Entries)
	if checked.Takeout {
		fmt.Printf("data to take along of %s, %s\nsigned with the key of this fingerprint (SHA-256): %s\n", checked.Authority, checked.Date, checked.Fingerprint)
		if c.Key == "" {
			fmt.Println("compare it with the one that the authority names; --key does that")
		}
	} else if checked.Fingerprint == "" {
		fmt.Println("nothing in it is signed: this shows that it is whole, not who made it")
	}
	return nil
}

type packageKeyCmd struct {
	settings.Settings
	Authority string `required:"" help:"Id of the authority, such as stk-nrw."`
	Year      int    `help:"Year of the packages; this one without it."`
}

func (c *packageKeyCmd) Run(ctx context.Context) error {
	return withHouse(ctx, c.Settings, func(ctx context.Context, m *portal.Main) error {
		a, err := find(ctx, m, c.Authority)
		if err != nil {
			return err
		}
		if c.Year == 0 {
			c.Year = calendar.DateOf(m.Clock()).Time().Year()
		}
		seed, err := m.Keys.SigningSeed(ctx, a.ID, c.Year)
		if err != nil {
			return err
		}
		key := ed25519.NewKeyFromSeed(seed)
		text, err := export.PublicKey(key)
		if err != nil {
			return err
		}
		fmt.Printf("%sfingerprint (SHA-256): %s\n", text, export.Fingerprint(key))
		return nil
	})
}
