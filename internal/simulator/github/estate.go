package github

import (
	"fmt"
	"time"

	"license_exporter/internal/simulator"
)

// Estate is what a simulated API has: GitHub Enterprise Cloud, or an Enterprise Server if there is a license.
type Estate struct {
	Enterprises   []Enterprise
	Organizations []Organization
	License       *License
}

// Enterprise is an enterprise account.
type Enterprise struct {
	Slug string
	// Purchased and Consumed are its seats.
	Purchased, Consumed int
	// Security has the committers for Advanced Security, by the product code_security or secret_protection. If Advanced Security was bought
	// as a whole, the product is empty.
	Security map[string]Committers
	// Copilot is the number of seats, or 0 without Copilot.
	Copilot int
	// CopilotOnly is set for an enterprise that is dedicated to Copilot, whose users need no seats.
	CopilotOnly bool
}

// Committers are the committers of an enterprise.
type Committers struct{ Total, Maximum, Purchased, Repositories int }

// Organization is an organization.
type Organization struct {
	Login         string
	Plan          string
	Seats, Filled int
	Copilot       *Copilot // nil if it is not enabled
}

// Copilot is the seat breakdown of an organization.
type Copilot struct {
	Plan                                    string
	Total, Active, Added, Canceled, Invited int
}

// License is the license of an Enterprise Server. Seats is 0 if it is unlimited. It ends in so many days.
type License struct{ Seats, Used, Days int }

// zone is that of an Enterprise Server.
var zone = time.FixedZone("", -6*60*60)

// DemoEstate returns the demo's enterprise, with an organization that has a plan of its own.
func DemoEstate() Estate {
	return Estate{
		Enterprises: []Enterprise{{
			Slug: "contoso", Purchased: 1500, Consumed: 1412, Copilot: 806,
			Security: map[string]Committers{
				"code_security":     {Total: 312, Maximum: 655, Purchased: 300, Repositories: 418},
				"secret_protection": {Total: 431, Maximum: 655, Purchased: 500, Repositories: 702},
			},
		}},
		Organizations: []Organization{
			{Login: "contoso-payments", Plan: "enterprise", Seats: 1500, Filled: 1412, Copilot: &Copilot{Plan: "enterprise", Total: 298, Active: 281, Added: 6, Canceled: 2}},
			{Login: "contoso-retail", Plan: "enterprise", Seats: 1500, Filled: 1412, Copilot: &Copilot{Plan: "enterprise", Total: 524, Active: 431, Added: 12, Canceled: 4, Invited: 3}},
			{Login: "northwind-labs", Plan: "team", Seats: 40, Filled: 40, Copilot: &Copilot{Plan: "business", Total: 31, Active: 27, Added: 1}},
		},
	}
}

// smallEstate returns an enterprise and so many organizations less one.
func smallEstate(organizations int) Estate {
	e := Estate{Enterprises: []Enterprise{{
		Slug: "small-enterprise", Purchased: 20, Consumed: 12, Copilot: 7, Security: map[string]Committers{"": {Total: 3, Maximum: 9, Purchased: 5, Repositories: 4}},
	}}}
	for i := range organizations - 1 {
		e.Organizations = append(e.Organizations, Organization{
			Login: fmt.Sprintf("fabrikam-%d", i+1), Plan: "team", Seats: 10 + i, Filled: 4, Copilot: &Copilot{Plan: "business", Total: 3 + i, Active: 2, Added: 1},
		})
	}
	return e
}

// Simulated is a simulated API and how to read it.
type Simulated struct {
	BaseURL, Token             string
	Enterprises, Organizations []string
}

const (
	demoToken = "ghp_demo-token"  //nolint:gosec // of a simulator within the process
	smallName = "ghp_small-token" //nolint:gosec // of a simulator within the process
)

// Start serves an API on the loopback interface, without a rate limit: an enterprise and organizations, together as many as asked for, or an
// Enterprise Server if that is 1, or the demo's estate if it is 0. stop stops it.
func Start(organizations int) (s Simulated, stop func(), err error) {
	estate, path := Estate{}, ""
	s.Token = smallName
	switch organizations {
	case 0:
		estate, s.Token = DemoEstate(), demoToken
	case 1:
		estate, path = Estate{License: &License{Seats: 200, Used: 187, Days: 211}}, ServerPath
	default:
		estate = smallEstate(organizations)
	}
	for _, e := range estate.Enterprises {
		s.Enterprises = append(s.Enterprises, e.Slug)
	}
	for _, o := range estate.Organizations {
		s.Organizations = append(s.Organizations, o.Login)
	}
	all := Token{Scopes: []string{"read:enterprise", "manage_billing:enterprise", "manage_billing:copilot", "admin:org", "site_admin"}}
	url, stop, err := simulator.Listen(New(Options{Estate: estate, Tokens: map[string]Token{s.Token: all}, Limits: Limits{Off: true}}))
	s.BaseURL = url + path
	return s, stop, err
}
