package meraki

import "slices"

// entitlement is a SKU that subscriptions can contain.
type entitlement struct {
	SKU          string `json:"sku"`
	Name         string `json:"name"`
	ProductType  string `json:"productType"`
	ProductClass string `json:"productClass"`
	FeatureTier  string `json:"featureTier"`
	IsAddOn      bool   `json:"isAddOn"`
	IsFree       bool   `json:"isFree"`
}

// catalogue is a part of the vendor's catalogue of SKUs. It is the same for all estates.
var catalogue = []entitlement{
	{SKU: "LIC-MG-E", Name: "MG", ProductType: "cellularGateway", ProductClass: "MG", FeatureTier: "essentials"},
	{SKU: "LIC-MR-A", Name: "MR", ProductType: "wireless", ProductClass: "MR", FeatureTier: "advantage"},
	{SKU: "LIC-MR-E", Name: "MR", ProductType: "wireless", ProductClass: "MR", FeatureTier: "essentials"},
	{SKU: "LIC-MS-100-L-A", Name: "MS 100 Large", ProductType: "switch", ProductClass: "MS 100 Large", FeatureTier: "advantage"},
	{SKU: "LIC-MS-100-L-E", Name: "MS 100 Large", ProductType: "switch", ProductClass: "MS 100 Large", FeatureTier: "essentials"},
	{SKU: "LIC-MS-100-M-E", Name: "MS 100 Medium", ProductType: "switch", ProductClass: "MS 100 Medium", FeatureTier: "essentials"},
	{SKU: "LIC-MS-100-S-A", Name: "MS 100 Small", ProductType: "switch", ProductClass: "MS 100 Small", FeatureTier: "advantage"},
	{SKU: "LIC-MS-100-S-E", Name: "MS 100 Small", ProductType: "switch", ProductClass: "MS 100 Small", FeatureTier: "essentials"},
	{SKU: "LIC-MS-200-L-E", Name: "MS 200 Large", ProductType: "switch", ProductClass: "MS 200 Large", FeatureTier: "essentials"},
	{SKU: "LIC-MS-200-S-E", Name: "MS 200 Small", ProductType: "switch", ProductClass: "MS 200 Small", FeatureTier: "essentials"},
	{SKU: "LIC-MS-400-L-A", Name: "MS 400 Large", ProductType: "switch", ProductClass: "MS 400 Large", FeatureTier: "advantage"},
	{SKU: "LIC-MS-400-S-A", Name: "MS 400 Small", ProductType: "switch", ProductClass: "MS 400 Small", FeatureTier: "advantage"},
	{SKU: "LIC-MT-E", Name: "MT", ProductType: "sensor", ProductClass: "MT", FeatureTier: "essentials"},
	{SKU: "LIC-MT-F", Name: "MT Free", ProductType: "sensor", ProductClass: "MT", FeatureTier: "free", IsFree: true},
	{SKU: "LIC-MV-A", Name: "MV", ProductType: "camera", ProductClass: "MV", FeatureTier: "advantage"},
	{SKU: "LIC-MV-ADD-CA90", Name: "MV Archive 90 Days", ProductType: "camera", ProductClass: "MV", FeatureTier: "advantage", IsAddOn: true},
	{SKU: "LIC-MV-E", Name: "MV", ProductType: "camera", ProductClass: "MV", FeatureTier: "essentials"},
	{SKU: "LIC-MX-ADD-SDW", Name: "MX SD-WAN Plus", ProductType: "appliance", ProductClass: "MX", FeatureTier: "advantage", IsAddOn: true},
	{SKU: "LIC-MX-L-A", Name: "MX Large", ProductType: "appliance", ProductClass: "MX Large", FeatureTier: "advantage"},
	{SKU: "LIC-MX-L-E", Name: "MX Large", ProductType: "appliance", ProductClass: "MX Large", FeatureTier: "essentials"},
	{SKU: "LIC-MX-M-A", Name: "MX Medium", ProductType: "appliance", ProductClass: "MX Medium", FeatureTier: "advantage"},
	{SKU: "LIC-MX-M-E", Name: "MX Medium", ProductType: "appliance", ProductClass: "MX Medium", FeatureTier: "essentials"},
	{SKU: "LIC-MX-S-A", Name: "MX Small", ProductType: "appliance", ProductClass: "MX Small", FeatureTier: "advantage"},
	{SKU: "LIC-MX-S-E", Name: "MX Small", ProductType: "appliance", ProductClass: "MX Small", FeatureTier: "essentials"},
	{SKU: "LIC-SM-E", Name: "Systems Manager", ProductType: "systemsManager", ProductClass: "SM", FeatureTier: "essentials"},
	{SKU: "LIC-Z-E", Name: "Z Teleworker", ProductType: "appliance", ProductClass: "Z", FeatureTier: "essentials"},
}

// productTypeOfSKU returns the product type of a SKU of the catalogue.
func productTypeOfSKU(sku string) string {
	return catalogue[slices.IndexFunc(catalogue, func(e entitlement) bool { return e.SKU == sku })].ProductType
}
