package snow

import (
	"maps"
	"slices"

	"license_exporter/internal/simulator"
)

// crossMetricQuantity is how many licenses of an application's second metric cover a requirement of its first, where there are as many.
const crossMetricQuantity = 5

// coverageSource is where an application's coverage comes from: so many of a license.
type coverageSource struct {
	license      int // index
	organization int
	quantity     int
}

// figures are the compliance of an application by one metric.
type figures struct {
	metric                                              metric
	purchased, incomplete, expired, invalid, unassigned int
	given, received                                     [transferKinds]int
	toOtherMetrics, fromOtherMetrics                    int
	secondary                                           int // requirement that secondary use rights meet
	requirement                                         int
	sources                                             []coverageSource
}

// available is what the licenses of the metric come to.
func (f *figures) available() int {
	n := f.purchased - f.incomplete - f.expired - f.invalid - f.unassigned
	for kind := range f.given {
		n += f.received[kind] - f.given[kind]
	}
	return n
}

// coverage is what there is to meet the requirement. It is the sum of the sources.
func (f *figures) coverage() int { return f.available() - f.toOtherMetrics + f.fromOtherMetrics }

// compliance is the coverage less the requirement.
func (f *figures) compliance() int { return f.coverage() - f.requirement }

// add counts a license, whatever its state.
func (f *figures) add(l license) {
	quantity := l.quantity()
	f.purchased += quantity
	switch {
	case l.faults != 0:
		f.incomplete += quantity
	case l.expired():
		f.expired += quantity
	default:
		f.invalid += l.invalid
		f.unassigned += l.unassigned
		for _, s := range l.shares() {
			f.sources = append(f.sources, coverageSource{l.index, s.organization, s.quantity - l.invalid})
		}
	}
}

// figures are the compliance of an application by each of its metrics, the first one first.
func (b *book) figures(index int) []*figures {
	a := b.application(index)
	all := []*figures{{metric: a.metric}}
	if a.second != noMetric {
		all = append(all, &figures{metric: a.second})
	}
	for l := range b.licensesOf(index) {
		if l.archived > 0 || l.faults&(missingApplication|missingMetric) != 0 {
			continue
		}
		for _, f := range all {
			if f.metric == l.metric {
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
		if i > 0 {
			target = simulator.Pick(b.Roll(index+1, -i), 0, 4)
		}
		f.requirement = max(0, f.coverage()-target)
		f.secondary = min(f.requirement, simulator.Pick(b.Roll(index+1, -i), 16, 9))
	}
	return all
}

// transfer moves what an application gives to others and gets from them.
func (b *book) transfer(index int, a application, f *figures) {
	if n := b.given(index); n > 0 {
		f.given[a.gives.kind] = n
		f.sources[0].quantity -= n // the base license is the first
	}
	if a.receives == 0 {
		return
	}
	giver := a.receives - 1
	if n := b.given(giver); n > 0 {
		base := b.license(giver)
		f.received[b.application(giver).gives.kind] = n
		f.sources = append(f.sources, coverageSource{base.index, base.organization, n})
	}
}

// given is how many licenses an application gives to others: those of its plan, unless its base license is used up or expired.
func (b *book) given(index int) int {
	gives := b.application(index).gives
	if gives.to == 0 || index >= b.licenses || b.license(index).usable() < splitQuantity/2 {
		return 0
	}
	return gives.count
}

// lend lets licenses of the second metric cover what is required by the first.
func lend(second, first *figures) {
	for i := range second.sources {
		s := &second.sources[i]
		if s.quantity < crossMetricQuantity {
			continue
		}
		s.quantity -= crossMetricQuantity
		second.toOtherMetrics = crossMetricQuantity
		first.fromOtherMetrics = crossMetricQuantity
		first.sources = append(first.sources, coverageSource{s.license, s.organization, crossMetricQuantity})
		return
	}
}

// allocation is what an organization has and needs of an application by a metric.
type allocation struct{ organization, requirement, coverage int }

// allocations splits the figures by organization, so that the parts add up to them.
func (f *figures) allocations() []allocation {
	byOrganization := map[int]int{}
	total := 0
	for _, s := range f.sources {
		byOrganization[s.organization] += s.quantity
		total += s.quantity
	}
	if total == 0 {
		return []allocation{{rootOrganization, f.requirement, 0}}
	}
	var parts []allocation
	compliance, before := f.compliance(), 0
	for _, o := range slices.Sorted(maps.Keys(byOrganization)) {
		coverage := byOrganization[o]
		over := compliance*(before+coverage)/total - compliance*before/total
		before += coverage
		parts = append(parts, allocation{o, coverage - over, coverage})
	}
	return parts
}
