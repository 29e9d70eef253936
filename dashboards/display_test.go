package dashboards

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	screen    = 1600 // pixels of a screen on which all columns are visible
	frame     = 40   // pixels beside the columns of a panel
	noWidth   = 150  // pixels that a column without a width takes at least
	gridWidth = 24
)

// The columns of each table fit into its panel, so that it needs no scroll bar.
func TestColumnsFit(t *testing.T) {
	for _, b := range load(t) {
		for _, p := range b.Panels {
			if p.Type != "table" {
				continue
			}
			need, have := 0, screen*p.GridPos.W/gridWidth-frame
			for _, title := range titles(p) {
				need += width(t, p, title)
			}
			if need > have {
				t.Errorf("%s: the columns of %q are %d pixels wide, and its panel has %d", b.UID, p.Title, need, have)
			}
		}
	}
}

// titles returns the titles of a table's columns.
func titles(p Panel) []string {
	all := slices.Clone(kept(p))
	for _, tr := range p.Transformations {
		for i, field := range all {
			if title := tr.Options.RenameByName[field]; title != "" {
				all[i] = title
			}
		}
	}
	return all
}

// width returns the width of a column, which is 0 if it is hidden.
func width(t *testing.T, p Panel, title string) int {
	t.Helper()
	pixels := noWidth
	for _, o := range p.FieldConfig.Overrides {
		if o.Matcher.Options != title {
			continue
		}
		for _, property := range o.Properties {
			switch property.ID {
			case "custom.hidden":
				return 0
			case "custom.width":
				if err := json.Unmarshal(property.Value, &pixels); err != nil {
					t.Errorf("%q: the width of %q is %s", p.Title, title, property.Value)
				}
			}
		}
	}
	return pixels
}

// Dates are shown without a time, which is always midnight.
func TestDatesHaveNoTime(t *testing.T) {
	dates := 0
	check := func(p Panel, unit string) {
		if strings.Contains(strings.ToLower(unit), "time") {
			dates++
			if unit != "time:YYYY-MM-DD" {
				t.Errorf("%q shows dates as %s", p.Title, unit)
			}
		}
	}
	for _, b := range load(t) {
		for _, p := range b.Panels {
			check(p, p.FieldConfig.Defaults.Unit)
			for _, o := range p.FieldConfig.Overrides {
				for _, property := range o.Properties {
					if property.ID == "unit" {
						check(p, strings.Trim(string(property.Value), `"`))
					}
				}
			}
		}
	}
	if dates == 0 {
		t.Error("no panel shows dates")
	}
}

// The facts change slowly, and the queries of a board are expensive.
func TestRefresh(t *testing.T) {
	for _, b := range load(t) {
		if b.Refresh != "15m" {
			t.Errorf("%s asks again every %s, want 15m", b.UID, b.Refresh)
		}
	}
}

// Products that have ended are below 0, and must be drawn.
func TestEndedProductsAreDrawn(t *testing.T) {
	for _, b := range load(t) {
		for _, p := range b.Panels {
			if p.Title == "Days to the end over time" {
				if p.FieldConfig.Defaults.Min != nil {
					t.Errorf("%s: %q begins at %v", b.UID, p.Title, *p.FieldConfig.Defaults.Min)
				}
				return
			}
		}
	}
	t.Error("no panel shows days to the end over time")
}

// Rows that apply to one licensing model are collapsed, so that organizations with another
// one do not show them.
func TestRowsOfOneModelAreCollapsed(t *testing.T) {
	for _, b := range load(t) {
		if b.UID != "license-organization" {
			continue
		}
		for _, p := range b.Panels {
			if p.Type == "row" && p.Collapsed != strings.HasSuffix(p.Title, ")") {
				t.Errorf("the row %q is collapsed: %v", p.Title, p.Collapsed)
			}
			if p.Collapsed != (len(p.Panels) > 0) {
				t.Errorf("the row %q has %d panels", p.Title, len(p.Panels))
			}
		}
	}
}

// Each board has a filter for any label, and a variable that selects clusters. It also selects
// series without a cluster.
func TestFilters(t *testing.T) {
	for _, b := range load(t) {
		has := map[string]Variable{}
		for _, v := range b.Templating.List {
			has[v.Name] = v
		}
		if has["filters"].Type != "adhoc" {
			t.Errorf("%s has no filter", b.UID)
		}
		if v := has["cluster"]; !v.IncludeAll || v.AllValue != ".*" {
			t.Errorf("%s: the variable cluster is %+v", b.UID, v)
		}
	}
}

// What shows facts of the selected products, shows only those of the selected manufacturers and owners.
func TestFiltersByManufacturerAndOwner(t *testing.T) {
	filtered := map[string]int{}
	for _, b := range load(t) {
		var names []string
		for _, v := range b.Templating.List {
			names = append(names, v.Name)
		}
		product := slices.Index(names, "product")
		for _, p := range b.Panels {
			for _, target := range p.Targets {
				if !strings.Contains(target.Expr, `product=~"$product"`) {
					continue
				}
				for _, name := range []string{"manufacturer", "owner"} {
					filtered[b.UID]++
					if at := slices.Index(names, name); at < 0 || at > product {
						t.Fatalf("%s: the variables are %q; products depend on %s", b.UID, names, name)
					}
					if !strings.Contains(target.Expr, `unset!~"$`+name+`"`) || !strings.Contains(target.Expr, name+`=~"$`+name+`"`) {
						t.Errorf("%s: query %s of %q does not depend on %s: %s", b.UID, target.RefID, p.Title, name, target.Expr)
					}
				}
			}
		}
	}
	if len(filtered) != 3 {
		t.Errorf("boards with filters: %v, want three", filtered)
	}
}

// Sums by manufacturer and by owner also have what has none.
func TestSumsByManufacturerAndOwner(t *testing.T) {
	sums := map[string][]string{}
	for _, b := range load(t) {
		for _, p := range b.Panels {
			what, by, found := strings.Cut(p.Title, " by ")
			if !found {
				what, by, found = strings.Cut(p.Title, "By ")
			}
			none := map[string]string{"manufacturer": "(no manufacturer)", "owner": "(no owner)"}[by]
			if !found || none == "" {
				continue
			}
			sums[b.UID+", "+what] = append(sums[b.UID+", "+what], by)
			for _, target := range p.Targets {
				if !strings.Contains(target.Expr, `, "`+by+`", "`+none+`", "`+by+`", "")`) {
					t.Errorf("%s: query %s of %q leaves out what has no %s: %s", b.UID, target.RefID, p.Title, by, target.Expr)
				}
			}
		}
	}
	want := map[string][]string{
		"license-overview, ":            {"owner", "manufacturer"},
		"license-software-assets, Ends": {"manufacturer", "owner"}, "license-software-assets, Seats": {"manufacturer", "owner"}, "license-software-assets, Cost": {"manufacturer", "owner"},
	}
	if diff := cmp.Diff(want, sums); diff != "" {
		t.Errorf("sums (-want +got):\n%s", diff)
	}
}

// Panels that need the alert rules say so where they are empty.
func TestPanelsSayThatTheyNeedTheRules(t *testing.T) {
	needed := 0
	for _, b := range load(t) {
		for _, p := range b.Panels {
			needs := slices.ContainsFunc(p.Targets, func(target Target) bool {
				return strings.Contains(target.Expr, "license_problem:") || strings.Contains(target.Expr, "license_ends:") ||
					strings.Contains(target.Expr, "ALERTS")
			})
			if !needs {
				continue
			}
			needed++
			if !strings.Contains(p.FieldConfig.Defaults.NoValue, "alert rules") {
				t.Errorf("%s: %q says %q where there is nothing", b.UID, p.Title, p.FieldConfig.Defaults.NoValue)
			}
		}
	}
	if needed == 0 {
		t.Error("no panel needs the alert rules")
	}
}

// Figures without a value show a sentence. It has no color, which would look like a judgement.
func TestNoValueHasNoColor(t *testing.T) {
	figures := 0
	for _, b := range load(t) {
		for _, p := range b.Panels {
			if p.Type != "stat" && p.Type != "bargauge" {
				continue
			}
			figures++
			if !slices.ContainsFunc(p.FieldConfig.Defaults.Mappings, func(m Mapping) bool {
				return m.Options.Match == "null" && m.Options.Result.Color == "text" && m.Options.Result.Text == p.FieldConfig.Defaults.NoValue
			}) {
				t.Errorf("%s: %q colors %q", b.UID, p.Title, p.FieldConfig.Defaults.NoValue)
			}
		}
	}
	if figures == 0 {
		t.Error("no panel shows figures")
	}
}

// A quantile of nothing is NaN. Grafana draws no axis then, and writes the text of an empty panel into the legend.
func TestQuantilesAreNumbers(t *testing.T) {
	quantile := regexp.MustCompile(`histogram_quantile\([^$]*\[\$__rate_interval\]\)\)\)( >= 0)?`)
	found := 0
	for _, b := range load(t) {
		for _, p := range b.Panels {
			for _, target := range p.Targets {
				for _, m := range quantile.FindAllStringSubmatch(regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(target.Expr, ""), -1) {
					found++
					if m[1] == "" {
						t.Errorf("%s: %q may be NaN: %s", b.UID, p.Title, m[0])
					}
				}
			}
		}
	}
	if found == 0 {
		t.Error("no panel shows quantiles")
	}
}

// Bars and lines show products by name. Ids are long and say nothing.
func TestProductsAreShownByName(t *testing.T) {
	shown := 0
	for _, b := range load(t) {
		for _, p := range b.Panels {
			var by []string
			for _, tr := range p.Transformations {
				by = append(by, tr.Options.RowField, tr.Options.ColumnField)
			}
			for _, target := range p.Targets {
				by = append(by, strings.FieldsFunc(target.LegendFormat, func(r rune) bool { return strings.ContainsRune("{} ", r) })...)
			}
			if slices.Contains(by, "product") {
				t.Errorf("%s: %q shows products by id", b.UID, p.Title)
			}
			if slices.Contains(by, "product_name") {
				shown++
			}
		}
	}
	if shown == 0 {
		t.Error("no panel shows products")
	}
}
