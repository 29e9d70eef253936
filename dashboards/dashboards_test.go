package dashboards

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T) []Board {
	t.Helper()
	boards, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return boards
}

// The uids must not change, because they are part of links. Grafana 10 must be able
// to import the boards.
func TestIdentity(t *testing.T) {
	got := map[string]string{}
	for _, b := range load(t) {
		got[b.UID] = b.Title
		if b.UID != b.File {
			t.Errorf("%s.json holds the board %s", b.File, b.UID)
		}
		if b.SchemaVersion != 38 {
			t.Errorf("%s: schemaVersion %d, want that of Grafana 10.0, 38", b.UID, b.SchemaVersion)
		}
		if b.Description == "" {
			t.Errorf("%s has no description", b.UID)
		}
	}
	want := map[string]string{
		"license-exporter":        "License exporter",
		"license-organization":    "License organization",
		"license-overview":        "License overview",
		"license-software-assets": "License software assets",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("boards by uid (-want +got):\n%s", diff)
	}
}

func TestPanelsExplainThemselves(t *testing.T) {
	for _, b := range load(t) {
		ids, titles := map[int]bool{}, map[string]bool{}
		row := ""
		for _, p := range b.Panels {
			if ids[p.ID] || p.ID == 0 {
				t.Errorf("%s: %q has the id %d of another panel, or none", b.UID, p.Title, p.ID)
			}
			ids[p.ID] = true
			if p.Type == "row" {
				row = p.Title
				continue
			}
			if titles[row+"/"+p.Title] {
				t.Errorf("%s: two panels of row %q are called %q", b.UID, row, p.Title)
			}
			titles[row+"/"+p.Title] = true
			for what, text := range map[string]string{
				"title": p.Title, "description": p.Description,
				"unit": p.FieldConfig.Defaults.Unit, "text for no data": p.FieldConfig.Defaults.NoValue,
			} {
				if text == "" {
					t.Errorf("%s: panel %d %q has no %s", b.UID, p.ID, p.Title, what)
				}
			}
			if len(p.Targets) == 0 {
				t.Errorf("%s: %q has no queries", b.UID, p.Title)
			}
		}
	}
}

// Panels do not overlap and are within the grid of 24 columns.
func TestLayout(t *testing.T) {
	for _, b := range load(t) {
		taken := map[[2]int]string{}
		for _, p := range b.Panels {
			g := p.GridPos
			if g.W == 0 || g.H == 0 || g.X+g.W > 24 {
				t.Errorf("%s: %q is at %+v", b.UID, p.Title, g)
			}
			for x := g.X; x < g.X+g.W; x++ {
				for y := g.Y; y < g.Y+g.H; y++ {
					if other := taken[[2]int{x, y}]; other != "" {
						t.Fatalf("%s: %q overlaps %q", b.UID, p.Title, other)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
		}
	}
}

// All queries use the data source that the viewer has selected.
func TestDataSource(t *testing.T) {
	const uid = "${datasource}"
	for _, b := range load(t) {
		if v := b.Templating.List[0]; v.Name != "datasource" || v.Type != "datasource" || string(v.Query) != `"prometheus"` {
			t.Errorf("%s: the first variable is %s, want the data source", b.UID, v.Name)
		}
		for _, p := range b.Panels {
			for _, target := range p.Targets {
				if p.Datasource.UID != uid || target.Datasource.UID != uid {
					t.Errorf("%s: %q uses the data sources %q and %q", b.UID, p.Title, p.Datasource.UID, target.Datasource.UID)
				}
				if target.Instant == target.Range {
					t.Errorf("%s: query %s of %q must be either instant or range", b.UID, target.RefID, p.Title)
				}
			}
		}
	}
}

var (
	boardLink  = regexp.MustCompile(`/d/([a-z-]+)\?([^"]*)`)
	passedOn   = regexp.MustCompile(`\$\{(\w+):queryparam\}`)
	setByLink  = regexp.MustCompile(`var-(\w+)=\$\{__data\.fields\.(\w+)\}`)
	inLegend   = regexp.MustCompile(`\{\{(\w+)\}\}`)
	inVariable = regexp.MustCompile(`\$(\w+)`)
)

func TestLinksResolve(t *testing.T) {
	boards := load(t)
	variables := map[string][]string{}
	for _, b := range boards {
		for _, v := range b.Templating.List {
			variables[b.UID] = append(variables[b.UID], v.Name)
		}
	}
	links := 0
	for _, b := range boards {
		if len(b.Links) != 1 || b.Links[0].Type != "dashboards" || !b.Links[0].IncludeVars || !b.Links[0].KeepTime ||
			!slices.Equal(b.Links[0].Tags, b.Tags) || !slices.Equal(b.Tags, boards[0].Tags) {
			t.Errorf("%s does not link to the other boards: %+v, tags %q", b.UID, b.Links, b.Tags)
		}
		for _, p := range b.Panels {
			for _, o := range p.FieldConfig.Overrides {
				for _, property := range o.Properties {
					if property.ID == "links" {
						links++
						checkLink(t, b, p, string(property.Value), variables)
					}
				}
			}
		}
	}
	if links == 0 {
		t.Error("no table links to the board of an organization")
	}
}

func checkLink(t *testing.T, b Board, p Panel, link string, variables map[string][]string) {
	t.Helper()
	m := boardLink.FindStringSubmatch(link)
	if m == nil || variables[m[1]] == nil {
		t.Errorf("%s: %q links to no board: %s", b.UID, p.Title, link)
		return
	}
	for _, v := range passedOn.FindAllStringSubmatch(m[2], -1) {
		if !slices.Contains(variables[b.UID], v[1]) || !slices.Contains(variables[m[1]], v[1]) {
			t.Errorf("%s: %q passes the variable %s, which one of the two boards lacks", b.UID, p.Title, v[1])
		}
	}
	for _, v := range setByLink.FindAllStringSubmatch(m[2], -1) {
		if !slices.Contains(variables[m[1]], v[1]) {
			t.Errorf("%s: %q sets the variable %s, which %s lacks", b.UID, p.Title, v[1], m[1])
		}
		if !slices.Contains(kept(p), v[2]) {
			t.Errorf("%s: %q has no column %s for its link", b.UID, p.Title, v[2])
		}
	}
}

// kept returns the fields that the transformations of a table keep.
func kept(p Panel) []string {
	for _, tr := range p.Transformations {
		if tr.ID == "filterFieldsByName" && len(tr.Options.Include.Names) > 0 {
			return tr.Options.Include.Names
		}
	}
	return nil
}

// The columns of a table are returned by its queries, and its options refer to
// existing columns.
func TestColumnsExist(t *testing.T) {
	for _, b := range load(t) {
		for _, p := range b.Panels {
			returned := map[string]bool{"Value": len(p.Targets) == 1}
			for _, target := range p.Targets {
				returned["Value #"+target.RefID] = len(p.Targets) > 1
				for label := range parse(target.Expr).labels {
					returned[label] = true
				}
				for _, l := range inLegend.FindAllStringSubmatch(target.LegendFormat, -1) {
					if !parse(target.Expr).labels[l[1]] && !commonLabels[l[1]] {
						t.Errorf("%s: the legend of %q names %s, which its query does not return", b.UID, p.Title, l[1])
					}
				}
			}
			titles := map[string]bool{}
			for _, field := range kept(p) {
				if !returned[field] && !commonLabels[field] {
					t.Errorf("%s: no query of %q returns the column %s", b.UID, p.Title, field)
				}
				titles[field] = true
			}
			checkTitles(t, b, p, titles, returned)
		}
	}
}

func checkTitles(t *testing.T, b Board, p Panel, titles, returned map[string]bool) {
	t.Helper()
	for _, tr := range p.Transformations {
		for field, title := range tr.Options.RenameByName {
			if !titles[field] {
				t.Errorf("%s: %q renames %s, which it filters out", b.UID, p.Title, field)
			}
			delete(titles, field)
			titles[title] = true
		}
		fields := []string{tr.Options.RowField, tr.Options.ColumnField, tr.Options.ValueField}
		for _, s := range tr.Options.Sort {
			fields = append(fields, s.Field)
		}
		for _, field := range fields {
			if field != "" && !returned[field] {
				t.Errorf("%s: %q transforms a table by %s, which it does not have", b.UID, p.Title, field)
			}
		}
	}
	for _, o := range p.FieldConfig.Overrides {
		if o.Matcher.ID != "byName" || !titles[o.Matcher.Options] {
			t.Errorf("%s: %q has no column %q to override", b.UID, p.Title, o.Matcher.Options)
		}
	}
	for _, s := range p.Options.SortBy {
		if !titles[s.DisplayName] {
			t.Errorf("%s: %q has no column %q to sort by; it has %q", b.UID, p.Title, s.DisplayName, slices.Sorted(maps.Keys(titles)))
		}
	}
}

// The variables in queries exist. The query of a variable uses only variables
// before it.
func TestVariablesExist(t *testing.T) {
	for _, b := range load(t) {
		known := []string{"__rate_interval", "1", "2"} // the numbers are groups of label_replace
		check := func(what, expr string) {
			for _, v := range inVariable.FindAllStringSubmatch(strings.ReplaceAll(expr, "${", "$"), -1) {
				if !slices.Contains(known, v[1]) {
					t.Errorf("%s: %s uses the unknown variable %s", b.UID, what, v[1])
				}
			}
		}
		for _, v := range b.Templating.List {
			check("the variable "+v.Name, v.Expr())
			known = append(known, v.Name)
		}
		for _, p := range b.Panels {
			for _, target := range p.Targets {
				check(p.Title, target.Expr)
			}
		}
	}
}
