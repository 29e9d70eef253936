package policy

import (
	"fmt"
	"slices"
	"testing"
)

func sorted(all []int) []int {
	slices.Sort(all)
	return all
}

// BenchmarkFor reports how long it takes to find the rules of 5,000 organizations with 10
// products each, for 1,000 policies of one kind.
func BenchmarkFor(b *testing.B) {
	for kind, match := range map[string]func(i int) Match{
		"organization":       func(i int) Match { return Match{OrganizationID: fmt.Sprint(i)} },
		"name":               func(i int) Match { return Match{OrganizationName: fmt.Sprintf("Organization %d", i)} },
		"product":            func(i int) Match { return Match{Product: fmt.Sprintf("product-%d", i)} },
		"organization glob":  func(i int) Match { return Match{OrganizationName: fmt.Sprintf("*ation %d*", i)} },
		"product glob":       func(i int) Match { return Match{ProductName: fmt.Sprintf("Product %d*", i)} },
		"product glob begun": func(i int) Match { return Match{ProductName: fmt.Sprintf("*duct %d*", i)} },
		"everything":         func(int) Match { return Match{} },
	} {
		b.Run(kind, func(b *testing.B) {
			policies := make([]Policy, 1000)
			for i := range policies {
				policies[i] = Policy{Match: match(i), Rules: rules("owner")}
			}
			s := NewSet(policies)
			for b.Loop() {
				for id := range 5000 {
					scope := s.In(Organization{"vendor", "account", fmt.Sprint(id), fmt.Sprintf("Organization %d", id)})
					for p := range 10 {
						scope.For(fmt.Sprintf("product-%d", p), fmt.Sprintf("Product %d", p), "")
					}
				}
			}
		})
	}
}
