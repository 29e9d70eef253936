package snow

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/simulator/simtest"
)

// listing is a page as a client sees it.
type listing struct {
	Items      []object `json:"items"`
	Pagination struct {
		PageSize   int  `json:"page_size"`
		PageNumber int  `json:"page_number"`
		TotalPages *int `json:"total_pages"`
		TotalItems *int `json:"total_items"`
	} `json:"pagination"`
	Links []struct{ HRef, Rel, Method string } `json:"_links"`
}

func (p listing) link(rel string) string {
	for _, l := range p.Links {
		if l.Rel == rel {
			return l.HRef
		}
	}
	return ""
}

// filtered is a path with a filter.
func filtered(path, filter string) string {
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + "filter=" + strings.ReplaceAll(url.QueryEscape(filter), "+", "%20")
}

// list reads all pages of a path: to the last one as total_pages tells, or else to one that is not full.
func (a *api) list(path string) []object {
	a.T.Helper()
	all := []object{}
	for number := 1; ; number++ {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		p := read[listing](a, fmt.Sprintf("%s%spage_size=1000&page_number=%d", path, sep, number))
		all = append(all, p.Items...)
		total := p.Pagination.TotalPages
		if total != nil && number >= *total || len(p.Items) < p.Pagination.PageSize {
			return all
		}
	}
}

func TestPages(t *testing.T) {
	a, _ := start(t, Options{MaxPageSize: 200})
	application := applicationGUID(1)
	for path, counted := range map[string]bool{
		samPath + "/licenses":                                        true,
		samPath + "/licenses-entitlements":                           true,
		samPath + "/licenses/maintenance-periods":                    false,
		samPath + "/licenses/tracking/" + application + "/computers": false,
		samPath + "/licenses/entitlements/users":                     false,
		"/api/sam/v2/agreements":                                     true,
		applicationsPath:                                             true,
	} {
		t.Run(path, func(t *testing.T) {
			whole := a.list(path)
			size := 200
			if len(whole) < 200 {
				size = 3
			}
			var joined []object
			target := fmt.Sprintf("%s?page_size=%d", path, size*5) // beyond the 200, where there is as much
			asked := min(size*5, 200)
			for n := 1; target != ""; n++ {
				p := read[listing](a, target)
				if p.Pagination.PageSize != asked || p.Pagination.PageNumber != n || p.link("self") == "" {
					t.Fatalf("page %d: %+v, links %v", n, p.Pagination, p.Links)
				}
				if counted != (p.Pagination.TotalPages != nil) {
					t.Errorf("total_pages %v", p.Pagination.TotalPages)
				}
				if counted && *p.Pagination.TotalPages != (len(whole)+asked-1)/asked {
					t.Errorf("total_pages %d of %d records", *p.Pagination.TotalPages, len(whole))
				}
				joined = append(joined, p.Items...)
				if target = p.link("next"); target != "" && !strings.HasPrefix(target, "/api/") {
					t.Fatalf("next is %q", target)
				}
			}
			if diff := cmp.Diff(whole, joined); diff != "" {
				t.Errorf("pages by their links (-whole +pages):\n%s", diff)
			}
			beyond := a.Get(path + "?page_number=4000000000000000000")
			if beyond.Status != 200 || !strings.HasPrefix(beyond.Body, `{"items":[],`) {
				t.Errorf("beyond the end: %d %.100s", beyond.Status, beyond.Body)
			}
		})
	}
	p := read[listing](a, samPath+"/licenses")
	if p.Pagination.PageSize != 100 || *p.Pagination.TotalItems != demoLicenses || p.link("last") != samPath+"/licenses?page_number=10&page_size=100" {
		t.Errorf("without parameters: %+v, %v", p.Pagination, p.Links)
	}
	if p := read[listing](a, samPath+"/compliance/summary/"+application+"?page_number=7"); len(p.Items) != 1 {
		t.Errorf("compliance has pages: %v", p)
	}
	if got := p.Items[0]["_links"]; fmt.Sprint(got) != fmt.Sprintf("[map[href:%s method:GET rel:self]]", licensePath(0)) {
		t.Errorf("links of a license: %v", got)
	}
}

func TestFilters(t *testing.T) {
	a, _ := start(t, Options{})
	all := a.list(samPath + "/licenses")
	now := simtest.Now.Format(time.RFC3339)
	year := simtest.Now.AddDate(1, 0, 0).Format(time.RFC3339)
	ends := func(l object) string { s, _ := l["subscriptionValidTo"].(string); return s }
	application := applicationGUID(3)
	active := func(l object) bool { return l["status"] == "Active" }
	tests := []struct {
		filter string
		want   func(object) bool
	}{
		{`status -eq "Active"`, active},
		{`status -eq 'active'`, active},
		{`status -eq Active`, active},
		{`status -ne 'Active'`, func(l object) bool { return !active(l) }},
		{"applicationId -eq '" + application + "'", func(l object) bool { return l["applicationId"] == application }},
		{"applicationId -in ['" + application + "', '" + applicationGUID(4) + "']", func(l object) bool {
			return l["applicationId"] == application || l["applicationId"] == applicationGUID(4)
		}},
		{"organizationId -notin ['" + noGUID + "']", func(l object) bool { return l["organizationId"] != noGUID }},
		{"applicationId -exists false", func(l object) bool { return l["applicationId"] == nil }},
		{"applicationId -ne '" + application + "'", func(l object) bool { return l["applicationId"] != application }},
		{"isIncomplete -eq true", func(l object) bool { return l["isIncomplete"] == true }},
		{"quantity -ge 40", func(l object) bool { n, ok := l["quantity"].(float64); return ok && n >= 40 }},
		{"quantity -lt 4", func(l object) bool { n, ok := l["quantity"].(float64); return ok && n < 4 }},
		{"purchaseValue -gt 99999.5", func(l object) bool { return l["purchaseValue"].(float64) > 99999.5 }},
		{"subscriptionValidTo -le '" + now + "'", func(l object) bool { return ends(l) != "" && ends(l) <= now }},
		{"(status -eq 'Active') -and (subscriptionValidTo -gt \"" + now + "\") -and (subscriptionValidTo -lt '" + year + "')",
			func(l object) bool { return active(l) && ends(l) > now && ends(l) < year }},
		{"((isUpgrade -eq true) -or (isDowngrade -eq true)) -and (-not (purchaseCurrency -eq 'EUR'))", func(l object) bool {
			return (l["isUpgrade"] == true || l["isDowngrade"] == true) && l["purchaseCurrency"] != "EUR"
		}},
		{"purchaseCurrency -startswith 'e'", func(l object) bool { return l["purchaseCurrency"] == "EUR" }},
		{"purchaseCurrency -contains 'B'", func(l object) bool { return l["purchaseCurrency"] == "GBP" }},
		{"purchaseCurrency -notcontains 'B'", func(l object) bool { return l["purchaseCurrency"] != "GBP" }},
		{"purchaseCurrency -endswith 'd'", func(l object) bool { return l["purchaseCurrency"] == "USD" }},
	}
	for _, test := range tests {
		want := slices.DeleteFunc(slices.Clone(all), func(l object) bool { return !test.want(l) })
		if len(want) == 0 || len(want) == len(all) {
			t.Errorf("%s: the test tells nothing: %d of %d", test.filter, len(want), len(all))
		}
		if diff := cmp.Diff(want, a.list(filtered(samPath+"/licenses", test.filter))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.filter, diff)
		}
	}
	p := read[listing](a, filtered(samPath+"/licenses?page_size=10", "status -eq 'Active'"))
	next := read[listing](a, p.link("next"))
	if next.Pagination.PageNumber != 2 || len(next.Items) != 10 || strings.Contains(p.link("next"), "+") ||
		*next.Pagination.TotalItems != *p.Pagination.TotalItems || *p.Pagination.TotalItems >= demoLicenses {
		t.Errorf("the next page loses the filter: %q, %+v", p.link("next"), next.Pagination)
	}
	periods := a.list(filtered(samPath+"/licenses/maintenance-periods", "validTo -gt '"+now+"'"))
	if n := len(a.list(samPath + "/licenses/maintenance-periods")); len(periods) == 0 || len(periods) >= n {
		t.Errorf("%d of %d periods", len(periods), n)
	}
}

func TestBadFilters(t *testing.T) {
	a, _ := start(t, Options{})
	for _, filter := range []string{
		"color -eq 'red'", "status", "status 'Active'", "status -is 'Active'", "status -eq", "status -eq 'Active", `status -eq 'Active\`,
		"status -eq 'Active' -and isIncomplete -eq true", "(status -eq 'Active') -and isIncomplete -eq true",
		"(status -eq 'Active'", "status -eq 'Active')", "(status -eq 'a') (status -eq 'b')", "()", "-not status -eq 'Active'",
		"(status -eq 'a') -and (status -eq 'b') -or (status -eq 'c')", "(status -eq 'a') -and", "status -in 'Active'",
		"status -in ['Active'", "status -in []", "status -in ['a',]", "status -gt 'Active'", "quantity -contains 4", "quantity -eq '4'",
		"quantity -eq four", "isIncomplete -eq 'true'", "isIncomplete -eq yes", "isIncomplete -eq 1", "subscriptionValidTo -le 'soon'",
		"subscriptionValidTo -le 2026-01-01", "applicationId -eq 49cdd99f-bc16-40f9-ad40-48f12182fb30", "applicationId -exists 'maybe'",
		"incompleteReasons -eq 4", "_links -eq 'x'", "status -eq A+B", ",", "filter=status -eq 'Active'",
	} {
		r := a.Get(filtered(samPath+"/licenses", filter))
		if r.Status != 400 || !strings.HasPrefix(r.Body, `{"error":{"code":400,"message":"The filter is invalid: `) {
			t.Errorf("%s: %d %.200s", filter, r.Status, r.Body)
		}
	}
}

func TestFilterValues(t *testing.T) {
	properties := map[string]property{"name": {0, textual}, "size": {1, numeric}}
	pass := func(filter string, values ...any) bool {
		t.Helper()
		p, err := parseFilter(filter, properties)
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			return false
		}
		return p(func(i int) any { return values[i] })
	}
	for filter, want := range map[string]bool{
		`name -eq 'it\'s'`:                      true,
		`name -eq "it's"`:                       true,
		`name -eq "it\\s"`:                      false,
		`size -eq -5`:                           true,
		`size -ge -5.5`:                         true,
		`(size -lt 0)-and(name -ne 'x')`:        true,
		`-not (size -lt 0)`:                     false,
		`((size -eq 1) -or (size -eq -5))`:      true,
		`size -in [1,2,-5]`:                     true,
		`name -in ["a (b) [c], d","it's"]`:      true,
		`-not (-not (size -exists true))`:       true,
		`(name -exists false) -or (size -gt 0)`: false,
	} {
		if got := pass(filter, "it's", -5.0); got != want {
			t.Errorf("%s: %v", filter, got)
		}
	}
	for filter, want := range map[string]bool{
		"size -eq 0": false, "size -ne 0": true, "size -lt 9": false, "size -exists false": true, "size -in [0]": false,
		"size -notin [0]": true, "name -notcontains 'a'": true, "name -contains 'a'": false,
	} {
		if got := pass(filter, nil, nil); got != want {
			t.Errorf("%s of nothing: %v", filter, got)
		}
	}
}

// A result of a filter is kept, but neither for ever nor for another day.
func TestSelections(t *testing.T) {
	now := simtest.Now
	s := newTest(Options{Now: func() time.Time { return now }})
	token := s.tokens.issue()
	count := func(filter string) string {
		_, text, _ := strings.Cut(ask(t.Context(), s, token, filtered(samPath+"/licenses?page_size=1", filter)).Body.String(), `"total_items":`)
		text, _, _ = strings.Cut(text, "}")
		return text
	}
	filter := "subscriptionValidTo -le '" + simtest.Now.AddDate(0, 3, 0).Format(time.RFC3339) + "'"
	first := count(filter)
	now = now.AddDate(0, 1, 0)
	if later := count(filter); later == first {
		t.Errorf("%s licenses a month later, too", later)
	}
	for i := range 3 * mostSelections {
		count(fmt.Sprintf("quantity -eq %d", i))
	}
	if n := len(s.selections); n > mostSelections {
		t.Errorf("%d selections kept", n)
	}
}
