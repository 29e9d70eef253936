package snow

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
	`null`, `{}`, `[]`, `"x"`, `{"id": {}}`, `{"ID": 5, "name": ["x"]}`, `{"id": "a", "Id": "b"}`, `{"incompleteReasons": "3, New, None", "status": "ACTIVE", "quantity": 1e400}`,
	`{"incompleteReasons": [1, {}, "All"], "upgrades": [{"quantity": "x"}, null], "isSubscription": "maybe"}`, `{"invalidAssignmentReasons": -1, "purchaseValue": "1,5"}`,
	`{"invalidAssignmentReasons": 18446744073709551615, "subscriptionValidTo": "5/25/2023 12:00:00\u202fAM"}`, `{"metrics": [{"id": {}}], "endOfLifeDate": 7, "computerId": ["x"]}`,
	`{"nodeId": "00000000-0000-0000-0000-000000000000", "assignmentType": "USER", "reason": "Z2AB-CDEF-GHJK"}`,
}
