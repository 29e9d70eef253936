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
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
	"golang.org/x/sync/semaphore"

	"license_exporter/engine"
)

const (
	// defaultTimeout is the timeout of scrapes that do not send theirs. It is
	// Prometheus's default.
	defaultTimeout = 10 * time.Second
	// maxTimeout is the maximum timeout of scrapes. No fetch takes longer.
	maxTimeout = time.Hour

	// maxGathered is how many answers in another format than text may be made at the same
	// time. Each gathers the exporter's own metrics, while answers in text share them.
	maxGathered = 4
	// maxCompressed is how many answers may be compressed at the same time: each needs
	// a megabyte until the client has read it.
	maxCompressed = 32
)

// metrics serves metrics.
type metrics struct {
	*Options
	handler promhttp.HandlerOpts
	// writeTime is how many nanoseconds it took to make the latest response with
	// all facts, without the time that the client took to read it. For a hundred
	// megabytes, that is longer than the timeout offset.
	writeTime atomic.Int64
	gathered  *semaphore.Weighted
	own       *ownText
}

func newMetrics(o *Options) *metrics {
	errors := &errorLog{logger: o.Logger}
	failed := func(err error) { errors.Println(err) }
	m := &metrics{Options: o, gathered: semaphore.NewWeighted(maxGathered), own: &ownText{gatherer: o.Own, failed: failed}, handler: promhttp.HandlerOpts{
		ErrorLog: errors,
		// An invalid metric must not prevent the others from being served.
		ErrorHandling:     promhttp.ContinueOnError,
		Registry:          o.Own,
		EnableOpenMetrics: true,
	}}
	promhttp.HandlerFor(o.Own, m.handler) // registers its counter of errors
	return m
}

// all serves all facts and the exporter's own counters.
func (m *metrics) all(w http.ResponseWriter, r *http.Request) {
	collectors, err := m.collectors(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	timeout := scrapeTimeout(r, m.TimeoutOffset)
	timeout -= min(time.Duration(m.writeTime.Load()), timeout/2)
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	took := m.serve(ctx, w, r, engine.Selection{Collectors: collectors}, true)
	if len(collectors) == 0 && took > 0 {
		m.writeTime.Store(int64(took))
	}
}

// exporter serves only the exporter's own counters. It does not fetch. Unlike the facts, they
// are served in the format that the client prefers, since only protobuf has native histograms.
// If too many answers in such a format are in progress, a client that accepts text gets that.
func (m *metrics) exporter(w http.ResponseWriter, r *http.Request) {
	preferred := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	switch {
	case preferred.FormatType() != expfmt.TypeTextPlain && m.gathered.TryAcquire(1):
		defer m.gathered.Release(1)
		promhttp.HandlerFor(m.Own, m.handler).ServeHTTP(w, r)
	case factsFormat(r.Header) == textFormat:
		m.write(w, r, textFormat, m.own.write)
	default:
		refuse(w)
	}
}

// refuse answers that too many answers in another format than text are in progress.
func refuse(w http.ResponseWriter) {
	http.Error(w, "too many scrapes in this format are under way; scrape less often, or accept text/plain", http.StatusServiceUnavailable)
}

// probe serves the facts of one organization.
func (m *metrics) probe(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if query.Get("account") == "" {
		http.Error(w, "account is missing; ask for /probe?account=NAME&organization_id=ID, "+
			"or omit organization_id for the account as a whole", http.StatusBadRequest)
		return
	}
	collectors, err := m.collectors(r)
	if err != nil {
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
			unknown.Name = shorten(unknown.Name, maxName)
		}
		http.Error(w, err.Error(), status)
		return
	}
	selection.Collectors = collectors
	m.serve(ctx, w, r, selection, false)
}

// serve refreshes and writes the selected facts, and then the exporter's own
// metrics if withOwn is set, so that the counters include this scrape. It returns how long it took
// to make the response, without the time that the client took to read it, or 0 if it refused to.
func (m *metrics) serve(ctx context.Context, w http.ResponseWriter, r *http.Request, s engine.Selection, withOwn bool) time.Duration {
	m.Engine.Refresh(ctx, s)
	timed := &timedWriter{ResponseWriter: w}
	start := time.Now()
	format := factsFormat(r.Header)
	facts, own := m.Exposition.WriteText, m.own.write
	if format.FormatType() == expfmt.TypeProtoDelim {
		facts = m.Exposition.WriteProtobuf
	}
	if format != textFormat {
		if !m.gathered.TryAcquire(1) {
			refuse(w)
			return 0
		}
		defer m.gathered.Release(1)
		own = func(w io.Writer) error { return m.encodeOwn(w, format, withOwn) }
	} else if !withOwn {
		own = func(io.Writer) error { return nil }
	}
	m.write(timed, r, format, func(w io.Writer) error {
		if err := facts(w, s); err != nil {
			return err
		}
		return own(w)
	})
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

// collectors returns the collectors that a request selects, each once. It returns an
// engine.UnknownError if a name is not that of a collector.
func (m *metrics) collectors(r *http.Request) ([]string, error) {
	names := r.URL.Query()["collect[]"]
	slices.Sort(names)
	names = slices.Compact(names)
	for _, name := range names {
		if !slices.Contains(m.Collectors, name) {
			return nil, &engine.UnknownError{What: "collector", Name: shorten(name, maxName), Hint: "docs/metrics.md lists the collectors"}
		}
	}
	return names, nil
}

// encodeOwn writes the exporter's own metrics, if they are wanted, and the end mark of the format.
func (m *metrics) encodeOwn(w io.Writer, format expfmt.Format, wanted bool) error {
	encoder := expfmt.NewEncoder(w, format)
	if wanted {
		families, err := m.Own.Gather()
		if err != nil {
			m.own.failed(err)
		}
		for _, family := range families {
			if err := encoder.Encode(family); err != nil {
				return err
			}
		}
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		return closer.Close()
	}
	return nil
}

// write writes metrics in a format.
func (m *metrics) write(w http.ResponseWriter, r *http.Request, format expfmt.Format, metrics func(io.Writer) error) {
	w.Header().Set("Content-Type", string(format))
	w.Header().Add("Vary", "Accept, Accept-Encoding")
	err := writeCompressed(w, r, metrics)
	if err != nil {
		_ = level.Debug(m.Logger).Log("msg", "the client did not read all metrics", "err", err)
	}
}

// textFormat is Prometheus's text format. formats are all formats of facts, the text format
// included.
var (
	textFormat = expfmt.NewFormat(expfmt.TypeTextPlain)
	formats    = slices.DeleteFunc(expfmt.DefaultOpenMetricsAcceptedFormats(), func(f expfmt.Format) bool {
		t := f.FormatType()
		return t == expfmt.TypeProtoText || t == expfmt.TypeProtoCompact
	})
)

// factsFormat returns the format of facts: text wherever it is accepted at all. They have
// nothing that needs another format, and a Prometheus that scrapes native histograms prefers
// protobuf, which takes longer to write.
func factsFormat(header http.Header) expfmt.Format {
	isAccepted, refused := false, false
	for element := range strings.SplitSeq(strings.Join(header.Values("Accept"), ","), ",") {
		switch name, isRefused := acceptedName(element); name {
		case "text/plain":
			isAccepted, refused = !isRefused || isAccepted, isRefused
		case "text/*", "*/*":
			isAccepted = !isRefused || isAccepted
		}
	}
	if isAccepted && !refused {
		return textFormat
	}
	format := expfmt.NegotiateAccept(header, formats...)
	if format.FormatType() == expfmt.TypeTextPlain { // nothing else is accepted
		return textFormat
	}
	return format
}

// acceptedName returns the media type or encoding of an element of a header like Accept, and
// whether it has a weight of zero, with which a client refuses it.
func acceptedName(element string) (name string, isRefused bool) {
	name, parameters, _ := strings.Cut(element, ";")
	for parameter := range strings.SplitSeq(parameters, ";") {
		isRefused = isRefused || zeroWeight.MatchString(strings.ReplaceAll(parameter, " ", ""))
	}
	return strings.ToLower(strings.TrimSpace(name)), isRefused
}

var compressed = semaphore.NewWeighted(maxCompressed)

// gzipWriters contains writers for reuse: each needs more memory than most
// responses.
var gzipWriters = sync.Pool{New: func() any {
	zip, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is valid
	return zip
}}

// writeCompressed writes a response. It compresses the response if the client
// accepts that and not too many others are compressed.
func writeCompressed(w http.ResponseWriter, r *http.Request, write func(io.Writer) error) error {
	if !acceptsGzip(r.Header) || !compressed.TryAcquire(1) {
		return write(w)
	}
	defer compressed.Release(1)
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
		if name, isRefused := acceptedName(encoding); name == "gzip" && !isRefused {
			return true
		}
	}
	return false
}

// scrapeTimeout returns how long a scrape may take: Prometheus's timeout, but at most
// maxTimeout, minus the offset, but at least a quarter of the timeout.
func scrapeTimeout(r *http.Request, offset time.Duration) time.Duration {
	timeout := defaultTimeout
	if s, err := strconv.ParseFloat(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64); err == nil && s > 0 {
		timeout = time.Duration(min(s, maxTimeout.Seconds()) * float64(time.Second))
	}
	return max(timeout-offset, timeout/4)
}

// errorLog logs errors about metrics, at most once a minute: clients that go away cause them.
type errorLog struct {
	logger log.Logger

	mu     sync.Mutex
	logged time.Time
}

func (l *errorLog) Println(v ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := level.Debug
	if now := time.Now(); now.Sub(l.logged) >= time.Minute {
		at, l.logged = level.Error, now
	}
	_ = at(l.logger).Log("msg", "metrics cannot be shown", "err", strings.TrimSpace(fmt.Sprintln(v...)))
}
