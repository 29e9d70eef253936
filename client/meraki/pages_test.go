package meraki

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"license_exporter/client/rest"
)

// record returns a record that all listings can read, with its own number.
func record(number int) string {
	return strings.ReplaceAll(`{"id": "N", "subscriptionId": "N", "sku": "N", "serial": "N", "key": "N", "subscription": {"id": "N"}, "model": "MR46", "mode": "renew"}`,
		"N", strconv.Itoa(number))
}

func TestListingsHaveSecondPages(t *testing.T) {
	for operation, call := range operations {
		if operation == opOrganization.Name || operation == opOverview.Name {
			continue
		}
		t.Run(operation, func(t *testing.T) {
			v := &vendor{status: http.StatusOK, body: []byte(`[` + record(1) + `, ` + record(2) + `]`), second: &vendor{status: http.StatusOK, body: []byte(`[` + record(3) + `]`)}}
			got, err := call(t.Context(), serve(t, v), "1")
			if n := reflect.ValueOf(got).Len(); n != 3 || err != nil {
				t.Errorf("%d records and %v, want 3 of two pages", n, err)
			}
			v = &vendor{status: http.StatusOK, body: []byte(`[` + record(1) + `, ` + record(2) + `]`), second: &vendor{status: http.StatusForbidden}}
			if _, err := call(t.Context(), serve(t, v), "1"); rest.ReasonOf(err) != rest.ReasonForbidden || len(v.requests()) != 2 {
				t.Errorf("a second page that fails: %v after %q", err, v.requests())
			}
		})
	}
}

// null is neither a list nor an object, and must not be taken for an empty one.
func TestNullIsNoAnswer(t *testing.T) {
	for operation, call := range operations {
		t.Run(operation, func(t *testing.T) {
			_, err := call(t.Context(), serve(t, &vendor{status: http.StatusOK, body: []byte("null")}), "1")
			if err == nil || rest.ReasonOf(err) != rest.ReasonDecode {
				t.Errorf("it is accepted, or the error is another: %v", err)
			}
		})
	}
}

// A page may repeat records of the one before it.
func TestOverlappingPagesCountOnce(t *testing.T) {
	for operation, call := range operations {
		if operation == opOrganization.Name || operation == opOverview.Name {
			continue
		}
		t.Run(operation, func(t *testing.T) {
			v := &vendor{status: http.StatusOK, body: []byte(`[` + record(1) + `, ` + record(2) + `]`), second: &vendor{status: http.StatusOK, body: []byte(`[` + record(2) + `, ` + record(3) + `]`)}}
			got, err := call(t.Context(), serve(t, v), "1")
			if n := reflect.ValueOf(got).Len(); n != 3 || err != nil {
				t.Errorf("%d records and %v, want 3", n, err)
			}
		})
	}
}

// An odd record does not affect the others. A listing of only odd records fails.
func TestOddRecordsAreLeftOut(t *testing.T) {
	for operation, call := range operations {
		if operation == opOrganization.Name || operation == opOverview.Name {
			continue
		}
		t.Run(operation, func(t *testing.T) {
			got, err := call(t.Context(), serve(t, &vendor{status: http.StatusOK, body: []byte(`[null, "x", {}, ` + record(1) + `, [1]]`)}), "1")
			if n := reflect.ValueOf(got).Len(); n != 1 || err != nil {
				t.Errorf("%d records and %v, want 1", n, err)
			}
			if got, err := call(t.Context(), serve(t, &vendor{status: http.StatusOK, body: []byte(`[null, {"errors": ["x"]}]`)}), "1"); err == nil {
				t.Errorf("%v is accepted", got)
			}
		})
	}
}

// The second page is found by any spelling of the relation next. An address that cannot be
// parsed is a failure.
func TestLinksToTheNextPage(t *testing.T) {
	for link, want := range map[string]int{
		`</behind/a/gateway/api/v1/organizations/1/licenses?startingAfter=1>; rel="next"; title="x"`: 2,
		`<https://n1.meraki.com/x>; rel=first, <https://n1.meraki.com/y?endingBefore=Z>; rel=last`:   1,
		`<https://www.example.com/api/v1/organizations/1/licenses?startingAfter=10>; rel=next`:       0,
	} {
		v := &vendor{status: http.StatusOK, body: []byte(`[` + record(1) + `]`), link: link, second: &vendor{status: http.StatusOK, body: []byte(`[` + record(2) + `]`)}}
		got, err := collect(serve(t, v).Licenses(t.Context(), "1"))
		if (err == nil) != (want > 0) || err == nil && len(got) != want {
			t.Errorf("%s: %d records and %v, want %d", link, len(got), err, want)
		}
	}
}
