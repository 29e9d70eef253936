package e2e

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

// demoOrganizations are organizations of the demo of each kind: with co-termination, with a license for
// each device, with subscriptions and problems, without access by API, of an asset manager, and accounts as a whole.
var demoOrganizations = []string{
	"account=demo-meraki&organization_id=2930101",
	"account=demo-meraki&organization_id=2930105",
	"account=demo-meraki&organization_id=2930108",
	"account=demo-meraki&organization_id=2930111",
	"account=demo-meraki",
	"account=demo-snow&organization_id=5a410003-0000-4000-8000-000000000003",
	"account=demo-snow",
}

// hrefs returns the links of the page within the exporter.
const hrefs = `[...new Set([...document.querySelectorAll("a")].map(a => a.pathname + a.search))]`

func TestOrganizationPageOfTheDemo(t *testing.T) {
	exporter, b := startDemo(t), startBrowser(t)
	for _, l := range looks {
		b.look(l)
		for i, query := range demoOrganizations {
			b.open(exporter, "/organization?"+query)
			for _, open := range []bool{false, true} {
				if open {
					evaluate[bool](b, `(document.querySelectorAll("details").forEach(d => d.open = true), true)`)
				}
				if got := evaluate[[]string](b, faint); len(got) > 0 {
					t.Errorf("%s of %s: too little contrast: %q", l.name, query, got)
				}
				if got := evaluate[[]string](b, tooWide); len(got) > 0 {
					t.Errorf("%s of %s: too wide: %q", l.name, query, got)
				}
			}
			b.screenshot("organization-" + string(rune('a'+i)) + "-" + l.name)
		}
	}
	checked := map[string]bool{}
	for _, query := range demoOrganizations {
		b.open(exporter, "/organization?"+query)
		for _, link := range evaluate[[]string](b, hrefs) {
			if checked[link] {
				continue
			}
			checked[link] = true
			if _, err := exporter.get(link); err != nil {
				t.Errorf("%s: a link leads nowhere: %v", query, err)
			}
		}
	}
	b.open(exporter, "/?account=demo-meraki&sort=name")
	b.do(chromedp.Click(`//th//a[text()="Northwind Franchise"]`), chromedp.WaitVisible(`//h1[text()="Northwind Franchise"]`))
	want := []string{"not compliant", "3 seats short (device)", "grace period ends in 20 days"}
	if got := evaluate[[]string](b, `[...document.querySelectorAll("[aria-labelledby=problems] tbody .badge")].map(e => e.textContent)`); !slices.Equal(got, want) {
		t.Errorf("problems %q, want %q", got, want)
	}
}

func TestOrganizationByKeyboard(t *testing.T) {
	exporter, b := startDemo(t), startBrowser(t)
	b.open(exporter, "/organization?"+demoOrganizations[2])
	sections := evaluate[[]string](b, `[...document.querySelectorAll("h2")].map(e => e.textContent)`)
	want := slices.Concat(
		[]string{
			"Skip to the content", "license_exporter", "Organizations", "Licenses", "Documents", "Metrics",
			"Organizations of this account", "Licenses of this organization", "Licenses as a spreadsheet", "Ends as a calendar", "Metrics", "demo-meraki",
		},
		sections,
		evaluate[[]string](b, `[...document.querySelectorAll("tbody a")].map(e => e.textContent)`),
		evaluate[[]string](b, `[...document.querySelectorAll("summary")].map(e => e.textContent)`))
	if diff := cmp.Diff(want, b.tabs()); diff != "" {
		t.Errorf("order of the tab key (-want +got):\n%s", diff)
	}
	// The overview of contents leads to the sections, and the tab key goes on from there.
	b.open(exporter, "/organization?"+demoOrganizations[2])
	b.do(chromedp.Focus(chromedp.CSS(`.contents a[href="#seats"]`)), chromedp.KeyEvent(kb.Enter))
	if got := evaluate[string](b, "location.hash + ' ' + document.activeElement.id"); got != "#seats seats" {
		t.Errorf("the link leads to %q", got)
	}
	// The vendor's own metrics open by keyboard.
	b.do(chromedp.Focus(chromedp.CSS("summary")), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(`//h3[text()="meraki_subscription_info"]`))
}

func TestOrganizationToAssistiveTechnology(t *testing.T) {
	exporter, b := startDemo(t), startBrowser(t)
	for _, query := range demoOrganizations {
		b.open(exporter, "/organization?"+query)
		evaluate[bool](b, `(document.querySelectorAll("details").forEach(d => d.open = true), true)`)
		byRole := b.roles()
		name := byRole["RootWebArea"][0]
		if title := strings.TrimSuffix(name, " – license_exporter"); title == "" || !slices.Contains(byRole["heading"], title) {
			t.Errorf("%s: the page is named %q, with the headings %q", query, name, byRole["heading"])
		}
		slices.Sort(byRole["navigation"])
		if want := []string{"On this page", "Pages", "Related pages"}; !slices.Equal(byRole["navigation"], want) {
			t.Errorf("%s: navigation %q, want %q", query, byRole["navigation"], want)
		}
		rows := evaluate[int](b, `document.querySelectorAll("tbody tr").length`)
		if n := len(byRole["rowheader"]); n != rows {
			t.Errorf("%s: %d of %d rows have a head", query, n, rows)
		}
		for _, role := range []string{"link", "table", "rowheader", "columnheader", "heading", "region"} {
			if len(byRole[role]) == 0 || slices.Contains(byRole[role], "") {
				t.Errorf("%s: nameless or absent: %s %q", query, role, byRole[role])
			}
		}
		if got := evaluate[[]string](b, `[...document.querySelectorAll("[id]")].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)`); len(got) > 0 {
			t.Errorf("%s: ids that occur twice: %v", query, got)
		}
	}
}

func TestOrganizationThatIsUnknown(t *testing.T) {
	exporter := startDemo(t)
	for _, query := range []url.Values{{"account": {"demo-meraki"}, "organization_id": {"1"}}, {"account": {"none"}}} {
		if _, err := exporter.get("/organization?" + query.Encode()); err == nil || !strings.Contains(err.Error(), "404") {
			t.Errorf("%v: %v", query, err)
		}
	}
}
