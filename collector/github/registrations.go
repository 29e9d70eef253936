package github

import "license_exporter/collector"

// registrations lists the collectors in alphabetical order.
var registrations = []collector.Registration{
	{
		Name: "github_advanced_security", Default: true,
		Help:     "Licenses for committers of Advanced Security, or of Code Security and Secret Protection.",
		Headline: "Advanced Security",
		Requests: "1 per enterprise, 2 with standalone products, and at most 3",
		Reports: map[*collector.Metric]string{
			collector.MetricProductInfo: "", collector.MetricSeatsLimit: "", collector.MetricSeatsAssigned: "", collector.MetricSeatsAvailable: "",
		},
	},
	{
		Name: "github_copilot", Default: true,
		Help:     "Copilot seats of enterprises and organizations, and how many are not used.",
		Headline: "Copilot",
		Requests: "1 per enterprise, 1 per organization",
		Reports:  map[*collector.Metric]string{collector.MetricProductInfo: "", collector.MetricSeatsAssigned: ""},
	},
	{
		Name: "github_enterprise", Default: true,
		Help:     "Seats of enterprises.",
		Headline: "the seats of enterprises",
		Requests: "1 per enterprise",
		Reports: map[*collector.Metric]string{
			collector.MetricProductInfo: "", collector.MetricSeatsLimit: "", collector.MetricSeatsAssigned: "", collector.MetricSeatsAvailable: "",
		},
	},
	{
		Name: "github_plan", Default: true,
		Help:     "Plans of organizations, with their seats.",
		Headline: "the plans of organizations",
		Requests: "1 per organization",
		Reports: map[*collector.Metric]string{
			collector.MetricProductInfo: ownPlan, collector.MetricSeatsLimit: ownPlan, collector.MetricSeatsAssigned: ownPlan, collector.MetricSeatsAvailable: ownPlan,
		},
	},
	{
		Name: "github_server", Default: true,
		Help:     "License of an Enterprise Server, with its end and seats.",
		Headline: "the license of an Enterprise Server",
		Requests: "1 per Enterprise Server",
		Reports: map[*collector.Metric]string{
			collector.MetricProductInfo: "", collector.MetricLicenses: "", collector.MetricExpiring: "", collector.MetricNextEnd: "", collector.MetricDays: "",
			collector.MetricEndedInUse: "", collector.MetricSeatsLimit: "", collector.MetricSeatsAssigned: "", collector.MetricSeatsAvailable: "",
		},
	},
}

// ownPlan is when the plan of an organization is shown as a product.
const ownPlan = "plans other than free and enterprise"
