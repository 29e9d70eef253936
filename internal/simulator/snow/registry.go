package snow

import (
	"strings"

	"license_exporter/internal/simulator"
)

// extendedSupportDays is the number of days from the end of an application's support to the end of its extended support and its life.
const extendedSupportDays = 730

// application returns an application of the registry.
func (c *call) application() simulator.Object {
	a, number, id := c.book.application(c.index), c.index+1, applicationGUID(c.index+1)
	licensedBy := []simulator.Object{{"id": metrics[a.metric].id, "name": metrics[a.metric].name, "isDefault": true}}
	if a.second != noMetric {
		licensedBy = append(licensedBy, simulator.Object{"id": metrics[a.second].id, "name": metrics[a.second].name, "isDefault": false})
	}
	announced, extended := a.supportEnds != 0, a.supportEnds+extendedSupportDays
	return simulator.Object{
		"id": id, "name": a.name, "description": a.name + " by " + a.manufacturer, "metrics": licensedBy,
		"manufacturer": a.manufacturer, "manufacturerWebsite": "www." + strings.ToLower(a.manufacturer) + ".example",
		"language": "English", "platform": a.platform, "overridesApplicationId": nil, "isOs": false, "isGroup": false, "isBundle": false,
		"isHidden": false, "isNoLicenseRequired": false, "isGloballyGeneratedApplication": false,
		"isWebApplication": a.subscription && a.metric == users,
		"familyId":         guid(guidFamily, number, 0), "editionIndex": 100, "versionIndex": 1000 + number,
		"updatedDate":      simulator.Moment(c.today, -number%90-1, 18_000),
		"releaseDate":      c.day(-200 - number*29%1500),
		"endOfSupportDate": simulator.When(announced, c.day(a.supportEnds)),
		"endOfLifeDate":    simulator.When(announced, c.day(extended)), "endOfExtendedSupportDate": simulator.When(announced, c.day(extended)),
		"isEndOfSupport":            announced && a.supportEnds <= 0,
		"isEndOfLife":               announced && extended <= 0,
		"isEndOfExtendedSupport":    announced && extended <= 0,
		"isReleaseDateNotAnnounced": false, "isEndOfSupportDateNotAnnounced": !announced,
		"isEndOfLifeDateNotAnnounced": !announced, "isEndOfExtendedSupportDateNotAnnounced": !announced,
	}
}

// customMetrics lists the tenant's own metrics.
func (c *call) customMetrics() list {
	return simulator.ListOf([]simulator.Object{{
		"id": metrics[tradingDesks].id, "name": metrics[tradingDesks].name, "description": "Desks with a terminal",
	}})
}

// organizationTree returns all organizations in an object that is not a page.
func (c *call) organizationTree() simulator.Object {
	nodes := []simulator.Object{{"id": noGUID, "parentId": noGUID, "name": rootName, "isLegal": true, "externalId": "ROOT"}}
	for i, o := range organizations {
		nodes = append(nodes, simulator.Object{
			"id": organizationGUID(i), "parentId": organizationGUID(o.parent - 1), "name": o.name, "isLegal": o.legal,
			"externalId": strings.ReplaceAll(o.name, " ", "_"),
		})
	}
	return simulator.Object{"nodes": nodes}
}
