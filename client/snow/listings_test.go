package snow

import "time"

// Values as the fixtures have them.
var (
	yes = Bool{Value: true, Valid: true}
	no  = Bool{Valid: true}
)

func whole(v int64) Int       { return Int{Value: v, Valid: true} }
func number(v float64) Number { return Number{Value: v, Valid: true} }
func flags(n ...string) Flags { return Flags{Names: n, Valid: true} }

// month is the first of a month of 2024.
func month(m time.Month) Time { return Time{Time: time.Date(2024, m, 1, 0, 0, 0, 0, time.UTC)} }

var overAssigned = InvalidAssignmentReasons{flags("OverAssignment")}

// listings are the operations that answer with pages.
func listings() []example {
	var all []example
	for _, group := range [][]example{
		licenseListings(), entitlementListings(), complianceListings(), policyListings(),
		transferListings(), trackingListings(), costListings(), assignmentListings(), otherListings(),
	} {
		all = append(all, group...)
	}
	return all
}

func licenseListings() []example {
	return []example{
		{
			fixture: "licenses", uri: sam + "/licenses" + paged, call: plain((*Client).Licenses), nothing: []License{{}},
			want: map[string]any{
				"1.0.0": []License{{
					ID: idSelf, OrganizationID: RootOrganization, ApplicationID: idApplication, ContractID: idContract, MetricID: idMetric,
					PurchaseValue: number(100), PurchaseCurrency: "USD", Quantity: whole(1),
				}},
				"1.7.0": []License{{
					ID: idSelf, OrganizationID: idOrganization, ApplicationID: idApplication, MetricID: idMetric,
					ContractID: idContract, AgreementID: idAgreement,
					PurchaseValue: number(1000), PurchaseCurrency: "USD", Quantity: whole(1),
					IsSubscription: yes, IsCrossEdition: no, IsCrossPlatform: yes, IsUpgrade: no, IsDowngrade: yes, IsIncomplete: no,
					IncompleteReasons: IncompleteReasons{flags("MissingApplication")}, Status: StatusActive,
					SubscriptionValidFrom: month(4), SubscriptionValidTo: month(5),
					ActiveMaintenanceCost: number(1001), TotalMaintenanceCost: number(1002),
					ActiveSupportCost: number(1003), TotalSupportCost: number(1004), TotalLicenseCost: number(1005),
					UpgradedLicenseCount: whole(1006),
					Upgrades:             []Upgrade{{whole(1), idUpgraded, whole(2)}},
				}},
			},
		},
		{
			fixture: "upgrades", uri: sam + "/licenses/x%20y/upgrades" + paged, call: about((*Client).Upgrades),
			want: both([]Upgrade{{whole(1), idUpgraded, whole(2)}}), nothing: []Upgrade{{}},
		},
		{
			fixture: "maintenance-periods", uri: sam + "/licenses/maintenance-periods" + paged, call: plain((*Client).MaintenancePeriods),
			want:    since16([]MaintenancePeriod{{ID: idSelf, LicenseID: idLicense, AgreementPeriodID: id(10), ValidFrom: month(1), ValidTo: month(2)}}),
			nothing: []MaintenancePeriod{{}},
		},
	}
}

func entitlementListings() []example {
	return []example{
		{
			fixture: "entitlements", uri: sam + "/licenses-entitlements" + paged, call: plain((*Client).Entitlements),
			want:    both([]Entitlement{{idApplication, idOrganization, idMetric, "Organization", whole(1)}}),
			nothing: []Entitlement{{}},
		},
		{
			fixture: "computer-entitlements", uri: sam + "/licenses/entitlements/computers" + paged,
			call: plain((*Client).ComputerEntitlements), nothing: []SubjectEntitlement{{}},
			want: both([]SubjectEntitlement{{
				Computer: idComputer, ApplicationID: idApplication, MetricID: idMetric, EntitlementStateID: idState,
			}}),
		},
		{
			fixture: "user-entitlements", uri: sam + "/licenses/entitlements/users" + paged,
			call: plain((*Client).UserEntitlements), nothing: []SubjectEntitlement{{}},
			want: since16([]SubjectEntitlement{{
				User: idUser, ApplicationID: idApplication, MetricID: idMetric, EntitlementStateID: idState,
			}}),
		},
		{
			fixture: "entitlement-states", uri: sam + "/licenses/entitlements/entitlement-states" + paged,
			call: plain((*Client).EntitlementStates), nothing: []EntitlementState{{}},
			want: map[string]any{
				"1.0.0": []EntitlementState{{idSelf, "name"}},
				"1.7.0": []EntitlementState{{idSelf, "Partially covered"}},
			},
		},
	}
}

func complianceListings() []example {
	const path = sam + "/compliance/summary/x%20y"
	summary := ComplianceSummary{ // numbered in the vendor's order
		MetricID: idMetric, AvailableLicenses: whole(1), Compliance: whole(2), LicensesPurchased: whole(3), IncompleteLicenses: whole(4),
		ExpiredSubscriptionLicenses: whole(5), InvalidAssignments: whole(6), Unassigned: whole(7), LicenseRequirement: whole(30),
		TotalCoverage: whole(41),
	}
	return []example{
		{
			fixture: "compliance-summary", uri: path, call: about((*Client).ComplianceSummary),
			want: since16([]ComplianceSummary{summary}), nothing: []ComplianceSummary{{}},
		},
		{
			fixture: "compliance-allocation", uri: path + "/allocation", call: about((*Client).ComplianceAllocation),
			want:    since16([]ComplianceAllocation{{idMetric, idOrganization, whole(1), whole(2), whole(3)}}),
			nothing: []ComplianceAllocation{{}},
		},
		{
			fixture: "compliance-usage", uri: path + "/usage", call: about((*Client).ComplianceUsage),
			want:    since16([]ComplianceUsage{{idMetric, idLicenseMetric, whole(1)}}),
			nothing: []ComplianceUsage{{}},
		},
	}
}

func policyListings() []example {
	return []example{
		{
			fixture: "policies", uri: sam + "/licenses-policies" + paged, call: plain((*Client).Policies),
			want: both([]Policy{{idSelf}}),
		},
		{
			fixture: "policy-fields", uri: sam + "/licenses-policies/x%20y/fields" + paged, call: about((*Client).PolicyFields),
			want:    both([]PolicyField{{ID: idSelf, IsRequired: yes}}),
			nothing: []PolicyField{{}},
		},
		{
			fixture: "extended-coverage", uri: sam + "/extended-coverage" + paged, call: plain((*Client).ExtendedCoverage),
			want: map[string]any{
				"1.0.0": []ExtendedCoverage{{idSelf, idApplication, idCovered, "Other"}},
				"1.7.0": []ExtendedCoverage{{idSelf, idApplication, idCovered, "Disaster"}},
			},
			nothing: []ExtendedCoverage{{}},
		},
		{
			fixture: "extended-coverage-types", uri: sam + "/licenses-extended-coverage-types" + paged,
			call: plain((*Client).ExtendedCoverageTypes), nothing: []ExtendedCoverageType{{}},
			want: map[string]any{"1.0.0": []ExtendedCoverageType{{"name"}}, "1.7.0": []ExtendedCoverageType{{"Passive"}}},
		},
	}
}

func transferListings() []example {
	const path = sam + "/licenses/transfers/x%20y"
	transfer := Transfer{LicenseID: idLicense, OrganizationID: idOrganization, FromApplicationID: idFrom, ToApplicationID: idTo}
	computer, user, custom := transfer, transfer, transfer
	computer.Computer, user.User, custom.CustomCompareValueID = idComputer, idUser, idCustomValue
	return []example{
		{
			fixture: "transfers", uri: path + paged, call: about((*Client).Transfers),
			want: both([]LicenseTransfers{{idLicense, yes, no, yes}}), nothing: []LicenseTransfers{{}},
		},
		{
			fixture: "computer-transfers", uri: path + "/computers" + paged, call: about((*Client).ComputerTransfers),
			want: both([]Transfer{computer}), nothing: []Transfer{{}},
		},
		{
			fixture: "user-transfers", uri: path + "/users" + paged, call: about((*Client).UserTransfers),
			want: both([]Transfer{user}), nothing: []Transfer{{}},
		},
		{
			fixture: "custom-value-transfers", uri: path + "/custom-values" + paged, call: about((*Client).CustomValueTransfers),
			want: both([]Transfer{custom}), nothing: []Transfer{{}},
		},
	}
}

func trackingListings() []example {
	const path = sam + "/licenses/tracking/x%20y"
	track := Track{LicenseID: idLicense}
	computer, user := track, track
	computer.Computer, user.User = idComputer, idUser
	full := Track{ID: idSelf, MetricID: idMetric, LicenseID: idLicense, InitialRequirement: whole(2)}
	fullComputer, fullUser := full, full
	fullComputer.Computer, fullComputer.Requirement, fullComputer.ReceivedCoverage = idComputer, whole(3), whole(4)
	fullUser.User, fullUser.ReceivedCoverage = idUser, whole(3)
	return []example{
		{
			fixture: "computer-tracking", uri: path + "/computers" + paged, call: about((*Client).ComputerTracking),
			want: map[string]any{"1.0.0": []Track{computer}, "1.7.0": []Track{fullComputer}}, nothing: []Track{{}},
		},
		{
			fixture: "user-tracking", uri: path + "/users" + paged, call: about((*Client).UserTracking),
			want: map[string]any{"1.0.0": []Track{user}, "1.7.0": []Track{fullUser}}, nothing: []Track{{}},
		},
	}
}

func costListings() []example {
	cost := func(first float64, currency Text) []Cost {
		return []Cost{{
			idOrganization, number(first), number(first + 1), number(first + 2), number(first + 3),
			number(first + 4), number(first + 5), currency,
		}}
	}
	return []example{{
		fixture: "costs", uri: sam + "/licenses/x%20y/costs" + paged, call: about((*Client).Costs),
		want: map[string]any{"1.0.0": cost(2, "currency"), "1.7.0": cost(1000, "USD")}, nothing: []Cost{{}},
	}}
}

func assignmentListings() []example {
	const path = sam + "/licenses/x%20y/assignments/"
	valid := Assignment{ID: idSelf, LicenseID: idLicense, Quantity: whole(1)}
	invalid := valid
	invalid.InvalidAssignmentReasons = overAssigned
	since17 := map[string]any{"1.0.0": []Assignment{valid}, "1.7.0": []Assignment{invalid}}
	return []example{
		{
			fixture: "computer-assignments", uri: path + "computers" + paged, call: about((*Client).ComputerAssignments),
			want: since17, nothing: []Assignment{{}},
		},
		{
			fixture: "datacenter-assignments", uri: path + "datacenters" + paged, call: about((*Client).DatacenterAssignments),
			want: since17, nothing: []Assignment{{}},
		},
		{
			fixture: "organization-assignments", uri: path + "organizations" + paged, call: about((*Client).OrganizationAssignments),
			want: both([]Assignment{valid}), nothing: []Assignment{{}},
		},
		{
			fixture: "user-assignments", uri: path + "users" + paged, call: about((*Client).UserAssignments),
			want: since17, nothing: []Assignment{{}},
		},
	}
}

func otherListings() []example {
	return []example{
		{
			fixture: "agreements", uri: "/api/sam/v2/agreements" + paged, call: plain((*Client).Agreements),
			want: other([]AgreementItem{{idSelf, "1"}}),
		},
		{
			fixture: "agreement-periods", uri: "/api/sam/v2/agreements/x%20y/periods" + paged, call: about((*Client).AgreementPeriods),
			want: other([]AgreementPeriod{{idSelf, month(1), month(2)}}), nothing: []AgreementPeriod{{}},
		},
		{
			fixture: "agreement-types", uri: "/api/sam/v2/agreement-types" + paged, call: plain((*Client).AgreementTypes),
			want: other([]AgreementType{{idSelf, "Software enterprise agreement"}}), nothing: []AgreementType{{}},
		},
		{
			fixture: "custom-metrics", uri: "/api/custom-metrics/v1/custom-metrics" + paged, call: plain((*Client).CustomMetrics),
			want: other([]CustomMetric{{idSelf, "Rooms"}}), nothing: []CustomMetric{{}},
		},
	}
}
