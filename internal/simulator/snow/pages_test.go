package snow

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// list reads all pages of a path. The last one follows from total_pages, or else is the first that is not full.
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
	a, _ := start(t, Options{Estate: Generate(1, 40, 2500), Limits: Limits{Off: true}})
	application := applicationGUID(1)
	for path, counted := range map[string]bool{
		samPath + "/licenses":                                        true,
		samPath + "/licenses-entitlements":                           true,
		samPath + "/licenses/maintenance-periods":                    false,
		samPath + "/licenses/tracking/" + application + "/computers": false,
		samPath + "/licenses/entitlements/users":                     false,
		"/api/sam/v2/agreements":                                     true,
		coveragePath:                                                 true,
	} {
		t.Run(path, func(t *testing.T) {
			whole := a.list(path)
			size := 5 * maxPageSize // more than there is on a page
			if len(whole) <= maxPageSize {
				size = 5
			}
			var joined []object
			target := fmt.Sprintf("%s?page_size=%d", path, size)
			limit := min(size, maxPageSize) // page_size is what was asked for
			for n := 1; target != ""; n++ {
				p := read[listing](a, target)
				if p.Pagination.PageSize != size || p.Pagination.PageNumber != n || p.link("self") == "" {
					t.Fatalf("page %d: %+v, links %v", n, p.Pagination, p.Links)
				}
				if counted != (p.Pagination.TotalPages != nil) {
					t.Errorf("total_pages %v", p.Pagination.TotalPages)
				}
				if counted && *p.Pagination.TotalPages != (len(whole)+limit-1)/limit {
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
			if beyond.Status != 200 || !strings.HasPrefix(beyond.Body, `{"items":[],`) || strings.Contains(beyond.Body, "total") {
				t.Errorf("beyond the end: %d %.100s", beyond.Status, beyond.Body)
			}
		})
	}
	a, _ = start(t, Options{})
	p := read[listing](a, samPath+"/licenses")
	if p.Pagination.PageSize != 100 || *p.Pagination.TotalItems != demoLicenses || p.link("last") != samPath+"/licenses?page_number=10&page_size=100" {
		t.Errorf("without parameters: %+v, %v", p.Pagination, p.Links)
	}
	if p := read[listing](a, samPath+"/compliance/summary/"+application+"?page_number=7"); len(p.Items) != 1 {
		t.Errorf("compliance has pages: %v", p)
	}
}

// A filter that was ignored would return wrong records.
func TestFiltersAreRefused(t *testing.T) {
	a, _ := start(t, Options{})
	r := a.Get(samPath + "/licenses?filter=status%20-eq%20%27Active%27")
	if r.Status != 400 || !strings.HasPrefix(r.Body, `{"error":{"code":400,"message":"The filter is invalid: `) {
		t.Errorf("%d %.200s", r.Status, r.Body)
	}
}
