package gitlab

import (
	"fmt"

	"license_exporter/internal/simulator"
)

// DemoKey is the token of the simulated APIs that the functions below start.
const DemoKey = "demo-gitlab-token"

// StartDemo starts an instance of a company with a few users more than it has bought.
func StartDemo() (baseURL string, stop func(), err error) {
	return simulator.Listen(New(Options{
		Token: DemoKey, Scopes: []string{"read_api", "admin_mode"}, Admin: true, AdminMode: true,
		License: &License{
			ID: 14, Plan: "premium", StartDay: -222, EndDay: 143, Limit: 250, Active: 256, Historical: 261,
			AddOns: map[string]int{"GitLab_FileLocks": 1},
		},
	}))
}

// StartOld starts an instance with a license as of before 2018.
func StartOld() (baseURL string, stop func(), err error) {
	return simulator.Listen(New(Options{
		Token: DemoKey, Scopes: []string{"read_api"}, Admin: true,
		License: &License{Old: true, StartDay: -100, EndDay: 265, Limit: 100, Active: 60, AddOns: map[string]int{"GitLab_FileLocks": 100}},
	}))
}

// StartGroups starts GitLab.com with so many groups of the user. It returns their paths.
func StartGroups(n int) (baseURL string, groups []string, stop func(), err error) {
	plans := []string{"premium", "ultimate", "free", "ultimate_trial"}
	var namespaces []Namespace
	for i := range n {
		plan := plans[i%len(plans)]
		namespaces = append(namespaces, Namespace{
			ID: 1000 + i, Path: fmt.Sprintf("contoso-%d", i+1), Owner: true, Plan: plan, Paid: plan != "free", Trial: plan == "ultimate_trial",
			EndDay: 120 + i, Members: 20 + i, Most: 25 + i,
		})
		groups = append(groups, namespaces[i].Path)
	}
	baseURL, stop, err = simulator.Listen(New(Options{Token: DemoKey, Scopes: []string{"read_api"}, Namespaces: namespaces}))
	return baseURL, groups, stop, err
}
