package e2e

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// sideways lists what makes the page itself scroll sideways. Tables and examples scroll
// in boxes.
const sideways = `[document.documentElement.scrollWidth - document.documentElement.clientWidth].filter(excess => excess > 0)
	.map(excess => "page by " + excess).concat([...document.querySelectorAll("body *:not(.unseen, .box *)")]
	.filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(e => e.tagName + " " + e.textContent.slice(0, 40)))`

// unnamed lists what takes the focus without a name, and ids that occur twice.
const unnamed = `[...document.querySelectorAll("[tabindex='0']")].filter(e => !e.ariaLabel).map(e => e.tagName)
	.concat([...document.querySelectorAll("[id]")].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i))`

func TestDocumentsCanBeReadInAllSchemesAndSizes(t *testing.T) {
	exporter, b := startExporter(t, "--demo"), startBrowser(t)
	for _, l := range append(slices.Clone(looks), look{"wide.png", "light", 1600, 900}) {
		b.look(l)
		for _, document := range []string{"", "alerts.md", "configuration.md", "metrics.md", "runbooks/LicenseExpiring.md"} {
			b.open(exporter, "/docs/"+document)
			for what, expression := range map[string]string{"too little contrast": faint, "too wide": sideways, "not named well": unnamed} {
				if got := evaluate[[]string](b, expression); len(got) > 0 {
					t.Errorf("%q, %s: %s: %q", document, l.name, what, got)
				}
			}
			if got := evaluate[int](b, `document.querySelectorAll("h1").length`); got != 1 {
				t.Errorf("%q has %d main headings", document, got)
			}
			b.screenshot(strings.TrimSuffix("docs_"+path.Base(document), ".md") + "_" + l.name)
		}
	}
}

func TestDocumentsByKeyboard(t *testing.T) {
	exporter, b := startExporter(t, "--demo"), startBrowser(t)
	b.look(look{"", "light", 375, 812})
	b.open(exporter, "/docs/runbooks/LicenseExpiring.md")
	order := b.tabs()
	if len(order) < 10 || order[0] != "Skip to the content" || slices.ContainsFunc(order, func(s string) bool { return strings.HasSuffix(s, "(not seen)") }) {
		t.Errorf("order of the tab key: %q", order)
	}
	b.open(exporter, "/docs/runbooks/LicenseExpiring.md")
	b.do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter), chromedp.KeyEvent(kb.Tab))
	if got := evaluate[string](b, `document.activeElement.ariaLabel`); got != "Meaning: table" {
		t.Errorf("after the skip link the focus goes to %q", got)
	}
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	eventually(t, patience, func() error {
		if evaluate[float64](b, `document.activeElement.scrollLeft`) == 0 {
			return fmt.Errorf("the arrow key does not scroll the table")
		}
		return nil
	})
}
