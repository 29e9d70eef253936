package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"github.com/go-kit/log/level"
)

var documentsTemplate = newTemplate("documents.html")

const (
	documentsPath = "docs/"
	vendorsPath   = documentsPath + "vendors/"
	runbooksPath  = documentsPath + "runbooks/"
	// manySections is how many sections a document needs for a table of contents.
	manySections = 5
)

// documents serves the documents and their index. It makes all pages when the first
// one is asked for.
func (o *Options) documents() http.Handler {
	pages := sync.OnceValues(o.documentPages)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all, err := pages()
		page, found := all[strings.TrimPrefix(r.URL.Path, "/")]
		if err == nil && !found {
			page, err = o.documentPage(strings.TrimPrefix(r.URL.EscapedPath(), "/"), documentView{frame: frame{Title: "No such document"}, Missing: true})
		}
		if err != nil {
			_ = level.Error(o.Logger).Log("msg", "documents cannot be shown", "err", err)
			http.Error(w, "the documents cannot be shown; the log of the exporter says why", http.StatusInternalServerError)
			return
		}
		setPageHeaders(w.Header())
		if !found {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write(page) //nolint:gosec // the template escapes paths; fails only if the client has gone
	})
}

// documentView is the data of the template: of a document, of the index, or of the
// page for unknown paths.
type documentView struct {
	frame
	Body     template.HTML
	Sections []section
	Groups   []documentGroup
	Missing  bool
}

// documentGroup is the part of the index about the documents in one folder.
type documentGroup struct {
	path string
	// ID, Title and Text are empty for the documents that come first.
	ID, Title, Text string
	Documents       []*document
}

// documentGroups returns the parts of the index, without documents.
func documentGroups() []documentGroup {
	return []documentGroup{
		{path: documentsPath},
		{path: vendorsPath, ID: "vendors", Title: "Vendors", Text: "The page of a vendor says how to create a credential and what the facts mean."},
		{path: runbooksPath, ID: "runbooks", Title: "Runbooks", Text: "There is a runbook for each alert. It begins with what happened and what to do first."},
	}
}

// documentPages returns all pages by their paths.
func (o *Options) documentPages() (map[string][]byte, error) {
	index := documentView{frame: frame{Title: "Documents"}, Groups: documentGroups()}
	names, served := make([][]string, len(index.Groups)), []string{}
	for i, group := range index.Groups {
		found, err := fs.Glob(o.Docs, group.path+"*.md")
		if err != nil {
			return nil, err
		}
		names[i] = found
		served = append(append(served, found...), group.path)
	}
	views := map[string]documentView{}
	for i := range index.Groups {
		group := &index.Groups[i]
		for _, name := range names[i] {
			source, err := fs.ReadFile(o.Docs, name)
			if err != nil {
				return nil, err
			}
			d, err := newDocument(name, source, served)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			group.Documents = append(group.Documents, d)
			view := documentView{frame: frame{Title: d.Title, Heading: d.heading}, Body: d.body}
			if group.path != runbooksPath && len(d.sections) >= manySections { // a runbook begins with what to do first
				view.Sections = d.sections
			}
			views[name] = view
		}
	}
	for _, group := range index.Groups {
		views[group.path] = index
	}
	pages := map[string][]byte{}
	for name, view := range views {
		page, err := o.documentPage(name, view)
		if err != nil {
			return nil, err
		}
		pages[name] = page
	}
	return pages, nil
}

// documentPage returns the page at a path. Its links are relative, so that they work
// behind a proxy that adds a prefix to all paths.
func (o *Options) documentPage(name string, view documentView) ([]byte, error) {
	heading := view.Heading
	view.frame = o.frame(view.Title, name)
	view.Heading, view.Class = heading, "document"
	var page bytes.Buffer
	err := documentsTemplate.Execute(&page, view)
	return page.Bytes(), err
}
