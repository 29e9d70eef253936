package web

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"license_exporter/engine"
)

// Any parameters and headers of a scrape give metrics in the format and encoding that the answer names, or a refusal.
// The fetch has time, but no more than was asked for.
func FuzzScrape(f *testing.F) {
	for _, timeout := range []string{"", "10", "0.4", "0.0001", "-3", "0", "soon", "NaN", "Inf", "1e300", "9.3e9", "1e9", "1e-300", "0x10", "1_0"} {
		f.Add("", timeout, "", "")
	}
	for _, query := range []string{"collect[]=meraki_coterm", "collect[]=", "collect[]=x%0a%1b[31m", "collect%5B%5D=meraki_device&collect[]=meraki_coterm", "%zz", "a;b", strings.Repeat("collect[]=meraki_coterm&", 100)} {
		f.Add(query, "10", "text/plain;version=0.0.4", "gzip")
	}
	for _, accept := range []string{
		"application/openmetrics-text;version=1.0.0", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited", "*/*", "text/plain;escaping=dots", "text/plain;q=x", ";", ",",
		"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;q=0.9", "text/html",
	} {
		for _, encoding := range []string{"gzip", "gzip;q=0", "zstd, gzip", "identity;q=0", "*", "deflate", "GZIP", "g zip"} {
			f.Add("", "10", accept, encoding)
		}
	}
	var left time.Duration
	fake := &fakeEngine{gatherer: gauge("fact", 3), refresh: func(ctx context.Context, _ engine.Selection) {
		deadline, _ := ctx.Deadline()
		left = time.Until(deadline)
	}}
	handler := newHandler(f, withFake(fake, Options{MetricsPath: "/metrics", TimeoutOffset: 500 * time.Millisecond}))
	f.Fuzz(func(t *testing.T, query, timeout, accept, encoding string) {
		left = 0
		w := ask(t, handler, "/metrics", query, "X-Prometheus-Scrape-Timeout-Seconds", timeout, "Accept", accept, "Accept-Encoding", encoding)
		values, err := url.ParseQuery(query)
		if err != nil && w.Code == http.StatusBadRequest {
			return
		}
		isKnown := !slices.ContainsFunc(values["collect[]"], func(name string) bool { return !slices.Contains([]string{"meraki_coterm", "meraki_device"}, name) })
		switch {
		case w.Code == http.StatusBadRequest && !isKnown:
			wantLine(t, w.Body.String())
			return
		case w.Code != http.StatusOK || !isKnown:
			t.Fatalf("%q is answered with %d: %s", query, w.Code, w.Body)
		}
		if left < -5*time.Second || left > time.Hour {
			t.Errorf("%s of the timeout %q are left", left, timeout)
		}
		var body io.Reader = w.Body
		switch used := w.Header().Get("Content-Encoding"); used {
		case "", "identity":
		case "gzip":
			zip, err := gzip.NewReader(body)
			if err != nil || !strings.Contains(strings.ToLower(encoding), "gzip") && !strings.Contains(encoding, "*") {
				t.Fatalf("%q is answered with gzip, %v", encoding, err)
			}
			body = zip
		default:
			t.Fatalf("%q is answered with %s", encoding, used)
		}
		if format := expfmt.ResponseFormat(w.Header()); format.FormatType() == expfmt.TypeTextPlain || format.FormatType() == expfmt.TypeProtoDelim {
			wantFact(t, expfmt.NewDecoder(body, format))
		} else if text, err := io.ReadAll(body); err != nil || !strings.Contains(string(text), "\nfact 3\n") || !strings.HasSuffix(string(text), "\n# EOF\n") {
			t.Errorf("%q is answered with %s, %v", accept, text, err)
		}
	})
}

// Any parameters of /probe give the facts of what they name, or a line that says what is wrong.
func FuzzProbe(f *testing.F) {
	for _, query := range []string{
		"", "account=", "account=emea", "account=emea&organization_id=1", "account=x%0a%1b[31m&organization_id=%ff", "account=emea&organization_id=%00", "account=emea&account=x", "account=emea&collect[]=meraki_coterm",
		"account=emea&collect[]=%0a", "account=" + strings.Repeat("a", 10_000), "a;b", "%zz", "organization_id=1",
	} {
		f.Add(query)
	}
	fake := &fakeEngine{gatherer: gauge("fact", 3), one: func(account, organization string) error {
		if account != "emea" || organization == "gone" {
			return &engine.UnknownError{What: "organization", Name: account + organization, Hint: "the configuration names the accounts"}
		}
		return nil
	}}
	handler := newHandler(f, withFake(fake, Options{MetricsPath: "/metrics"}))
	f.Fuzz(func(t *testing.T, query string) {
		w := ask(t, handler, "/probe", query)
		values, err := url.ParseQuery(query)
		if err != nil && w.Code == http.StatusBadRequest {
			return
		}
		want := http.StatusOK
		switch account := values.Get("account"); {
		case account == "" || slices.ContainsFunc(values["collect[]"], func(name string) bool { return name != "meraki_coterm" && name != "meraki_device" }):
			want = http.StatusBadRequest
		case account != "emea" || values.Get("organization_id") == "gone":
			want = http.StatusNotFound
		}
		if w.Code != want {
			t.Errorf("%q is answered with %d, want %d: %s", query, w.Code, want, w.Body)
		}
		if w.Code != http.StatusOK {
			wantLine(t, w.Body.String())
		} else if s := fake.selection; s.Account != "emea" || s.Organization != values.Get("organization_id") || !slices.Equal(s.Collectors, values["collect[]"]) {
			t.Errorf("%q selects %+v", query, s)
		}
	})
}

// wantLine checks that an error is one line that can be shown in a terminal.
func wantLine(t *testing.T, text string) {
	t.Helper()
	if line, found := strings.CutSuffix(text, "\n"); !found || line == "" || !utf8.ValidString(line) || strings.ContainsFunc(line, unicode.IsControl) {
		t.Errorf("the error is no line: %q", text)
	}
}

func wantFact(t *testing.T, d expfmt.Decoder) {
	t.Helper()
	samples, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{}, decodeAll(t, d)...)
	isFact := func(s *model.Sample) bool { return s.Metric[model.MetricNameLabel] == "fact" && s.Value == 3 }
	if err != nil || !slices.ContainsFunc(samples, isFact) {
		t.Errorf("the samples are %v, %v", samples, err)
	}
}

func decodeAll(t *testing.T, d expfmt.Decoder) (all []*dto.MetricFamily) {
	t.Helper()
	for {
		var family dto.MetricFamily
		switch err := d.Decode(&family); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, &family)
	}
}
