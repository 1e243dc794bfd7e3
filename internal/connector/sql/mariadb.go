package sql

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	stdsql "database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"einsicht/internal/connector"
)

// mariadb is the dialect of MariaDB and MySQL. The database gives a little too
// much, and package person tells what of it is the person's (see coarse).
type mariadb struct {
	pool     *stdsql.DB
	database string
	host     string         // with its port, or the socket
	zone     *time.Location // of times without a zone
}

func newMariaDB(c connector.Connection, m Mapping) (*mariadb, error) {
	config, err := mariadbConfig(c, m)
	if err != nil {
		return nil, err
	}
	inner, err := mysql.NewConnector(config)
	if err != nil {
		return nil, c.Wrong("dsn", "can't be read")
	}
	pool := stdsql.OpenDB(harmless{inner})
	pool.SetMaxOpenConns(c.Concurrency)
	pool.SetMaxIdleConns(c.Concurrency)
	zone, err := time.LoadLocation(m.TimeZone)
	if err != nil {
		return nil, c.Wrong("time_zone", "is no time zone")
	}
	return &mariadb{pool: pool, database: config.DBName, host: config.Addr, zone: zone}, nil
}

func (d *mariadb) close() { d.pool.Close() }

// mariadbConfig reads "mysql://user@host:3306/database?ca=/path.pem" or, for a
// socket, "mysql://user@/database?socket=/path". Towards another machine the
// connection is encrypted and the server's name proven.
func mariadbConfig(c connector.Connection, m Mapping) (*mysql.Config, error) {
	if err := checkPassword(c, m.DSN); err != nil {
		return nil, err
	}
	u, err := url.Parse(m.DSN)
	if err != nil {
		return nil, c.Wrong("dsn", "can't be read") // the cause quotes it
	}
	options := u.Query()
	for key := range options {
		if key != "socket" && key != "ca" {
			return nil, c.Wrong("dsn", "takes socket and ca after the question mark, nothing else")
		}
	}
	config := mysql.NewConfig()
	config.User, config.DBName = u.User.Username(), strings.TrimPrefix(u.Path, "/")
	if config.User == "" || config.DBName == "" || strings.Contains(config.DBName, "/") {
		return nil, c.Wrong("dsn", "must name a user and a database: mysql://user@host/database")
	}
	config.Passwd = password(c)
	config.Timeout = min(c.Timeout, 10*time.Second)
	config.ReadTimeout, config.WriteTimeout = c.Timeout, c.Timeout // while we wait, not while we work
	config.Logger = &mysql.NopLogger{}
	config.ConnectionAttributes = "program_name:einsicht"
	if err := config.Apply(mysql.Charset("utf8mb4", "utf8mb4_bin")); err != nil {
		return nil, c.Wrong("dsn", "can't be read")
	}
	if socket := options.Get("socket"); socket != "" {
		config.Net, config.Addr = "unix", socket
		return config, nil
	}
	host, port := u.Hostname(), u.Port()
	if host == "" {
		return nil, c.Wrong("dsn", "names neither a host nor a socket")
	}
	if port == "" {
		port = "3306"
	}
	config.Net, config.Addr = "tcp", net.JoinHostPort(host, port)
	if ca := options.Get("ca"); ca != "" || !near(host) {
		if config.TLS, err = encryption(c, host, ca); err != nil {
			return nil, err
		}
	}
	return config, nil
}

func encryption(c connector.Connection, host, ca string) (*tls.Config, error) {
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if ca == "" {
		return config, nil
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, c.Wrong("dsn", "the file that ca names can't be read")
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, c.Wrong("dsn", "the file that ca names holds no certificate")
	}
	return config, nil
}

// harmless makes every connection so: it can't write, it gives up by itself,
// and its output is the same everywhere.
type harmless struct{ driver.Connector }

const (
	// A record is read when its receiver has time for it, so the database may
	// take longer than the connection's timeout, which bounds each wait.
	// Comments are read by one product only: max_statement_time is MariaDB's.
	sessionSettings = `SET SESSION sql_mode = 'STRICT_ALL_TABLES', time_zone = '+00:00', sql_select_limit = 18446744073709551615, max_sort_length = 8192,
group_concat_max_len = 16777216, net_write_timeout = 600, sql_safe_updates = 0 /*M!100100 , max_statement_time = 600 */ /*!80000 , max_execution_time = 600000 */`
	sessionReadOnly = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
)

func (h harmless) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := h.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, text := range []string{sessionSettings, sessionReadOnly} {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, text, nil); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

// ask runs f in one read-only snapshot.
func (d *mariadb) ask(ctx context.Context, f func(snapshot) error) error {
	return d.session(ctx, func(s *mariadbSnapshot) error { return f(s) })
}

func (d *mariadb) look(ctx context.Context, f func(catalog) error) error {
	return d.session(ctx, func(s *mariadbSnapshot) error { return f(mariadbCatalog{s}) })
}

func (d *mariadb) session(ctx context.Context, f func(*mariadbSnapshot) error) error {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return d.failed("connect", err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"); err != nil {
		return d.failed("connect", err)
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_, _ = conn.ExecContext(end, "ROLLBACK") // nothing to keep
	}()
	return f(&mariadbSnapshot{mariadb: d, conn: conn})
}

// failed translates an error of the database. Only its number is kept: the message
// quotes values of records.
func (d *mariadb) failed(place string, err error) error {
	var answered *mysql.MySQLError
	if !errors.As(err, &answered) {
		return unanswered(place, d.host, err)
	}
	means := numberMeans[answered.Number]
	if means == refusedSignIn {
		place = "sign in"
	}
	failure := connector.Fail(kindOfNumber(answered), place, strconv.Itoa(int(answered.Number)), err)
	if means != "" {
		return failure.By(d.host, means)
	}
	return failure
}

// numberMeans says what an error means for whoever connects the database.
var numberMeans = map[uint16]string{
	1045: refusedSignIn, 1698: refusedSignIn, 1044: noRight, 1049: noDatabase, 1040: tooMany, 1203: tooMany, 1226: tooMany,
	1130: "it takes nobody from this machine", 1142: "the user has no right to read the table", 1143: "the user has no right to read a column",
}

// Errors whose SQLSTATE is the general one, HY000, or misleads.
var (
	unreadableNumbers = []uint16{126, 127, 134, 141, 144, 145, 1034, 1035, 1105, 1194, 1195, 1267, 1270, 1271, 1300, 1712}
	wrongNumbers      = []uint16{1130, 1227, 1290, 1356, 1370, 1698, 1792}
)

func kindOfNumber(e *mysql.MySQLError) error {
	switch {
	case slices.Contains(unreadableNumbers, e.Number):
		return connector.ErrBroken
	case slices.Contains(wrongNumbers, e.Number):
		return connector.ErrConfig
	}
	return kindOfState(string(e.SQLState[:]))
}

// backticks quotes a name of the catalog. They mean the same in every sql_mode,
// which "name" does not.
func backticks(names ...string) string {
	for i, n := range names {
		names[i] = fmt.Sprintf("`%s`", strings.ReplaceAll(n, "`", "``"))
	}
	return strings.Join(names, ".")
}
