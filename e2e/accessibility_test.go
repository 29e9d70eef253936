package e2e

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// TestPageToAssistiveTechnology checks the accessibility tree, which screen readers use.
func TestPageToAssistiveTechnology(t *testing.T) {
	exporter, b := startDemo(t), startBrowser(t)
	for _, test := range []struct {
		page     string
		want     map[string][]string
		rows     int // besides those of the tables below
		headings []string
	}{
		{"/?limit=5&owner=sam-team", map[string][]string{
			"RootWebArea": {"What needs action, by organization – license_exporter"},
			"banner":      {""},
			"main":        {""},
			"contentinfo": {""},
			"navigation":  {"Pages", "Pages of the list", "States"},
			"search":      {"Filters"},
			"heading":     {"Accounts", "By month", "By owner", "What needs action, by organization"},
			"searchbox":   {"Name or id"},
			"combobox":    {"Account", "Manufacturer", "Model", "Owner", "Sort by", "State", "Vendor"},
			"button":      {"Find", "Show"},
			"columnheader": {
				"Account", "Cost of what ends", "Ending", "Ends", "Fetched", "Fetched", "Month", "Need action", "Next end", "Organization", "Organizations", "Owner", "Owner",
				"Renewing", "Renews by itself", "Seats and verdict", "State", "To do", "Vendor",
			},
		}, 5, []string{"H1", "H2", "H2", "H2"}},
		{"/licenses?limit=5&owner=sam-team", map[string][]string{
			"RootWebArea":  {"What needs action, by license – license_exporter"},
			"navigation":   {"Pages", "Pages of the list", "States"},
			"search":       {"Filters"},
			"heading":      {"What needs action, by license"},
			"searchbox":    {"Name or id"},
			"combobox":     {"Account", "Manufacturer", "Owner", "Sort by", "State", "Vendor"},
			"textbox":      {"Id of the organization", "Month of the end"},
			"columnheader": {"Cost", "End and renewal", "Organization", "Owner", "Product", "Seats and verdict", "To do"},
		}, 5, []string{"H1"}},
	} {
		b.open(exporter, test.page)
		byRole := b.roles()
		for role, want := range test.want {
			slices.Sort(byRole[role])
			if diff := cmp.Diff(want, byRole[role]); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", test.page, role, diff)
			}
		}
		others := evaluate[int](b, `document.querySelectorAll("table:not(.organizations, .licenses) tbody tr").length`)
		if n := len(byRole["rowheader"]); n != test.rows+others {
			t.Errorf("%s: %d rows have a head, want %d and %d", test.page, n, test.rows, others)
		}
		for _, role := range []string{"link", "table", "rowheader"} {
			if len(byRole[role]) == 0 || slices.Contains(byRole[role], "") {
				t.Errorf("%s: nameless or absent: %s %q", test.page, role, byRole[role])
			}
		}
		if got := evaluate[[]string](b, `[...document.querySelectorAll("h1, h2, h3, h4")].map(e => e.tagName)`); !slices.Equal(got, test.headings) {
			t.Errorf("%s: headings %v", test.page, got)
		}
		if got := evaluate[[]string](b, `[...document.querySelectorAll("[id]")].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)`); len(got) > 0 {
			t.Errorf("%s: ids that occur twice: %v", test.page, got)
		}
	}
}

// roles returns the names in the accessibility tree by role.
func (b *browser) roles() map[string][]string {
	b.t.Helper()
	tree, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		b.t.Fatal(err)
	}
	byRole := map[string][]string{}
	for _, node := range tree.Nodes {
		if !node.Ignored {
			role := text(node.Role)
			byRole[role] = append(byRole[role], text(node.Name))
		}
	}
	return byRole
}

func text(v *accessibility.Value) string {
	var s string
	if v != nil {
		_ = json.Unmarshal(v.Value, &s) // a value without text is skipped
	}
	return s
}
