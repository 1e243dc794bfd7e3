package portal

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"einsicht/internal/casefile"
	"einsicht/internal/connector/source"
	"einsicht/internal/jobs"
	"einsicht/internal/postgres"
	"einsicht/internal/problem"
)

// figures are what Prometheus reads, on a listener of its own. They name routes
// by pattern, never by address, and no person.
type figures struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newFigures(prints bool, sources func() []source.State, waits func() (pending, error), log *slog.Logger) *figures {
	f := &figures{registry: prometheus.NewRegistry()}
	f.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "einsicht_http_request_seconds", Help: "Time to answer a request, by route, method and status.",
	}, []string{"route", "method", "status"})
	pdf := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "einsicht_letters_pdf", Help: "1 if letters are made PDF too, 0 if they are HTML alone because nothing prints.",
	})
	if prints {
		pdf.Set(1)
	}
	f.registry.MustRegister(f.requests, pdf, houseFigures{sources, waits, log}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return f
}

func (f *figures) observe(route, method string, status int, took time.Duration) {
	f.requests.WithLabelValues(route, method, strconv.Itoa(status)).Observe(took.Seconds())
}

func (f *figures) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(f.registry, promhttp.HandlerOpts{}))
	return mux
}

// pending is what the house waits for, read when somebody asks for the figures.
type pending struct {
	now      time.Time
	backlogs map[uuid.UUID]casefile.Backlog // by authority
	owners   map[string][]uuid.UUID         // authorities by the systems of their inventories
	jobs     []jobs.Waiting
}

// figuresWithin bounds the questions of one scrape to the database.
const figuresWithin = 5 * time.Second

// waits reads what the house waits for.
func (m *Main) waits() (pending, error) {
	ctx, cancel := context.WithTimeout(context.Background(), figuresWithin)
	defer cancel()
	w := pending{now: m.Clock(), backlogs: map[uuid.UUID]casefile.Backlog{}, owners: map[string][]uuid.UUID{}}
	all, err := m.DB.Authorities(ctx)
	if err != nil {
		return w, err
	}
	for _, a := range all {
		err := m.DB.View(ctx, a.ID, func(ctx context.Context) (err error) {
			if w.backlogs[a.ID], err = (postgres.Plans{}).Backlog(ctx); err != nil {
				return err
			}
			_, inv, err := m.House.Inventories.Current(ctx)
			for _, system := range inv.Systems {
				w.owners[system.ID] = append(w.owners[system.ID], a.ID)
			}
			if errors.Is(err, problem.NotFound) {
				return nil // it has none yet
			}
			return err
		})
		if err != nil {
			return w, err
		}
	}
	w.jobs, err = m.queue.Waiting(ctx)
	return w, err
}

// houseFigures say how each system does that this process asks, and what plans and jobs
// wait for.
type houseFigures struct {
	states func() []source.State
	waits  func() (pending, error)
	log    *slog.Logger
}

// Describe names nothing beforehand: a figure of a system has a label for its authority
// only where one is known.
func (houseFigures) Describe(chan<- *prometheus.Desc) {}

// Collect reads them.
func (h houseFigures) Collect(all chan<- prometheus.Metric) {
	figure := func(name, help string, kind prometheus.ValueType, v float64, labels prometheus.Labels) {
		all <- prometheus.MustNewConstMetric(prometheus.NewDesc("einsicht_"+name, help, nil, labels), kind, v)
	}
	w, err := h.waits()
	if err != nil {
		h.log.Warn("read the figures", "error", err) // the others are worth having
	} else {
		w.figures(figure)
	}
	for _, st := range h.states() {
		labels := prometheus.Labels{"system": st.System, "kind": st.Kind}
		switch owners := w.owners[st.System]; {
		case st.Authority != uuid.Nil:
			labels["authority"] = st.Authority.String()
		case len(owners) == 1: // a file connects it for whoever has it in the inventory
			labels["authority"] = owners[0].String()
		}
		resting := 0.0
		if st.Resting {
			resting = 1
		}
		figure("source_resting", "1 while a system that does not answer is left in peace.", prometheus.GaugeValue, resting, labels)
		figure("source_busy", "Questions to a system under way.", prometheus.GaugeValue, float64(st.Busy), labels)
		figure("source_questions_total", "Openings and searches of a system.", prometheus.CounterValue, float64(st.Questions), labels)
		figure("source_failures_total", "Openings and searches that a system did not answer.", prometheus.CounterValue, float64(st.Failures), labels)
	}
}

func (w pending) figures(figure func(name, help string, kind prometheus.ValueType, v float64, labels prometheus.Labels)) {
	for a, b := range w.backlogs {
		of := func(more ...string) prometheus.Labels {
			labels := prometheus.Labels{"authority": a.String()}
			for i := 0; i < len(more); i += 2 {
				labels[more[i]] = more[i+1]
			}
			return labels
		}
		const plans = "Plans that are not carried out: draft until somebody orders them, then ordered."
		figure("plans_open", plans, prometheus.GaugeValue, float64(b.Drafts), of("state", "draft"))
		figure("plans_open", plans, prometheus.GaugeValue, float64(b.Ordered), of("state", "ordered"))
		age := 0.0
		if !b.Oldest.IsZero() {
			age = max(0, w.now.Sub(b.Oldest).Seconds())
		}
		figure("plan_oldest_order_seconds", "Age of the oldest order that is not carried out; 0 if there is none.", prometheus.GaugeValue, age, of())
		for _, one := range b.Waits {
			figure("plan_measures_waiting", "Measures of ordered plans that have not ended, by what they wait for: planned and acting for the system, unit and asks for people.",
				prometheus.GaugeValue, float64(one.Measures), of("system", one.System, "state", string(one.State)))
		}
	}
	for _, j := range w.jobs {
		const help = "Jobs that are not done: due, or later after an attempt in vain."
		figure("jobs_waiting", help, prometheus.GaugeValue, float64(j.Due), prometheus.Labels{"job": string(j.Job), "when": "due"})
		figure("jobs_waiting", help, prometheus.GaugeValue, float64(j.Later), prometheus.Labels{"job": string(j.Job), "when": "later"})
	}
}
