package portal

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// figures are what Prometheus reads, on a listener of its own. They name routes
// by pattern, never by address, and no person.
type figures struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newFigures(prints bool) *figures {
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
	f.registry.MustRegister(f.requests, pdf, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
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
