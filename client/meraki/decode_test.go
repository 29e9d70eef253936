package meraki

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecode(t *testing.T) {
	for file, want := range decoded() {
		t.Run(file, func(t *testing.T) {
			operation, _, _ := strings.Cut(file, ".")
			c := serve(t, &vendor{status: http.StatusOK, body: fixture(t, file)})
			got, err := operations[operation](t.Context(), c, "2930418")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("what is decoded differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEmptyLists(t *testing.T) {
	for operation, call := range operations {
		if operation == opOrganization.Name || operation == opOverview.Name {
			continue
		}
		t.Run(operation, func(t *testing.T) {
			got, err := call(t.Context(), serve(t, &vendor{status: http.StatusOK, body: []byte("[]")}), "1")
			if text := fmt.Sprint(got); text != "[]" || err != nil {
				t.Errorf("an empty list is read as %s with the error %v", text, err)
			}
		})
	}
}

func TestNoLicenseKeyIsDecoded(t *testing.T) {
	for _, operation := range []string{opLicenses.Name, opCotermLicenses.Name} {
		t.Run(operation, func(t *testing.T) {
			body := fixture(t, operation+".json")
			if !strings.Contains(string(body), "FAKE") {
				t.Fatal("the fixture has no license key, so this test proves nothing")
			}
			got, err := operations[operation](t.Context(), serve(t, &vendor{status: http.StatusOK, body: body}), "1")
			if err != nil {
				t.Fatal(err)
			}
			whole, err := json.Marshal(got) // follows pointers, unlike fmt
			if err != nil {
				t.Fatal(err)
			}
			if text := fmt.Sprintf("%+v %s", got, whole); strings.Contains(text, "FAKE") {
				t.Errorf("a license key is decoded: %s", text)
			}
		})
	}
}

// decoded is what each file of testdata contains.
func decoded() map[string]any {
	organization := Organization{ID: "2930418", Name: "My organization"}
	organization.API.Enabled = yes
	organization.Licensing.Model = ModelCoterm
	organization.Cloud.Region.Name = "North America"
	closed := Organization{ID: "2930419", Name: "Closed to the API"}
	closed.API.Enabled = no
	closed.Licensing.Model = ModelPerDevice
	unknown := Organization{ID: "2930420"}
	unknown.Licensing.Model = "a-new-model"
	numeric := Organization{ID: "575334852396584364", Name: "7"}
	numeric.API.Enabled = yes
	single := organization
	single.Licensing.Model = ModelSubscription
	single.Cloud.Region.Name = "Europe"

	return map[string]any{
		"getOrganizations.json": []Organization{organization, closed, unknown, numeric},
		"getOrganization.json":  single,
		"getOrganizationLicensesOverview.coterm.json": Overview{
			Status: "OK", ExpirationDate: at("2020-02-08T00:00:00Z"),
			LicensedDeviceCounts: map[string]Int{"MS": number(100), "MS225-48FP": number(3), "wireless": number(0)},
		},
		"getOrganizationLicensesOverview.none.json": Overview{
			Status: "License Required", LicensedDeviceCounts: map[string]Int{},
		},
		"getOrganizationLicensesOverview.perdevice.json":                           perDeviceOverview(),
		"getOrganizationLicensingCotermLicenses.json":                              cotermLicenses(),
		"getOrganizationLicenses.json":                                             licenses(),
		"getAdministeredLicensingSubscriptionSubscriptions.json":                   subscriptions(),
		"getAdministeredLicensingSubscriptionSubscriptionsComplianceStatuses.json": complianceStatuses(),
		"getAdministeredLicensingSubscriptionEntitlements.json": []Entitlement{
			{SKU: "LIC-MR-A", Name: "MR", ProductType: "wireless", ProductClass: "MR", FeatureTier: "advantage", IsAddOn: no, IsFree: no},
			{SKU: "LIC-NEW", Name: "New", ProductClass: "NEW", IsAddOn: yes, IsFree: yes},
		},
		"getOrganizationInventoryDevices.json": []InventoryDevice{
			{
				EOX:    struct{ EndOfSaleAt, EndOfSupportAt Time }{at("2018-10-31T02:00:00Z"), at("2023-10-31T02:00:00Z")},
				Serial: hidden("Q234-ABCD-5678"),
				Model:  "MR34", NetworkID: "N_24329156", ProductType: "wireless",
				LicenseExpirationDate: at("2020-05-02T10:52:44.012345Z"),
			},
			{Serial: hidden("Q234-ABCD-5679"), Model: "MS220-8P", ProductType: "switch"},
		},
	}
}

func perDeviceOverview() Overview {
	states := OverviewStates{
		Active: Count{number(10)}, Expired: Count{number(1)}, RecentlyQueued: Count{number(2)},
	}
	states.Expiring.Count = number(3)
	states.Expiring.Critical = ExpiringThreshold{ThresholdInDays: number(30), ExpiringCount: number(1)}
	states.Expiring.Warning = ExpiringThreshold{ThresholdInDays: number(90), ExpiringCount: number(2)}
	states.Unused.Count = number(3)
	states.Unused.SoonestActivation = ActivationBatch{
		ActivationDate: at("2027-09-01T15:01:46Z"), ToActivateCount: number(2),
	}
	states.UnusedActive.Count = number(1)
	states.UnusedActive.OldestActivation = ActivationBatch{
		ActivationDate: at("2026-09-01T15:01:46Z"), ActiveCount: number(1),
	}
	return Overview{
		LicenseCount: number(20),
		States:       &states,
		LicenseTypes: []OverviewLicenseType{
			{LicenseType: "MX64-ENT", Counts: struct{ Unassigned Int }{number(4)}},
			{LicenseType: "ENT", Counts: struct{ Unassigned Int }{number(0)}},
		},
		SystemsManager: struct{ Counts SystemsManagerCounts }{SystemsManagerCounts{
			TotalSeats: number(100), ActiveSeats: number(60), UnassignedSeats: number(40), OrgwideEnrolledDevices: number(58),
		}},
	}
}

func cotermLicenses() []CotermLicense {
	type edition = struct{ Edition, ProductType Text }
	type count = struct {
		Model Text
		Count Int
	}
	return []CotermLicense{
		{
			Key: hidden("Z2AA-FAKE-0001"), Mode: "addDevices", Expired: no, ClaimedAt: at("2022-07-04T16:23:00Z"),
			Invalidated: yes, InvalidatedAt: at("2022-07-04T16:23:00Z"),
			Editions: []edition{{"Enterprise", "appliance"}},
			Counts:   []count{{"MR Enterprise", number(2)}},
		},
		{
			Key: hidden("Z2AA-FAKE-0002"), Mode: "renew", Invalidated: no, Expired: yes,
			Editions: []edition{{"Advanced Security", "appliance"}, {"Enterprise", "wireless"}},
			Counts:   []count{{"MX64", number(1)}, {"MR Enterprise", number(20)}},
		},
		{Key: hidden("Z2AA-FAKE-0003"), Mode: "a-new-mode", Editions: []edition{}, Counts: []count{}},
	}
}

func licenses() []License {
	return []License{
		{
			ID: "1234", LicenseType: "MX64-ENT", OrderNumber: "4C1234567", DeviceSerial: "Q234-ABCD-5678",
			NetworkID: "N_24329156", State: "active", DurationInDays: number(365), TotalDurationInDays: number(425),
			ActivationDate: at("2019-09-01T15:01:46Z"),
			ExpirationDate: at("2020-10-30T15:01:46Z"),
		},
		{
			ID: "1236", LicenseType: "SME", State: "unused", SeatCount: number(25),
			DurationInDays: number(365), TotalDurationInDays: number(365),
		},
		{
			ID: "1237", LicenseType: "MX64-ENT", State: "suspended", SeatCount: number(0),
			ExpirationDate: Time{Unreadable: true}, HeadLicenseID: "1234",
		},
	}
}

func subscriptions() []Subscription {
	type entitlement = struct {
		SKU   Text
		Seats SeatCounts
	}
	corporate := Subscription{
		SubscriptionID: "2345", Name: "Corporate subscription", Status: "active",
		StartDate: at("2027-06-30T00:00:00Z"), EndDate: at("2028-06-30T00:00:00Z"),
		WebOrderID: "55598764", Type: "termed", RenewalRequested: no, ProductTypes: []Text{"wireless"},
		Entitlements: []entitlement{{"LIC-MS-400-L-A", SeatCounts{number(10), number(15), number(25)}}},
	}
	corporate.SmartAccount.Status = "active"
	corporate.EnterpriseAgreement.Suites = []Text{"networking"}
	corporate.Counts.Seats = SeatCounts{number(10), number(15), number(25)}
	corporate.Counts.Networks = number(1)
	corporate.Counts.Organizations = number(1)
	shared := Subscription{
		SubscriptionID: "2346", Status: "out_of_compliance", Type: "evergreen", StartDate: at("2025-06-30T00:00:00Z"),
		Entitlements: []entitlement{
			{"LIC-MR-A", SeatCounts{Assigned: number(3), Limit: number(2)}},
			{SKU: "LIC-MR-E"},
		},
	}
	shared.Counts.Seats = SeatCounts{number(3), number(-1), number(2)}
	shared.Counts.Organizations = number(3)
	return []Subscription{corporate, shared, {SubscriptionID: "2347", Status: "canceled", Entitlements: []entitlement{}}}
}

func complianceStatuses() []ComplianceStatus {
	type entitlement = struct {
		SKU      Text
		Quantity Int
	}
	small := Violation{ProductClass: "MS 100 Small", GracePeriodEndsAt: at("2023-12-07T00:00:00Z")}
	small.Missing.Entitlements = []entitlement{{"LIC-MS-100-S-E", number(11)}}
	wireless := Violation{ProductClass: "MR"}
	wireless.Missing.Entitlements = []entitlement{}
	var violating, compliant ComplianceStatus
	violating.Subscription = struct {
		ID     Text
		Status Word
	}{"12345", "active"}
	violating.Violations.ByProductClass = []Violation{small, wireless}
	compliant.Subscription = struct {
		ID     Text
		Status Word
	}{"12346", "out_of_compliance"}
	compliant.Violations.ByProductClass = []Violation{}
	return []ComplianceStatus{violating, compliant}
}
