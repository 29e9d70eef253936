package microsoft365

import (
	"fmt"
	"strings"
	"time"

	"license_exporter/internal/simulator"
)

// Tenant is an invented customer.
type Tenant struct {
	ID, Name string
	Domains  []string
	SKUs     []SKU
	// Withheld has the names of operations that are answered with 403.
	Withheld []string
	// NotInstalled is set if nobody has consented to the app in the tenant.
	NotInstalled bool
	// IsOld is set if answers lack the members that were added last.
	IsOld bool
}

// SKU is a SKU with its subscriptions.
type SKU struct {
	ID, PartNumber string
	// ForCompany is set if the SKU is not assigned to people.
	ForCompany    bool
	Used          int
	Subscriptions []Subscription
}

// Subscription is one purchase of a SKU.
type Subscription struct {
	Status string
	Seats  int
	// Next is in how many days the subscription moves to the next status. 0 means never.
	Next    int
	IsTrial bool
}

// organization returns the only record of the list of organizations.
func (t Tenant) organization(time.Time) []simulator.Object {
	return []simulator.Object{{
		"id": t.ID, "displayName": t.Name, "tenantType": "AAD", "countryLetterCode": "NL",
		"technicalNotificationMails": []string{"admin-" + strings.ToLower(simulator.FakeKeyMarker) + "@contoso.com"},
		"businessPhones":             []string{simulator.FakeKeyMarker}, "verifiedDomains": []simulator.Object{},
	}}
}

// skus returns the list of SKUs.
func (t Tenant) skus(time.Time) []simulator.Object {
	var all []simulator.Object
	for i, sku := range t.SKUs {
		units, ids := map[string]int{}, []string{}
		best := len(statuses)
		for j, s := range sku.Subscriptions {
			units[s.Status] += s.Seats
			ids = append(ids, t.subscriptionID(i, j))
			best = min(best, statusIndex(s.Status))
		}
		prepaid := simulator.Object{"enabled": units["Enabled"], "warning": units["Warning"], "suspended": units["Suspended"]}
		if !t.IsOld {
			prepaid["lockedOut"] = units["LockedOut"]
		}
		appliesTo := "User"
		if sku.ForCompany {
			appliesTo = "Company"
		}
		all = append(all, simulator.Object{
			"id": t.ID + "_" + sku.ID, "accountId": t.ID, "accountName": simulator.FakeKeyMarker + " account", "skuId": sku.ID, "skuPartNumber": sku.PartNumber,
			"appliesTo": appliesTo, "capabilityStatus": statuses[min(best, len(statuses)-1)], "consumedUnits": sku.Used, "prepaidUnits": prepaid, "subscriptionIds": ids,
			"servicePlans": []simulator.Object{{"servicePlanId": "113feb6c-3fe4-4440-bddc-54d774bf0318", "servicePlanName": "EXCHANGE_S_FOUNDATION", "provisioningStatus": "Success", "appliesTo": "Company"}},
		})
	}
	return all
}

// statuses are sorted: the status of a SKU is the first one that any of its subscriptions has.
var statuses = []string{"Enabled", "Warning", "Suspended", "LockedOut", "Deleted"}

func statusIndex(status string) int {
	for i, s := range statuses {
		if s == status {
			return i
		}
	}
	return len(statuses)
}

// subscriptions returns the list of subscriptions.
func (t Tenant) subscriptions(today time.Time) []simulator.Object {
	var all []simulator.Object
	for i, sku := range t.SKUs {
		for j, s := range sku.Subscriptions {
			owner := simulator.FakeKeyMarker + "-owner"
			all = append(all, simulator.Object{
				"id": t.subscriptionID(i, j), "commerceSubscriptionId": simulator.FakeKeyMarker + "-commerce", "skuId": sku.ID, "skuPartNumber": sku.PartNumber,
				"status": s.Status, "totalLicenses": s.Seats, "isTrial": s.IsTrial, "createdDateTime": date(today, -300),
				"nextLifecycleDateTime": simulator.When(s.Next != 0, date(today, s.Next)), "ownerId": owner, "ownerTenantId": owner, "ownerType": "User",
				"serviceStatus": []simulator.Object{},
			})
		}
	}
	return all
}

// subscriptionID returns the id of the j-th subscription of the i-th SKU.
func (t Tenant) subscriptionID(i, j int) string {
	return fmt.Sprintf("%s-%04d-4000-9000-%012d", t.ID[:8], i+1, j+1)
}

func date(today time.Time, days int) string {
	return simulator.Moment(today, days, 0).Format("2006-01-02T15:04:05Z")
}

// Generate returns an estate with n tenants that have little data.
func Generate(n int) []Tenant {
	estate := make([]Tenant, 0, n)
	for i := range n {
		estate = append(estate, Tenant{
			ID: fmt.Sprintf("%08x-7326-48cd-9935-b556b81d3a4e", 0x48a80680+i), Name: fmt.Sprintf("Contoso %d", i+1),
			Domains: []string{fmt.Sprintf("contoso%d.onmicrosoft.com", i+1)}, IsOld: n == 1,
			SKUs: []SKU{
				{ID: "6fd2c87f-b296-42f0-b197-1e91e994b900", PartNumber: "ENTERPRISEPACK", Used: 30 + i, Subscriptions: []Subscription{
					{Status: "Enabled", Seats: 25, Next: 200}, {Status: "Enabled", Seats: 10, Next: 40}, {Status: "Warning", Seats: 5, Next: 20},
				}},
				{ID: "f30db892-07e9-47e9-837c-80727f46fd3d", PartNumber: "FLOW_FREE", Used: 3, Subscriptions: []Subscription{{Status: "Enabled", Seats: 10000}}},
				{ID: "6470687e-a428-4b7a-bef2-8a291ad947c9", PartNumber: "WINDOWS_STORE", ForCompany: true, Subscriptions: []Subscription{{Status: "Enabled", Seats: 25}}},
				{ID: "c5928f49-12ba-48f7-ada3-0d743a3601d5", PartNumber: "VISIOCLIENT", Used: 1, Subscriptions: []Subscription{{Status: "Suspended", Seats: 5, Next: 60}}},
			},
		})
	}
	return estate
}

// StartSmall starts an API with n tenants on the loopback interface. It returns their ids.
func StartSmall(n int) (url string, tenants []string, stop func(), err error) {
	return start(Options{Estate: Generate(n), NoLimits: true})
}

// StartDemo starts an API with the demo's tenants on the loopback interface. It returns their ids.
func StartDemo() (url string, tenants []string, stop func(), err error) {
	return start(Options{Estate: Demo()})
}

func start(o Options) (url string, tenants []string, stop func(), err error) {
	o.ClientID, o.ClientSecret = DemoClientID, DemoClientSecret
	url, stop, err = simulator.Listen(New(o))
	for _, t := range o.Estate {
		tenants = append(tenants, t.ID)
	}
	return url, tenants, stop, err
}
