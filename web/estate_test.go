package web

import (
	"fmt"
	"slices"
	"time"

	"license_exporter/client/rest"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/status"
)

func fetched(age time.Duration, failures ...status.Failure) status.Freshness {
	return status.Freshness{Oldest: enginetest.Now.Add(-age), Failures: failures}
}

var refused = status.Failure{
	Collector: "vendor_things", Reason: rest.ReasonServer,
	Message: `getThings: GET https://api.example.com/things: 500 Internal Server Error: <script>alert("vendor")</script>`,
}

// smallEstate has an organization for each case that the page shows differently.
func smallEstate() status.Overview {
	return status.Overview{
		Now: enginetest.Now,
		Accounts: []status.Account{
			{Name: "emea", Vendor: "meraki", Organizations: 5, Failing: 2, Freshness: fetched(3 * time.Second)},
			{Name: "sam", Vendor: "snow", Organizations: 1, Waiting: "first fetch of 1 organization", Problem: "no name matches <x>", Freshness: status.Freshness{
				Failures: []status.Failure{refused, {Collector: "vendor_agreements", Reason: rest.ReasonServer, Objects: "agreement <7>", Message: "broken"}},
				Notes:    []status.Note{{Collector: "vendor_things", Kind: status.NoteWithheld, What: "<things>", Why: "403 Forbidden"}},
			}},
		},
		Organizations: []organization{
			summed(organization{
				Account: "emea", Vendor: "meraki", ID: "101", Name: "Alpha", Model: "co-term", APIEnabled: true, Freshness: fetched(42 * time.Second),
				Compliant: new(true),
			}, status.License{End: enginetest.Days(287), Seats: seats("device", licensing.Seats{Limit: licensing.Seat(100), Required: licensing.Seat(92)}), Compliant: new(true)}),
			summed(organization{
				Account: "emea", Vendor: "meraki", ID: "102", Name: "Bravo <b>& Sons", Model: "subscription", APIEnabled: true, Freshness: fetched(3 * time.Minute),
				Compliant: new(false), Violations: 2,
			}, status.License{
				LicenseKey: licensing.LicenseKey{Product: "LIC-A"}, ProductName: "License A", Manufacturer: "Contoso", End: enginetest.Days(-12), InUse: licensing.Seat(12), Compliant: new(false),
				Seats:    seats("device", licensing.Seats{Limit: licensing.Seat(1200), Assigned: licensing.Seat(1234), Available: licensing.Seat(-34)}),
				GraceEnd: enginetest.Days(20), Missing: []status.Missing{{SKU: "LIC-A-SKU", Unit: "device", UnitName: "device", Seats: 34}},
				Costs: []status.Cost{{Component: "purchase", Currency: "EUR", Amount: 12000.5}},
				Problems: []status.Problem{
					{Kind: status.Expired, Severity: status.Critical, When: enginetest.Days(-12), Number: licensing.Seat(12)},
					{Kind: status.Short, Severity: status.Warning, Number: licensing.Seat(34), Unit: "device", UnitName: "device"},
					{Kind: status.NonCompliant, Severity: status.Warning},
					{Kind: status.GraceEnding, Severity: status.Warning, When: enginetest.Days(20)},
				},
			}, status.License{
				LicenseKey: licensing.LicenseKey{Product: "LIC-B"}, ProductName: "License B", Manufacturer: "Fabrikam <b>& Sons", Owner: "storage-team", End: enginetest.Days(20), Renews: true,
				Seats:    seats("", licensing.Seats{Limit: licensing.Seat(10)}),
				Problems: []status.Problem{{Kind: status.Renewing, Severity: status.Info, When: enginetest.Days(20)}},
			}),
			summed(organization{
				Account: "emea", Vendor: "meraki", ID: "103", Name: "Charlie", Model: "per-device", APIEnabled: true, Freshness: fetched(5*time.Hour, refused), Owner: "network-team",
			}, status.License{
				LicenseKey: licensing.LicenseKey{Product: "ENT"}, Owner: "network-team", End: enginetest.Days(4.8), Act: enginetest.Days(-25),
				Seats:    seats("device", licensing.Seats{Limit: licensing.Seat(40), Assigned: licensing.Seat(40)}),
				Problems: []status.Problem{{Kind: status.Expiring, Severity: status.Critical, When: enginetest.Days(4.8)}},
			}),
			summed(organization{
				Account: "emea", Vendor: "meraki", ID: "104", Name: "Delta", Model: "co-term",
				Worst: status.Problem{Kind: status.Unreadable, Severity: status.Warning},
			}),
			summed(organization{
				Account: "emea", Vendor: "meraki", ID: "105", APIEnabled: true, Waiting: true, Problem: "the model <new> is not known",
				Freshness: status.Freshness{Failures: slices.Repeat([]status.Failure{refused}, 5)},
				Worst:     status.Problem{Kind: status.Unreadable, Severity: status.Warning},
			}),
			summed(organization{Account: "sam", Vendor: "snow", APIEnabled: true, Freshness: fetched(50 * time.Hour)}, status.License{
				LicenseKey: licensing.LicenseKey{Product: "SAM"}, End: enginetest.Days(60), Seats: seats("user", licensing.Seats{Available: licensing.Seat(-2.5)}),
				Problems: []status.Problem{
					{Kind: status.Short, Severity: status.Warning, Number: licensing.Seat(2.5), Unit: "user", UnitName: "user"},
					{Kind: status.Expiring, Severity: status.Info, When: enginetest.Days(60)},
				},
			}),
		},
	}
}

// seats returns seats of one unit.
func seats(unit string, s licensing.Seats) []status.Seats {
	return []status.Seats{{Unit: unit, UnitName: unit, Seats: s}}
}

// summed sets the licenses of an organization and what follows from them. Their problems are
// sorted, and the first of them ends next.
func summed(o organization, licenses ...status.License) organization {
	if o.Worst.Severity != 0 {
		o.Kinds = status.KindsOf([]status.Problem{o.Worst})
	}
	for i := range licenses {
		l := &licenses[i]
		l.Kinds = status.KindsOf(l.Problems)
		o.Kinds |= l.Kinds
		if worst := l.Worst(); worst.Severity != 0 && (o.Worst.Severity == 0 || worst.Compare(o.Worst) < 0) {
			o.Worst = worst
		}
		o.Seats = append(o.Seats, l.Seats...)
	}
	if o.Licenses = licenses; len(licenses) > 0 {
		o.NextEnd, o.NextLicense = licenses[0].End, &licenses[0]
	}
	return o
}

// bigEstate has n organizations.
func bigEstate(n int) status.Overview {
	o := status.Overview{Now: enginetest.Now, Accounts: []status.Account{{Name: "big", Vendor: "meraki", Organizations: n, Freshness: fetched(time.Minute)}}}
	for i := range n {
		org := organization{
			Account: "big", Vendor: "meraki", ID: fmt.Sprint(5_000_000 + i), Name: fmt.Sprintf("Generated %d", i), Model: []string{"co-term", "per-device", "subscription"}[i%3],
			APIEnabled: true, Freshness: fetched(time.Duration(i%90) * time.Second),
			Compliant: new(i%20 != 0),
		}
		if i%50 == 0 {
			org.Failures = slices.Repeat([]status.Failure{refused}, 7)
		}
		o.Organizations = append(o.Organizations, summed(org, status.License{
			LicenseKey: licensing.LicenseKey{Product: "LIC-A"}, End: enginetest.Days(float64(i*7919%1500 - 100)),
			Seats: seats("device", licensing.Seats{Limit: licensing.Seat(100), Assigned: licensing.Seat(i * 31 % 110)}),
		}))
	}
	return o
}
