package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-kit/log/level"
)

var (
	//go:embed *.html
	pageFiles embed.FS
	//go:embed style.css
	pageStyle string

	// pagePolicy is the Content-Security-Policy. A browser may only use the
	// page's own style and images that are part of the page.
	pagePolicy = fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		hash(pageStyle))
)

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// newTemplate returns the template of a page, with those of the frame and of lists.
func newTemplate(file string) *template.Template {
	return template.Must(template.ParseFS(pageFiles, file, "frame.html", "list.html")).Lookup(file)
}

// frame is the data of the frame around each page.
type frame struct {
	Title string
	// Heading replaces the title above the text, and Class is that of the text. Both may be
	// empty.
	Heading template.HTML
	Class   string
	// Root leads from the page to the root of all pages, such as "../".
	Root    string
	Links   []pageLink
	Style   template.CSS
	Version string
}

// pageLink is a link in the header of each page.
type pageLink struct {
	Path, Title string
	Current     bool
}

// frame returns the frame of the page at a path below the root, such as docs/metrics.md.
func (o *Options) frame(title, path string) frame {
	f := frame{
		Title: title, Root: strings.Repeat("../", strings.Count(path, "/")), Version: o.Version,
		Style: template.CSS(pageStyle), //nolint:gosec // a file of this package
	}
	for _, l := range []pageLink{
		{Path: ".", Title: "Organizations"},
		{Path: "licenses", Title: "Licenses"},
		{Path: "docs/", Title: "Documents"},
		{Path: strings.TrimPrefix(o.MetricsPath, "/"), Title: "Metrics"},
	} {
		l.Current = l.Path == path
		f.Links = append(f.Links, l)
	}
	return f
}

// setPageHeaders sets the headers of the pages for people.
func setPageHeaders(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
}

// show writes a page that a template makes of data.
func (o *Options) show(w http.ResponseWriter, t *template.Template, data any) {
	o.showAs(w, http.StatusOK, t, data)
}

// showAs is like show, with another status code.
func (o *Options) showAs(w http.ResponseWriter, code int, t *template.Template, data any) {
	var page bytes.Buffer
	if err := t.Execute(&page, data); err != nil {
		_ = level.Error(o.Logger).Log("msg", "a page cannot be shown", "page", t.Name(), "err", err)
		http.Error(w, "the page cannot be shown; the log of the exporter says why", http.StatusInternalServerError)
		return
	}
	setPageHeaders(w.Header())
	w.WriteHeader(code)
	// A parameter need not be UTF-8. Writing fails only if the client has gone.
	_, _ = w.Write(bytes.ToValidUTF8(page.Bytes(), []byte(string(utf8.RuneError))))
}
