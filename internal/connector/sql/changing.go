package sql

import (
	stdsql "database/sql"
	"strings"

	"github.com/go-sql-driver/mysql"

	"einsicht/internal/connector"
)

// checkWriter makes sure that change_dsn can be read.
func (m Mapping) checkWriter(c connector.Connection, asks dialect) error {
	if m.ChangeDSN == "" {
		return nil
	}
	w, err := m.writer(c, asks)
	if err == nil {
		w.close()
	}
	return err
}

// writer is who may write: another account than the one that asks, with a password
// of its own.
func (m Mapping) writer(c connector.Connection, asks dialect) (changing, error) {
	wrong := c.Wrong("change_dsn", "can't be used: it must be like dsn, and name the same database for another account; its password stands under secrets.change_password")
	secret, _ := c.Secret("change_password")
	secret = strings.TrimRight(secret, "\r\n")
	writes := Mapping{DSN: m.ChangeDSN, TimeZone: m.TimeZone}
	if d, ok := asks.(*mariadb); ok {
		reader, err := mariadbConfig(c, m)
		if err != nil {
			return nil, err
		}
		config, err := mariadbConfig(c, writes)
		if err != nil || !isMariaDB(m.ChangeDSN) || config.DBName != reader.DBName || config.User == reader.User {
			return nil, wrong
		}
		config.Passwd = secret
		config.ClientFoundRows = true // a record that says so already is one, too
		inner, err := mysql.NewConnector(config)
		if err != nil {
			return nil, wrong
		}
		pool := stdsql.OpenDB(settling{inner, c.Timeout / 2})
		pool.SetMaxIdleConns(-1)
		return &mariadbChanging{mariadb: d, writers: pool, timeout: c.Timeout}, nil
	}
	reader, err := poolConfig(c, m)
	if err != nil {
		return nil, err
	}
	pool, err := poolConfig(c, writes)
	if err != nil || isMariaDB(m.ChangeDSN) || pool.ConnConfig.Database != reader.ConnConfig.Database || pool.ConnConfig.User == reader.ConnConfig.User {
		return nil, wrong
	}
	config := pool.ConnConfig
	config.Password = secret
	delete(config.RuntimeParams, "default_transaction_read_only")
	config.RuntimeParams["statement_timeout"] = milliseconds(c.Timeout)
	config.RuntimeParams["lock_timeout"] = milliseconds(c.Timeout / 2)
	d, _ := asks.(*postgres)
	return &postgresChanging{postgres: d, config: config, timeout: c.Timeout}, nil
}

func isMariaDB(dsn string) bool {
	return strings.HasPrefix(dsn, "mysql://") || strings.HasPrefix(dsn, "mariadb://")
}
