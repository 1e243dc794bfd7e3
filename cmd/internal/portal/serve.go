package portal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"golang.org/x/sync/errgroup"

	"einsicht/internal/postgres"
	"einsicht/internal/web"
	"einsicht/views/frame"
)

// listen takes the addresses and builds the portal. A process that only works has
// none, but its figures can be read as well.
func (m *Main) listen(context.Context) error {
	m.figures = newFigures(m.Steps.Correspondence.PrintsPDF(), m.sources.States, m.waits, m.Log)
	var err error
	if m.Metrics != "" && m.Part != Tool {
		if m.metrics, err = net.Listen("tcp", m.Metrics); err != nil {
			return fmt.Errorf("EINSICHT_METRICS: %w; name a free address, or none", err)
		}
	}
	if !m.Part.Serves {
		return nil
	}
	m.app = web.New(web.Deps{
		Routes:      m.routes(),
		Authorities: m.frameAuthorities, Sessions: postgres.Sessions{DB: m.DB}, Sealer: m.Keys, Now: m.Clock, Log: m.Log,
		Ready: m.ready, Demo: m.Demo, HTTPS: m.HTTPS, Proxies: m.Proxies, Observe: m.figures.observe,
	})
	if m.listener, err = net.Listen("tcp", m.Listen); err != nil {
		return fmt.Errorf("EINSICHT_LISTEN: %w; name a free address such as 127.0.0.1:8081", err)
	}
	return nil
}

// Address is where the portal listens.
func (m *Main) Address() string {
	if m.listener == nil {
		return ""
	}
	return "http://" + m.listener.Addr().String()
}

// App is the portal's door; its route table is read by tests.
func (m *Main) App() *web.App { return m.app }

// Run serves and works until the context ends, then finishes what is under way.
func (m *Main) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	if m.Part.Works {
		if err := m.queue.Start(context.WithoutCancel(ctx)); err != nil {
			return fmt.Errorf("start working: %w", err)
		}
		group.Go(func() error { return m.tick(ctx) })
	}
	if m.app != nil {
		group.Go(func() error { return m.app.Listen(m.listener) })
	}
	if m.metrics != nil {
		server := &http.Server{Handler: m.figures.handler(), ReadHeaderTimeout: 5 * time.Second}
		group.Go(func() error {
			if err := server.Serve(m.metrics); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
		group.Go(func() error { <-ctx.Done(); return server.Close() })
	}
	group.Go(func() error {
		<-ctx.Done()
		return m.drain()
	})
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// drain lets requests and jobs under way finish.
func (m *Main) drain() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var errs []error
	if m.app != nil {
		errs = append(errs, m.app.Shutdown(ctx))
	}
	if m.Part.Works {
		errs = append(errs, m.queue.Stop(ctx))
	}
	return errors.Join(errs...)
}

func (m *Main) ready(ctx context.Context) error { return m.DB.Ping(ctx) }

func (m *Main) frameAuthorities(ctx context.Context) ([]frame.Authority, error) {
	all, err := m.DB.Authorities(ctx)
	if err != nil {
		return nil, err
	}
	shown := make([]frame.Authority, len(all))
	for i, a := range all {
		shown[i] = frame.Authority{Name: a.Name, Path: "/" + a.Slug}
	}
	return shown, nil
}

// Loopback says whether an address to listen on is reached from this machine
// only.
func Loopback(listen string) bool {
	addr, err := netip.ParseAddrPort(listen)
	if err != nil {
		host, _, err := net.SplitHostPort(listen)
		return err == nil && host == "localhost"
	}
	return addr.Addr().IsLoopback()
}
