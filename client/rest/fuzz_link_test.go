package rest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// nextPage finds what a strict parser of RFC 8288 finds. In headers that are not valid, it follows only
// addresses in angle brackets. It does not change the current URL.
func FuzzNextPage(f *testing.F) {
	for _, seed := range []string{
		"", `</a>; rel=next`, `<https://n1.vendor.test/a?b=c,d>; title="<"; rel="last next", <b>; rel=prev`, `<a> ; rel = "NEXT"`, `<a>;rel=next;rel=prev`,
		`<a>; rel=prev; rel=next`, `<a>; title="; rel=next"`, `<a>; title="\"; rel=next"; rel=prev`, `<a>; title="x, <b>; rel=next"; rel=last`, `, ,<a>;;rel=next,`,
		`<a>; rel="first", <b>; rel="next"`, `<a>; rel*=UTF-8''next`, `<a>; title=">"; rel=next`, `<a>; title="a,b"; rel=next`, `<a>; rel`, `<a>; rel=`,
		`<>; rel=next`, `<<>>;rel="next`, `<http://[>; rel=next`, `<%zz>; REL = NEXT`, "<\x00>; rel=next", `<a>rel=next`, `<a>; xrel=next`, `<a>; rel="next"x`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		current := currentPage(t)
		before := current.String()
		got, err := nextPage(http.Header{"Link": {header}}, current)
		if current.String() != before {
			t.Errorf("the current page became %s", current)
		}
		if got != nil && (err != nil || !strings.Contains(strings.ToLower(header), "next") || !strings.Contains(header, ">")) {
			t.Errorf("%q leads to %s, with the error %v", header, got, err)
		}
		links, ok := parseLinks(header)
		if !ok {
			return
		}
		i := slices.IndexFunc(links, func(l parsedLink) bool { return l.isNext })
		if i < 0 {
			if got != nil || err != nil {
				t.Errorf("%q leads to %v with the error %v, want neither", header, got, err)
			}
			return
		}
		want, wantErr := current.Parse(links[i].target)
		if (err != nil) != (wantErr != nil) || err == nil && (got == nil || got.String() != want.String()) {
			t.Errorf("%q leads to %v with the error %v, want %v, %v", header, got, err, want, wantErr)
		}
	})
}

type parsedLink struct {
	target string
	isNext bool
}

// parseLinks parses a Link header. ok is false if RFC 8288 does not allow it.
func parseLinks(header string) (links []parsedLink, ok bool) {
	p := linkParser(header)
	for {
		for p.take(",") {
		}
		if p == "" {
			return links, true
		}
		target, rest, found := strings.Cut(string(p), ">")
		if !found || !strings.HasPrefix(target, "<") || strings.Contains(target[1:], "<") {
			return nil, false
		}
		l, known := parsedLink{target: target[1:]}, false
		for p = linkParser(rest); p.take(";"); {
			name := p.token()
			value, hasValue := "", p.take("=")
			if name == "" && hasValue {
				return nil, false
			}
			if hasValue {
				if value, ok = p.value(); !ok {
					return nil, false
				}
			}
			if strings.EqualFold(name, "rel") && !known {
				if known = true; strings.Contains(value, "\t") {
					return nil, false
				}
				l.isNext = slices.ContainsFunc(strings.Split(value, " "), func(r string) bool { return strings.EqualFold(r, "next") })
			}
		}
		links = append(links, l)
		if p.space(); p != "" && p[0] != ',' {
			return nil, false
		}
	}
}

// linkParser is the rest of a header.
type linkParser string

func (p *linkParser) space() { *p = linkParser(strings.TrimLeft(string(*p), " \t")) }

// take skips a separator and the spaces around it.
func (p *linkParser) take(separator string) bool {
	p.space()
	rest, ok := strings.CutPrefix(string(*p), separator)
	*p = linkParser(rest)
	p.space()
	return ok
}

func (p *linkParser) token() string {
	n := 0
	for n < len(*p) && strings.IndexByte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", (*p)[n]) >= 0 {
		n++
	}
	token := string((*p)[:n])
	*p = (*p)[n:]
	return token
}

// value parses a token or a quoted string.
func (p *linkParser) value() (value string, ok bool) {
	rest, quoted := strings.CutPrefix(string(*p), `"`)
	if !quoted {
		value = p.token()
		return value, value != ""
	}
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '"':
			*p = linkParser(rest[i+1:])
			return value, true
		case c == '\\':
			if i++; i == len(rest) {
				return "", false
			}
			value += rest[i : i+1]
		case c < ' ' && c != '\t' || c == 0x7f:
			return "", false
		default:
			value += rest[i : i+1]
		}
	}
	return "", false
}
