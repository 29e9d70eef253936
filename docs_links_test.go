package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/engine"
	"license_exporter/exposition"
	"license_exporter/status"
	"license_exporter/web"
)

// documentServer serves the documents as the exporter does.
func documentServer(t *testing.T) *httptest.Server {
	t.Helper()
	registry := prometheus.NewRegistry()
	e := engine.New(engine.Config{Logger: log.NewNopLogger(), Telemetry: engine.NewTelemetry(registry)}, nil)
	t.Cleanup(e.Close)
	shown, pages := exposition.New(e, vendors.Metrics()), status.NewPages(e)
	s := httptest.NewServer(web.NewHandler(web.Options{
		MetricsPath: "/metrics", Engine: e, Exposition: shown, Overview: pages.Overview, Organization: pages.Organization, Labels: shown.Labels,
		Own: registry, Docs: docs, Logger: log.NewNopLogger(),
	}))
	t.Cleanup(s.Close)
	return s
}

var (
	runbookURL = regexp.MustCompile(`runbook_url: (\S+)`)
	href       = regexp.MustCompile(`href="([^"]+)"`)
	heading    = regexp.MustCompile(`<h1[^>]*>[^<]*(<[^>]+>[^<]*)*</h1>`)
)

// Every link of an alert opens the page about the alert, and every link from the index of documents to
// another document opens that.
func TestLinksOpenDocuments(t *testing.T) {
	s := documentServer(t)
	read := map[string]string{}
	open := func(path string) string {
		t.Helper()
		if page, ok := read[path]; ok {
			return page
		}
		p := &program{t: t, url: s.URL}
		status, page := p.request(http.MethodGet, path)
		if status != http.StatusOK || !heading.MatchString(page) || len(page) < 1000 {
			t.Errorf("%s: status %d, and no page that a person can read", path, status)
		}
		read[path] = page
		return page
	}
	rules, err := filepath.Glob("alerts/*.rules.yml")
	if err != nil || len(rules) < 2 {
		t.Fatal(rules, err)
	}
	for _, name := range rules {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		links := runbookURL.FindAllStringSubmatch(string(content), -1)
		if alerts := strings.Count(string(content), "- alert: "); len(links) != alerts || alerts == 0 {
			t.Errorf("%s: %d alerts and %d links", name, alerts, len(links))
		}
		for _, link := range links {
			u, err := url.Parse(link[1])
			if err != nil {
				t.Fatal(err)
			}
			alert := strings.TrimSuffix(filepath.Base(u.Path), ".md")
			if page := open(u.Path); !strings.Contains(page, ">"+alert+"</h1>") {
				t.Errorf("%s is not the page about %s", u.Path, alert)
			}
		}
	}
	follow, from := []string{"/docs/"}, map[string]bool{"/docs/": true}
	for len(follow) > 0 {
		path := follow[0]
		follow = follow[1:]
		for _, link := range href.FindAllStringSubmatch(open(path), -1) {
			base, _ := url.Parse(path)
			u, err := base.Parse(link[1])
			if err != nil || u.Host != "" || !strings.HasPrefix(u.Path, "/docs/") || from[u.Path] {
				continue
			}
			from[u.Path] = true
			follow = append(follow, u.Path)
		}
	}
	documents, err := filepath.Glob("docs/*.md")
	if err != nil || len(from) < len(documents) {
		t.Errorf("only %d pages are linked, and there are %d documents besides the runbooks", len(from), len(documents))
	}
}
