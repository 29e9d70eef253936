package snow

import "license_exporter/internal/simulator"

// complianceSummary is an application by one metric. Many of the vendor's figures are 0 in an invented estate.
type complianceSummary struct {
	ApplicationID                   string `json:"applicationId"`
	MetricID                        string `json:"metricId"`
	AvailableLicenses               int    `json:"availableLicenses"`
	Compliance                      int    `json:"compliance"`
	LicensesPurchased               int    `json:"licensesPurchased"`
	IncompleteLicenses              int    `json:"incompleteLicenses"`
	ExpiredSubscriptionLicenses     int    `json:"expiredSubscriptionLicenses"`
	InvalidAssignments              int    `json:"invalidAssignments"`
	Unassigned                      int    `json:"unassigned"`
	AssignedNamedUsers              int    `json:"assignedNamedUsers"`
	SiteLicenses                    int    `json:"siteLicenses"`
	DowngradesGiven                 int    `json:"downgradesGiven"`
	DowngradesReceived              int    `json:"downgradesReceived"`
	UpgradesGiven                   int    `json:"upgradesGiven"`
	UpgradesReceived                int    `json:"upgradesReceived"`
	CrossPlatformGiven              int    `json:"crossPlatformGiven"`
	CrossPlatformReceived           int    `json:"crossPlatformReceived"`
	CrossEditionGiven               int    `json:"crossEditionGiven"`
	CrossEditionReceived            int    `json:"crossEditionReceived"`
	InitialRequirement              int    `json:"initialRequirement"`
	IncludedInBundle                int    `json:"includedInBundle"`
	OutsideMetricPeriod             int    `json:"outsideMetricPeriod"`
	SecondaryUseRightsDesktopLaptop int    `json:"secondaryUseRightsDesktopLaptop"`
	SecondaryUseRightsDevice        int    `json:"secondaryUseRightsDevice"`
	ExtendedCoverageForDCC          int    `json:"extendedCoverageForDcc"`
	ExtendedCoverageForHosts        int    `json:"extendedCoverageForHosts"`
	MultipleVersionEdition          int    `json:"multipleVersionEdition"`
	VirtualDesktopInfrastructure    int    `json:"virtualDesktopInfrastructure"`
	MinimumRequirement              int    `json:"minimumRequirement"`
	CoreFactor                      int    `json:"coreFactor"`
	PhysicalHost                    int    `json:"physicalHost"`
	LicenseRequirement              int    `json:"licenseRequirement"`
	ComputerAppExclusions           int    `json:"computerAppExclusions"`
	WindowsServer                   int    `json:"windowsServer"`
	SQLServer                       int    `json:"sqlServer"`
	OtherMetricCoverage             int    `json:"otherMetricCoverage"`
	SiteCoverage                    int    `json:"siteCoverage"`
	VMCoverage                      int    `json:"vmCoverage"`
	LicenseStacking                 int    `json:"licenseStacking"`
	NamedUserCoverage               int    `json:"namedUserCoverage"`
	LicensingOtherMetrics           int    `json:"licensingOtherMetrics"`
	VirtualDesktopAccess            int    `json:"virtualDesktopAccess"`
	TotalCoverage                   int    `json:"totalCoverage"`
	Links                           links  `json:"_links"`
}

type complianceAllocation struct {
	ApplicationID  string `json:"applicationId"`
	MetricID       string `json:"metricId"`
	OrganizationID string `json:"organizationId"`
	Requirement    int    `json:"requirement"`
	Coverage       int    `json:"coverage"`
	Compliance     int    `json:"compliance"`
	Links          links  `json:"_links"`
}

type complianceUsage struct {
	MetricID            string `json:"metricId"`
	LicenseMetricID     string `json:"licenseMetricId"`
	OtherMetricCoverage int    `json:"otherMetricCoverage"`
	MainCoverage        int    `json:"mainCoverage"`
	IsPartial           bool   `json:"isPartial"`
	ApplicationID       string `json:"applicationId"`
	Links               links  `json:"_links"`
}

// application returns the application in the path.
func (c *call) application(name string) (index int, id string, ok bool) {
	id = c.request.PathValue(name)
	index, ok = c.book.applicationOf(id)
	return index, id, ok
}

func listComplianceSummary(c *call) simulator.Answer {
	index, id, ok := c.application("applicationId")
	if !ok {
		return c.missing("applicationId")
	}
	all := c.book.figures(index)
	return turnPage(c, whole, list[complianceSummary]{len(all), func(i int) complianceSummary {
		return all[i].summary(id)
	}})
}

func (f *figures) summary(application string) complianceSummary {
	return complianceSummary{
		ApplicationID: application, MetricID: f.metric.id(),
		AvailableLicenses: f.available(), Compliance: f.compliance(), LicensesPurchased: f.purchased,
		IncompleteLicenses: f.incomplete, ExpiredSubscriptionLicenses: f.expired,
		InvalidAssignments: f.invalid, Unassigned: f.unassigned,
		AssignedNamedUsers: f.namedUsers, SiteLicenses: f.siteLicenses,
		DowngradesGiven: f.given[downgrading], DowngradesReceived: f.received[downgrading],
		UpgradesGiven: f.given[upgrading], UpgradesReceived: f.received[upgrading],
		CrossPlatformGiven: f.given[crossPlatform], CrossPlatformReceived: f.received[crossPlatform],
		CrossEditionGiven: f.given[crossEdition], CrossEditionReceived: f.received[crossEdition],
		InitialRequirement: f.requirement + f.secondary, SecondaryUseRightsDesktopLaptop: f.secondary,
		LicenseRequirement: f.requirement, OtherMetricCoverage: f.fromOtherMetrics, LicensingOtherMetrics: f.toOtherMetrics,
		TotalCoverage: f.coverage(), Links: links{},
	}
}

func listAllocation(c *call) simulator.Answer {
	index, id, ok := c.application("applicationId")
	if !ok {
		return c.missing("applicationId")
	}
	records := []complianceAllocation{}
	for _, f := range c.book.figures(index) {
		for _, part := range f.allocations() {
			records = append(records, complianceAllocation{
				ApplicationID: id, MetricID: f.metric.id(), OrganizationID: organizationGUID(part.organization),
				Requirement: part.requirement, Coverage: part.coverage, Compliance: part.coverage - part.requirement,
				Links: links{},
			})
		}
	}
	return turnPage(c, whole, listOf(records))
}

func listUsage(c *call) simulator.Answer {
	index, id, ok := c.application("applicationId")
	if !ok {
		return c.missing("applicationId")
	}
	records := []complianceUsage{}
	if all := c.book.figures(index); len(all) > 1 && all[0].fromOtherMetrics > 0 {
		records = append(records, complianceUsage{
			MetricID: all[0].metric.id(), LicenseMetricID: all[1].metric.id(),
			OtherMetricCoverage: all[0].fromOtherMetrics, MainCoverage: all[0].available(),
			IsPartial: all[0].compliance() < 0, ApplicationID: id, Links: links{},
		})
	}
	return turnPage(c, whole, listOf(records))
}

func listEntitlementSums(c *call) simulator.Answer {
	return turnPage(c, 0, listOf(c.book.entitlements()))
}
