package microsoft365

// Demo returns the tenants of the demo: the customers of an invented managed service provider, with one app registration.
func Demo() []Tenant {
	forever := func(seats int) []Subscription { return []Subscription{{Status: "Enabled", Seats: seats}} }
	flow := SKU{ID: "f30db892-07e9-47e9-837c-80727f46fd3d", PartNumber: "FLOW_FREE", Used: 87, Subscriptions: forever(10_000)}
	store := SKU{ID: "6470687e-a428-4b7a-bef2-8a291ad947c9", PartNumber: "WINDOWS_STORE", ForCompany: true, Subscriptions: forever(25)}
	return []Tenant{
		{
			ID: "4b1f6a02-5d1c-4c55-8f43-3c6a9d0e1a01", Name: "Northwind Traders", Domains: []string{"northwindtraders.onmicrosoft.com"},
			SKUs: []SKU{
				{ID: "05e9a617-0261-4cee-bb44-138d3ef5d965", PartNumber: "SPE_E3", Used: 231, Subscriptions: []Subscription{{Status: "Enabled", Seats: 250, Next: 290}}},
				// The term has ended, and people still use it.
				{ID: "c5928f49-12ba-48f7-ada3-0d743a3601d5", PartNumber: "VISIOCLIENT", Used: 7, Subscriptions: []Subscription{{Status: "Warning", Seats: 10, Next: 22}}},
				{ID: "a403ebcc-fae0-4ca2-8c8c-7a907fd6c235", PartNumber: "POWER_BI_STANDARD", Used: 120, Subscriptions: forever(1_000_000)},
				flow, store,
			},
		},
		{
			ID: "7c3e9d10-2f4b-4a8e-9b6d-51d2c7f4b202", Name: "Fabrikam Residences", Domains: []string{"fabrikamresidences.onmicrosoft.com"},
			SKUs: []SKU{
				{ID: "f245ecc8-75af-4f8e-b61f-27d8114de5f3", PartNumber: "O365_BUSINESS_PREMIUM", Used: 34, Subscriptions: []Subscription{{Status: "Enabled", Seats: 40, Next: 45}}},
				{ID: "84a661c4-e949-4bd2-a560-ed7766fcaf2b", PartNumber: "AAD_PREMIUM_P2", Used: 3, Subscriptions: []Subscription{{Status: "Enabled", Seats: 25, Next: 75, IsTrial: true}}},
			},
		},
		{
			ID: "93d8b7f4-6a1e-4d0c-a2c9-8e5b0f6d3c03", Name: "Tailspin Toys", Domains: []string{"tailspintoys.onmicrosoft.com"},
			SKUs: []SKU{
				// The second subscription ends soon. The first one has enough seats.
				{ID: "6fd2c87f-b296-42f0-b197-1e91e994b900", PartNumber: "ENTERPRISEPACK", Used: 95, Subscriptions: []Subscription{
					{Status: "Enabled", Seats: 100, Next: 210}, {Status: "Enabled", Seats: 20, Next: 10},
				}},
				{ID: "53818b1b-4a27-454b-8896-0dba576410e6", PartNumber: "PROJECTPROFESSIONAL", Used: 3, Subscriptions: []Subscription{{Status: "Suspended", Seats: 5, Next: 40}}},
				flow,
			},
		},
		{
			ID: "d2a5c6e8-8b3f-4e7d-b4f1-a96c1d7e4d04", Name: "Wingtip Clinics", Domains: []string{"wingtipclinics.onmicrosoft.com"},
			SKUs: []SKU{
				{ID: "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", PartNumber: "SPB", Used: 11, Subscriptions: []Subscription{{Status: "Enabled", Seats: 14, Next: 120}}},
				{ID: "4b9405b0-7788-4568-add1-99614e613b69", PartNumber: "EXCHANGESTANDARD", Used: 4, Subscriptions: []Subscription{{Status: "Enabled", Seats: 6, Next: 120}}},
				store,
			},
		},
	}
}
