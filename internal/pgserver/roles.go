package pgserver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The roles of the portal's database, and its name.
const (
	superuser = "postgres"
	// Owner owns the schema. Only migrations work as this role.
	Owner = "einsicht_owner"
	// Program is the role of portal and worker. It owns nothing, so row-level
	// security and missing rights hold for it.
	Program = "einsicht"
	// Database is the name of the portal's database.
	Database = "einsicht"
)

// RolesSQL is what the administrator of a server of one's own runs with psql,
// as superuser: the two roles and the database. What the program's role may do
// inside is granted by the migrations.
func RolesSQL(owner, program string) string {
	var text strings.Builder
	text.WriteString("-- For psql, as a superuser. It asks for a password for each role.\n")
	for _, statement := range clusterSQL(owner, program) {
		text.WriteString(statement + ";\n")
	}
	for _, role := range []string{owner, program} {
		text.WriteString(`\password ` + quoted(role) + "\n")
	}
	text.WriteString(`\connect ` + quoted(Database) + "\n")
	for _, statement := range schemaSQL(owner) {
		text.WriteString(statement + ";\n")
	}
	return text.String()
}

// clusterSQL runs outside the portal's database, statement by statement.
func clusterSQL(owner, program string) []string {
	return []string{
		"CREATE ROLE " + quoted(owner) + " " + modest,
		"CREATE ROLE " + quoted(program) + " " + modest,
		"CREATE DATABASE " + quoted(Database) + " OWNER " + quoted(owner) + " ENCODING 'UTF8' TEMPLATE template0",
		"REVOKE ALL ON DATABASE " + quoted(Database) + " FROM PUBLIC",
		"GRANT CONNECT ON DATABASE " + quoted(Database) + " TO " + quoted(program),
	}
}

// schemaSQL runs inside it.
func schemaSQL(owner string) []string {
	return []string{
		"ALTER SCHEMA public OWNER TO " + quoted(owner),
		"REVOKE ALL ON SCHEMA public FROM PUBLIC",
	}
}

const modest = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"

// portal makes the portal's roles and database. The database comes last, so
// where it is there, everything is.
func (s *Server) portal(ctx context.Context) error {
	done := false
	err := s.as(ctx, "postgres", func(conn *pgx.Conn) error {
		missing, err := absent(ctx, conn, databases, []string{Database})
		if done = len(missing) == 0; done || err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
		return err
	})
	if done || err != nil {
		return err
	}
	if err := s.CreateRoles(ctx, Owner, Program); err != nil {
		return err
	}
	return s.CreateDatabase(ctx, Database, Owner, Program)
}

// CreateRoles makes roles that may sign in and nothing else, and lets the user
// this program runs as connect as each. Roles that exist are kept.
func (s *Server) CreateRoles(ctx context.Context, names ...string) error {
	return s.as(ctx, "postgres", func(conn *pgx.Conn) error {
		missing, err := absent(ctx, conn, "SELECT rolname FROM pg_roles WHERE rolname = ANY($1)", names)
		if err != nil || len(missing) == 0 {
			return err
		}
		// First who may connect, then the role: cut short in between, the next
		// call does both again.
		if err := s.account.admit(s.data, names...); err != nil {
			return err
		}
		for _, name := range missing {
			if _, err := conn.Exec(ctx, "CREATE ROLE "+quoted(name)+" "+modest); err != nil {
				return fmt.Errorf("create role %s: %w", name, err)
			}
		}
		if _, err := conn.Exec(ctx, "SELECT pg_reload_conf()"); err != nil {
			return fmt.Errorf("reload the roles of the database server: %w", err)
		}
		return s.admitted(ctx, missing[len(missing)-1])
	})
}

// admitted waits until the server has read who may connect.
func (s *Server) admitted(ctx context.Context, role string) error {
	for {
		conn, err := pgx.Connect(ctx, s.DSN(role, "template1"))
		if err == nil {
			return conn.Close(ctx)
		}
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.Code != "28000" { // admitted, if not to this database
			return nil
		}
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return fmt.Errorf("wait until role %s may connect: %w", role, err)
		}
	}
}

// CreateDatabase makes a database that only its owner and its guests, existing
// roles, can connect to. One that exists is kept.
func (s *Server) CreateDatabase(ctx context.Context, name, owner string, guests ...string) error {
	// Made under another name, so that an unfinished one never looks finished.
	making := name + ".making"
	there := false
	err := s.as(ctx, "postgres", func(conn *pgx.Conn) error {
		missing, err := absent(ctx, conn, databases, []string{name})
		if there = len(missing) == 0; there || err != nil {
			return err
		}
		statements := []string{
			"DROP DATABASE IF EXISTS " + quoted(making),
			"CREATE DATABASE " + quoted(making) + " OWNER " + quoted(owner) + " TEMPLATE template0",
			"REVOKE ALL ON DATABASE " + quoted(making) + " FROM PUBLIC",
		}
		for _, guest := range guests {
			statements = append(statements, "GRANT CONNECT ON DATABASE "+quoted(making)+" TO "+quoted(guest))
		}
		return all(ctx, conn, statements)
	})
	if there || err != nil {
		return err
	}
	if err := s.as(ctx, making, func(conn *pgx.Conn) error { return all(ctx, conn, schemaSQL(owner)) }); err != nil {
		return err
	}
	return s.as(ctx, "postgres", func(conn *pgx.Conn) error {
		return all(ctx, conn, []string{"ALTER DATABASE " + quoted(making) + " RENAME TO " + quoted(name)})
	})
}

const databases = "SELECT datname FROM pg_database WHERE datname = ANY($1)"

func all(ctx context.Context, conn *pgx.Conn, statements []string) error {
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// as runs statements as superuser in a database.
func (s *Server) as(ctx context.Context, database string, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.DSN(superuser, database))
	if err != nil {
		return fmt.Errorf("connect to the private server: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return do(conn)
}

func absent(ctx context.Context, conn *pgx.Conn, query string, names []string) ([]string, error) {
	rows, err := conn.Query(ctx, query, names)
	if err != nil {
		return nil, err
	}
	there, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, name := range names {
		if !slices.Contains(there, name) {
			missing = append(missing, name)
		}
	}
	return missing, nil
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }
