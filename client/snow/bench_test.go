package snow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"license_exporter/client/scalar"
)

// plainLicense is the record of the vendor's that License is read from, with
// nothing but what encoding/json brings.
type plainLicense struct {
	ID, OrganizationID, ApplicationID, MetricID, ContractID, AgreementID                  string
	SubscriptionValidFrom, SubscriptionValidTo, PurchaseCurrency, Status                  string
	PurchaseValue, ActiveMaintenanceCost, TotalMaintenanceCost                            float64
	ActiveSupportCost, TotalSupportCost, TotalLicenseCost                                 float64
	Quantity, UpgradedLicenseCount                                                        int64
	IsSubscription, IsUpgrade, IsDowngrade, IsCrossEdition, IsCrossPlatform, IsIncomplete bool
	IncompleteReasons                                                                     []string
	Upgrades                                                                              []struct {
		UpgradedLicenseID          string
		Quantity, UpgradedQuantity int64
	}
}

// BenchmarkDecode decodes the records of a page of a thousand licenses, and reads it over HTTP
// with all that the client does, and compares both with a bare decoding of the
// same bytes.
func BenchmarkDecode(b *testing.B) {
	var one struct{ Items []json.RawMessage }
	if err := json.Unmarshal(fixture(b, "1.7.0/licenses.json"), &one); err != nil {
		b.Fatal(err)
	}
	items := make([][]byte, 1000)
	for i := range items {
		items[i] = bytes.Replace(one.Items[0], []byte(`"id": "00000001-0000`), fmt.Appendf(nil, `"id": "00000001-%04d`, i), 1)
	}
	page := fmt.Sprintf(`{"items": [%s], "pagination": {"page_size": 1000, "page_number": 1, "total_pages": 1, "total_items": 1000}}`,
		bytes.Join(items, []byte(",")))
	client := serve(b, answer(http.StatusOK, page)).client(b)
	var bare, decode, own time.Duration
	n := 0
	b.ReportAllocs()
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		start := time.Now()
		var plain struct{ Items []plainLicense }
		if err := json.Unmarshal([]byte(page), &plain); err != nil {
			b.Fatal(err)
		}
		bare += time.Since(start)
		start = time.Now()
		for _, item := range items {
			if scalar.Decode(new(License), item, ignore) == 0 {
				b.Fatal("a record is not decoded")
			}
		}
		decode += time.Since(start)
		start = time.Now()
		for _, err := range client.Licenses(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		own += time.Since(start)
	}
	if n == 0 {
		b.Fatal("nothing was read")
	}
	b.ReportMetric(decode.Seconds()/bare.Seconds(), "decode/json")
	b.ReportMetric(own.Seconds()/bare.Seconds(), "read/json")
}
