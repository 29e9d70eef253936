package web

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"license_exporter/internal/enginetest"
	"license_exporter/status"
)

var (
	linkPattern   = regexp.MustCompile(`<a href="([^"#]*)`)
	choicePattern = regexp.MustCompile(`<select id="([a-z]+)".*?</select>`)
	valuePattern  = regexp.MustCompile(`<option value="([^"]*)"`)
)

// Each link and each choice of a form leads to a page, for names and ids of any length and content.
func TestLinksAndChoicesLeadToPages(t *testing.T) {
	for _, text := range []string{"x", `a&b=c#d?e/f;g "<b>`, strings.Repeat("x", maxText), strings.Repeat("x", maxText+1), strings.Repeat("ü&", maxText)} {
		o := organization{Account: text, Vendor: "v", ID: text, Name: text, Model: text, Owner: text, APIEnabled: true}
		var licenses []status.License
		for range maxRows {
			l := problem(text, status.Expiring, status.Warning)
			l.EndCounts, l.Owner, l.Name, l.LicenseID = true, text, text, text
			licenses = append(licenses, l)
		}
		o = summed(o, licenses...)
		estate := status.Overview{Now: enginetest.Now, Accounts: []status.Account{{Name: text, Vendor: "v", Organizations: 1, Failing: 1}}, Organizations: []status.Organization{o}}
		handler := newHandler(t, withFake(&fakeEngine{overview: estate}, Options{
			MetricsPath:  "/metrics",
			Organization: func(string, string) *status.Detail { return &status.Detail{Now: enginetest.Now, Organization: o} },
			Labels:       func(string) map[string]string { return nil },
		}))
		asked, todo := map[string]bool{}, []string{"/", "/licenses"}
		add := func(from *url.URL, link string) {
			to, err := from.Parse(link)
			if err != nil {
				t.Errorf("%s of %.300s: %v", link, from, err)
				return
			}
			switch to.Path {
			case "/metrics", "/docs/", "/docs/runbooks/LicenseExpiring.md":
				return // others' tests
			}
			if path := to.RequestURI(); !asked[path] {
				todo = append(todo, path)
			}
		}
		for len(todo) > 0 && len(asked) < 80 {
			path := todo[0]
			todo = todo[1:]
			if asked[path] {
				continue
			}
			asked[path] = true
			u, _ := url.Parse(path)
			w := ask(t, handler, u.Path, u.RawQuery)
			if w.Code != http.StatusOK {
				t.Errorf("%.300s: %d %s", path, w.Code, w.Body)
			}
			if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				for _, link := range linkPattern.FindAllStringSubmatch(w.Body.String(), -1) {
					add(u, html.UnescapeString(link[1]))
				}
				for _, field := range choicePattern.FindAllStringSubmatch(w.Body.String(), -1) {
					for _, value := range valuePattern.FindAllStringSubmatch(field[0], -1) {
						add(u, "?"+url.Values{field[1]: {html.UnescapeString(value[1])}}.Encode())
					}
				}
			}
		}
		if len(asked) < 20 {
			t.Errorf("only %d links", len(asked))
		}
	}
}
