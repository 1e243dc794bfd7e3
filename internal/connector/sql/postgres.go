package sql

import (
	"context"
	"errors"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"einsicht/internal/connector"
)

// postgres is the dialect of PostgreSQL. The database brings stored values to
// their normal form by itself (see folding).
type postgres struct {
	pool    *pgxpool.Pool
	host    string // with its port, or the folder of the socket
	fold    folding
	zone    *time.Location
	watch   *watch
	settled bool        // the settings of our sessions reach the server
	pooled  atomic.Bool // what is prepared gets lost on the way
}

func newPostgres(c connector.Connection, m Mapping) (*postgres, error) {
	config, err := poolConfig(c, m)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, c.Wrong("dsn", "can't be read") // the cause quotes it
	}
	zone, err := time.LoadLocation(m.TimeZone)
	if err != nil {
		return nil, c.Wrong("time_zone", "is no time zone")
	}
	return &postgres{pool: pool, host: hostOf(config.ConnConfig), zone: zone, watch: newWatch(c.Timeout)}, nil
}

func (p *postgres) close() {
	p.pool.Close()
	p.watch.close()
}

var passwordInDSN = regexp.MustCompile(`(?i)\b(password|passfile|sslpassword)\s*=`)

// checkPassword refuses a password in a data source name: it would lie in
// clear in backups and repositories.
func checkPassword(c connector.Connection, dsn string) error {
	u, err := url.Parse(dsn)
	with := false
	if err == nil && u.User != nil {
		_, with = u.User.Password()
	}
	if with || passwordInDSN.MatchString(dsn) {
		return c.Wrong("dsn", "holds a password; name it under secrets.password instead")
	}
	return nil
}

// poolConfig reads the DSN. The password comes from secrets.password or, over
// a Unix socket, from nowhere: the server asks the operating system.
func poolConfig(c connector.Connection, m Mapping) (*pgxpool.Config, error) {
	if err := checkPassword(c, m.DSN); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(m.DSN)
	if err != nil {
		return nil, c.Wrong("dsn", "can't be read") // the cause quotes it
	}
	if err := encrypted(c, config.ConnConfig); err != nil {
		return nil, err
	}
	config.ConnConfig.Password = password(c) // not from PGPASSWORD or ~/.pgpass
	config.MaxConns = int32(c.Concurrency)
	config.MinConns = 0
	postgresSession(config.ConnConfig, c, m)
	config.AfterConnect = rawLetters
	return config, nil
}

func password(c connector.Connection) string {
	secret, _ := c.Secret("password")
	return strings.TrimRight(secret, "\r\n")
}

// encrypted makes sure that nothing about people crosses a network in clear.
// Where the DSN says nothing about it, pgx would try again without encryption;
// towards another machine it may not.
func encrypted(c connector.Connection, config *pgx.ConnConfig) error {
	var kept []*pgconn.FallbackConfig
	for _, f := range config.Fallbacks {
		if f.TLSConfig != nil || near(f.Host) {
			kept = append(kept, f)
		}
	}
	config.Fallbacks = kept
	if config.TLSConfig == nil && !near(config.Host) {
		return c.Wrong("dsn", "asks for no encryption: sslmode must be require or more towards another machine")
	}
	return nil
}

// near says whether a host is this machine: a socket or a loopback address.
func near(host string) bool {
	return strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || connector.Loopback(host)
}

// postgresSession makes every connection harmless and its output the same
// everywhere: it can't write, it finds functions in the system's own schema
// only, and it gives up by itself.
func postgresSession(config *pgx.ConnConfig, c connector.Connection, m Mapping) {
	config.ConnectTimeout = min(c.Timeout, 10*time.Second)
	// Nothing prepared behind our back: it would not survive a pooler.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.RuntimeParams = map[string]string{
		"application_name":              "einsicht",
		"default_transaction_read_only": "on",
		// Our side gives up earlier (see watch); a server that does not notice
		// gives up by itself.
		"statement_timeout":                   milliseconds(max(c.Timeout, 10*time.Minute)),
		"idle_in_transaction_session_timeout": milliseconds(10 * time.Minute),
		"search_path":                         "pg_catalog",
		"datestyle":                           "ISO, YMD",
		"intervalstyle":                       "iso_8601",
		"bytea_output":                        "hex",
		"extra_float_digits":                  "3",
		"timezone":                            m.TimeZone,
		"client_encoding":                     "UTF8",
	}
}

// rawLetters takes text as it lies there where the database does not know its
// encoding: it would refuse to send a record with anything but UTF-8 in it.
func rawLetters(ctx context.Context, conn *pgx.Conn) error {
	if conn.PgConn().ParameterStatus("server_encoding") != "SQL_ASCII" {
		return nil
	}
	_, err := conn.Exec(ctx, "SET client_encoding TO 'SQL_ASCII'")
	return err
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func hostOf(config *pgx.ConnConfig) string {
	if strings.HasPrefix(config.Host, "/") || strings.HasPrefix(config.Host, "@") {
		return config.Host
	}
	return net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))
}

// failed translates an error of the database. Only the five characters of the
// SQLSTATE are kept: message and detail quote values of records.
func (p *postgres) failed(place string, err error) error {
	var answered *pgconn.PgError
	if !errors.As(err, &answered) {
		return unanswered(place, p.host, err)
	}
	code := answered.Code
	if place == "connect" && strings.HasPrefix(code, "28") {
		place = "sign in"
	}
	failure := connector.Fail(kindOfState(code), place, code, err)
	if means := stateMeans[place][code]; means != "" {
		return failure.By(p.host, means)
	}
	return failure
}

// stateMeans says what an SQLSTATE means for whoever connects the database.
var stateMeans = map[string]map[string]string{
	"sign in": {"28P01": refusedSignIn, "28000": "the server takes nobody like this: see its pg_hba.conf, the user's name and encryption"},
	"connect": {"3D000": noDatabase, "42501": noRight, "53300": tooMany, "57P03": "it is starting or shutting down"},
}

const (
	refusedSignIn = "the sign-in is refused: wrong user or password"
	noDatabase    = "there is no such database"
	noRight       = "signed in, but without the right to this database"
	tooMany       = "it bears no more connections"
)

// unanswered is the failure of a database that said nothing.
func unanswered(place, host string, err error) error {
	if why, distrusted := connector.Distrust(err); distrusted {
		return connector.Fail(connector.ErrConfig, place, connector.Certificate, err).By(host, why)
	}
	means := connector.Silence(err)
	if strings.Contains(err.Error(), "refused TLS") || strings.Contains(err.Error(), "TLS requested but server does not support TLS") {
		means = "it does not encrypt"
	}
	return connector.Fail(connector.ErrUnreachable, place, "", err).By(host, means)
}

// kindOfState judges by the class of an SQLSTATE.
func kindOfState(code string) error {
	switch code[:min(2, len(code))] {
	case "22", "23", "XX": // data of the database that it can't read itself
		return connector.ErrBroken
	case "28", "3D", "3F", "42", "0A", "25": // sign-in, names, rights, writing
		return connector.ErrConfig
	}
	return connector.ErrUnreachable
}
