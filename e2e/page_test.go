package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/meraki"
)

// startDemo starts an exporter that has fetched the demo's estate.
func startDemo(t *testing.T) *process {
	t.Helper()
	exporter := startExporter(t, "--demo")
	exporter.awaitReady()
	return exporter
}

// awaitReady waits until the exporter has tried to fetch all accounts.
func (p *process) awaitReady() {
	p.t.Helper()
	eventually(p.t, 2*time.Minute, func() error {
		_, err := p.get("/-/ready")
		return err
	})
}

// organizationRows returns the names of the organizations on the page, and what is to be done first.
const organizationRows = `[...document.querySelectorAll(".organizations tbody tr")].map(tr =>
	tr.querySelector("th a").textContent + ": " + tr.querySelector("[data-label='To do'] :is(span, small)").textContent)`

// licenseRows returns the products on the page, their organizations, and what is to be done first.
const licenseRows = `[...document.querySelectorAll(".licenses tbody tr")].map(tr =>
	tr.querySelector("th").firstChild.textContent.trim() + ", " + tr.querySelector("[data-label=Organization] a").textContent +
	": " + tr.querySelector("[data-label='To do'] :is(span, small)").textContent)`

func TestPageShowsTheDemo(t *testing.T) {
	exporter, b := startDemo(t), startBrowser(t)
	b.open(exporter, "/?account=demo-meraki")
	rows := evaluate[[]string](b, organizationRows)
	if len(rows) != 12 || !strings.Contains(rows[0], "ended 22 days ago, 2 in use") || !slices.ContainsFunc(rows, func(r string) bool {
		return strings.HasPrefix(r, "Northwind Retail – Iberia: ends in ")
	}) {
		t.Errorf("organizations: %q", rows)
	}
	for _, test := range []struct {
		query string
		want  []string
	}{
		{"state=noncompliant&sort=name", []string{"Northwind Franchise"}},
		{"state=short", []string{"Northwind Franchise"}},
		{"state=disabled", []string{"Northwind Archive"}},
		{"state=failing", []string{}},
		{"model=per-device&sort=name", []string{"Northwind Stores – APAC", "Northwind Stores – North America"}},
	} {
		b.open(exporter, "/?account=demo-meraki&"+test.query)
		names := []string{}
		for _, row := range evaluate[[]string](b, organizationRows) {
			name, _, _ := strings.Cut(row, ": ")
			names = append(names, name)
		}
		if diff := cmp.Diff(test.want, names); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.query, diff)
		}
	}
	b.open(exporter, "/licenses?account=demo-meraki&state=action")
	licenses := evaluate[[]string](b, licenseRows)
	if len(licenses) == 0 || licenses[0] != "MS120-8LP, Northwind Stores – North America: ended 22 days ago, 2 in use" {
		t.Errorf("licenses: %q", licenses)
	}
	b.open(exporter, "/")
	for _, link := range evaluate[[]string](b, `[...document.querySelectorAll("header a")].map(a => a.pathname)`) {
		if _, err := exporter.get(link); err != nil {
			t.Errorf("a link leads nowhere: %v", err)
		}
	}
}

// accountNames returns the names in the rows of the accounts.
const accountNames = `[...document.querySelectorAll("[aria-labelledby=accounts] tbody th")].map(e => e.textContent)`

// focused describes the element that has the focus, and whether the focus is visible.
const focused = `(() => {
	const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
	const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.top >= 0 && box.left >= 0;
	return (e === document.body ? "end" : e.id || e.textContent.trim()) + (seen || e === document.body ? "" : " (not seen)");
})()`

// tabs presses the tab key up to the end of the page, and returns what had the focus.
func (b *browser) tabs() []string {
	b.t.Helper()
	var order []string
	for range 200 {
		b.do(chromedp.KeyEvent(kb.Tab))
		at := evaluate[string](b, focused)
		if at == "end" {
			return order
		}
		order = append(order, at)
	}
	b.t.Fatalf("the tab key leads nowhere: %q", order)
	return nil
}

func TestPageByKeyboard(t *testing.T) {
	exporter, b := startDemo(t), startBrowser(t)
	b.open(exporter, "/?account=demo-meraki&limit=5&page=2")
	want := slices.Concat(
		[]string{
			"Skip to the content", "license_exporter", "Organizations", "Licenses", "Documents", "Metrics",
			"12 organizations", "6 that need action", "3 ended", "3 ending", "1 short of seats", "4 with more seats in use than bought", "1 not compliant", "1 with API access switched off",
			"by owner", "by month", "accounts",
			"q", "Find", "Clear", "More filters and order", "vendor", "account", "model", "manufacturer", "owner", "state", "sort", "Show",
			"Organization", "To do", "Next end", "Seats and verdict", "Fetched",
		},
		evaluate[[]string](b, `[...document.querySelectorAll(".organizations tbody th a")].map(e => e.textContent)`),
		[]string{"First", "Previous", "Next", "Last"},
		evaluate[[]string](b, `[...document.querySelectorAll(".sums a")].map(e => e.textContent)`),
		evaluate[[]string](b, accountNames))
	if diff := cmp.Diff(want, b.tabs()); diff != "" {
		t.Errorf("order of the tab key (-want +got):\n%s", diff)
	}
	b.open(exporter, "/")
	b.do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	b.do(chromedp.KeyEvent(kb.Tab))
	if got := evaluate[string](b, focused); !strings.HasSuffix(got, "as a whole") {
		t.Errorf("after the skip link the focus goes to %q", got)
	}
	b.open(exporter, "/?sort=name")
	b.do(chromedp.SendKeys(chromedp.CSS("#q"), "northwind retail"+kb.Enter), chromedp.WaitVisible(chromedp.CSS(`input[value="northwind retail"]`)))
	if got, want := evaluate[string](b, "location.search"), "?q=northwind+retail&vendor=&account=&model=&manufacturer=&owner=&state=&sort=name"; got != want {
		t.Errorf("the form leads to %q, want %q", got, want)
	}
	if rows := evaluate[[]string](b, organizationRows); len(rows) != 3 {
		t.Errorf("found %q", rows)
	}
}

// look is a way to see the page.
type look struct {
	name, scheme  string
	width, height int64
}

var looks = []look{
	{"light.png", "light", 1280, 900},
	{"dark.png", "dark", 1280, 900},
	{"wide.png", "dark", 1600, 900},
	{"narrow.png", "light", 375, 812},
	{"narrow-dark.png", "dark", 375, 812},
}

func (b *browser) look(l look) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(l.width, l.height))
	scheme := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, scheme); err != nil {
		b.t.Fatal(err)
	}
}

// faint lists the texts whose contrast with their background is too low for WCAG 2 AA. The
// colors are those that the browser has computed.
const faint = `(() => {
	const rgb = s => { const m = s.match(/[\d.]+/g).map(Number); return {c: m.slice(0, 3), a: m.length > 3 ? m[3] : 1}; };
	const luminance = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126*r + 0.7152*g + 0.0722*b; };
	const behind = e => { for (; e; e = e.parentElement) { const b = rgb(getComputedStyle(e).backgroundColor); if (b.a === 1) return b.c; } return [255, 255, 255]; };
	const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	let texts = 0;
	while (walker.nextNode()) {
		const e = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim();
		if (!text || !e.checkVisibility()) continue;
		texts++;
		const a = luminance(rgb(getComputedStyle(e).color).c), b = luminance(behind(e));
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5) found.push(text + ": " + ratio.toFixed(2));
	}
	return texts < 20 ? ["only " + texts + " texts"] : found;
})()`

// tooWide lists the elements that extend beyond the right edge, also those with text that does.
const tooWide = `[...document.querySelectorAll("body *:not(.unseen)")].filter(e => {
	const text = document.createRange();
	text.selectNodeContents(e);
	return e.checkVisibility() && Math.max(e.getBoundingClientRect().right, text.getBoundingClientRect().right) > document.documentElement.clientWidth + 1;
}).map(e => e.tagName + " " + e.textContent.slice(0, 40))`

func TestPageCanBeReadInAllSchemesAndSizes(t *testing.T) {
	exporter, b := startDemo(t), startBrowser(t)
	for _, l := range looks {
		b.look(l)
		for _, page := range []string{"/", "/?account=demo-meraki", "/licenses", "/licenses?account=demo-meraki&month=2031-01"} {
			b.open(exporter, page)
			if got := evaluate[[]string](b, faint); len(got) > 0 {
				t.Errorf("%s of %s: too little contrast: %q", l.name, page, got)
			}
			if got := evaluate[[]string](b, tooWide); len(got) > 0 {
				t.Errorf("%s of %s: too wide: %q", l.name, page, got)
			}
		}
		b.open(exporter, "/")
		b.screenshot(l.name)
		b.open(exporter, "/licenses")
		b.screenshot("licenses-" + l.name)
	}
	backs := map[string]bool{}
	for _, l := range looks[:2] {
		b.look(l)
		backs[evaluate[string](b, `getComputedStyle(document.body).backgroundColor`)] = true
	}
	if len(backs) != 2 {
		t.Errorf("light and dark look the same: %v", backs)
	}
}

// TestPageOfALargeEstate has the exporter collect 5,000 organizations, some of
// which fail.
func TestPageOfALargeEstate(t *testing.T) {
	const key = "not-a-real-key"
	vendor := meraki.New(meraki.Options{
		Estate: meraki.Generate(1, 5000, 10), Key: key, Limits: meraki.Limits{Off: true},
	})
	vendor.Fail(func(r *http.Request) (int, string, bool) {
		return http.StatusForbidden, `{"errors": ["<b>No access</b> to this organization"]}`, strings.Contains(r.URL.Path, "77/inventory")
	})
	baseURL, stop, err := simulator.Listen(vendor)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	config := writeFile(t, "config.yml", fmt.Sprintf(`
accounts:
  - name: large
    vendor: meraki
    base_url: %s/api/v1
    rate_limit: {organization: 1000, source: 100000}
    http_client_config: {authorization: {credentials_file: %s}}
`, baseURL, writeFile(t, "key", key)))
	exporter, b := startExporter(t, "--config.file="+config), startBrowser(t)
	exporter.awaitReady()
	begun := time.Now()
	page, err := exporter.get("/")
	if err != nil || len(page) > 100_000 || strings.Contains(page, key) {
		t.Errorf("%v, a page of %d bytes, with the key: %v", err, len(page), strings.Contains(page, key))
	}
	t.Logf("%d bytes in %v", len(page), time.Since(begun))
	b.look(looks[0])
	b.open(exporter, "/?sort=name&page=2")
	if rows := evaluate[[]string](b, organizationRows); len(rows) != 50 {
		t.Errorf("%d organizations on the page", len(rows))
	}
	b.do(chromedp.Click(chromedp.CSS(`[rel="next"]`)), chromedp.WaitVisible(`//li[text()="Page 3 of 100"]`))
	if page, err := exporter.get("/licenses"); err != nil || len(page) > 100_000 {
		t.Errorf("%v, a page of licenses of %d bytes", err, len(page))
	}
	b.open(exporter, "/?q=077&state=failing")
	b.do(chromedp.Click(chromedp.CSS(".organizations tbody summary")))
	if got := evaluate[string](b, `document.querySelector(".organizations details[open] p").innerText`); !strings.Contains(got, "<b>No access</b>") {
		t.Errorf("a failing organization shows %q", got)
	}
	b.screenshot("failing.png")
	b.open(exporter, "/")
	b.screenshot("large.png")
}

// TestPageOnAPhone checks that the first screen shows what needs action.
func TestPageOnAPhone(t *testing.T) {
	exporter, b := startDemo(t), startBrowser(t)
	b.look(look{scheme: "light", width: 375, height: 812})
	for _, page := range []string{"/", "/licenses"} {
		b.open(exporter, page)
		if bottom := evaluate[float64](b, `document.querySelector("tbody [data-label='To do'] .badge").getBoundingClientRect().bottom`); bottom > 812 {
			t.Errorf("%s: what is to be done first ends at %v of 812 pixels", page, bottom)
		}
	}
}

// TestLicensesByKeyboard checks that the page of licenses can be used with the keyboard alone.
func TestLicensesByKeyboard(t *testing.T) {
	exporter, b := startDemo(t), startBrowser(t)
	b.open(exporter, "/licenses?account=demo-meraki&limit=2&page=2&state=action&sort=end")
	want := slices.Concat(
		[]string{"Skip to the content", "license_exporter", "Organizations", "Licenses", "Documents", "Metrics"},
		evaluate[[]string](b, `[...document.querySelectorAll(".states a")].map(e => e.textContent)`),
		[]string{
			"as a spreadsheet", "as a calendar",
			"q", "Find", "Clear", "More filters and order", "vendor", "account", "manufacturer", "owner", "state", "sort", "month", "organization_id", "Show",
			"Product", "Organization", "To do", "End and renewal", "Seats and verdict", "Owner",
		},
		evaluate[[]string](b, `[...document.querySelectorAll(".licenses tbody a")].map(e => e.textContent)`),
		[]string{"First", "Previous", "Next", "Last"})
	if diff := cmp.Diff(want, b.tabs()); diff != "" {
		t.Errorf("order of the tab key (-want +got):\n%s", diff)
	}
	b.open(exporter, "/licenses?sort=name")
	b.do(chromedp.SendKeys(chromedp.CSS("#q"), "office suite"+kb.Enter), chromedp.WaitVisible(chromedp.CSS(`input[value="office suite"]`)))
	if rows := evaluate[[]string](b, licenseRows); len(rows) == 0 || !strings.HasPrefix(rows[0], "Contoso Office Suite") {
		t.Errorf("found %q", rows)
	}
}
