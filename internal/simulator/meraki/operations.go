package meraki

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"license_exporter/internal/simulator"
)

// The greatest page sizes, which are also the defaults.
const (
	mostOrganizations = 9000
	mostRecords       = 1000
)

// operation is an operation of the API, with its id and path in the vendor's specification.
type operation struct {
	id, path string
	many     bool   // the query has the organizations, as organizationIds[]
	model    string // of the organization; empty if all models have the operation
	serve    func(*call) simulator.Answer
}

const (
	organizationPath  = "/organizations/{organizationId}"
	subscriptionsPath = "/administered/licensing/subscription/subscriptions"
	entitlementsPath  = "/administered/licensing/subscription/entitlements"
)

var operations = []operation{
	{"getOrganizations", "/organizations", false, "", listOrganizations},
	{"getOrganization", organizationPath, false, "", showOrganization},
	{"getOrganizationLicensesOverview", organizationPath + "/licenses/overview", false, "", showOverview},
	{"getOrganizationLicensingCotermLicenses", organizationPath + "/licensing/coterm/licenses", false, coTerm, listCotermLicenses},
	{"getOrganizationLicenses", organizationPath + "/licenses", false, perDevice, listDeviceLicenses},
	{"getOrganizationInventoryDevices", organizationPath + "/inventory/devices", false, "", listDevices},
	{"getAdministeredLicensingSubscriptionSubscriptions", subscriptionsPath, true, "", listSubscriptions},
	{"getAdministeredLicensingSubscriptionSubscriptionsComplianceStatuses", subscriptionsPath + "/compliance/statuses", true, "",
		listCompliance},
	{"getAdministeredLicensingSubscriptionEntitlements", entitlementsPath, false, "", listEntitlements},
}

// parameters has the parameters that are supported. The vendor's filters are refused, since ignoring them would return wrong records.
var parameters = []string{"perPage", "startingAfter", "endingBefore", "organizationIds[]"}

// call is a request that passed the checks common to all operations.
type call struct {
	request       *http.Request
	query         url.Values
	estate        Estate
	today         time.Time
	organizations []organization // of the request, without duplicates
}

// resolve finds the organizations of the request and returns their ids. An organization whose API is switched off is refused, as is one
// that does not exist.
func (c *call) resolve(op operation) (ids []string, refusal simulator.Answer, ok bool) {
	if id := c.request.PathValue("organizationId"); id != "" {
		ids = []string{id}
	}
	if op.many {
		ids = slices.Compact(slices.Sorted(slices.Values(c.query["organizationIds[]"])))
		if len(ids) == 0 {
			return nil, refuse(http.StatusBadRequest, "Missing required parameter 'organizationIds'"), false
		}
	}
	for _, id := range ids {
		i, found := position(c.estate.organizations, id)
		if !found {
			return nil, refuse(http.StatusNotFound, "Not found"), false
		}
		if c.estate.organizations.At(i).content == nil {
			return nil, refuse(http.StatusNotFound, "API access is disabled for this organization. "+
				"To make API requests for this organization you must first enable API access."), false
		}
		c.organizations = append(c.organizations, c.estate.organizations.At(i))
	}
	return ids, simulator.Answer{}, true
}

// answer runs the operation if the organization has the right model and all parameters are supported.
func (c *call) answer(op operation) simulator.Answer {
	if op.model != "" && c.organizations[0].model != op.model {
		return c.refuseModel(op.model)
	}
	for _, name := range slices.Sorted(maps.Keys(c.query)) {
		if !slices.Contains(parameters, name) {
			return refuse(http.StatusBadRequest, fmt.Sprintf("'%s' is no parameter of this simulator", name))
		}
	}
	return op.serve(c)
}

// refuseModel refuses the organization of a request because it has another licensing model.
func (c *call) refuseModel(model string) simulator.Answer {
	return refuse(http.StatusBadRequest, fmt.Sprintf("Organization with ID %s does not support %s licensing", c.organizations[0].id(), model))
}

// only returns what the organization of a request for one organization has.
func (c *call) only() holdings { return c.organizations[0].content(c.organizations[0], c.today) }

func listOrganizations(c *call) simulator.Answer {
	return answerPage(c, mostOrganizations, c.estate.organizations)
}

func showOrganization(c *call) simulator.Answer { return simulator.Found(c.organizations[0]) }

func showOverview(c *call) simulator.Answer {
	if overview := c.only().overview; overview != nil {
		return simulator.Found(overview())
	}
	return c.refuseModel("co-term or per-device")
}

func listCotermLicenses(c *call) simulator.Answer {
	return answerPage(c, mostRecords, c.only().cotermLicenses)
}

func listDeviceLicenses(c *call) simulator.Answer {
	return answerPage(c, mostRecords, c.only().deviceLicenses)
}

func listDevices(c *call) simulator.Answer { return answerPage(c, mostRecords, c.only().devices) }

func listSubscriptions(c *call) simulator.Answer {
	return answerPage(c, mostRecords, c.subscriptions()...)
}

// subscriptions returns the subscriptions of each organization of the request. A shared one is in several lists.
func (c *call) subscriptions() []simulator.List[subscription] {
	lists := make([]simulator.List[subscription], len(c.organizations))
	for i, o := range c.organizations {
		lists[i] = o.content(o, c.today).subscriptions
	}
	return lists
}

// listCompliance returns all statuses on one page. The vendor's specification has no pages for it.
func listCompliance(c *call) simulator.Answer {
	var all []subscription
	for _, l := range c.subscriptions() {
		all = append(all, l.Slice(0, l.Length)...)
	}
	statuses := []simulator.Object{}
	for _, s := range merge(all) {
		statuses = append(statuses, s.compliance())
	}
	return simulator.Found(statuses)
}

func listEntitlements(*call) simulator.Answer { return simulator.Found(catalogue) }
