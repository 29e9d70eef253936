package snow

import (
	"strings"
	"time"

	"license_exporter/internal/simulator"
)

const applicationsPath = "/api/sam/software-registry/v1/applications"

// applicationMetric is a metric that an application can be licensed by.
type applicationMetric struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	IsDefault bool   `json:"isDefault"`
}

type applicationRecord struct {
	ID                       string                        `json:"id"`
	Name                     string                        `json:"name"`
	Description              string                        `json:"description,omitempty"` // this, website and language are not in the list
	Metrics                  []applicationMetric           `json:"metrics"`
	Manufacturer             string                        `json:"manufacturer"`
	ManufacturerWebsite      string                        `json:"manufacturerWebsite,omitempty"`
	Language                 string                        `json:"language,omitempty"`
	OverridesApplicationID   simulator.Optional[string]    `json:"overridesApplicationId"`
	IsOS                     bool                          `json:"isOs"`
	IsGroup                  bool                          `json:"isGroup"`
	IsBundle                 bool                          `json:"isBundle"`
	IsHidden                 bool                          `json:"isHidden"`
	IsNoLicenseRequired      bool                          `json:"isNoLicenseRequired"`
	IsGloballyGenerated      bool                          `json:"isGloballyGeneratedApplication"`
	FamilyID                 string                        `json:"familyId"`
	EditionIndex             int                           `json:"editionIndex"`
	VersionIndex             int                           `json:"versionIndex"`
	IsWebApplication         bool                          `json:"isWebApplication"`
	UpdatedDate              time.Time                     `json:"updatedDate"`
	ReleaseDate              simulator.Optional[time.Time] `json:"releaseDate"`
	EndOfSupportDate         simulator.Optional[time.Time] `json:"endOfSupportDate"`
	EndOfLifeDate            simulator.Optional[time.Time] `json:"endOfLifeDate"`
	EndOfExtendedSupportDate simulator.Optional[time.Time] `json:"endOfExtendedSupportDate"`
	IsEndOfLife              bool                          `json:"isEndOfLife"`
	IsEndOfSupport           bool                          `json:"isEndOfSupport"`
	IsEndOfExtendedSupport   bool                          `json:"isEndOfExtendedSupport"`
	NoReleaseDate            bool                          `json:"isReleaseDateNotAnnounced"`
	NoEndOfSupportDate       bool                          `json:"isEndOfSupportDateNotAnnounced"`
	NoEndOfLifeDate          bool                          `json:"isEndOfLifeDateNotAnnounced"`
	NoEndOfExtendedDate      bool                          `json:"isEndOfExtendedSupportDateNotAnnounced"`
	Platform                 string                        `json:"platform"`
	Links                    links                         `json:"_links"`
}

// extendedSupportDays is how long after its support an application's extended support ends, and with it its life.
const extendedSupportDays = 730

// record writes down the application with a number, as the list tells it.
func (a application) record(number int, today time.Time) applicationRecord {
	id := applicationGUID(number)
	r := applicationRecord{
		ID: id, Name: a.name, Manufacturer: a.manufacturer, Platform: a.platform,
		Metrics:      []applicationMetric{{a.metric.id(), metricNames[a.metric], true}},
		FamilyID:     guid(guidFamily, number, 0),
		EditionIndex: 100, VersionIndex: 1000 + number,
		IsWebApplication: a.subscription && a.metric == users,
		UpdatedDate:      simulator.Moment(today, -number%90-1, 18_000),
		ReleaseDate:      simulator.Some(simulator.Moment(today, -200-number*29%1500, 0)),
		Links:            selfLink(applicationsPath + "/" + id),
	}
	if a.second != noMetric {
		r.Metrics = append(r.Metrics, applicationMetric{a.second.id(), metricNames[a.second], false})
	}
	r.NoEndOfSupportDate, r.NoEndOfLifeDate, r.NoEndOfExtendedDate = a.supportEnds == 0, a.supportEnds == 0, a.supportEnds == 0
	if a.supportEnds != 0 {
		r.EndOfSupportDate = simulator.Some(simulator.Moment(today, a.supportEnds, 0))
		r.EndOfExtendedSupportDate = simulator.Some(simulator.Moment(today, a.supportEnds+extendedSupportDays, 0))
		r.EndOfLifeDate = r.EndOfExtendedSupportDate
		r.IsEndOfSupport = a.supportEnds <= 0
		r.IsEndOfExtendedSupport = a.supportEnds+extendedSupportDays <= 0
		r.IsEndOfLife = r.IsEndOfExtendedSupport
	}
	return r
}

func showApplication(c *call) simulator.Answer {
	index, _, ok := c.application("id")
	if !ok {
		return c.missing("id")
	}
	a := c.book.application(index)
	r := a.record(index+1, c.today)
	r.Description, r.Language = a.name+" by "+a.manufacturer, "English"
	r.ManufacturerWebsite = "www." + strings.ToLower(a.manufacturer) + ".example"
	return simulator.Found(r)
}

// customMetric is a metric that the tenant made.
type customMetric struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Links       links  `json:"_links"`
}

func listCustomMetrics(c *call) simulator.Answer {
	own := []customMetric{{tradingDesks.id(), metricNames[tradingDesks], "Desks with a terminal", links{}}}
	return turnPage(c, short, listOf(own))
}

// organizationNode is a node of the tree.
type organizationNode struct {
	ID         string `json:"id"`
	ParentID   string `json:"parentId"`
	Name       string `json:"name"`
	IsLegal    bool   `json:"isLegal"`
	ExternalID string `json:"externalId"`
}

func (o organization) node(i int) organizationNode {
	return organizationNode{
		organizationGUID(i), organizationGUID(o.parent - 1), o.name, o.legal, strings.ReplaceAll(o.name, " ", "_"),
	}
}

// showTree tells all organizations at once, in an object of another shape than lists have.
func showTree(*call) simulator.Answer {
	nodes := make([]organizationNode, len(organizations))
	for i, o := range organizations {
		nodes[i] = o.node(i)
	}
	return simulator.Found(struct {
		Nodes []organizationNode `json:"nodes"`
	}{nodes})
}
