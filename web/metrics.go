package web

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"

	"license_exporter/engine"
)

// defaultTimeout is the timeout of scrapes that do not send theirs. It is
// Prometheus's default.
const defaultTimeout = 10 * time.Second

// metrics serves metrics.
type metrics struct {
	*Options
	handler promhttp.HandlerOpts
	// writeTime is how many nanoseconds it took to make the latest response with
	// all facts, without the time that the client took to read it. For a hundred
	// megabytes, that is longer than the timeout offset.
	writeTime atomic.Int64
}

func newMetrics(o *Options) *metrics {
	return &metrics{Options: o, handler: promhttp.HandlerOpts{
		ErrorLog: errorLog{o.Logger},
		// An invalid metric must not prevent the others from being served.
		ErrorHandling:     promhttp.ContinueOnError,
		Registry:          o.Own,
		EnableOpenMetrics: true,
	}}
}

// all serves all facts and the exporter's own counters.
func (m *metrics) all(w http.ResponseWriter, r *http.Request) {
	collectors := r.URL.Query()["collect[]"]
	if err := m.checkCollectors(collectors); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	timeout := scrapeTimeout(r, m.TimeoutOffset)
	timeout -= min(time.Duration(m.writeTime.Load()), timeout/2)
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	took := m.serve(ctx, w, r, engine.Selection{Collectors: collectors}, m.Own)
	if len(collectors) == 0 {
		m.writeTime.Store(int64(took))
	}
}

// exporter serves only the exporter's own counters. It does not fetch.
func (m *metrics) exporter() http.Handler { return promhttp.HandlerFor(m.Own, m.handler) }

// probe serves the facts of one organization.
func (m *metrics) probe(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if query.Get("account") == "" {
		http.Error(w, "account is missing; ask for /probe?account=NAME&organization_id=ID, "+
			"or leave organization_id out for what concerns the account as a whole", http.StatusBadRequest)
		return
	}
	if err := m.checkCollectors(query["collect[]"]); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), scrapeTimeout(r, m.TimeoutOffset))
	defer cancel()
	selection, err := m.Engine.One(ctx, query.Get("account"), query.Get("organization_id"))
	if err != nil {
		status := http.StatusServiceUnavailable
		if unknown := (*engine.UnknownError)(nil); errors.As(err, &unknown) {
			status = http.StatusNotFound
		}
		http.Error(w, err.Error(), status)
		return
	}
	selection.Collectors = query["collect[]"]
	m.serve(ctx, w, r, selection, prometheus.Gatherers{})
}

// serve refreshes and writes the selected facts, and then the exporter's own
// metrics, so that the counters include this scrape. It returns how long it took
// to make the response, without the time that the client took to read it.
func (m *metrics) serve(ctx context.Context, w http.ResponseWriter, r *http.Request, s engine.Selection, own prometheus.Gatherer) time.Duration {
	m.Engine.Refresh(ctx, s)
	timed := &timedWriter{ResponseWriter: w}
	start := time.Now()
	m.write(timed, r, s, own)
	return time.Since(start) - timed.waited
}

// timedWriter measures how long writes take because of the client.
type timedWriter struct {
	http.ResponseWriter
	waited time.Duration
}

func (w *timedWriter) Write(b []byte) (int, error) {
	start := time.Now()
	defer func() { w.waited += time.Since(start) }()
	return w.ResponseWriter.Write(b)
}

// checkCollectors returns an engine.UnknownError if a name is not that of a
// collector.
func (m *metrics) checkCollectors(names []string) error {
	for _, name := range names {
		if !slices.Contains(m.Collectors, name) {
			return &engine.UnknownError{What: "collector", Name: name, Hint: "docs/metrics.md lists the collectors"}
		}
	}
	return nil
}

func (m *metrics) write(w http.ResponseWriter, r *http.Request, s engine.Selection, own prometheus.Gatherer) {
	if !acceptsText(r.Header) {
		gatherers := prometheus.Gatherers{m.Exposition.Gatherer(s), own}
		promhttp.HandlerFor(gatherers, m.handler).ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", string(expfmt.NewFormat(expfmt.TypeTextPlain)))
	w.Header().Add("Vary", "Accept, Accept-Encoding")
	err := writeCompressed(w, r, func(w io.Writer) error { return m.writeText(w, s, own) })
	if err != nil {
		_ = level.Debug(m.Logger).Log("msg", "the client did not read all metrics", "err", err)
	}
}

func (m *metrics) writeText(w io.Writer, s engine.Selection, own prometheus.Gatherer) error {
	if err := m.Exposition.WriteText(w, s); err != nil {
		return err
	}
	families, err := own.Gather()
	if err != nil {
		errorLog{m.Logger}.Println(err)
	}
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(w, family); err != nil {
			return err
		}
	}
	return nil
}

// acceptsText reports whether to serve the text format, which is cached. A
// Prometheus that scrapes native histograms needs protobuf.
func acceptsText(header http.Header) bool {
	switch expfmt.NegotiateAccept(header, expfmt.DefaultOpenMetricsAcceptedFormats()...).FormatType() {
	case expfmt.TypeTextPlain:
		return true
	case expfmt.TypeOpenMetrics:
		return strings.Contains(header.Get("Accept"), "text/plain")
	default:
		return false
	}
}

// gzipWriters holds writers for reuse: each needs more memory than most
// responses.
var gzipWriters = sync.Pool{New: func() any {
	zip, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is valid
	return zip
}}

// writeCompressed writes a response. It compresses the response if the client
// accepts that.
func writeCompressed(w http.ResponseWriter, r *http.Request, write func(io.Writer) error) error {
	if !acceptsGzip(r.Header) {
		return write(w)
	}
	w.Header().Set("Content-Encoding", "gzip")
	zip := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(zip)
	zip.Reset(w)
	return errors.Join(write(zip), zip.Close())
}

// zeroWeight matches the weight with which a client rejects an encoding.
var zeroWeight = regexp.MustCompile(`^q=0(\.0*)?$`)

func acceptsGzip(header http.Header) bool {
	for encoding := range strings.SplitSeq(header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(encoding, ";")
		if strings.TrimSpace(name) == "gzip" && !zeroWeight.MatchString(strings.ReplaceAll(quality, " ", "")) {
			return true
		}
	}
	return false
}

// scrapeTimeout returns how long a scrape may take: Prometheus's timeout minus the
// offset. It ignores an offset that would leave no time.
func scrapeTimeout(r *http.Request, offset time.Duration) time.Duration {
	timeout := defaultTimeout
	if s, err := strconv.ParseFloat(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64); err == nil && s > 0 {
		timeout = time.Duration(s * float64(time.Second))
	}
	if offset < timeout {
		return timeout - offset
	}
	return timeout
}

// errorLog logs promhttp's errors.
type errorLog struct{ log.Logger }

func (l errorLog) Println(v ...any) {
	_ = level.Error(l.Logger).Log("msg", "metrics cannot be shown", "err", strings.TrimSpace(fmt.Sprintln(v...)))
}
