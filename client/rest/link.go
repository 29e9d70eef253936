package rest

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	// link matches a link of a Link header: its address and its parameters. A quoted value may
	// contain anything.
	link = regexp.MustCompile(`<([^>]*)>((?:[^<"]|` + quotedValue + `)*)`)
	// linkParam matches a parameter: its name, and its value if that is quoted or if it is not.
	// It also matches other quoted text, so that nothing within it passes for a parameter.
	linkParam = regexp.MustCompile(`;\s*([^\s=;,"]+)\s*(?:=\s*(?:` + quotedValue + `|([^\s;,"]*)))?|` + quotedValue)
	escaped   = regexp.MustCompile(`\\(.)`)
)

const quotedValue = `"((?:[^"\\]|\\.)*)"?`

// nextPage returns the URL of the next page, or nil if this is the last one.
func nextPage(header http.Header, current *url.URL) (*url.URL, error) {
	for _, value := range header.Values("Link") {
		if !strings.ContainsAny(value, `xX\`) { // no "next", not even with escapes, as in most answers
			continue
		}
		for _, entry := range link.FindAllStringSubmatch(value, -1) {
			if !isNext(entry[2]) {
				continue
			}
			next, err := current.Parse(entry[1])
			if err != nil {
				return nil, errNextAddress
			}
			return next, nil
		}
	}
	return nil, nil
}

// isNext reports whether the parameters of a link have the relation next. Only the first
// rel counts.
func isNext(params string) bool {
	for _, p := range linkParam.FindAllStringSubmatch(params, -1) {
		if strings.EqualFold(p[1], "rel") {
			relations := strings.Fields(escaped.ReplaceAllString(p[2], "$1") + p[3])
			return slices.ContainsFunc(relations, func(r string) bool { return strings.EqualFold(r, "next") })
		}
	}
	return false
}
