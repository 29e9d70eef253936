package microsoft365

import (
	"reflect"
	"testing"

	"license_exporter/internal/recordtest"
)

func FuzzRecords(f *testing.F) { recordtest.Fuzz(f, reflect.TypeFor[*Client](), oddRecords) }

var oddRecords = []string{
	`null`, `{}`, `[]`, `"x"`, `{"id": {}}`, `{"ID": 5, "displayName": ["x"]}`, `{"id": "a", "Id": "b"}`, `{"skuId": "00000000-0000-0000-0000-000000000000"}`,
	`{"id": "a", "prepaidUnits": {"enabled": "many", "warning": {}, "suspended": 1e400}, "consumedUnits": "7", "appliesTo": ["User"]}`,
	`{"id": "a", "prepaidUnits": [], "capabilityStatus": "Z2AB-CDEF-GHJK"}`,
	`{"id": "a", "nextLifecycleDateTime": "soon", "isTrial": "maybe", "totalLicenses": -1, "status": 7}`,
}
