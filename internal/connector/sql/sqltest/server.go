package sqltest

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
)

// Reader is who asks, with Password; each database grants it what it may read.
const (
	Reader   = "reader"
	Password = "lesen darf ich"
)

// Server is a real MariaDB server in a folder of its own that goes away with
// it.
type Server struct {
	Socket string
	dir    string
	more   []string
	cmd    *exec.Cmd
	gone   chan struct{} // closed when the process ended
	root   *sql.DB
	made   atomic.Int64
}

// StartServer makes a server and waits until it answers; more are arguments for it.
func StartServer(more ...string) (*Server, error) {
	for _, program := range []string{"mariadbd", "mariadb-install-db"} {
		if _, err := exec.LookPath(program); err != nil {
			return nil, fmt.Errorf("%s is not installed: run make sources", program)
		}
	}
	dir, err := os.MkdirTemp("/tmp", "einsicht-mariadb")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, Socket: filepath.Join(dir, "s"), more: more}
	if err := s.create(); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Server) create() error {
	args := []string{"--no-defaults", "--datadir=" + s.data(), "--auth-root-authentication-method=socket", "--skip-test-db", "--skip-name-resolve"}
	if os.Geteuid() == 0 {
		args = append(args, "--user=mysql")
		if err := s.give(); err != nil {
			return err
		}
	}
	install := exec.Command("mariadb-install-db", args...)
	install.Env = append(os.Environ(), "TMPDIR="+s.dir) // see Run
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w: %.500s", err, out)
	}
	if err := s.Run(); err != nil {
		return err
	}
	_, err := s.root.Exec("CREATE USER " + Reader + "@'%' IDENTIFIED BY '" + Password + "'")
	return err
}

// give lets the server's user into its folder.
func (s *Server) give() error {
	mysql, err := user.Lookup("mysql")
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(mysql.Uid)
	gid, _ := strconv.Atoi(mysql.Gid)
	return os.Chown(s.dir, uid, gid)
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// Run starts the server's process, again after Kill.
func (s *Server) Run() error {
	args := append([]string{"--no-defaults", "--datadir=" + s.data(), "--socket=" + s.Socket, "--pid-file=" + filepath.Join(s.dir, "pid"),
		// Each server that starts removes what lies about in its folder for
		// temporary files, whoever's it is.
		"--tmpdir=" + s.dir,
		"--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--innodb-doublewrite=0", "--sync-frm=0", "--innodb-buffer-pool-size=256M", "--max-connections=80", "--loose-skip-log-bin",
		"--log-error=" + filepath.Join(s.dir, "log")}, s.more...)
	if os.Geteuid() == 0 {
		args = append(args, "--user=mysql")
	}
	if len(s.more) == 0 {
		args = append(args, "--skip-networking")
	}
	s.cmd = exec.Command("mariadbd", args...)
	s.cmd.SysProcAttr = ownProcess()
	gone, started := make(chan struct{}), make(chan error)
	s.gone = gone
	go func(cmd *exec.Cmd) {
		runtime.LockOSThread() // the server ends with the thread that started it
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(gone)
	}(s.cmd)
	if err := <-started; err != nil {
		return err
	}
	config := mysql.NewConfig()
	config.Net, config.Addr, config.User, config.MultiStatements, config.Logger = "unix", s.Socket, "root", true, &mysql.NopLogger{}
	if me, err := user.Current(); err == nil && os.Geteuid() != 0 {
		config.User = me.Username
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return err
	}
	s.root = sql.OpenDB(connector)
	for patience := time.Now().Add(time.Minute); ; {
		err := s.root.Ping()
		if err == nil {
			return nil
		}
		select {
		case <-gone:
			return errors.New("mariadbd ended by itself; see its log")
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(patience) {
			return err
		}
	}
}

// Kill ends the process as a power cut would; Run starts it again.
func (s *Server) Kill() {
	s.root.Close()
	_ = s.cmd.Process.Kill()
	<-s.gone
}

// Stop ends the server and removes its folder.
func (s *Server) Stop() {
	if s.root != nil {
		s.Kill()
	}
	os.RemoveAll(s.dir)
}

// Root may do everything, several statements at once, in no database.
func (s *Server) Root() *sql.DB { return s.root }

// Create makes a database of its own for a test.
func (s *Server) Create() (name string, err error) {
	name = fmt.Sprintf("source%d", s.made.Add(1))
	_, err = s.root.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4")
	return name, err
}

// socketDSN is what a connection file says, for a socket.
func socketDSN(user, socket, database string) string {
	return (&url.URL{Scheme: "mysql", User: url.User(user), Path: "/" + database, RawQuery: url.Values{"socket": {socket}}.Encode()}).String()
}
