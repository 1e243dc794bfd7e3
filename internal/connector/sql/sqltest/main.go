package sqltest

import (
	"context"
	"flag"
	"os"
	"testing"
)

// Private is a server of the tests' own that can be stopped.
type Private interface {
	PostgresServer
	CreateRoles(ctx context.Context, names ...string) error
	Stop(ctx context.Context) error
}

// Settings are those of a PostgreSQL server for tests.
var Settings = map[string]string{"fsync": "off", "max_connections": "60"}

// Main starts both products for all tests of a package and ends them after; start
// makes the PostgreSQL server in a folder. Call it from TestMain.
func Main(m *testing.M, start func(ctx context.Context, dir string) (Private, error), use func(*Postgres, *MariaDB)) {
	os.Exit(run(m, start, use))
}

func run(m *testing.M, start func(context.Context, string) (Private, error), use func(*Postgres, *MariaDB)) int {
	flag.Parse()
	if f := flag.Lookup("test.fuzz"); f != nil && f.Value.String() != "" {
		return m.Run() // each worker would start servers that it does not need
	}
	dir, err := os.MkdirTemp("/tmp", "einsicht-sql")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // the server's user passes through
		panic(err)
	}
	ctx := context.Background()
	server, err := start(ctx, dir)
	if err != nil {
		panic(err)
	}
	defer server.Stop(ctx)
	if err := server.CreateRoles(ctx, "keeper", "reader", Writer); err != nil {
		panic(err)
	}
	postgres, err := NewPostgres(server)
	if err != nil {
		panic(err)
	}
	defer postgres.Close()
	maria, err := StartMariaDB()
	if err != nil {
		panic(err)
	}
	defer maria.Close()
	use(postgres, maria)
	return m.Run()
}
