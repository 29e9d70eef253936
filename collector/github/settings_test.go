package github

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/collector"
)

// Each error begins with its key and says what to write.
func TestSettings(t *testing.T) {
	const server = "https://github.example.com/api/v3"
	const pages = "base_url is that of GitHub's pages; leave it out for github.com, or write https://api.SUBDOMAIN.ghe.com with data residency"
	for name, test := range map[string]struct {
		baseURL                       string
		enterprises, include, exclude []string
		want                          string // without it, the settings are right
	}{
		"an enterprise":         {enterprises: []string{"octo-corp"}},
		"an organization":       {include: []string{"Octo_Org1"}},
		"both":                  {enterprises: []string{"octo-corp"}, include: []string{"octo-org"}},
		"data residency":        {baseURL: "https://api.octo.ghe.com", enterprises: []string{"octo"}},
		"a server":              {baseURL: server},
		"a server with a slash": {baseURL: server + "/"},

		"nothing":              {want: "enterprises is missing; write the names of enterprises as in their addresses, like enterprises: [octo-corp], or those of organizations in organizations.include. For an Enterprise Server, write base_url: https://HOST/api/v3 instead"},
		"GitHub's pages":       {baseURL: "https://github.com", enterprises: []string{"octo"}, want: pages},
		"with data residency":  {baseURL: "https://octo.ghe.com", enterprises: []string{"octo"}, want: pages},
		"an address":           {enterprises: []string{"https://github.com/enterprises/octo"}, want: "enterprises[0] is not the name of an enterprise as in its address; write octo-name for https://github.com/enterprises/octo-name"},
		"no name":              {enterprises: []string{"octo", ""}, want: "enterprises[1] is not the name of an enterprise as in its address; write octo-name for https://github.com/enterprises/octo-name"},
		"a display name":       {include: []string{"Octo Labs"}, want: "organizations.include[0] is not the name of an organization as in its address; write octo-name for https://github.com/octo-name"},
		"a pattern":            {include: []string{"name:octo*"}, want: "organizations.include[0] cannot be a pattern for vendor github, because the exporter reads no list of organizations; write the organization's name as in its address"},
		"an exclusion":         {enterprises: []string{"octo"}, exclude: []string{"labs"}, want: "organizations.exclude cannot be set for vendor github, because the exporter reads no list of organizations; leave it out"},
		"twice":                {enterprises: []string{"octo", "OCTO"}, want: "enterprises[1] is the same as enterprises[0]; take one of them out"},
		"an organization too":  {enterprises: []string{"octo"}, include: []string{"labs", "Octo"}, want: "organizations.include[1] has the same name as enterprises[0], so that both would have the same organization_id; write two accounts, one for each"},
		"server, enterprise":   {baseURL: server, enterprises: []string{"octo"}, want: "enterprises cannot be set for an Enterprise Server; write another account for the enterprises of GitHub Enterprise Cloud, without base_url"},
		"server, organization": {baseURL: server, include: []string{"octo"}, want: "organizations.include cannot be set for an Enterprise Server, because its license is for all organizations; leave it out"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &settings{Enterprises: test.enterprises}
			a := &collector.AccountConfig{BaseURL: test.baseURL, Settings: s, Organizations: collector.OrganizationFilter{Include: test.include, Exclude: test.exclude}}
			got := ""
			if err := errors.Join(s.Check(a)...); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A reload keeps the facts of what organizations.include does not name.
func TestSource(t *testing.T) {
	a := &collector.AccountConfig{Settings: &settings{Enterprises: []string{"octo", "octo-eu"}}, Organizations: collector.OrganizationFilter{Include: []string{"labs"}}}
	if got := source(a).also(); !slices.Equal(got, []string{"octo", "octo-eu"}) {
		t.Errorf("also %q", got)
	}
	a = &collector.AccountConfig{BaseURL: "https://github.example.com:8443/api/v3", Settings: &settings{}}
	if got := source(a).also(); !slices.Equal(got, []string{"github.example.com"}) {
		t.Errorf("also %q", got)
	}
}

// The simulator is as the design of variants says.
func TestSimulate(t *testing.T) {
	for organizations, want := range map[int]int{0: 4, 1: 1, 2: 2, 5: 5} {
		a, stop, err := simulate(organizations)
		if err != nil {
			t.Fatal(err)
		}
		stop()
		if got := len(source(&a).Organizations); got != want || a.Settings.Check(&a) != nil {
			t.Errorf("%d: %d organizations, %v", organizations, got, a.Settings.Check(&a))
		}
	}
}
