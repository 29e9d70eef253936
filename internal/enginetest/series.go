package enginetest

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// Update is set if tests should rewrite the files that they compare with.
var Update = flag.Bool("update", false, "rewrite the golden files")

// MovingDays matches the series of license_days_to_expiration, which change all
// the time.
var MovingDays = regexp.MustCompile(`(?m)^(license_days_to_expiration{.*} ).*$`)

// WantSameLines fails the test unless both texts have the same lines, in any order.
func WantSameLines(t testing.TB, want, got string) {
	t.Helper()
	sorted := func(text string) string {
		all := strings.Split(MovingDays.ReplaceAllString(text, "${1}N"), "\n")
		slices.Sort(all)
		return strings.Join(all, "\n")
	}
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Errorf("the lines differ (-want +got):\n%s", diff)
	}
}

// commonLabels matches the labels that Lines leaves out: they are the same in
// all series of a test.
var commonLabels = regexp.MustCompile(`account="acme",|,vendor="[a-z]+"`)

// Lines returns the series of a gatherer in the text format, without comments.
// It returns those whose lines begin with one of the prefixes, or all.
func Lines(t testing.TB, g prometheus.Gatherer, prefixes ...string) string {
	t.Helper()
	var kept []string
	for line := range strings.SplitSeq(strings.TrimSpace(Text(t, g)), "\n") {
		line = commonLabels.ReplaceAllString(line, "")
		if strings.HasPrefix(line, "#") || len(prefixes) > 0 && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(line, p) }) {
			continue
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

// Text returns what a gatherer gathers in the text format.
func Text(t testing.TB, g prometheus.Gatherer) string {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			t.Fatal(err)
		}
	}
	return text.String()
}

// WantLines fails the test unless the text has exactly these lines.
func WantLines(t testing.TB, got string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(strings.Join(want, "\n"), got); diff != "" {
		t.Errorf("series differ (-want +got):\n%s", diff)
	}
}

// Golden compares got with a file in testdata. With -update, it rewrites the
// file.
func Golden(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *Update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs, rewrite it with -update if that is right (-want +got):\n%s", path, diff)
	}
}
