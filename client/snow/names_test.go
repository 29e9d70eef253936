package snow

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The root may be a node, and a node may have its identifier under either of the two
// documented names.
func TestOrganizations(t *testing.T) {
	const other = OrganizationID("abe1cb12-02e6-4966-823b-82c942e278ef")
	root := Organization{ID: RootOrganization, Name: "Northwind"}
	for name, test := range map[string]struct {
		body string
		want []Organization
		bad  bool
	}{
		"the root is a node": {
			body: `{"nodes": [{"id": "00000000-0000-0000-0000-000000000000", "parentId": null, "name": "Northwind"},
				{"id": "ABE1CB12-02E6-4966-823B-82C942E278EF", "parentId": "00000000-0000-0000-0000-000000000000", "name": "Retail"}]}`,
			want: []Organization{root, {ID: other, Name: "Retail"}},
		},
		"nodeId": {
			body: `{"nodes": [{"nodeId": "00000000-0000-0000-0000-000000000000", "name": "Northwind"},
				{"id": null, "nodeId": "abe1cb12-02e6-4966-823b-82c942e278ef", "isLegal": "True", "externalId": 17}]}`,
			want: []Organization{root, {ID: other}},
		},
		"the same node twice": {
			body: `{"nodes": [{"id": "abe1cb12-02e6-4966-823b-82c942e278ef"}, {"nodeId": "ABE1CB12-02E6-4966-823B-82C942E278EF"}]}`,
			want: []Organization{{ID: other}},
		},
		"a node without identifier": {
			body: `{"nodes": [{"name": "Nobody"}, null, {"id": "abe1cb12-02e6-4966-823b-82c942e278ef"}]}`,
			want: []Organization{{ID: other}},
		},
		"none":                          {body: `{"nodes": []}`, want: []Organization{}},
		"only nodes without identifier": {body: `{"nodes": [{"name": "Nobody"}]}`, bad: true},
		"nodes that are null":           {body: `{"nodes": null}`, bad: true},
		"a page":                        {body: `{"items": []}`, bad: true},
		"nothing":                       {body: `{}`, bad: true},
		"an error":                      {body: `{"nodes": null, "error": {"code": 500, "message": null}}`, bad: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := serve(t, answer(http.StatusOK, test.body)).client(t).Organizations(t.Context())
			if (err != nil) != test.bad {
				t.Errorf("the error is %v", err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
