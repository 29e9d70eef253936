package meraki

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"license_exporter/internal/simulator"
)

// Most records on a page, which is also what a request without perPage gets.
const (
	mostOrganizations = 9000
	mostRecords       = 1000
)

// naming is how a request names the organizations that it is about.
type naming int

const (
	noOrganization    naming = iota
	oneOrganization          // in the path
	manyOrganizations        // in organizationIds[]
)

// operation is one operation of the API: its id and path in the vendor's specification, and what answers it.
type operation struct {
	id, path string
	names    naming
	serve    func(*call) simulator.Answer
}

var operations = []operation{
	{"getOrganizations", "/organizations", noOrganization, listOrganizations},
	{"getOrganization", "/organizations/{organizationId}", oneOrganization, showOrganization},
	{"getOrganizationLicensesOverview", "/organizations/{organizationId}/licenses/overview", oneOrganization, showOverview},
	{"getOrganizationLicensingCotermLicenses", "/organizations/{organizationId}/licensing/coterm/licenses", oneOrganization,
		listCotermLicenses},
	{"getOrganizationLicenses", "/organizations/{organizationId}/licenses", oneOrganization, listDeviceLicenses},
	{"getOrganizationInventoryDevices", "/organizations/{organizationId}/inventory/devices", oneOrganization, listDevices},
	{"getAdministeredLicensingSubscriptionSubscriptions", "/administered/licensing/subscription/subscriptions", manyOrganizations,
		listSubscriptions},
	{"getAdministeredLicensingSubscriptionSubscriptionsComplianceStatuses",
		"/administered/licensing/subscription/subscriptions/compliance/statuses", manyOrganizations, listCompliance},
	{"getAdministeredLicensingSubscriptionEntitlements", "/administered/licensing/subscription/entitlements", noOrganization,
		listEntitlements},
}

// call is a request that passed the checks common to all operations.
type call struct {
	request       *http.Request
	query         *query
	estate        Estate
	today         time.Time
	organizations []organization // those that the request names, each once
}

// resolve finds the organizations that the request names. One that does not exist and one whose API is switched off look the same.
func (c *call) resolve(op operation) (refusal simulator.Answer, ok bool) {
	var ids []string
	switch op.names {
	case oneOrganization:
		ids = []string{c.request.PathValue("organizationId")}
	case manyOrganizations:
		ids = slices.Clone(c.query.list("organizationIds"))
		if len(ids) == 0 {
			return refuse(http.StatusBadRequest, "Missing required parameter 'organizationIds'"), false
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
	case noOrganization:
	}
	for _, id := range ids {
		o, known := c.estate.organizations.find(id)
		if !known || !o.API.Enabled {
			return refuse(http.StatusNotFound, "Not found"), false
		}
		c.organizations = append(c.organizations, o)
	}
	return simulator.Answer{}, true
}

// only returns the holdings of the one organization that the call is about.
func (c *call) only() holdings { return c.organizations[0].hold(c.today) }

// hasModel reports whether the one organization that the call is about has a licensing model.
func (c *call) hasModel(model string) bool { return c.organizations[0].Licensing.Model == model }

func listOrganizations(c *call) simulator.Answer {
	w := c.query.page(mostOrganizations)
	if a, bad := c.query.refusal(); bad {
		return a
	}
	return turn(w, func(organization) bool { return true }, c.estate.organizations).answer(c.request)
}

func showOrganization(c *call) simulator.Answer {
	return simulator.Found(c.organizations[0].organizationRecord)
}

func showOverview(c *call) simulator.Answer {
	if overview := c.only().overview; overview != nil {
		return simulator.Found(overview())
	}
	return refuse(http.StatusBadRequest, "Organization does not support co-term or per-device licensing")
}

func listCotermLicenses(c *call) simulator.Answer {
	if !c.hasModel(coTerm) {
		return refuse(http.StatusBadRequest, "Organization does not support co-term licensing")
	}
	w, invalidated, expired := c.query.page(mostRecords), c.query.flag("invalidated"), c.query.flag("expired")
	if a, bad := c.query.refusal(); bad {
		return a
	}
	keep := func(l cotermLicense) bool { return invalidated(l.Invalidated) && expired(l.Expired) }
	return turn(w, keep, c.only().cotermLicenses).answer(c.request)
}

func listDeviceLicenses(c *call) simulator.Answer {
	if !c.hasModel(perDevice) {
		return refuse(http.StatusBadRequest, "Organization does not support per-device licensing")
	}
	w := c.query.page(mostRecords)
	state := c.query.oneOf("state", "active", "expired", "expiring", "recentlyQueued", "unused", "unusedActive")
	serial, network := c.query.values.Get("deviceSerial"), c.query.values.Get("networkId")
	if a, bad := c.query.refusal(); bad {
		return a
	}
	keep := func(l deviceLicense) bool {
		return same(state, l.State) && same(serial, l.DeviceSerial.Value) && same(network, l.NetworkID.Value)
	}
	return turn(w, keep, c.only().deviceLicenses).answer(c.request)
}

func listDevices(c *call) simulator.Answer {
	w, used := c.query.page(mostRecords), c.query.oneOf("usedState", "used", "unused")
	productTypes, models := c.query.list("productTypes"), c.query.list("models")
	if a, bad := c.query.refusal(); bad {
		return a
	}
	keep := func(d device) bool {
		state := "used"
		if d.NetworkID.Value == "" {
			state = "unused"
		}
		return same(used, state) && anyOf(productTypes, d.ProductType) && anyOf(models, d.Model)
	}
	return turn(w, keep, c.only().devices).answer(c.request)
}

func listSubscriptions(c *call) simulator.Answer {
	w, keep := c.query.page(mostRecords), c.subscriptionFilter()
	if a, bad := c.query.refusal(); bad {
		return a
	}
	return turn(w, keep, c.subscriptions()...).answer(c.request)
}

// subscriptionFilter reads the filters that choose subscriptions.
func (c *call) subscriptionFilter() func(subscription) bool {
	q := c.query
	ids, skus, name := q.list("subscriptionIds"), q.list("skus"), strings.ToLower(q.values.Get("name"))
	statuses := q.listOf("statuses", "active", "canceled", "expired", "inactive")
	productTypes := q.list("productTypes")
	return func(s subscription) bool {
		held := make([]string, len(s.Entitlements))
		for i, e := range s.Entitlements {
			held[i] = e.SKU
		}
		return anyOf(ids, s.SubscriptionID) && anyOf(statuses, s.Status) && anyOf(productTypes, s.ProductTypes...) &&
			anyOf(skus, held...) && strings.Contains(strings.ToLower(s.Name), name)
	}
}

// subscriptions are those of all organizations named; one that two of them share is in both lists.
func (c *call) subscriptions() []list[subscription] {
	lists := make([]list[subscription], len(c.organizations))
	for i, o := range c.organizations {
		lists[i] = o.hold(c.today).subscriptions
	}
	return lists
}

// listCompliance has no pages in the vendor's specification: all statuses come at once.
func listCompliance(c *call) simulator.Answer {
	ids := c.query.list("subscriptionIds")
	lists := c.subscriptions()
	all := window{}
	for _, l := range lists {
		all.size += l.length
	}
	keep := func(s subscription) bool { return anyOf(ids, s.SubscriptionID) }
	selected := turn(all, keep, lists...).records
	statuses := make([]complianceStatus, 0, len(selected))
	for _, s := range selected {
		statuses = append(statuses, s.compliance())
	}
	return simulator.Found(statuses)
}

// compliance is the vendor's verdict: a subscription with violations is out of compliance, however active its list says it is.
func (s subscription) compliance() complianceStatus {
	var status complianceStatus
	status.Subscription.ID, status.Subscription.Name, status.Subscription.Status = s.SubscriptionID, s.Name, s.Status
	status.Violations.ByProductClass = []violation{}
	if len(s.violations) > 0 {
		status.Subscription.Status = "out_of_compliance"
		status.Violations.ByProductClass = s.violations
	}
	return status
}

func listEntitlements(c *call) simulator.Answer {
	skus := c.query.list("skus")
	chosen := []entitlement{}
	for _, e := range catalogue {
		if anyOf(skus, e.SKU) {
			chosen = append(chosen, e)
		}
	}
	return simulator.Found(chosen)
}
