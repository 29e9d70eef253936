package meraki

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"
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

// BenchmarkDecode decodes a page of a thousand licenses, and reads it over HTTP
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
	page, err := json.Marshal(records[:1000])
	if err != nil {
		b.Fatal(err)
	}
	client := serve(b, &vendor{status: http.StatusOK, body: page})
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
		var records []License
		if err := json.Unmarshal(page, &records); err != nil {
			b.Fatal(err)
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
