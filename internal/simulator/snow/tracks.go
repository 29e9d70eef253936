package snow

import (
	"path"

	"license_exporter/internal/simulator"
)

// track is what one computer or user needs of an application by a metric, and what it receives from a license.
type track struct {
	application           int
	metric                metric
	n                     int // number of the computer or user in the application and metric
	license, organization int
	requirement, received int
}

// uncovered is in the place of a license if there is none.
const uncovered = -1

// tracks returns what the computers or the users need of an application. The sources meet the requirement in their order. The rest of
// the requirement is not covered.
func (b *book) tracks(application int, subject string) []track {
	var tracks []track
	for _, f := range b.figures(application) {
		if metrics[f.metric].subject != subject {
			continue
		}
		step, left, n := metrics[f.metric].step, f.counts["licenseRequirement"], 0
		add := func(license, organization, requirement, received int) {
			n++
			left -= requirement
			tracks = append(tracks, track{application, f.metric, n, license, organization, requirement, received})
		}
		for _, s := range f.sources {
			for rest := s.quantity; rest > 0 && left > 0; rest -= step {
				part := min(step, rest, left)
				add(s.license, s.organization, part, part)
			}
		}
		if n > 0 && step > 1 && left > 0 { // the last one receives less than it needs
			more := min(left, step/2)
			tracks[len(tracks)-1].requirement += more
			left -= more
		}
		for left > 0 {
			add(uncovered, rootOrganization, min(step, left), 0)
		}
	}
	return tracks
}

// person returns the id of the track's computer or user.
func (t track) person() string {
	return personGUID(metrics[t.metric].subject, personOf(t.application, t.n))
}

// tracks lists what the computers or users need of an application. The end of the path says which.
func (c *call) tracks() list {
	tracks := c.book.tracks(c.index, path.Base(c.path))
	return simulator.ListFunc(len(tracks), func(i int) simulator.Object { return c.track(tracks[i]) })
}

// track returns the record of a track of the application in the path.
func (c *call) track(t track) simulator.Object {
	subject, person, license := metrics[t.metric].subject, t.person(), noGUID
	if t.license != uncovered {
		license = licenseGUID(t.license)
	}
	record := simulator.Object{
		"id":       guid(guidTracking, (t.application+1)<<24|t.n, int(t.metric)),
		"metricId": metrics[t.metric].id, "applicationId": applicationGUID(t.application + 1), personField(subject): person,
		"licenseId": license, "organizationId": organizationGUID(t.organization), "coverageTrait": 1,
		"initialRequirement": t.requirement, "receivedCoverage": t.received,
		"primaryUseRights": []string{"Standard"}, "fullUseRights": []string{"Standard"},
	}
	if subject == "computers" {
		record["requirement"] = t.requirement
	}
	return record
}

// entitlementStates describes how much of a requirement is covered.
var entitlementStates = [...]struct{ name, description string }{
	notCovered:       {"Not covered", "No license covers the requirement."},
	partiallyCovered: {"Partially covered", "Licenses cover part of the requirement."},
	covered:          {"Covered", "Licenses cover the whole requirement."},
	coveredByHost:    {"Covered by host", "The virtual machine is licensed by the host it is running on."},
}

const (
	notCovered = iota
	partiallyCovered
	covered
	coveredByHost
)

func (t track) state() int {
	switch {
	case t.received == 0:
		return notCovered
	case t.received < t.requirement:
		return partiallyCovered
	}
	return covered
}

func stateGUID(state int) string { return guid(guidEntitlementState, state+1, 0) }

// entitled lists the state of each application on each computer or for each user. The end of the path says which.
func (c *call) entitled() list {
	subject := path.Base(c.path)
	all := c.book.usage[subject]()
	return simulator.ListFunc(len(all), func(i int) simulator.Object {
		return simulator.Object{
			personField(subject): all[i].person(), "applicationId": applicationGUID(all[i].application + 1),
			"metricId": metrics[all[i].metric].id, "entitlementStateId": stateGUID(all[i].state()),
		}
	})
}

func (c *call) entitlementStates() list {
	return simulator.ListFunc(len(entitlementStates), func(i int) simulator.Object {
		s := entitlementStates[i]
		return simulator.Object{"id": stateGUID(i), "name": s.name, "description": s.description}
	})
}

// entitlementState returns one of the states, as version 1.0.0 does.
func (c *call) entitlementState() simulator.Object { return c.entitlementStates().At(covered) }
