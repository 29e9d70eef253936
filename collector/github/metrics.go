package github

import "license_exporter/collector"

// ownMetrics is the table of the vendor's own metrics.
var ownMetrics collector.Metrics

var (
	metricCopilotSeats = ownMetrics.New("github_copilot_seats", "github_copilot (organizations)",
		"Copilot seats of an organization by state: active_this_cycle and inactive_this_cycle (used and not used during the billing cycle), added_this_cycle, "+
			"pending_cancellation and pending_invitation. A seat can have several states. All seats are license_seats_assigned.", "state")
	metricPlanSeats = ownMetrics.New("github_organization_plan_seats", "github_plan",
		"Seats of the plan of an organization, according to the vendor. For an organization of an enterprise, they may be those of the enterprise. Only "+
			"owners see them.", "plan")
	metricPlanFilled = ownMetrics.New("github_organization_plan_filled_seats", "github_plan",
		"Seats in use of the plan of an organization, according to the vendor. Only owners see them.", "plan")
	metricMaximumCommitters = ownMetrics.New("github_maximum_committers", "github_advanced_security",
		"Number of committers who would need a license if the product were enabled for all repositories of the enterprise.", "product")
)
