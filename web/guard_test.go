package web

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"license_exporter/status"
)

// A query that cannot be parsed is refused everywhere: a page that ignores the error
// would show something else than what was asked for.
func TestQueriesThatCannotBeParsed(t *testing.T) {
	facts := &fakeEngine{gatherer: gauge("fact", 3), overview: status.Overview{Now: time.Now()}}
	get := newServer(t, withFake(facts, Options{MetricsPath: "/metrics"}))
	many := strings.Repeat("collect[]=meraki_coterm&", 10_001)
	for _, path := range []string{"/", "/metrics", "/metrics/exporter", "/probe", "/sd", "/docs/metrics.md"} {
		for _, query := range []string{"account=%zz", "account=a;collect[]=meraki_coterm", "account=a&" + many} {
			if status, body := get(path + "?" + query); status != http.StatusBadRequest || !strings.Contains(body, "the query cannot be read: ") || len(body) > 1000 {
				t.Errorf("%s?%.40s: %d %.1000s", path, query, status, body)
			}
		}
	}
	if facts.selection.Collectors != nil {
		t.Error("facts were selected")
	}
}

func TestRepeatedCollectorsCountOnce(t *testing.T) {
	facts := &fakeEngine{gatherer: gauge("fact", 3)}
	get := newServer(t, withFake(facts, Options{MetricsPath: "/metrics"}))
	get("/metrics?collect[]=meraki_device&collect[]=meraki_coterm" + strings.Repeat("&collect[]=meraki_device", 1000))
	if want := []string{"meraki_coterm", "meraki_device"}; !slices.Equal(facts.selection.Collectors, want) {
		t.Errorf("%v are selected, want %v", facts.selection.Collectors, want)
	}
	long := strings.Repeat("x", 10_000)
	for _, path := range []string{"/metrics?collect[]=" + long, "/probe?account=a&collect[]=" + long, "/sd?account=" + long} {
		if status, body := get(path); status < 400 || len(body) > 300 {
			t.Errorf("%.40s: %d with %d bytes", path, status, len(body))
		}
	}
}

// deadlines records the deadlines of a connection and what is written until the next.
type deadlines struct {
	*httptest.ResponseRecorder
	written []int
	fail    int // bytes after which writes fail
}

func (d *deadlines) SetWriteDeadline(deadline time.Time) error {
	if !deadline.Equal(time.Now().Add(writeTimeout)) {
		return fmt.Errorf("the deadline is in %v", time.Until(deadline))
	}
	d.written = append(d.written, 0)
	return nil
}

func (d *deadlines) Write(b []byte) (int, error) {
	d.written[len(d.written)-1] += len(b)
	if d.fail > 0 && d.Body.Len()+len(b) > d.fail {
		return 1, net.ErrClosed
	}
	return d.ResponseRecorder.Write(b)
}

// A client has two minutes for each part of an answer, however long all parts take.
func TestWritesHaveDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := bytes.Repeat([]byte("0123456789"), 10_000)
		handler := guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Hour)
			n, err := w.Write(answer)
			if err == nil && n != len(answer) {
				t.Errorf("%d bytes are written, %v", n, err)
			}
		}))
		d := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		handler.ServeHTTP(d, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		if want := []int{0, maxWrite, maxWrite, maxWrite, len(answer) - 3*maxWrite, 0}; !slices.Equal(d.written, want) || !bytes.Equal(d.Body.Bytes(), answer) {
			t.Errorf("between the deadlines %v bytes are written, want %v", d.written, want)
		}
		d = &deadlines{ResponseRecorder: httptest.NewRecorder(), fail: maxWrite}
		handler.ServeHTTP(d, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		if want := []int{0, maxWrite, maxWrite, 0}; !slices.Equal(d.written, want) {
			t.Errorf("after a failure %v bytes are written, want %v", d.written, want)
		}
	})
}

// Requests of every form are answered.
func TestUnusualRequests(t *testing.T) {
	facts := &fakeEngine{gatherer: gauge("fact", 3), overview: status.Overview{Now: time.Now()}}
	server := httptest.NewServer(newHandler(t, withFake(facts, Options{MetricsPath: "/metrics"})))
	t.Cleanup(server.Close)
	for request, want := range map[string]string{
		"HEAD / HTTP/1.1\r\n":                                                "200 OK",
		"HEAD /-/healthy HTTP/1.1\r\n":                                       "200 OK",
		"HEAD /metrics HTTP/1.1\r\n":                                         "200 OK",
		"OPTIONS / HTTP/1.1\r\n":                                             "405 Method Not Allowed",
		"OPTIONS * HTTP/1.1\r\n":                                             "200 OK",
		"TRACE /metrics HTTP/1.1\r\n":                                        "405 Method Not Allowed",
		"POST /metrics HTTP/1.1\r\n":                                         "405 Method Not Allowed",
		"GET /" + strings.Repeat("a", 2<<20):                                 "431 Request Header Fields Too Large",
		"GET /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\n12345":            "200 OK",
		"POST /-/reload HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n": "403 Forbidden",
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		go fmt.Fprint(conn, strings.Replace(request, "HTTP/1.1\r\n", "HTTP/1.1\r\nHost: a\r\n", 1)+"\r\n")
		line, err := bufio.NewReader(conn).ReadString('\n')
		if !strings.HasPrefix(line, "HTTP/1.1 "+want) && !strings.HasPrefix(line, "HTTP/1.0 "+want) {
			t.Errorf("%.60q: %q, %v; want %s", request, line, err, want)
		}
		_ = conn.Close()
	}
}

// Answers that are not of the text cache need much memory, so that there are only a few
// at the same time. Clients that accept text get it then.
func TestFewAnswersAreGathered(t *testing.T) {
	gathering, release := make(chan struct{}), make(chan struct{})
	var block bool
	facts := &fakeEngine{gatherer: prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		if block {
			gathering <- struct{}{}
			<-release
		}
		return nil, nil
	})}
	handler := newHandler(t, withFake(facts, Options{MetricsPath: "/metrics"}))
	const protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
	path := "/metrics"
	get := func(accept string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	block = true
	ended := make(chan int)
	for range maxGathered {
		go func() { ended <- get(protobuf).Code }()
		<-gathering
	}
	block = false
	for _, path = range []string{"/metrics", "/metrics/exporter"} {
		if w := get(protobuf); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "accept text/plain") {
			t.Errorf("%s: one more: %d %s", path, w.Code, w.Body)
		}
		if w := get(protobuf + ";q=0.6,text/plain;q=0.1"); w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s: one more that accepts text: %d %s", path, w.Code, w.Header().Get("Content-Type"))
		}
	}
	close(release)
	for range maxGathered {
		if code := <-ended; code != http.StatusOK {
			t.Errorf("got %d", code)
		}
	}
	if w := get(protobuf); w.Code != http.StatusOK {
		t.Errorf("afterwards: %d", w.Code)
	}
}
