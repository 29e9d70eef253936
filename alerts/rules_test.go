package alerts

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestVendors checks that no rule asks for the name of a vendor.
func TestVendors(t *testing.T) {
	matcher := regexp.MustCompile(`\bvendor\s*[=!]`)
	for _, r := range rules(t) {
		if m := matcher.FindString(r.Expr); m != "" {
			t.Errorf("%s%s has the matcher %s", r.Record, r.Alert, m)
		}
	}
}

// TestGroups checks that groups are small enough for Mimir, which refuses more
// than 20 rules by default.
func TestGroups(t *testing.T) {
	for _, g := range groups(t, "*.rules.yml") {
		if len(g.Rules) > 20 {
			t.Errorf("%s has %d rules, want at most 20", g.Name, len(g.Rules))
		}
	}
}

var (
	scope    = regexp.MustCompile(`\* license_scope:\w+`)
	problem  = regexp.MustCompile(`\blicense_problem:\w+`)
	problems = regexp.MustCompile(`__name__=~"(license_problem:[^"]+)"`)
)

// TestJoins checks that each alert about licenses gets names and policies, and
// that they are looked up for what it is about.
func TestJoins(t *testing.T) {
	for _, g := range groups(t, "license_exporter.rules.yml") {
		var record string
		var covers *regexp.Regexp
		for _, r := range g.Rules {
			if m := problems.FindStringSubmatch(r.Expr); m != nil {
				record, covers = r.Record, regexp.MustCompile("^(?:"+m[1]+")$")
			}
		}
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			if got := scope.FindString(r.Expr); record == "" || got != "* "+record {
				t.Errorf("%s: names come from %q, want %q of its group", r.Alert, got, record)
				continue
			}
			names := problem.FindAllString(r.Expr, -1)
			if len(names) == 0 {
				t.Errorf("%s is about no license_problem", r.Alert)
			}
			for _, name := range names {
				if !covers.MatchString(name) {
					t.Errorf("%s does not cover %s of %s", record, name, r.Alert)
				}
			}
		}
	}
}

var (
	threshold = regexp.MustCompile(`\blicense_threshold:\w+`)
	unit      = regexp.MustCompile(`\b(?:86400|3600) \* |\b1d\b|\b30d\b|\[[\w:]+\]`)
	number    = regexp.MustCompile(`\b\d+(?:\.\d+)?\w*\b`)
)

// TestThresholds checks that all thresholds are in the first group of a file,
// that rules use each of them, and that rules have no others.
func TestThresholds(t *testing.T) {
	windows := map[string][]string{ // what no threshold is
		"license_end:renewing":                      {"86400"},       // a day between renewal and end
		"license_problem:renewed_timestamp_seconds": {"86400"},       // a day, as in offset 1d
		"license_seats:run_out_timestamp_seconds":   {"30", "86400"}, // the 30 days of its trend
	}
	defined, used := map[string]bool{}, map[string]bool{}
	for _, path := range glob(t, shipped) {
		for i, g := range groups(t, path) {
			if first := strings.HasSuffix(g.Name, "_thresholds"); first != (i == 0) {
				t.Errorf("%s: group %d is %s; thresholds come first", path, i, g.Name)
			}
			for _, r := range g.Rules {
				if i == 0 {
					defined[r.Record] = true
					if !threshold.MatchString(r.Record) || !regexp.MustCompile(`^vector\([\d.]+\)$`).MatchString(r.Expr) {
						t.Errorf("%s is %s, want a threshold", r.Record, r.Expr)
					}
					continue
				}
				for _, name := range threshold.FindAllString(r.Expr, -1) {
					used[name] = true
				}
				bare := unit.ReplaceAllString(quoted.ReplaceAllString(r.Expr, ""), "")
				for _, n := range number.FindAllString(bare, -1) {
					if n != "0" && n != "1" && !slices.Contains(windows[r.Record], n) {
						t.Errorf("%s%s has the number %s, which is in no threshold", r.Record, r.Alert, n)
					}
				}
			}
		}
	}
	for name := range defined {
		if !used[name] {
			t.Errorf("no rule uses %s", name)
		}
	}
	for name := range used {
		if !defined[name] {
			t.Errorf("rules use %s, which is no threshold", name)
		}
	}
}
