package meraki

import (
	"strings"
	"time"

	"license_exporter/internal/simulator"
)

// cotermBatch is a number of equal licenses of a co-term organization. Days are counted back from today. If invalidated is 0, they are
// valid.
type cotermBatch struct {
	licenses    int
	mode        string
	claimed     int
	duration    int
	invalidated int
	expired     bool
	counts      []modelCount
}

var (
	emeaLicenses = []cotermBatch{
		{licenses: 1, mode: "renew", claimed: 78, duration: 365, counts: []modelCount{
			{"MR Enterprise", 40}, {"MS225-48FP", 12}, {"MX67 Advanced Security", 6}, {"MV Enterprise", 8}}},
		{licenses: 4, mode: "addDevices", claimed: 51, duration: 365, counts: []modelCount{{"MR Enterprise", 5}}},
		{licenses: 2, mode: "addDevices", claimed: 33, duration: 1095, counts: []modelCount{{"MS225-48FP", 2}}},
		{licenses: 1, mode: "addDevices", claimed: 9, duration: 1095, counts: []modelCount{{"MT Enterprise", 10}}},
	}
	emeaDevices = []stock{{"MR46", 41, 2}, {"CW9166I", 14, 0}, {"MS225-48FP", 15, 1}, {"MX67", 6, 0}, {"MV12", 7, 1}, {"MT10", 9, 0}}

	iberiaLicenses = []cotermBatch{
		{licenses: 1, mode: "renew", claimed: 360, duration: 365, counts: []modelCount{
			{"MR Enterprise", 18}, {"MS120-8LP", 6}, {"MX68 Advanced Security", 3}}},
		{licenses: 2, mode: "addDevices", claimed: 120, duration: 365, counts: []modelCount{{"MR Enterprise", 2}}},
	}
	iberiaDevices = []stock{{"MR36", 22, 1}, {"MS120-8LP", 6, 0}, {"MX68", 3, 0}}

	nordicsLicenses = []cotermBatch{
		{licenses: 1, mode: "addDevices", claimed: 1107, duration: 1095, expired: true, counts: []modelCount{
			{"MR Enterprise", 12}, {"MS225-48FP", 4}, {"MG21 Enterprise", 2}}},
		{licenses: 1, mode: "renew", claimed: 377, duration: 365, expired: true, counts: []modelCount{{"MX67 Enterprise", 2}}},
	}
	nordicsDevices = []stock{{"MR46", 12, 0}, {"MS225-48FP", 4, 0}, {"MG21", 2, 0}, {"MX67", 2, 0}}

	logisticsLicenses = []cotermBatch{
		{licenses: 1, mode: "renew", claimed: 223, duration: 365, counts: []modelCount{
			{"MR Enterprise", 30}, {"MS225-48FP", 8}, {"MV Enterprise", 24}, {"MX85 Advanced Security", 2}, {"MX67C Enterprise", 1}}},
		{licenses: 2, mode: "addDevices", claimed: 190, duration: 365, invalidated: 171, counts: []modelCount{{"MR Enterprise", 10}}},
		{licenses: 1, mode: "addDevices", claimed: 95, duration: 1095, invalidated: 40, counts: []modelCount{
			{"MV Enterprise", 4}, {"MS225-48FP", 1}}},
		{licenses: 3, mode: "addDevices", claimed: 588, duration: 365, expired: true, counts: []modelCount{{"MR Enterprise", 6}}},
		{licenses: 1, mode: "renew", claimed: 588, duration: 365, expired: true, counts: []modelCount{{"MX85 Advanced Security", 2}}},
	}
	logisticsDevices = []stock{{"MR46", 33, 1}, {"MS225-48FP", 8, 0}, {"MV72", 23, 1}, {"MX85", 2, 0}, {"MX67C-NA", 1, 0}} // 4 access points too many
)

// holdCoterm makes what a co-term organization has. Its licenses end in endsIn days.
func holdCoterm(endsIn int, batches []cotermBatch, stocks []stock) content {
	return func(o organization, today time.Time) holdings {
		var licenses []cotermLicense
		for _, b := range batches {
			for range b.licenses {
				licenses = append(licenses, b.license(today, o, len(licenses)+1))
			}
		}
		all := listOf(licenses)
		return holdings{
			overview:       func() any { return newCotermOverview(today, endsIn, all) },
			cotermLicenses: all,
			devices:        listOf(unpack(today, o.number, stocks)),
		}
	}
}

// license returns a license of the batch. It is the n-th of the organization.
func (b cotermBatch) license(today time.Time, o organization, n int) cotermLicense {
	claimed := simulator.Moment(today, -b.claimed, 36_000+n*60)
	l := cotermLicense{
		Key:            fakeKey(o.number, n),
		OrganizationID: o.identifier,
		Duration:       b.duration,
		Mode:           b.mode,
		StartedAt:      claimed.AddDate(0, 0, -2),
		ClaimedAt:      claimed,
		Expired:        b.expired,
		Editions:       editionsOf(b.counts),
		Counts:         b.counts,
	}
	if b.invalidated > 0 {
		l.Invalidated, l.InvalidatedAt = true, some(simulator.Moment(today, -b.invalidated, 50_000))
	}
	return l
}

// editionsOf returns the editions for license models: one for each product type.
func editionsOf(counts []modelCount) []simulator.Object {
	editions := []simulator.Object{}
	seen := map[string]bool{}
	for _, c := range counts {
		productType := productTypeOfModel(c.Model)
		if seen[productType] {
			continue
		}
		seen[productType] = true
		name := "Enterprise"
		if strings.Contains(c.Model, "Advanced Security") {
			name = "Advanced Security"
		}
		editions = append(editions, simulator.Object{"edition": name, "productType": productType})
	}
	return editions
}
