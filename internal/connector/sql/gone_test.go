package sql

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"einsicht/internal/connector"
)

// A foreign key that forbids is said in the usual course: rows that hang on a record
// may go after it was tried. A server that ends then has not spoken about the data.
func TestARefusalIsNoneWhereTheServerWasGoneAfterIt(t *testing.T) {
	for _, c := range []struct {
		name  string
		stays bool
	}{{"it stays", true}, {"it is gone", false}} {
		t.Run(c.name, func(t *testing.T) {
			ours, theirs := net.Pipe()
			go refuses(theirs, c.stays)
			config, err := pgconn.ParseConfig("postgres://reader@127.0.0.1/d?sslmode=disable")
			if err != nil {
				t.Fatal(err)
			}
			config.DialFunc = func(context.Context, string, string) (net.Conn, error) { return ours, nil }
			conn, err := pgconn.ConnectConfig(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			defer ours.Close()
			w := &postgresWork{postgresChanging: &postgresChanging{postgres: &postgres{host: "here"}, timeout: time.Minute}, conn: conn}
			_, err = w.exec(t.Context(), "customer", "DELETE FROM customer")
			var said *refusal
			if refused := errors.As(err, &said); refused != c.stays || !c.stays && !errors.Is(err, connector.ErrUnreachable) {
				t.Errorf("got %v, refused %v, want it refused only by a server that stays, else unreachable", err, refused)
			}
		})
	}
}

// refuses is a server that lets anybody in and answers the first statement.
func refuses(conn net.Conn, stays bool) {
	defer conn.Close()
	server := pgproto3.NewBackend(conn, conn)
	if _, err := server.ReceiveStartupMessage(); err != nil {
		return
	}
	server.Send(&pgproto3.AuthenticationOk{})
	server.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	if server.Flush() != nil {
		return
	}
	for {
		message, err := server.Receive()
		if err != nil {
			return
		}
		if _, asked := message.(*pgproto3.Sync); !asked {
			continue
		}
		server.Send(&pgproto3.ErrorResponse{Severity: "ERROR", Code: "23503"})
		if stays {
			server.Send(&pgproto3.ReadyForQuery{TxStatus: 'E'})
		}
		if server.Flush() != nil || !stays {
			return
		}
	}
}
