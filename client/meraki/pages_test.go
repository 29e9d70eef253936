package meraki

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"license_exporter/client/rest"
)

// record returns a record that all listings can read, with a number of its own.
func record(number int) string {
	return strings.ReplaceAll(`{"id": "N", "subscriptionId": "N", "sku": "N", "serial": "N", "key": "N", "subscription": {"id": "N"}, "model": "MR46", "mode": "renew"}`,
		"N", strconv.Itoa(number))
}

func TestListingsHaveSecondPages(t *testing.T) {
	for operation, call := range operations {
		if operation == opOrganization || operation == opOverview {
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

// null is no list and no object, and must not pass for one without facts.
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
