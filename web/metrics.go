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

// defaultTimeout is how long a scrape may take that does not say so: as long as
// Prometheus waits if it is not told otherwise.
const defaultTimeout = 10 * time.Second

// metrics serves metrics.
type metrics struct {
	*Options
	handler promhttp.HandlerOpts
	// writing is how many nanoseconds it took to make the response with all
	// facts the last time, which for a hundred megabytes is more than the offset
	// allows for. The time that a slow client takes to read is not included.
	writing atomic.Int64
}

func newMetrics(o *Options) *metrics {
	return &metrics{Options: o, handler: promhttp.HandlerOpts{
		ErrorLog: errorLog{o.Logger},
		// One metric that cannot be shown does not keep back the others.
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
	timeout -= min(time.Duration(m.writing.Load()), timeout/2)
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	took := m.serve(ctx, w, r, engine.Selection{Collectors: collectors}, m.Own)
	if len(collectors) == 0 {
		m.writing.Store(int64(took))
	}
}

// exporter serves the exporter's own counters alone, and fetches nothing.
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

// serve refreshes and writes facts and the given metrics of the exporter. Facts
// come first, so that the counters include this scrape. It returns how long the
// response took to make, without the time that the client took to read it.
func (m *metrics) serve(ctx context.Context, w http.ResponseWriter, r *http.Request, s engine.Selection, own prometheus.Gatherer) time.Duration {
	m.Engine.Refresh(ctx, s)
	timed := &timedWriter{ResponseWriter: w}
	start := time.Now()
	m.write(timed, r, s, own)
	return time.Since(start) - timed.waited
}

// timedWriter measures how long writes take, which is how long the client makes
// them wait.
type timedWriter struct {
	http.ResponseWriter
	waited time.Duration
}

func (w *timedWriter) Write(b []byte) (int, error) {
	start := time.Now()
	defer func() { w.waited += time.Since(start) }()
	return w.ResponseWriter.Write(b)
}

// checkCollectors returns an engine.UnknownError for a name that is not the name
// of a collector.
func (m *metrics) checkCollectors(names []string) error {
	for _, name := range names {
		if !slices.Contains(m.Collectors, name) {
			return &engine.UnknownError{What: "collector", Name: name, Hint: "docs/metrics.md lists the collectors"}
		}
	}
	return nil
}

func (m *metrics) write(w http.ResponseWriter, r *http.Request, s engine.Selection, own prometheus.Gatherer) {
	if !takesText(r.Header) {
		gatherers := prometheus.Gatherers{m.Exposition.Gatherer(s), own}
		promhttp.HandlerFor(gatherers, m.handler).ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", string(expfmt.NewFormat(expfmt.TypeTextPlain)))
	w.Header().Add("Vary", "Accept, Accept-Encoding")
	err := zipped(w, r, func(w io.Writer) error { return m.writeText(w, s, own) })
	if err != nil {
		_ = level.Debug(m.Logger).Log("msg", "metrics were not read to their end", "err", err)
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

// takesText tells whether the text format will do, which is kept ready. A
// Prometheus that reads native histograms wants protobuf.
func takesText(header http.Header) bool {
	switch expfmt.NegotiateAccept(header, expfmt.DefaultOpenMetricsAcceptedFormats()...).FormatType() {
	case expfmt.TypeTextPlain:
		return true
	case expfmt.TypeOpenMetrics:
		return strings.Contains(header.Get("Accept"), "text/plain")
	default:
		return false
	}
}

// zips are used again, since each is larger than most pages.
var zips = sync.Pool{New: func() any {
	zip, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is valid
	return zip
}}

// zipped writes an answer, compressed if the client takes that.
func zipped(w http.ResponseWriter, r *http.Request, write func(io.Writer) error) error {
	if !acceptsGzip(r.Header) {
		return write(w)
	}
	w.Header().Set("Content-Encoding", "gzip")
	zip := zips.Get().(*gzip.Writer)
	defer zips.Put(zip)
	zip.Reset(w)
	return errors.Join(write(zip), zip.Close())
}

// zeroWeight is the weight that refuses an encoding.
var zeroWeight = regexp.MustCompile(`^q=0(\.0*)?$`)

func acceptsGzip(header http.Header) bool {
	for encoding := range strings.SplitSeq(header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.ReplaceAll(encoding, " ", ""), ";")
		if name == "gzip" && !zeroWeight.MatchString(quality) {
			return true
		}
	}
	return false
}

// scrapeTimeout returns how long a scrape may take: what Prometheus says it
// waits, less the time that the answer needs on its way.
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

// errorLog passes promhttp's errors to the log.
type errorLog struct{ log.Logger }

func (l errorLog) Println(v ...any) {
	_ = level.Error(l.Logger).Log("msg", "metrics cannot be shown", "err", strings.TrimSpace(fmt.Sprintln(v...)))
}
