package web

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/net/html"
)

// documentServer returns a function that asks for a path.
func documentServer(t *testing.T, docs fs.FS) func(method, path string) *httptest.ResponseRecorder {
	t.Helper()
	handler := newHandler(t, withFake(&fakeEngine{}, Options{MetricsPath: "/metrics", Version: "1.2.3", Docs: docs}))
	return func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
		return w
	}
}

// page contains what tests check of a page.
type page struct {
	title, h1 string
	ids       map[string]bool
	links     []string // within main
	elements  map[string]int
	text      string // of main
}

// textOf returns the text within an element.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func parsePage(t *testing.T, content []byte) page {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	p := page{ids: map[string]bool{}, elements: elements(t, content)}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			switch {
			case a.Key == "id" && p.ids[a.Val]:
				t.Errorf("the id %s occurs twice", a.Val)
			case a.Key == "id":
				p.ids[a.Val] = true
			case a.Key == "href" && n.Data == "a" && slices.ContainsFunc(slices.Collect(n.Ancestors()), func(n *html.Node) bool { return n.Data == "main" }):
				p.links = append(p.links, a.Val)
			}
		}
		switch n.Data {
		case "title":
			p.title = textOf(n)
		case "h1":
			p.h1 = textOf(n)
		case "main":
			p.text = textOf(n)
		}
	}
	return p
}

var markdownLink = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)

// Links in the shipped documents lead to a page and to a heading of it, or are plain
// text if they lead to files that the exporter does not serve.
func TestLinksOfTheDocuments(t *testing.T) {
	shipped := os.DirFS("..")
	get := documentServer(t, shipped)
	pages := map[string]page{}
	for _, pattern := range []string{"docs/*.md", "docs/vendors/*.md", "docs/runbooks/*.md"} {
		names, err := fs.Glob(shipped, pattern)
		if err != nil || len(names) < 3 {
			t.Fatalf("%s: %q, %v", pattern, names, err)
		}
		for _, name := range append(names, path.Dir(pattern)+"/") {
			w := get(http.MethodGet, "/"+name)
			if w.Code != http.StatusOK {
				t.Fatalf("%s: %d %s", name, w.Code, w.Body)
			}
			pages[name] = parsePage(t, w.Body.Bytes())
		}
	}
	for name, p := range pages {
		if p.elements["h1"] != 1 || !strings.HasPrefix(p.title, p.h1+" – ") || p.elements["img"]+p.elements["script"] > 0 {
			t.Errorf("%s has the title %q, the heading %q and elements %v", name, p.title, p.h1, p.elements)
		}
		for _, link := range p.links {
			target, err := url.Parse(link)
			if err != nil {
				t.Error(err)
				continue
			}
			if target.Host != "" {
				continue
			}
			to := (&url.URL{Path: "/" + name}).ResolveReference(target)
			found, exists := pages[strings.TrimPrefix(to.Path, "/")]
			if !exists || to.Fragment != "" && !found.ids[to.Fragment] {
				t.Errorf("%s links to %s, which does not exist", name, link)
			}
		}
		if !strings.HasSuffix(name, ".md") {
			continue
		}
		source, err := fs.ReadFile(shipped, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range markdownLink.FindAllStringSubmatch(string(source), -1) {
			file, _, _ := strings.Cut(m[1], "#")
			_, served := pages[path.Join(path.Dir(name), file)]
			if served = served || file == "" || strings.HasPrefix(file, "https://"); served != slices.Contains(p.links, m[1]) {
				t.Errorf("%s: %s leads to a page: %v; the page has the links %q", name, m[1], served, p.links)
			}
		}
	}
	for name := range pages {
		if !strings.HasSuffix(name, "/") && !slices.Contains(pages["docs/"].links, "../"+name) {
			t.Errorf("the index does not link to %s", name)
		}
	}
}

const sampleDocument = "# The *first* `a_b` & [more](b.md)\n" + `
<!-- Made by a program. -->

**Severity:** none

One sentence of [the
text](runbooks/R.md). Another.

## What's it? Größe_1

| left | right |
| :--- | ---: |
| a <b>bold</b> | ![A picture](x.png) |

## Same

    code <here>

## Same

1. An item:

   ` + "```yaml\n   key: \"value\"\n   ```" + `

[gone](../README.md) [outside](../../etc/passwd) [root](/b.md) [here](#same-1) [up](../docs/b.md#x) [folder](runbooks/) [index](./)
[script](javascript:alert(1)) [host](//example.org/x) [empty]() [web](https://example.org/a?b#c) [mail](mailto:team@example.org) [bad](%zz)
[![Picture in a link](x.png)](../y.md) [ref][r] <https://example.org/>

[r]: b.md "title"

# Second title
`

func TestDocumentAsHTML(t *testing.T) {
	get := documentServer(t, fstest.MapFS{
		"docs/a.md": {Data: []byte(sampleDocument)}, "docs/b.md": {Data: []byte("No heading <here>")}, "docs/runbooks/R.md": {Data: []byte("# R\n\nFor [a](../a.md).")},
		"docs/secret.txt": {Data: []byte("x")}, "docs/other/c.md": {Data: []byte("# C")},
	})
	w := get(http.MethodGet, "/docs/a.md")
	got := parsePage(t, w.Body.Bytes())
	if got.h1 != "The first a_b & more" || got.elements["h1"] != 1 || got.title != got.h1+" – license_exporter" {
		t.Errorf("heading %q, title %q", got.h1, got.title)
	}
	want := []string{"b.md", "runbooks/R.md", "#same-1", "../docs/b.md#x", "runbooks/", "./", "https://example.org/a?b#c", "mailto:team@example.org", "b.md", "https://example.org/"}
	if diff := cmp.Diff(want, got.links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	for _, id := range []string{"the-first-a_b--more", "whats-it-größe_1", "same", "same-1"} {
		if !got.ids[id] {
			t.Errorf("no id %s in %q", id, slices.Sorted(maps.Keys(got.ids)))
		}
	}
	for _, words := range []string{"a bold A picture", "gone outside root here", "script host empty web mail bad Picture in a link ref", "code <here>"} {
		if !strings.Contains(got.text, words) {
			t.Errorf("no %q in %q", words, got.text)
		}
	}
	for _, part := range []string{
		`<td align="right">A picture</td>`,
		`<div class="box" role="group" tabindex="0" aria-label="What&#39;s it? Größe_1: table">` + "\n<table>",
		`<div class="box" role="group" tabindex="0" aria-label="Same: example">` + "\n<pre><code class=\"language-yaml\">",
	} {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("no %s in\n%s", part, w.Body)
		}
	}
	for _, forbidden := range []string{"Made by", "<b>", "<img", "javascript:", " style="} {
		if strings.Contains(w.Body.String(), forbidden) {
			t.Errorf("%s in\n%s", forbidden, w.Body)
		}
	}
	if got := parsePage(t, get(http.MethodGet, "/docs/b.md").Body.Bytes()); got.h1 != "b" || got.text != "b No heading" {
		t.Errorf("without a heading the page is %+v", got)
	}
	index := parsePage(t, get(http.MethodGet, "/docs/").Body.Bytes())
	if want := "Documents The first a_b & more One sentence of the text. b No heading Runbooks There is a runbook for each alert. It begins with what happened and what to do first. R For a."; index.text != want {
		t.Errorf("index %q, want %q", index.text, want)
	}
	if want := []string{"../docs/a.md", "../docs/b.md", "../docs/runbooks/R.md"}; !slices.Equal(index.links, want) || !index.ids["runbooks"] {
		t.Errorf("the index has the links %q and ids %v", index.links, index.ids)
	}
	for path, root := range map[string]string{"/docs/a.md": "../", "/docs/runbooks/R.md": "../../", "/docs/runbooks/": "../../", "/docs/a/b/c.md": "../../../", "/docs/a%2fb.md": "../"} {
		body := get(http.MethodGet, path).Body.String()
		for _, link := range []string{".", "licenses", "metrics", "docs/"} {
			if !strings.Contains(body, `<li><a href="`+root+link+`"`) {
				t.Errorf("%s does not link to %q", path, root+link)
			}
		}
	}
	for _, path := range []string{"/docs/nothing.md", "/docs/a", "/docs/a.md/", "/docs/secret.txt", "/docs/other/c.md", "/docs/runbooks/a.md", "/docs/%2e%2e/web.go", "/docs/<b>"} {
		w := get(http.MethodGet, (&url.URL{Path: path}).String())
		if p := parsePage(t, w.Body.Bytes()); w.Code != http.StatusNotFound || p.h1 != "No such document" || len(p.links) != 1 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// A runbook begins with what to do first, so it has no table of contents.
func TestTableOfContents(t *testing.T) {
	long := &fstest.MapFile{Data: []byte("# L\n\n## A\n\n## B\n\n## C\n\n## D\n\n## E")}
	get := documentServer(t, fstest.MapFS{"docs/L.md": long, "docs/runbooks/L.md": long, "docs/short.md": {Data: []byte("# S\n\n## A")}})
	for path, want := range map[string]bool{"/docs/L.md": true, "/docs/runbooks/L.md": false, "/docs/short.md": false} {
		if got := strings.Contains(get(http.MethodGet, path).Body.String(), `aria-label="Sections"`); got != want {
			t.Errorf("%s has a table of contents: %v, want %v", path, got, want)
		}
	}
}

func TestDocumentsHaveTheHeadersOfPages(t *testing.T) {
	get := documentServer(t, fstest.MapFS{"docs/a.md": {Data: []byte("# A")}})
	for _, path := range []string{"/docs/", "/docs/a.md", "/docs/none.md"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w := get(method, path)
			if got, want := w.Header(), show(t, smallEstate(), "").Header(); !cmp.Equal(got, want) {
				t.Errorf("%s %s: headers %v, want %v", method, path, got, want)
			}
		}
	}
	if w := get(http.MethodPost, "/docs/a.md"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST answers %d", w.Code)
	}
}

// countedFS counts what is opened, and fails if told so.
type countedFS struct {
	fs.FS
	opened atomic.Int32
	err    error
}

func (c *countedFS) Open(name string) (fs.File, error) {
	if c.opened.Add(1); c.err != nil && strings.HasSuffix(name, ".md") {
		return nil, c.err
	}
	return c.FS.Open(name)
}

func TestDocumentsAreConvertedOnce(t *testing.T) {
	docs := &countedFS{FS: fstest.MapFS{"docs/a.md": {Data: []byte("# A")}}}
	get := documentServer(t, docs)
	if docs.opened.Load() != 0 {
		t.Error("documents are read before anybody asks for one")
	}
	first := get(http.MethodGet, "/docs/a.md").Body.String()
	opened := docs.opened.Load()
	if second := get(http.MethodGet, "/docs/a.md").Body.String(); opened == 0 || docs.opened.Load() != opened || second != first {
		t.Errorf("%d files opened at first, then %d", opened, docs.opened.Load())
	}
}

func TestDocumentsThatCannotBeRead(t *testing.T) {
	var logged bytes.Buffer
	docs := &countedFS{FS: fstest.MapFS{"docs/a.md": {}}, err: errors.New("the disk is broken")}
	handler := NewHandler(withFake(&fakeEngine{}, Options{MetricsPath: "/metrics", Docs: docs, Own: prometheus.NewRegistry(), Logger: log.NewLogfmtLogger(&logged)}))
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/docs/", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "broken") || !strings.Contains(logged.String(), "the disk is broken") {
		t.Errorf("%d %s, log %s", w.Code, w.Body, &logged)
	}
}
