package snow

import (
	"maps"
	"slices"

	"license_exporter/internal/simulator"
)

// crossMetricQuantity is how many licenses of an application's second metric cover a requirement by its first, if there are so many.
const crossMetricQuantity = 5

// coverageSource is a quantity of a license that covers a part of an application's requirement.
type coverageSource struct {
	license      int // index
	organization int
	quantity     int
}

// figures has the compliance of an application by one metric.
type figures struct {
	metric  metric
	counts  map[string]int // by countedFigures
	sources []coverageSource
}

// countedFigures has the names of the vendor's figures that are counted. The others follow from them.
var countedFigures = []string{
	"licensesPurchased", "incompleteLicenses", "expiredSubscriptionLicenses", "invalidAssignments", "unassigned",
	"downgradesGiven", "downgradesReceived", "upgradesGiven", "upgradesReceived",
	"crossEditionGiven", "crossEditionReceived", "crossPlatformGiven", "crossPlatformReceived",
	"otherMetricCoverage", "licensingOtherMetrics", "licenseRequirement", "secondaryUseRightsDesktopLaptop",
}

// available returns how many licenses of the metric can be used.
func (f *figures) available() int {
	n := f.counts["licensesPurchased"]
	for _, name := range countedFigures[1:5] {
		n -= f.counts[name]
	}
	for _, kind := range []string{downgrading, upgrading, crossEdition, crossPlatform} {
		n += f.counts[kind+"Received"] - f.counts[kind+"Given"]
	}
	return n
}

// coverage returns how many licenses meet the requirement. It equals the sum of the sources.
func (f *figures) coverage() int {
	return f.available() - f.counts["licensingOtherMetrics"] + f.counts["otherMetricCoverage"]
}

// compliance returns the coverage less the requirement.
func (f *figures) compliance() int { return f.coverage() - f.counts["licenseRequirement"] }

// add counts a license in any state.
func (f *figures) add(l license) {
	quantity := l.quantity()
	f.counts["licensesPurchased"] += quantity
	switch {
	case l.faults != 0:
		f.counts["incompleteLicenses"] += quantity
	case l.expired():
		f.counts["expiredSubscriptionLicenses"] += quantity
	default:
		f.counts["invalidAssignments"] += l.invalid
		f.counts["unassigned"] += l.unassigned
		for _, s := range l.shares() {
			f.sources = append(f.sources, coverageSource{l.index, s.organization, s.quantity - l.invalid})
		}
	}
}

// figures returns the compliance of an application by each of its metrics, in their order.
func (b *book) figures(index int) []*figures {
	a := b.application(index)
	all := []*figures{{metric: a.metric, counts: map[string]int{}}}
	if a.second != noMetric {
		all = append(all, &figures{metric: a.second, counts: map[string]int{}})
	}
	for l := range b.licensesOf(index) {
		for _, f := range all {
			if f.metric == l.metric && l.archived == 0 && l.faults&(missingApplication|missingMetric) == 0 {
				f.add(l)
			}
		}
	}
	b.transfer(index, a, all[0])
	if len(all) > 1 {
		lend(all[1], all[0])
	}
	target := a.compliance
	for i, f := range all {
		roll := b.Roll(index+1, -i)
		if i > 0 {
			target = max(a.free, simulator.Pick(roll, 0, 4))
		}
		requirement := max(0, f.coverage()-target)
		f.counts["licenseRequirement"] = requirement
		f.counts["secondaryUseRightsDesktopLaptop"] = min(requirement, simulator.Pick(roll, 16, 9))
	}
	return all
}

// transfer counts the licenses that an application gives to others and receives from them.
func (b *book) transfer(index int, a application, f *figures) {
	if n := b.given(index); n > 0 {
		f.counts[a.gives.kind+"Given"] = n
		f.sources[0].quantity -= n // the base license is the first
	}
	giver := a.receives - 1
	if giver < 0 {
		return
	}
	if n := b.given(giver); n > 0 {
		f.counts[b.application(giver).gives.kind+"Received"] = n
		f.sources = append(f.sources, coverageSource{giver, b.license(giver).organization, n})
	}
}

// given returns how many licenses an application gives to others. It gives none if its base license is used up or has expired.
func (b *book) given(index int) int {
	gives := b.application(index).gives
	if gives.to == 0 || index >= b.licenses || b.license(index).usable() < splitQuantity/2 {
		return 0
	}
	return gives.count
}

// lend uses licenses of the second metric for the requirement by the first.
func lend(second, first *figures) {
	i := slices.IndexFunc(second.sources, func(s coverageSource) bool { return s.quantity >= crossMetricQuantity })
	if i < 0 {
		return
	}
	s := &second.sources[i]
	s.quantity -= crossMetricQuantity
	second.counts["licensingOtherMetrics"] = crossMetricQuantity
	first.counts["otherMetricCoverage"] = crossMetricQuantity
	first.sources = append(first.sources, coverageSource{s.license, s.organization, crossMetricQuantity})
}

// otherFigures has the names of the vendor's figures that are always 0 here.
var otherFigures = []string{
	"assignedNamedUsers", "siteLicenses", "includedInBundle", "outsideMetricPeriod", "secondaryUseRightsDevice", "extendedCoverageForDcc",
	"extendedCoverageForHosts", "multipleVersionEdition", "virtualDesktopInfrastructure", "minimumRequirement", "coreFactor",
	"physicalHost", "computerAppExclusions", "windowsServer", "sqlServer", "siteCoverage", "vmCoverage", "licenseStacking",
	"namedUserCoverage", "virtualDesktopAccess",
}

// compliance lists the compliance of an application by metric.
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

// allocation lists the compliance of an application by organization and metric. The records add up to those of compliance.
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

// usage lists how much of the requirement by the first metric is covered by licenses of the second.
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

// addEntitlements adds up the entitlements of licenses in force by application, organization, metric and assignment type. The sum for an
// application and metric is what was purchased, except for incomplete and expired licenses.
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
