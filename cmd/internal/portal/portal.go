// Package portal joins the rooms of the house to a program that can be started
// and stopped: the same for einsicht and for the demonstration.
package portal

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"einsicht/internal/connector/source"
	"einsicht/internal/jobs"
	"einsicht/internal/keyring"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/login"
	"einsicht/internal/permission"
	"einsicht/internal/pgserver"
	"einsicht/internal/postgres"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/connecting"
	"einsicht/internal/web"
)

// Part says what a process does. A portal never holds credentials of source
// systems.
type Part struct{ Serves, Works bool }

// The parts.
var (
	Run    = Part{Serves: true, Works: true}
	Portal = Part{Serves: true}
	Worker = Part{Works: true}
	Tool   = Part{} // a command that ends
)

// Config is what an operator sets.
type Config struct {
	Part    Part
	Listen  string // address of the portal
	URL     string // under which visitors reach it, for links in mails
	Metrics string // address of the figures for Prometheus; empty: none
	Data    string

	DatabaseURL string // empty: a private server below Data
	MigrateURL  string // the owner's; empty: somebody else migrates
	Connections string // folder of connection files
	// ConnectHosts and ConnectPaths are where connections made at the control pages
	// may lead, see connecting.NewAllowed. None: only files connect systems.
	ConnectHosts, ConnectPaths []string
	Controllers                string   // file of those to whom data can be handed directly; empty: below Data
	TestPeople                 []string // whom the control pages take as test persons, see connecting.NewTestPeople
	WrappingKey                string   // file; empty: below Data
	SourceKey                  string   // file of the key for secrets of systems; only who works reads it; empty: below Data

	Proxies []netip.Prefix // of the reverse proxy in front

	PDF     bool   // make letters PDF too, where LibreOffice is installed
	Soffice string // LibreOffice's program; empty: where it is usually found

	Mail  Mail
	HTTPS bool
	Demo  bool
	Clock func() time.Time

	Tracer pgx.QueryTracer // watches statements, for tests

	Log *slog.Logger
}

// Main is the program.
type Main struct {
	Config
	DB       *postgres.DB
	House    *procedure.House
	Keys     *keyring.Keyring
	Ledger   postgres.Ledger
	Accounts *login.Accounts
	Steps    Steps

	server   *pgserver.Server
	queue    *jobs.Queue
	app      *web.App
	listener net.Listener
	metrics  net.Listener
	sources  *source.Sources
	allowed  connecting.Allowed
	// strangers are the systems of connection files that no inventory knows, as of
	// the last sweep.
	strangers []string
	figures   *figures
	printer   *printer

	controllers controllers
}

// New opens everything and fails with a sentence that says what to do. What it
// opened before a failure is closed again.
func New(ctx context.Context, cfg Config) (m *Main, err error) {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	m = &Main{Config: cfg}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.Close(context.WithoutCancel(ctx)))
			m = nil
		}
	}()
	for _, open := range []func(context.Context) error{m.mustStand, m.openDatabase, m.openKeys, m.openSources, m.openControllers, m.openPrinter, m.build, m.listen} {
		if err := open(ctx); err != nil {
			return m, err
		}
	}
	return m, nil
}

// mustStand keeps a command that ends from making an empty house and finding no
// faults in it.
func (m *Main) mustStand(context.Context) error {
	if m.Part != Tool || m.DatabaseURL != "" {
		return nil
	}
	if found, err := filepath.Glob(filepath.Join(m.Data, "postgres*")); err != nil || len(found) == 0 {
		return fmt.Errorf("there is no database in %s: name the portal's folder (EINSICHT_DATA) or its database (DATABASE_URL); einsicht run and einsicht migrate make a new one", m.Data)
	}
	return nil
}

// openDatabase starts the private server where no other is named, brings the
// schema up to date where the owner's address is known, and connects.
func (m *Main) openDatabase(ctx context.Context) error {
	if err := os.MkdirAll(m.Data, 0o755); err != nil {
		return fmt.Errorf("EINSICHT_DATA: the folder can't be made: %w; name one that this user may write to", err)
	}
	if m.DatabaseURL == "" {
		server, err := pgserver.Start(ctx, pgserver.Options{Data: m.Data, Name: "postgres"})
		if err != nil {
			return fmt.Errorf("start a private PostgreSQL: %w", err)
		}
		m.server = server
		if server.Note != "" {
			m.Log.Info(server.Note)
		}
		m.DatabaseURL = server.DSN(pgserver.Program, pgserver.Database)
		m.MigrateURL = server.DSN(pgserver.Owner, pgserver.Database)
	}
	if m.MigrateURL != "" {
		if err := m.migrate(ctx); err != nil {
			return err
		}
	}
	var err error
	m.DB, err = postgres.Open(ctx, postgres.Options{URL: m.DatabaseURL, MaxConns: 24, Tracer: m.Tracer})
	return err
}

func (m *Main) migrate(ctx context.Context) error {
	role, err := postgres.RoleOf(m.DatabaseURL)
	if err != nil {
		return err
	}
	return postgres.Migrate(ctx, m.MigrateURL, role, jobs.Migrate)
}

// openKeys loads the wrapping key; it makes one only for a database that holds
// nothing sealed yet.
func (m *Main) openKeys(ctx context.Context) error {
	if m.WrappingKey == "" {
		m.WrappingKey = filepath.Join(m.Data, "keys", "wrapping.json")
		if err := os.MkdirAll(filepath.Dir(m.WrappingKey), 0o700); err != nil {
			return fmt.Errorf("make the folder of the wrapping key: %w", err)
		}
	}
	store := postgres.Keys{DB: m.DB}
	sealed, err := store.AnyKey(ctx)
	if err != nil {
		return err
	}
	if m.Keys, err = keyring.LoadOrCreate(m.WrappingKey, store, !sealed); err != nil {
		return err
	}
	return m.Keys.Check(ctx)
}

// build joins steps and machinery.
func (m *Main) build(ctx context.Context) error {
	policy, err := permission.New()
	if err != nil {
		return err
	}
	book, err := catalogue.Load()
	if err != nil {
		return err
	}
	sum := book.SHA256()
	m.Log.Info("law", "catalogue", hex.EncodeToString(sum[:]))
	m.Ledger = postgres.Ledger{DB: m.DB, Keys: m.Keys}
	m.House = &procedure.House{
		Units: m.DB, Cases: postgres.Cases{}, Findings: postgres.Findings{}, Plans: postgres.Plans{}, Inventories: &postgres.Inventories{},
		Letters: postgres.Letters{}, Transmitted: postgres.Transmissions{}, Statutes: postgres.Statutes{}, Law: book,
		Keys: m.Keys, Blobs: m.blobs(), Ledger: m.Ledger, Permission: policy,
	}
	throttle := &login.Throttle{Store: postgres.Staff{DB: m.DB}, Now: m.Clock}
	m.Accounts = login.New(login.Deps{Store: postgres.Staff{DB: m.DB}, Throttle: throttle, Keys: keyer{m.Keys}, Now: m.Clock})
	if m.Steps, err = m.makeSteps(throttle); err != nil {
		return err
	}
	m.sources.Rows = m.Steps.Connecting
	options := jobs.Options{Log: m.Log}
	if m.Part.Works {
		options.Work, options.Workers, options.Gathering = m.work(), 8, 64
	}
	if m.queue, err = jobs.New(m.DB, options); err != nil {
		return err
	}
	m.House.Queue = m.queue
	m.Steps.Fulfilment.Jobs = m.queue
	return m.importShipped(ctx)
}

// Close stops in the order in which things depend on each other.
func (m *Main) Close(ctx context.Context) error {
	var errs []error
	if m.listener != nil {
		m.listener.Close()
	}
	if m.metrics != nil {
		m.metrics.Close()
	}
	if m.printer != nil {
		errs = append(errs, m.printer.Close())
	}
	if m.DB != nil {
		m.DB.Close()
	}
	if m.server != nil {
		errs = append(errs, m.server.Stop(ctx))
	}
	return errors.Join(errs...)
}

// Migrate brings the schema up to date and ends.
func Migrate(ctx context.Context, cfg Config) error {
	m := &Main{Config: cfg}
	return errors.Join(m.openDatabase(ctx), m.Close(context.WithoutCancel(ctx)))
}
