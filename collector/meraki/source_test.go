package meraki

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	api "license_exporter/client/meraki"
	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/internal/enginetest"
)

// named returns a record of the list of organizations.
func named(id, name string) string {
	return strings.Replace(organization(id, api.ModelCoterm), "Organization "+id, name, 1)
}

// discovered returns the ids of the organizations that a source finds, without the account.
func discovered(t *testing.T, s source) (ids []string, d collector.Discovery, err error) {
	t.Helper()
	d, err = s.Discover(t.Context(), collector.NewReport(enginetest.Now, collector.Options{}))
	for _, o := range d.Organizations {
		if o.ID != "" {
			ids = append(ids, o.ID)
		}
	}
	return ids, d, err
}

// With a name to include, the list of all organizations is read, and only those ids that it
// lacks are read one by one.
func TestMerakiOrganizationsByName(t *testing.T) {
	const problem = "no organization has a name that matches "
	for name, test := range map[string]struct {
		include, exclude []string
		want             []string
		failed           []string
		problem          string
		requests         string
	}{
		"a name":              {[]string{"name:Retail*"}, nil, []string{"1", "2"}, nil, "", "/organizations"},
		"a name and an id":    {[]string{"name:Retail N*", "3"}, nil, []string{"1", "3"}, nil, "", "/organizations"},
		"an id not listed":    {[]string{"name:Retail N*", "9"}, nil, []string{"1", "9"}, nil, "", "/organizations /organizations/9"},
		"a missing id":        {[]string{"name:Retail N*", "8"}, nil, []string{"1"}, []string{"8"}, "", "/organizations /organizations/8"},
		"a missing id alone":  {[]string{"name:None", "8"}, nil, nil, []string{"8"}, problem + `organizations.include "name:None"`, "/organizations /organizations/8"},
		"a name of none":      {[]string{"name:Retail*", "name:Shop*"}, nil, []string{"1", "2"}, nil, problem + `organizations.include "name:Shop*"`, "/organizations"},
		"exclude":             {nil, []string{"name:Retail*"}, []string{"3"}, nil, "", "/organizations"},
		"exclude none":        {nil, []string{"name:retail*"}, []string{"1", "2", "3"}, nil, problem + `organizations.exclude "name:retail*"`, "/organizations"},
		"ids without a name":  {[]string{"9"}, []string{"name:Retail*"}, []string{"9"}, nil, problem + `organizations.exclude "name:Retail*"`, "/organizations/9"},
		"ids that are failed": {[]string{"9", "8"}, []string{"name:Retail*"}, []string{"9"}, []string{"8"}, "", "/organizations/8 /organizations/9"},
	} {
		t.Run(name, func(t *testing.T) {
			v := &vendor{
				organizations: strings.Join([]string{named("1", "Retail North"), named("2", "Retail South"), named("3", "Head Office")}, ","),
				instead: func(path string) (int, string) {
					switch path {
					case "/organizations/8":
						return http.StatusNotFound, ""
					case "/organizations/9":
						return http.StatusOK, named("9", "Hidden")
					}
					return 0, ""
				},
			}
			ids, d, err := discovered(t, newSource(v.client(t), collector.OrganizationFilter{Include: test.include, Exclude: test.exclude}, &collector.Memory{}))
			if err != nil || !slices.Equal(ids, test.want) {
				t.Errorf("it finds %v and the error %v, want %v", ids, err, test.want)
			}
			for _, id := range test.failed {
				if rest.ReasonOf(d.Failed[id]) != rest.ReasonNotFound {
					t.Errorf("the failure of %s is %v", id, d.Failed[id])
				}
			}
			if len(d.Failed) != len(test.failed) {
				t.Errorf("%d fail, want %d: %v", len(d.Failed), len(test.failed), d.Failed)
			}
			if (d.Problem == "") != (test.problem == "") || !strings.HasPrefix(d.Problem, test.problem) {
				t.Errorf("the problem is %q, want %q", d.Problem, test.problem)
			}
			slices.Sort(v.seen)
			if got := strings.Join(v.seen, " "); got != test.requests {
				t.Errorf("it requests %s, want %s", got, test.requests)
			}
		})
	}
}

// Organizations that are renamed move in or out with the next list. If none is left, the
// account fails.
func TestMerakiRenamedOrganizations(t *testing.T) {
	v := &vendor{organizations: named("1", "Retail North") + "," + named("2", "Head Office"), overview: answers["/organizations/1/licenses/overview"]}
	c := v.client(t)
	h := newHarness(t, newSource(c, collector.OrganizationFilter{Include: []string{"name:Retail*"}}, &collector.Memory{}), c, overviewName)
	for _, test := range []struct {
		names []string
		want  []string
	}{
		{[]string{"Retail North", "Head Office"}, []string{`license_up{organization_id=""} 1`, `license_up{organization_id="1"} 1`}},
		{[]string{"Retail North", "Retail Office"}, []string{`license_up{organization_id=""} 1`, `license_up{organization_id="1"} 1`, `license_up{organization_id="2"} 1`}},
		{[]string{"", "Retail Office"}, []string{`license_up{organization_id=""} 1`, `license_up{organization_id="1"} 1`, `license_up{organization_id="2"} 1`}},
		{[]string{"Closed", "Retail Office"}, []string{`license_up{organization_id=""} 1`, `license_up{organization_id="2"} 1`}},
		{[]string{"Closed", "Office"}, []string{`license_up{organization_id=""} 0`}},
		{[]string{"Retail", "Office"}, []string{`license_up{organization_id=""} 1`, `license_up{organization_id="1"} 1`}},
	} {
		v.organizations = named("1", test.names[0]) + "," + named("2", test.names[1])
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), test.want...)
	}
	if n := h.Log.Count("check the ids and names"); n != 1 {
		t.Errorf("that no organization is left was logged %d times, want once:\n%s", n, h.Log)
	}
}

// A name that the vendor leaves out once neither adds nor drops an organization.
func TestMerakiNameThatIsMissingOnce(t *testing.T) {
	v := &vendor{organizations: named("1", "Retail North") + "," + named("2", "Head Office")}
	s := newSource(v.client(t), collector.OrganizationFilter{Include: []string{"name:Retail*"}}, &collector.Memory{})
	if ids, _, err := discovered(t, s); err != nil || !slices.Equal(ids, []string{"1"}) {
		t.Fatalf("it finds %v, %v", ids, err)
	}
	v.organizations = `{"id": "1", "name": null}, {"id": "2"}`
	ids, d, err := discovered(t, s)
	if err != nil || !slices.Equal(ids, []string{"1"}) {
		t.Errorf("it finds %v, %v; want 1 as before", ids, err)
	}
	if got := d.Organizations[0].Name; got != "" {
		t.Errorf("the name %q is shown, which the vendor does not give", got)
	}
}
