package snow

import (
	"fmt"

	"license_exporter/internal/simulator"
)

// The number of manufacturers of generated applications, and the number of applications after which their kinds repeat.
const (
	generatedMakers   = 12
	generatedFamilies = 10 // the last of them is the older version of the one before it
)

// generatedApplication returns the application with an index.
func (b *book) generatedApplication(i int) application {
	roll := b.Roll(0, i)
	metric := [...]metric{installations, users, cores}[i/generatedFamilies%3]
	a := application{
		name:         fmt.Sprintf("Generated Application %d", i+1),
		manufacturer: fmt.Sprintf("Manufacturer%02d", i%generatedMakers+1),
		platform:     [...]string{"Windows", "Linux", "MacOSX", "CrossPlatform"}[simulator.Pick(roll, 0, 4)],
		metric:       metric,
		assignment:   [...]assignmentKind{installations: toOrganizations, users: toUsers, cores: toComputers}[metric],
		size:         2 + simulator.Pick(roll, 8, 18),
		price:        money(2000 + simulator.Pick(roll, 16, 60_000)),
		subscription: i%2 == 0,
	}
	switch i % generatedFamilies {
	case generatedFamilies - 2: // the newer of two versions
		a.subscription = false
		if i+1 < b.applications {
			a.older = i + 2
			a.gives = transferPlan{downgrading, metrics[metric].subject, i + 2, 1 + simulator.Pick(roll, 32, 5)}
		}
	case generatedFamilies - 1:
		a.subscription, a.newer, a.receives = false, i, i
	case 0, 5:
		a.agreement = 1 + simulator.Pick(roll, 32, len(agreements))
	case 3:
		if metric == installations {
			a.second = users
		}
	}
	switch chance := simulator.Pick(roll, 40, 10); {
	case chance < 5:
		a.compliance = 1 + simulator.Pick(roll, 48, 20)
	case chance < 8:
		a.compliance = -1 - simulator.Pick(roll, 48, 20)
	}
	return a
}
