package portal

import (
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"einsicht/internal/connector/source"
)

// figures are what Prometheus reads, on a listener of its own. They name routes
// by pattern, never by address, and no person.
type figures struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newFigures(prints bool, sources func() []source.State) *figures {
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
	f.registry.MustRegister(f.requests, pdf, sourceFigures{sources}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
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

// sourceFigures say how each system does that this process asks.
type sourceFigures struct{ states func() []source.State }

var (
	sourceLabels    = []string{"system", "kind", "authority"}
	sourceResting   = prometheus.NewDesc("einsicht_source_resting", "1 while a system that does not answer is left in peace.", sourceLabels, nil)
	sourceBusy      = prometheus.NewDesc("einsicht_source_busy", "Questions to a system under way.", sourceLabels, nil)
	sourceQuestions = prometheus.NewDesc("einsicht_source_questions_total", "Openings and searches of a system.", sourceLabels, nil)
	sourceFailures  = prometheus.NewDesc("einsicht_source_failures_total", "Openings and searches that a system did not answer.", sourceLabels, nil)
)

// Describe names the figures.
func (sourceFigures) Describe(all chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{sourceResting, sourceBusy, sourceQuestions, sourceFailures} {
		all <- d
	}
}

// Collect reads them.
func (s sourceFigures) Collect(all chan<- prometheus.Metric) {
	for _, st := range s.states() {
		authority := ""
		if st.Authority != uuid.Nil {
			authority = st.Authority.String()
		}
		figure := func(d *prometheus.Desc, kind prometheus.ValueType, v float64) {
			all <- prometheus.MustNewConstMetric(d, kind, v, st.System, st.Kind, authority)
		}
		resting := 0.0
		if st.Resting {
			resting = 1
		}
		figure(sourceResting, prometheus.GaugeValue, resting)
		figure(sourceBusy, prometheus.GaugeValue, float64(st.Busy))
		figure(sourceQuestions, prometheus.CounterValue, float64(st.Questions))
		figure(sourceFailures, prometheus.CounterValue, float64(st.Failures))
	}
}
