package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	runbookURL = regexp.MustCompile(`runbook_url: (\S+)`)
	href       = regexp.MustCompile(`href="([^"]+)"`)
	heading    = regexp.MustCompile(`<h1[^>]*>[^<]*(<[^>]+>[^<]*)*</h1>`)
)

// Every link of an alert opens the page about the alert, and every link from the index of documents to
// another document opens that.
func TestLinksOpenDocuments(t *testing.T) {
	p := launch(t, vendors, "--demo", "--no-scrape.at-start")
	defer p.stop()
	read := map[string]string{}
	open := func(path string) string {
		t.Helper()
		if page, ok := read[path]; ok {
			return page
		}
		status, page := p.request(http.MethodGet, path)
		if status != http.StatusOK || !heading.MatchString(page) || len(page) < 1000 {
			t.Errorf("%s: status %d, and no page that a person can read", path, status)
		}
		read[path] = page
		return page
	}
	rules, err := filepath.Glob("alerts/license_exporter*.rules.yml")
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
	pages, more := filepath.Glob("docs/vendors/*.md")
	documents = append(documents, pages...)
	if err != nil || more != nil || len(from) < len(documents) {
		t.Errorf("only %d pages are linked, and there are %d documents besides the runbooks", len(from), len(documents))
	}
}
