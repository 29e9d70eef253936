package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a Chromium with one page open. It records the errors of the page.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

// chromium returns the path of the browser.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no Chromium is installed, and CHROMIUM names none")
	return ""
}

// startBrowser starts a Chromium with a profile of its own, which sends requests to the
// exporter only.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	ctx, cancel := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(chromium(t)), chromedp.UserDataDir(t.TempDir()),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true))
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, c := range b.heard() {
			t.Error("the browser complains:", c)
		}
	})
	return b
}

// listen records exceptions, failed requests, violations of the content security policy,
// and what scripts print to the console.
func (b *browser) listen(event any) {
	var complaint string
	switch e := event.(type) {
	case *cdplog.EventEntryAdded:
		complaint = fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
	case *runtime.EventConsoleAPICalled:
		complaint = fmt.Sprintf("console.%s", e.Type)
	case *runtime.EventExceptionThrown:
		complaint = e.ExceptionDetails.Text
	default:
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = append(b.complaints, complaint)
}

// heard returns what was recorded since the last call.
func (b *browser) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	heard := b.complaints
	b.complaints = nil
	return heard
}

// patience is how long an action may take.
const patience = 30 * time.Second

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ask(b, chromedp.Steps(actions...))
}

// ask runs an action that stores its result, and returns the result.
func ask[T any](b *browser, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	found, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}

// evaluate returns the value of an expression in the page.
func evaluate[T any](b *browser, expression string) T {
	b.t.Helper()
	return ask(b, chromedp.Evaluate[T](expression))
}

// open loads a page.
func (b *browser) open(exporter *process, path string) {
	b.t.Helper()
	b.do(chromedp.Navigate("http://" + exporter.address + path))
}

// screenshot saves a picture of the whole page in the directory that
// LICENSE_EXPORTER_SCREENSHOTS names, if that is set.
func (b *browser) screenshot(name string) {
	b.t.Helper()
	dir := os.Getenv("LICENSE_EXPORTER_SCREENSHOTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name), ask(b, chromedp.FullScreenshot(100)), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// TestBrowserComplains checks that errors in a page are recorded, on which the other tests
// rely.
func TestBrowserComplains(t *testing.T) {
	exporter, b := startExporter(t, "--demo"), startBrowser(t)
	b.open(exporter, "/")
	if heard := b.heard(); len(heard) > 0 {
		t.Errorf("before there is a reason: %q", heard)
	}
	for what, script := range map[string]string{
		"a style that the policy forbids":     `document.body.setAttribute("style", "color: red")`,
		"an image that the policy forbids":    `document.body.appendChild(new Image()).src = "/metrics"`,
		"a script that prints on the console": `console.error("here")`,
	} {
		evaluate[chromedp.Void](b, script)
		eventually(t, patience, func() error {
			if len(b.heard()) == 0 {
				return fmt.Errorf("the browser does not complain about %s", what)
			}
			return nil
		})
	}
}
