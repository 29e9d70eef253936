package meraki

import (
	"reflect"
	"testing"

	"license_exporter/internal/recordtest"
)

// Whatever stands in place of a record, what can be read of it is, and the rest is found.
func FuzzRecords(f *testing.F) {
	types := recordtest.Types(reflect.TypeFor[*Client]())
	if len(types) < 8 {
		f.Fatalf("the client has the records %v, want more", types)
	}
	recordtest.Seeds(f, "testdata", func(text []byte) { f.Add(text) })
	for _, seed := range oddRecords {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, record := range types {
			recordtest.Check(t, record, text)
		}
	})
}

var oddRecords = []string{
	`null`, `{}`, `[]`, `"x"`, `{"id": {}}`, `{"ID": 5, "api": {"enabled": "yes"}, "licensing": [], "cloud": {"region": "x"}}`, `{"id": "a", "Id": "b"}`,
	`{"licensedDeviceCounts": {"MR": "many", "MX": {}}, "states": {"expiring": {"count": 1e400}}, "licenseTypes": [null, {"counts": {"unassigned": true}}]}`,
	`{"key": ["x"], "mode": "Z2AB-CDEF-GHJK", "editions": [{"edition": {}}], "counts": [{"model": [], "count": "1,5"}]}`,
	`{"subscriptionId": "a", "productTypes": [1, {}], "entitlements": [{"sku": {}, "seats": {"limit": "x"}}], "enterpriseAgreement": {"suites": [[]]}}`,
	`{"subscription": {"id": []}, "violations": {"byProductClass": [{"gracePeriodEndsAt": "soon", "missing": {"entitlements": [{"quantity": "-"}]}}]}}`,
	`{"serial": 7, "eox": {"endOfSaleAt": 5}, "licenseExpirationDate": "\u0032020-01-01"}`,
}
