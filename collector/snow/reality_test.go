package snow

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"license_exporter/internal/enginetest"
)

// reality is a tenant as the vendor's documents and other clients show them, and what
// the exporter must make of it. testdata/cases/README.md describes the files.
type reality struct {
	Source     string
	Collectors []string
	Answers    map[string]json.RawMessage
	// Then replaces answers before a second scrape a day later, if there is one.
	Then map[string]json.RawMessage
	// Present and Absent are regular expressions for lines of the last scrape.
	Present, Absent []string
}

func TestSnowReality(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var c reality
			decoder := json.NewDecoder(bytes.NewReader(text))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&c); err != nil || c.Source == "" {
				t.Fatalf("%v; the source is %q", err, c.Source)
			}
			c.check(t)
		})
	}
}

func (c reality) check(t *testing.T) {
	t.Helper()
	v := serve(t, map[string]string{
		samPath + "/licenses": "", agreementPath: "", "/api/sam/v2/agreement-types": "", customPath: "",
		samPath + "/licenses/maintenance-periods": "", treePath: `object {"nodes": []}`,
	})
	set := func(answers map[string]json.RawMessage) {
		for path, answer := range answers {
			var e struct {
				Status int
				Body   string
			}
			_ = json.Unmarshal(answer, &e) // a list has no status
			if e.Status != 0 {
				v.refuse(path, e.Status)
				v.answer(path, e.Body)
				continue
			}
			v.refuse(path, 0)
			content := "object " + string(answer)
			if list := bytes.TrimSpace(answer); list[0] == '[' {
				content = string(list[1 : len(list)-1])
			}
			v.answer(path, body(t, content))
		}
	}
	set(c.Answers)
	now := enginetest.Now
	h := newHarnessWithClock(t, v, func() time.Time { return now }, c.Collectors...)
	scrape := h.Scrape(t.Context())
	if len(c.Then) > 0 {
		now = now.Add(dayMaxAge)
		set(c.Then)
		scrape = h.Scrape(t.Context())
	}
	scrape += "\n" + enginetest.Lines(t, h.Own, "license_exporter_parse_errors_total")
	lines := strings.Split(scrape, "\n")
	has := func(pattern string) bool { return slices.ContainsFunc(lines, regexp.MustCompile(pattern).MatchString) }
	for _, pattern := range c.Present {
		if !has(pattern) {
			t.Errorf("no line matches %s", pattern)
		}
	}
	for _, pattern := range c.Absent {
		if has(pattern) {
			t.Errorf("a line matches %s", pattern)
		}
	}
	if t.Failed() {
		t.Logf("asked for %v:\n%s", slices.Sorted(maps.Keys(v.count)), scrape)
	}
}
