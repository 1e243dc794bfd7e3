package sqltest

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Writer is who changes; in PostgreSQL the role must exist.
const Writer = "writer"

// Writer lets it change all tables.
func (e *Postgres) Writer(t *testing.T, database string) string {
	t.Helper()
	e.As(t, e.Server.Superuser(), database, func(conn *pgx.Conn) {
		if _, err := conn.Exec(t.Context(), `GRANT CONNECT ON DATABASE `+database+` TO `+Writer+`;
DO $$ DECLARE s name; BEGIN
	FOR s IN SELECT nspname FROM pg_namespace WHERE nspname IN ('public', 'news') LOOP
		EXECUTE format('GRANT USAGE ON SCHEMA %I TO `+Writer+`; GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO `+Writer+`', s, s);
	END LOOP;
END $$`); err != nil {
			t.Fatal(err)
		}
	})
	return fmt.Sprintf("host=%s user=%s dbname=%s sslmode=disable", e.dir, Writer, database)
}

// Deny leaves it nothing but reading.
func (e *Postgres) Deny(t *testing.T, database string) {
	t.Helper()
	e.Exec(t, database, "REVOKE UPDATE, DELETE ON ALL TABLES IN SCHEMA public FROM "+Writer)
}

// Writer lets it change all tables.
func (e *MariaDB) Writer(t *testing.T, database string) string {
	t.Helper()
	e.Exec(t, database, "CREATE USER IF NOT EXISTS "+Writer+"@'%' IDENTIFIED BY '"+Password+"'; GRANT SELECT, UPDATE, DELETE ON "+database+".* TO "+Writer+
		"; GRANT SELECT, UPDATE, DELETE ON news.* TO "+Writer)
	return socketDSN(Writer, e.listener.Addr().String(), database)
}

// Deny leaves it nothing but reading.
func (e *MariaDB) Deny(t *testing.T, database string) {
	t.Helper()
	e.Exec(t, database, "REVOKE UPDATE, DELETE ON "+database+".* FROM "+Writer)
}
