package snow

import "license_exporter/internal/simulator"

// otherFigures are the vendor's figures that are 0 in an invented estate.
var otherFigures = []string{
	"assignedNamedUsers", "siteLicenses", "includedInBundle", "outsideMetricPeriod", "secondaryUseRightsDevice", "extendedCoverageForDcc",
	"extendedCoverageForHosts", "multipleVersionEdition", "virtualDesktopInfrastructure", "minimumRequirement", "coreFactor",
	"physicalHost", "computerAppExclusions", "windowsServer", "sqlServer", "siteCoverage", "vmCoverage", "licenseStacking",
	"namedUserCoverage", "virtualDesktopAccess",
}

func (c *call) compliance() list {
	all := c.book.figures(c.index)
	return list{len(all), func(i int) simulator.Object {
		f := all[i]
		record := simulator.Object{
			"applicationId": applicationGUID(c.index + 1), "metricId": metrics[f.metric].id, "_links": noLinks,
			"availableLicenses": f.available(), "compliance": f.compliance(), "licensesPurchased": f.purchased,
			"incompleteLicenses": f.incomplete, "expiredSubscriptionLicenses": f.expired,
			"invalidAssignments": f.invalid, "unassigned": f.unassigned,
			"downgradesGiven": f.given[downgrading], "downgradesReceived": f.received[downgrading],
			"upgradesGiven": f.given[upgrading], "upgradesReceived": f.received[upgrading],
			"crossPlatformGiven": f.given[crossPlatform], "crossPlatformReceived": f.received[crossPlatform],
			"crossEditionGiven": f.given[crossEdition], "crossEditionReceived": f.received[crossEdition],
			"initialRequirement": f.requirement + f.secondary, "secondaryUseRightsDesktopLaptop": f.secondary,
			"licenseRequirement": f.requirement, "otherMetricCoverage": f.fromOtherMetrics, "licensingOtherMetrics": f.toOtherMetrics,
			"totalCoverage": f.coverage(),
		}
		for _, name := range otherFigures {
			record[name] = 0
		}
		return record
	}}
}

// allocation is the compliance of an application by organization.
func (c *call) allocation() list {
	var records []simulator.Object
	for _, f := range c.book.figures(c.index) {
		for _, part := range f.allocations() {
			records = append(records, simulator.Object{
				"applicationId": applicationGUID(c.index + 1), "metricId": metrics[f.metric].id, "organizationId": organizationGUID(part.organization),
				"requirement": part.requirement, "coverage": part.coverage, "compliance": part.coverage - part.requirement,
				"_links": noLinks,
			})
		}
	}
	return listOf(records)
}

// usage is what licenses of the second metric cover of the requirement by the first.
func (c *call) usage() list {
	all := c.book.figures(c.index)
	if len(all) < 2 || all[0].fromOtherMetrics == 0 {
		return list{}
	}
	return listOf([]simulator.Object{{
		"applicationId": applicationGUID(c.index + 1), "metricId": metrics[all[0].metric].id, "licenseMetricId": metrics[all[1].metric].id,
		"otherMetricCoverage": all[0].fromOtherMetrics, "mainCoverage": all[0].available(), "isPartial": all[0].compliance() < 0,
		"_links": noLinks,
	}})
}

func (c *call) entitlements() list { return listOf(c.book.entitlements()) }

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
						"metricId": metrics[l.metric].id, "assignmentType": assignmentKinds[l.assignment].name, "quantity": 0, "_links": noLinks,
					}
					all = append(all, sums[of])
				}
				sums[of]["quantity"] = sums[of]["quantity"].(int) + s.quantity
			}
		}
	}
	return all
}
