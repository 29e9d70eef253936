package meraki

import (
	"errors"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/client/rest"
)

func TestRequests(t *testing.T) {
	for operation, want := range map[string]string{
		opOrganizations.Name:  "/organizations?perPage=9000",
		opOrganization.Name:   "/organizations/2930418",
		opOverview.Name:       "/organizations/2930418/licenses/overview",
		opCotermLicenses.Name: "/organizations/2930418/licensing/coterm/licenses?perPage=1000",
		opLicenses.Name:       "/organizations/2930418/licenses?perPage=1000",
		opSubscriptions.Name:  "/administered/licensing/subscription/subscriptions?organizationIds%5B%5D=2930418&perPage=1000",
		opCompliance.Name:     "/administered/licensing/subscription/subscriptions/compliance/statuses?organizationIds%5B%5D=2930418",
		opEntitlements.Name:   "/administered/licensing/subscription/entitlements",
		opInventory.Name:      "/organizations/2930418/inventory/devices?perPage=1000",
	} {
		t.Run(operation, func(t *testing.T) {
			v := &vendor{status: http.StatusOK, body: []byte("[]")}
			if operation == opOrganization.Name || operation == opOverview.Name {
				v.body = []byte(`{"id": "2930418", "status": "OK"}`)
			}
			if _, err := operations[operation](t.Context(), serve(t, v), "2930418"); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"GET " + testBasePath + want}, v.requests()); diff != "" {
				t.Errorf("the requests differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOrganizationIsEscaped(t *testing.T) {
	for operation, want := range map[string]string{
		opOrganization.Name:  "/organizations/a%2Fb%3Fc%23d%20%25",
		opLicenses.Name:      "/organizations/a%2Fb%3Fc%23d%20%25/licenses?perPage=1000",
		opSubscriptions.Name: "/administered/licensing/subscription/subscriptions?organizationIds%5B%5D=a%2Fb%3Fc%23d%20%25&perPage=1000",
	} {
		t.Run(operation, func(t *testing.T) {
			v := &vendor{status: http.StatusNotFound}
			if _, err := operations[operation](t.Context(), serve(t, v), "a/b?c#d %"); err == nil {
				t.Fatal("there is no error")
			}
			if diff := cmp.Diff([]string{"GET " + testBasePath + want}, v.requests()); diff != "" {
				t.Errorf("the requests differ (-want +got):\n%s", diff)
			}
		})
	}
}

// Each operation has a fixture and its request is tested.
func TestOperationsAreTested(t *testing.T) {
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, file := range files {
		if operation, _, _ := strings.Cut(file.Name(), "."); operation != "README" {
			got[operation] = true
		}
		if _, ok := decoded()[file.Name()]; !ok && file.Name() != "README.md" {
			t.Errorf("%s is not decoded in any test", file.Name())
		}
	}
	want := map[string]bool{}
	for operation := range operations {
		want[operation] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the operations with fixtures differ (-want +got):\n%s", diff)
	}
}

func TestListingCanBeLeftEarly(t *testing.T) {
	c := serve(t, &vendor{status: http.StatusOK, body: []byte(`[{"id": "1"}, {"id": "2"}]`)})
	for license, err := range c.Licenses(t.Context(), "1") {
		if err != nil || license.ID != "1" {
			t.Errorf("the record is %+v with the error %v, want the first", license, err)
		}
		break
	}
}

func TestMessage(t *testing.T) {
	const apiKey = "0123456789abcdef0123456789ABCDEF01234567"
	for name, test := range map[string]struct{ body, want string }{
		"one":                {`{"errors": ["API rate limit exceeded for organization"]}`, "API rate limit exceeded for organization"},
		"a text":             {`{"errors": "You must first enable API access"}`, "You must first enable API access"},
		"null errors":        {`{"errors": null}`, ""},
		"several":            {`{"errors": ["one", "two"]}`, "one; two"},
		"license key":        {`{"errors": ["License Z2AA-FAKE-0001 was claimed, like Z2AA-FAKE-0002"]}`, "License [redacted] was claimed, like [redacted]"},
		"license key in one": {`{"errors": ["License Z21234567890 was claimed"]}`, "License [redacted] was claimed"},
		"license key quoted": {`{"errors": ["'Z2AA-FAKE-0001'"]}`, "'[redacted]'"},
		"API key":            {`{"errors": ["Invalid API key ` + apiKey + `."]}`, "Invalid API key [redacted]."},
		"nothing secret":     {`{"errors": ["Zone of network N_24329156 in organization 2930418"]}`, "Zone of network N_24329156 in organization 2930418"},
		"no errors":          {`{"errors": []}`, ""},
		"other JSON":         {`{"errors": {"base": ["one"]}}`, ""},
		"a list":             {`["one"]`, ""},
		"HTML":               {"<html><h1>502 Bad Gateway</h1></html>", ""},
		"empty":              {"", ""},
		"null":               {"null", ""},
		"cut":                {`{"errors": ["on`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := secrets.ReplaceAllString(message([]byte(test.body)), "[redacted]"); got != test.want {
				t.Errorf("the message is %q, want %q", got, test.want)
			}
		})
	}
}

func TestNewSetsTheMessage(t *testing.T) {
	c := serve(t, &vendor{status: http.StatusForbidden, body: []byte(`{"errors": ["Z2AA-FAKE-0001 is not yours"]}`)})
	_, err := c.Organization(t.Context(), "1")
	var e *rest.Error
	if !errors.As(err, &e) || e.Message != "[redacted] is not yours" {
		t.Errorf("the error is %v, want one with the vendor's message and no key", err)
	}
}

func TestNewRefusesAnUnreadableAddress(t *testing.T) {
	if _, err := New(rest.Options{BaseURL: "http://[::1"}); err == nil {
		t.Error("it is accepted")
	}
}

// TestOperationsAreListed has Operations return each operation that the client can send.
func TestOperationsAreListed(t *testing.T) {
	var listed []string
	for _, o := range Operations() {
		listed = append(listed, o.Name)
	}
	slices.Sort(listed)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(operations)), listed); diff != "" {
		t.Errorf("(-sent +listed)\n%s", diff)
	}
}
