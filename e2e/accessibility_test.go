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
	b.open(exporter, "/?limit=5")
	tree, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		t.Fatal(err)
	}
	byRole := map[string][]string{}
	for _, node := range tree.Nodes {
		if !node.Ignored {
			role := text(node.Role)
			byRole[role] = append(byRole[role], text(node.Name))
		}
	}
	for role, want := range map[string][]string{
		"RootWebArea":  {"License status – license_exporter"},
		"banner":       {""},
		"main":         {""},
		"contentinfo":  {""},
		"navigation":   {"Exporter", "Pages", "States"},
		"search":       {"Organizations"},
		"heading":      {"Accounts", "License status", "Organizations"},
		"searchbox":    {"Name or id"},
		"combobox":     {"Account", "Model", "Sort by", "State", "Vendor"},
		"button":       {"Show"},
		"columnheader": {"Account", "Account", "Compliance", "Fetched", "Fetched", "Model", "Next end", "Organization", "Organizations", "Seats", "State", "Vendor"},
	} {
		slices.Sort(byRole[role])
		if diff := cmp.Diff(want, byRole[role]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", role, diff)
		}
	}
	if n, accounts := len(byRole["rowheader"]), len(evaluate[[]string](b, accountNames)); accounts == 0 || n != accounts+5 {
		t.Errorf("%d rows have a head, want those of %d accounts and 5 organizations", n, accounts)
	}
	for _, role := range []string{"link", "table", "rowheader"} {
		if len(byRole[role]) == 0 || slices.Contains(byRole[role], "") {
			t.Errorf("nameless or absent: %s %q", role, byRole[role])
		}
	}
	if got := evaluate[[]string](b, `[...document.querySelectorAll("h1, h2, h3, h4")].map(e => e.tagName)`); !slices.Equal(got, []string{"H1", "H2", "H2"}) {
		t.Errorf("headings %v", got)
	}
	if got := evaluate[[]string](b, `[...document.querySelectorAll("[id]")].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)`); len(got) > 0 {
		t.Errorf("ids that occur twice: %v", got)
	}
}

func text(v *accessibility.Value) string {
	var s string
	if v != nil {
		_ = json.Unmarshal(v.Value, &s) // a value without text is skipped
	}
	return s
}
