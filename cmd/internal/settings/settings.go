// Package settings reads what an operator sets, as flags or from the
// environment: the only place that does.
package settings

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"einsicht/cmd/internal/portal"
	"einsicht/internal/law/calendar"
	"einsicht/internal/procedure/connecting"
)

// Settings are the flags that all programs share.
type Settings struct {
	Listen       string   `env:"EINSICHT_LISTEN" default:"127.0.0.1:8080" help:"Address of the portal."`
	URL          string   `env:"EINSICHT_URL" name:"url" help:"Address under which visitors reach the portal, for links; without it http:// and the listening address."`
	Metrics      string   `env:"EINSICHT_METRICS" help:"Address of the figures for Prometheus; none without it."`
	Data         string   `env:"EINSICHT_DATA" default:"var/" help:"Folder of the program's data."`
	DatabaseURL  string   `env:"DATABASE_URL" name:"database-url" help:"Database, as the program's role; without it the program starts a private PostgreSQL."`
	MigrateURL   string   `env:"EINSICHT_MIGRATE_URL" name:"migrate-url" help:"Database, as the owner of the schema; migrations run at the start where it is set."`
	Connections  string   `env:"EINSICHT_CONNECTIONS" help:"Folder of connection files; without it connections/ in the data folder."`
	ConnectHosts []string `env:"EINSICHT_CONNECT_HOSTS" help:"Hosts that connections made at the control pages may lead to: db.example, *.example, 10.0.0.0/8; none without it."`
	ConnectPaths []string `env:"EINSICHT_CONNECT_PATHS" help:"Folders whose files connections made at the control pages may read, such as /var/log/apache2; none without it."`
	TestPeople   []string `env:"EINSICHT_CONNECT_TEST_PEOPLE" name:"connect-test-people" sep:";" help:"Whom the control pages take as test persons, as kind=value with ; between: email=test@example.org; without it whoever is called so."`
	Controllers  string   `env:"EINSICHT_CONTROLLERS" help:"File of the controllers to whom data can be handed directly (Art. 20(2) GDPR); without it controllers.yaml in the data folder."`
	WrappingKey  string   `env:"EINSICHT_WRAPPING_KEY" help:"File of the wrapping key; without it keys/wrapping.json in the data folder."`
	SourceKey    string   `env:"EINSICHT_SOURCE_KEY" help:"File of the key for secrets of systems, read by run and worker only; without it keys/sources.json in the data folder."`
	HTTPS        bool     `env:"EINSICHT_HTTPS" name:"https" help:"Visitors come over HTTPS: promise that it stays so."`
	Proxies      []string `env:"EINSICHT_PROXIES" help:"Networks of the reverse proxy, such as 10.0.0.0/8, whose X-Forwarded-For is believed."`
	Soffice      string   `env:"EINSICHT_SOFFICE" help:"LibreOffice's soffice, which makes letters PDF; without it where it is usually found."`
	SMTP         string   `env:"EINSICHT_SMTP" name:"smtp" help:"Mail server, such as mail.example:587; without it mails lie sealed in outbox/ in the data folder."`
	MailFrom     string   `env:"EINSICHT_MAIL_FROM" help:"Address that mails come from."`
	MailUser     string   `env:"EINSICHT_MAIL_USER" help:"User at the mail server."`
	MailSecret   string   `env:"EINSICHT_MAIL_PASSWORD_FILE" name:"mail-password-file" help:"File with the password at the mail server."`
	MailPlain    bool     `env:"EINSICHT_MAIL_PLAINTEXT" help:"Talk to a mail server on this machine without TLS."`
	Now          string   `env:"EINSICHT_NOW" help:"Move the clock to this date (loopback only)."`
}

// Config checks the settings and gives them to the program. Its errors name the
// setting and the remedy.
func (s Settings) Config(part portal.Part) (portal.Config, error) {
	data, err := filepath.Abs(s.Data)
	if err != nil {
		return portal.Config{}, fmt.Errorf("EINSICHT_DATA: %w", err)
	}
	clock, err := s.clock()
	if err != nil {
		return portal.Config{}, err
	}
	cfg := portal.Config{
		Part: part, Listen: s.Listen, URL: cmp.Or(strings.TrimRight(s.URL, "/"), "http://"+s.Listen), Metrics: s.Metrics, Data: data, DatabaseURL: s.DatabaseURL, MigrateURL: s.MigrateURL,
		Connections: s.Connections, ConnectHosts: s.ConnectHosts, ConnectPaths: s.ConnectPaths, TestPeople: s.TestPeople, Controllers: s.Controllers, WrappingKey: s.WrappingKey, SourceKey: s.SourceKey, HTTPS: s.HTTPS, Clock: clock, PDF: true, Soffice: s.Soffice,
		Mail: portal.Mail{Server: s.SMTP, From: s.MailFrom, User: s.MailUser, Plaintext: s.MailPlain},
		Log:  slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}
	for _, network := range s.Proxies {
		prefix, err := netip.ParsePrefix(network)
		if err != nil {
			return cfg, fmt.Errorf("EINSICHT_PROXIES: %q is no network; write 10.0.0.0/8, or 192.0.2.7/32 for one address", network)
		}
		cfg.Proxies = append(cfg.Proxies, prefix)
	}
	if _, err := connecting.NewAllowed(s.ConnectHosts, s.ConnectPaths, ""); err != nil {
		return cfg, err
	}
	if _, err := connecting.NewTestPeople(s.TestPeople); err != nil {
		return cfg, err
	}
	if s.SMTP != "" && s.MailFrom == "" {
		return cfg, errors.New("EINSICHT_MAIL_FROM is not set: name the address that mails come from")
	}
	if s.MailSecret != "" {
		secret, err := os.ReadFile(s.MailSecret)
		if err != nil {
			return cfg, fmt.Errorf("EINSICHT_MAIL_PASSWORD_FILE: %w", err)
		}
		cfg.Mail.Password = string(secret)
	}
	return cfg, nil
}

// clock moves the time by whole days, so that hours stay as they are.
func (s Settings) clock() (func() time.Time, error) {
	if s.Now == "" {
		return time.Now, nil
	}
	if !portal.Loopback(s.Listen) {
		return nil, errors.New("EINSICHT_NOW moves the clock on loopback only: set EINSICHT_LISTEN to 127.0.0.1:8080, or leave the clock alone")
	}
	day, err := calendar.Parse(s.Now)
	if err != nil {
		return nil, errors.New("EINSICHT_NOW can't be read: write a date such as 2026-03-02")
	}
	moved := time.Duration(day.Sub(calendar.DateOf(time.Now()))) * 24 * time.Hour
	return func() time.Time { return time.Now().Add(moved) }, nil
}
