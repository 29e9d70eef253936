package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func TestBoardsAreUpToDate(t *testing.T) {
	dir := t.TempDir()
	if status := run([]string{dir}); status != 0 {
		t.Fatalf("status %d", status)
	}
	made, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(made) != len(boards()) {
		t.Fatalf("made %q, %v; want %d boards", made, err, len(boards()))
	}
	for _, path := range made {
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		committed := filepath.Join("..", filepath.Base(path))
		if want, err := os.ReadFile(committed); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale (%v), run make generate", committed, err)
		}
	}
}

// TestSchema checks that the boards match the schema of dashboards, panels and queries: no
// field is unknown, of a wrong type or missing.
func TestSchema(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	for _, b := range boards() {
		content, err := os.ReadFile(filepath.Join("..", b.uid+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if problems := schemaProblems(content); problems != "" {
			t.Errorf("%s: %s", b.uid, problems)
		}
		wrong := bytes.Replace(content, []byte(`"gridPos":`), []byte(`"gridPosition":`), 1)
		if problems := schemaProblems(wrong); !strings.Contains(problems, "gridPosition") {
			t.Errorf("%s with an unknown field: %q", b.uid, problems)
		}
	}
}

// schemaProblems returns what is wrong with a dashboard. If there is nothing wrong, the
// library may still return an error, whose text is empty.
func schemaProblems(content []byte) string {
	var board dashboard.Dashboard //nolint:staticcheck // Grafana 10 does not know the newer schema
	problems := ""
	for _, err := range []error{board.UnmarshalJSONStrict(content), board.Validate()} {
		if err != nil {
			problems += err.Error()
		}
	}
	return problems
}

func TestUsage(t *testing.T) {
	if status := run(nil); status != 2 {
		t.Errorf("without a directory: status %d, want 2", status)
	}
	if status := run([]string{filepath.Join(t.TempDir(), "missing")}); status != 1 {
		t.Errorf("with a directory that is not there: status %d, want 1", status)
	}
}

// If a row ended before the 24th column, Grafana would move panels of the next row into it.
func TestRowsFillTheirLines(t *testing.T) {
	a := about{"title", "description", "nothing"}
	full := row{title: "full", panels: []*panelBuilder{lines(a, unitCount, 12), lines(a, unitCount, 12)}}
	gap := row{title: "gap", panels: []*panelBuilder{lines(a, unitCount, 12), lines(a, unitCount, 8)}}
	if err := checkWidths([]row{full}); err != nil {
		t.Errorf("a full row: %v", err)
	}
	if err := checkWidths([]row{full, gap}); err == nil || !strings.Contains(err.Error(), `"gap" end 20 columns`) {
		t.Errorf("a row with a gap: %v", err)
	}
}

func TestNamed(t *testing.T) {
	const want = `(m{a="b"}) * on (cluster, vendor, account, product) group_left (product_name) (` +
		`topk by (cluster, vendor, account, product) (1, license_product_info{product_name!=""})` +
		` or on (cluster, vendor, account, product) label_replace(group by (cluster, vendor, account, product) (m{a="b"}),` +
		` "product_name", "$1", "product", "(.*)"))`
	if got := named(matching(`a="b"`).of("m"), productName); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFiltered(t *testing.T) {
	const want = `(m{a="b", c="d"} unless on (cluster, vendor, account, organization_id, product, license_id) (` +
		`m{vendor=~"$vendor", unset!~"$manufacturer"} unless on (cluster, vendor, account, product) license_product_info{unset!~"$manufacturer", manufacturer=~"$manufacturer"}` +
		` or m{vendor=~"$vendor", unset!~"$owner"} unless on (cluster, vendor, account, organization_id, product, license_id) license_policy_info{unset!~"$owner", owner=~"$owner"}))`
	if got := matching(`a="b"`).filtered(byManufacturer, byOwner).of("m", `c="d"`); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCount(t *testing.T) {
	if got, want := count("m", "< 0"), "sum(m < bool 0)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
