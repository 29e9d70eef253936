package collector

import (
	"errors"
	"strings"
	"testing"

	"license_exporter/internal/glob"
)

func TestSelector(t *testing.T) {
	for _, test := range []struct {
		include, exclude string // entries, separated by |
		want             string // the ids that are selected of the organizations below
		unmatched        int
	}{
		{"", "", "1 2 3 4", 0},
		{"2|9", "", "2", 0},
		{"", "2|9", "1 3 4", 0},
		{"name:Retail*", "", "1 2", 0},
		{"name:Retail", "", "", 1},
		{"name:retail*", "", "", 1},
		{"name:Retail ?orth", "", "1", 0},
		{"name:*", "", "1 2 3 4", 0},
		{"3|name:Retail N*", "", "1 3", 0},
		{"name:Retail*", "name:*South", "1", 0},
		{"name:Retail*", "2", "1", 0},
		{"", "name:Retail*", "3 4", 0},
		{"1|2", "name:Retail S*", "1", 0},
		{"name:Retail*|name:None*", "name:Nothing|name:*South", "1", 2},
		{"Retail*", "", "", 0}, // an id
		{"name:3", "", "", 1},  // ids are no names
	} {
		f := OrganizationFilter{Include: fields(test.include), Exclude: fields(test.exclude)}
		selector := f.Selector()
		var got []string
		for _, o := range []struct{ id, name string }{{"1", "Retail North"}, {"2", "Retail South"}, {"3", "Head\nOffice [main]"}, {"4", ""}} {
			if selector.Selects(o.id, o.name) {
				got = append(got, o.id)
			}
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("include %q and exclude %q select %q, want %q", test.include, test.exclude, got, test.want)
		}
		if n := strings.Count(selector.Problem(), `"name:`); n != test.unmatched {
			t.Errorf("include %q and exclude %q: %d names match nothing, want %d: %s", test.include, test.exclude, n, test.unmatched, selector.Problem())
		}
	}
}

func fields(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == '|' })
}

func TestSelectorNamesWhatMatchesNothing(t *testing.T) {
	f := OrganizationFilter{Include: []string{"1", "name:Retial*"}, Exclude: []string{"name:Lab\x1b?"}}
	const want = `no organization has a name that matches organizations.include "name:Retial*", organizations.exclude "name:Lab?"; ` +
		"correct what does not match, or take it out; upper and lower case differ"
	if got := strings.ReplaceAll(f.Selector().Problem(), "\uFFFD", ""); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for range 20 {
		f.Include = append(f.Include, "name:Retail")
	}
	if got := f.Selector().Problem(); !strings.Contains(got, `"name:Retail", 12 more; correct`) {
		t.Errorf("of many names, it says %s", got)
	}
}

func TestFilterKnowsWhatItReads(t *testing.T) {
	for _, test := range []struct {
		include, exclude   string
		readsList, byNames bool
		ids                string
	}{
		{"", "", true, false, ""},
		{"1|2", "", false, false, "1 2"},
		{"1|name:A", "", true, true, "1"},
		{"1", "name:A", false, true, "1"},
	} {
		f := OrganizationFilter{Include: fields(test.include), Exclude: fields(test.exclude)}
		if f.ReadsList() != test.readsList || f.HasNames() != test.byNames || strings.Join(f.IncludedIDs(), " ") != test.ids {
			t.Errorf("%+v: %t, %t, %v", f, f.ReadsList(), f.HasNames(), f.IncludedIDs())
		}
	}
}

func TestFilterCheck(t *testing.T) {
	const contradiction = "organizations.include[0] is also excluded; take it out of one of the lists"
	for _, test := range []struct{ include, exclude, want string }{
		{"1", "2", ""},
		{"1", "1", contradiction},
		{"name:A", "name:A", contradiction},
		{"name:A*", "name:A*", contradiction},
		{"name:Retail North", "name:Retail*", contradiction},
		{"name:Retail N*", "name:Retail*", contradiction},
		{"name:Retail ?", "name:*", contradiction},
		{"name:A?", "name:??", contradiction},
		{"name:A?*", "name:A*", contradiction},
		{"name:A?", "name:A*", contradiction},
		{"name:Retail*", "name:Retail North", ""},
		{"name:A*", "name:A?", ""}, // it leaves "A" and "ABC"
		{"name:A*", "name:?*", ""}, // it would be a contradiction, but is one that shows when nothing is left
		{"name:a", "name:A", ""},
		{"name:1", "1", ""},
		{"1", "name:1", ""},
		{"1", "name:*", ""},
		{"name:", "", `organizations.include[0] has no name; write it like "name:Retail*"`},
		{"", "2|name:", `organizations.exclude[1] has no name; write it like "name:Retail*"`},
		{"", "name:" + strings.Repeat("a", glob.MaxPattern+1), "organizations.exclude[0] is longer than 1000 bytes; write * for a part of the name"},
		{"name:" + strings.Repeat("a", glob.MaxPattern), "", ""},
	} {
		got := ""
		if err := errors.Join((OrganizationFilter{Include: fields(test.include), Exclude: fields(test.exclude)}).Check()...); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("include %q and exclude %q: %q, want %q", test.include, test.exclude, got, test.want)
		}
	}
}
