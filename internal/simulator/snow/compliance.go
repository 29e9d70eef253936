package snow

import (
	"maps"
	"slices"

	"license_exporter/internal/simulator"
)

// otherFigures are the vendor's figures that are 0 in an invented estate.
var otherFigures = []string{
	"assignedNamedUsers", "siteLicenses", "includedInBundle", "outsideMetricPeriod", "secondaryUseRightsDevice", "extendedCoverageForDcc",
	"extendedCoverageForHosts", "multipleVersionEdition", "virtualDesktopInfrastructure", "minimumRequirement", "coreFactor",
	"physicalHost", "computerAppExclusions", "windowsServer", "sqlServer", "siteCoverage", "vmCoverage", "licenseStacking",
	"namedUserCoverage", "virtualDesktopAccess",
}

// compliance is the compliance of an application by metric.
func (c *call) compliance() list {
	var records []simulator.Object
	for _, f := range c.book.figures(c.index) {
		record := simulator.Object{
			"applicationId": applicationGUID(c.index + 1), "metricId": metrics[f.metric].id,
			"availableLicenses": f.available(), "compliance": f.compliance(), "totalCoverage": f.coverage(),
			"initialRequirement": f.counts["licenseRequirement"] + f.counts["secondaryUseRightsDesktopLaptop"],
		}
		for _, name := range slices.Concat(countedFigures, otherFigures) {
			record[name] = f.counts[name]
		}
		records = append(records, record)
	}
	return simulator.ListOf(records)
}

// allocation is the compliance of an application by organization and metric. The parts add up to the whole.
func (c *call) allocation() list {
	var records []simulator.Object
	for _, f := range c.book.figures(c.index) {
		byOrganization, total := map[int]int{}, 0
		for _, s := range f.sources {
			byOrganization[s.organization] += s.quantity
			total += s.quantity
		}
		if total == 0 {
			byOrganization = map[int]int{rootOrganization: 0}
		}
		compliance, before := f.compliance(), 0
		for _, organization := range slices.Sorted(maps.Keys(byOrganization)) {
			coverage, part := byOrganization[organization], compliance
			if total > 0 {
				part = compliance*(before+coverage)/total - compliance*before/total
			}
			before += coverage
			records = append(records, simulator.Object{
				"applicationId": applicationGUID(c.index + 1), "metricId": metrics[f.metric].id, "organizationId": organizationGUID(organization),
				"requirement": coverage - part, "coverage": coverage, "compliance": part,
			})
		}
	}
	return simulator.ListOf(records)
}

// usage is what licenses of the second metric cover of the requirement by the first.
func (c *call) usage() list {
	all := c.book.figures(c.index)
	if len(all) < 2 || all[0].counts["otherMetricCoverage"] == 0 {
		return list{}
	}
	return simulator.ListOf([]simulator.Object{{
		"applicationId": applicationGUID(c.index + 1), "metricId": metrics[all[0].metric].id, "licenseMetricId": metrics[all[1].metric].id,
		"otherMetricCoverage": all[0].counts["otherMetricCoverage"], "mainCoverage": all[0].available(),
		"isPartial": all[0].compliance() < 0,
	}})
}

func (c *call) entitlements() list { return simulator.ListOf(c.book.entitlements()) }

// addEntitlements adds up what the licenses in force entitle each organization to, by metric and assignment type. Per application and
// metric it is what was purchased less what is incomplete or expired.
func (b *book) addEntitlements() []simulator.Object {
	type key struct {
		application, organization int
		metric                    metric
		assignment                assignmentKind
	}
	var all []simulator.Object
	sums := map[key]simulator.Object{}
	for index := range b.applications {
		for l := range b.licensesOf(index) {
			if !l.counts() {
				continue
			}
			for _, s := range l.owners() {
				of := key{index, s.organization, l.metric, l.assignment}
				if sums[of] == nil {
					sums[of] = simulator.Object{
						"applicationId": applicationGUID(index + 1), "organizationId": organizationGUID(s.organization),
						"metricId": metrics[l.metric].id, "assignmentType": assignmentKinds[l.assignment].name, "quantity": 0,
					}
					all = append(all, sums[of])
				}
				sums[of]["quantity"] = sums[of]["quantity"].(int) + s.quantity
			}
		}
	}
	return all
}
