package web

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown converts Markdown to HTML. It aligns cells by attributes, since the policy of the pages
// forbids styles.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute))),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(boxRenderer{}, 0))))

// document is a Markdown file as HTML.
type document struct {
	Path, Title, Summary string

	heading, body template.HTML
	sections      []section
}

// section is a heading that the table of contents lists.
type section struct{ ID, Title string }

// newDocument converts a Markdown file. Links to files that are not served become
// plain text, and pictures become their alternative text.
func newDocument(name string, source []byte, served []string) (*document, error) {
	d := &document{Path: name, Title: strings.TrimSuffix(path.Base(name), ".md")}
	root := markdown.Parser().Parse(text.NewReader(source))
	var nodes []ast.Node // the tree must not change during the walk
	err := ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			nodes = append(nodes, n)
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return nil, err
	}
	var first *ast.Heading // the main heading
	title, used := d.Title, map[string]bool{"": true}
	for _, n := range nodes {
		switch n := n.(type) {
		case *ast.Heading:
			title = plainText(source, n)
			id := anchor(title, used)
			n.SetAttributeString("id", []byte(id))
			if n.Level == 1 && first == nil {
				d.Title, first = title, n
				continue
			}
			n.Level = max(n.Level, 2) // a page has one main heading
			d.sections = append(d.sections, section{id, title})
		case *ast.Paragraph:
			if _, label := n.FirstChild().(*ast.Emphasis); d.Summary == "" && !label {
				d.Summary = strings.TrimSpace(firstSentence.FindString(plainText(source, n)))
			}
		case *ast.Link:
			if !leadsToPage(string(n.Destination), name, served) {
				unwrap(n)
			}
		case *ast.Image:
			unwrap(n)
		case *extensionast.Table:
			wrap(n, title+": table")
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			wrap(n, title+": example")
		}
	}
	if first != nil {
		first.Parent().RemoveChild(first.Parent(), first)
		d.heading = toHTML(source, first)
	}
	d.body = toHTML(source, root)
	return d, nil
}

// firstSentence ends at a period, or else with the text.
var firstSentence = regexp.MustCompile(`^(.+?\.\s|.+)`)

// toHTML converts a part of a document. Raw HTML is left out.
func toHTML(source []byte, n ast.Node) template.HTML {
	var b bytes.Buffer
	_ = markdown.Renderer().Render(&b, source, n) // writing to b does not fail
	return template.HTML(b.String())              //nolint:gosec // of a document that is part of the program
}

var markup = regexp.MustCompile(`<[^>]*>`)

// plainText returns the text of a part of a document.
func plainText(source []byte, n ast.Node) string {
	words := markup.ReplaceAllString(string(toHTML(source, n)), "")
	return strings.Join(strings.Fields(html.UnescapeString(words)), " ")
}

// anchor returns the id of a heading that GitHub would give it, so that links work
// here and there.
func anchor(title string, used map[string]bool) string {
	base := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, title)
	id := base
	for i := 1; used[id]; i++ {
		id = fmt.Sprintf("%s-%d", base, i)
	}
	used[id] = true
	return id
}

// leadsToPage reports whether a link in the file name leads to a page of this server
// or of another one.
func leadsToPage(destination, name string, served []string) bool {
	u, err := url.Parse(destination)
	switch {
	case err != nil:
		return false
	case u.IsAbs():
		return slices.Contains([]string{"http", "https", "mailto"}, u.Scheme)
	case u.Host != "" || strings.HasPrefix(u.Path, "/"):
		return false
	case u.Path == "":
		return u.Fragment != ""
	}
	target := path.Join(path.Dir(name), u.Path)
	if strings.HasSuffix(u.Path, "/") {
		target += "/"
	}
	return slices.Contains(served, target)
}

// unwrap replaces a node by its children.
func unwrap(n ast.Node) {
	parent := n.Parent()
	for n.HasChildren() {
		parent.InsertBefore(parent, n, n.FirstChild())
	}
	parent.RemoveChild(parent, n)
}

// wrap puts a node into a box.
func wrap(n ast.Node, label string) {
	b := &box{label: label}
	n.Parent().ReplaceChild(n.Parent(), n, b)
	b.AppendChild(b, n)
}

// box is an element that scrolls what is wider than the page. It can have the focus,
// so that the arrow keys scroll it.
type box struct {
	ast.BaseBlock
	label string
}

var kindBox = ast.NewNodeKind("box")

// Kind implements ast.Node.
func (*box) Kind() ast.NodeKind { return kindBox }

// Dump implements ast.Node.
func (b *box) Dump(source []byte, depth int) { ast.DumpHelper(b, source, depth, nil, nil) }

type boxRenderer struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (boxRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindBox, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			_, err := w.WriteString("</div>\n")
			return ast.WalkContinue, err
		}
		_, err := fmt.Fprintf(w, "<div class=\"box\" role=\"group\" tabindex=\"0\" aria-label=\"%s\">\n", html.EscapeString(n.(*box).label))
		return ast.WalkContinue, err
	})
}
