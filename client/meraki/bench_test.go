package meraki

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"license_exporter/client/scalar"
)

// plainLicense is the record of the vendor's that the license is read from, with
// nothing but what encoding/json brings.
type plainLicense struct {
	ID, LicenseType, OrderNumber, DeviceSerial, NetworkID, State string
	HeadLicenseID                                                *string
	SeatCount                                                    *int64
	DurationInDays, TotalDurationInDays                          int64
	ActivationDate, ExpirationDate                               string
}

// BenchmarkDecode decodes the records of a page of a thousand licenses, and reads it over HTTP
// with all that the client does, and compares both with a bare decoding of the
// same bytes.
func BenchmarkDecode(b *testing.B) {
	var records []json.RawMessage
	if err := json.Unmarshal(fixture(b, "getOrganizationLicenses.json"), &records); err != nil {
		b.Fatal(err)
	}
	for len(records) < 1000 {
		records = append(records, records...)
	}
	records = records[:1000]
	page, err := json.Marshal(records)
	if err != nil {
		b.Fatal(err)
	}
	client := serve(b, &vendor{status: http.StatusOK, body: page})
	ignore := func(string, func(func(string) string) string) {}
	var bare, decode, own time.Duration
	n := 0
	b.ReportAllocs()
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		start := time.Now()
		var plain []plainLicense
		if err := json.Unmarshal(page, &plain); err != nil {
			b.Fatal(err)
		}
		bare += time.Since(start)
		start = time.Now()
		for _, record := range records {
			if scalar.Decode(new(License), record, ignore) == 0 {
				b.Fatal("a record is not decoded")
			}
		}
		decode += time.Since(start)
		start = time.Now()
		for _, err := range client.Licenses(b.Context(), "1") {
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
