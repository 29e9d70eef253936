package e2e

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The queries of the README find what they say, with the rules and two replicas
// of the demo.
func TestReadmeQueries(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```promql\n(.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatal("the README has no queries")
	}
	queries := regexp.MustCompile(`\n\n|\n(license_)`).ReplaceAllString(string(block[1]), "\x00$1") // a query begins a line
	prom := runWithRules(t, startExporter(t, "--demo").address, startExporter(t, "--demo").address)
	eventually(t, time.Minute, func() error {
		found, err := prom.query(`up{job="license_exporter"} == 1`)
		if err == nil && len(found) != 2 {
			err = fmt.Errorf("%d replicas are scraped, want 2", len(found))
		}
		return err
	})
	asked := 0
	for query := range strings.SplitSeq(queries, "\x00") {
		want := 1
		if strings.Contains(query, "license_up == 0") { // nothing fails in the demo
			want = 0
		}
		asked++
		eventually(t, time.Minute, func() error {
			found, err := prom.query(query)
			if err == nil && min(len(found), 1) != want {
				err = fmt.Errorf("%s finds %v", query, found)
			}
			for _, series := range found {
				if series.Metric["instance"] != "" {
					err = fmt.Errorf("%s finds each replica by itself: %v", query, series)
				}
			}
			return err
		})
	}
	if asked != 5 {
		t.Errorf("%d queries, want 5: %q", asked, queries)
	}
}
