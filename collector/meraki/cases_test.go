package meraki

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"license_exporter/internal/enginetest"
)

// realityCase is what the vendor sends in a certain case, and what must follow. The
// README.md in the same directory lists the sources of the cases.
type realityCase struct {
	Case      string
	Source    string
	Collector string
	Model     string
	Records   []json.RawMessage
	// Present contains series, and Absent regular expressions of series.
	Present, Absent []string
	// Unreadable contains the fields whose values are counted as unreadable.
	Unreadable []string
}

// testdata/cases/*.json hold the cases by kind.
func TestMerakiReality(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		for _, c := range readCases(t, file) {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".json")+"/"+c.Case, c.run)
		}
	}
}

func readCases(t *testing.T, file string) []realityCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []realityCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return cases
}

func (c realityCase) run(t *testing.T) {
	records := make([]string, 0, len(c.Records))
	for _, r := range c.Records {
		records = append(records, string(r))
	}
	got, h := collect(t, c.Collector, c.Model, &vendor{list: map[string]string{"1": strings.Join(records, ",")}}, "1")
	lines := strings.Split(got, "\n")
	for _, series := range c.Present {
		if !slices.Contains(lines, series) {
			t.Errorf("there is no %s", series)
		}
	}
	for _, pattern := range c.Absent {
		expr := regexp.MustCompile(pattern)
		if i := slices.IndexFunc(lines, expr.MatchString); i >= 0 {
			t.Errorf("there is %s", lines[i])
		}
	}
	counted := enginetest.Lines(t, h.Own, "license_exporter_parse_errors")
	for _, field := range c.Unreadable {
		if !strings.Contains(counted, `{field="`+field+`"} 1`) {
			t.Errorf("%s is not counted once: %s", field, counted)
		}
	}
	if len(c.Unreadable) == 0 && regexp.MustCompile(` [1-9]`).MatchString(counted) {
		t.Errorf("something is unreadable: %s", counted)
	}
	if t.Failed() {
		t.Logf("all series:\n%s", got)
	}
}
