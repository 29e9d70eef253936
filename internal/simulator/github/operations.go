package github

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"license_exporter/internal/simulator"
)

// operation is a read operation, with the vendor's id.
type operation struct {
	name string
	path string // with {id} in place of the enterprise or organization
	// scopes has those of a classic token, of which one is needed.
	scopes     []string
	enterprise bool // of an enterprise, which fine-grained tokens cannot read here
	public     bool // everybody may read some of the answer
	server     bool // of an Enterprise Server
	answer     func(*call) simulator.Answer
}

var operations = []operation{
	{
		name: "enterprise-admin/get-consumed-licenses", path: "/enterprises/{id}/consumed-licenses",
		scopes: []string{"read:enterprise"}, enterprise: true, answer: (*call).consumedLicenses,
	},
	{
		name: "billing/get-github-advanced-security-billing-ghe", path: "/enterprises/{id}/settings/billing/advanced-security",
		scopes: []string{"manage_billing:enterprise"}, enterprise: true, answer: (*call).advancedSecurity,
	},
	{
		name: "copilot/list-copilot-seats-for-enterprise", path: "/enterprises/{id}/copilot/billing/seats",
		scopes: []string{"manage_billing:copilot", "read:enterprise"}, enterprise: true, answer: (*call).copilotSeats,
	},
	{name: "orgs/get", path: "/orgs/{id}", public: true, answer: (*call).organization},
	{
		name: "copilot/get-copilot-organization-details", path: "/orgs/{id}/copilot/billing",
		scopes: []string{"manage_billing:copilot", "read:org"}, answer: (*call).copilotBilling,
	},
	{name: "enterprise-admin/get-license-information", path: "/enterprise/settings/license", server: true, answer: (*call).license},
}

// match reports whether a path matches that of the operation, and returns the value of the placeholder.
func (o operation) match(path string) (id string, ok bool) {
	before, after, open := strings.Cut(o.path, "{id}")
	if !open {
		return "", path == o.path
	}
	rest, ok := strings.CutPrefix(path, before)
	id, fits := strings.CutSuffix(rest, after)
	return id, ok && fits && id != "" && !strings.Contains(id, "/")
}

// ofEnterprise answers with a function about the enterprise of the call.
func (c *call) ofEnterprise(answer func(Enterprise) simulator.Answer) simulator.Answer {
	i := slices.IndexFunc(c.api.options.Estate.Enterprises, func(e Enterprise) bool { return strings.EqualFold(e.Slug, c.id) })
	if i < 0 {
		return refuse(http.StatusNotFound, "Not Found")
	}
	return answer(c.api.options.Estate.Enterprises[i])
}

// ofOrganization answers with a function about the organization of the call.
func (c *call) ofOrganization(answer func(Organization) simulator.Answer) simulator.Answer {
	i := slices.IndexFunc(c.api.options.Estate.Organizations, func(o Organization) bool { return strings.EqualFold(o.Login, c.id) })
	if i < 0 {
		return refuse(http.StatusNotFound, "Not Found")
	}
	return answer(c.api.options.Estate.Organizations[i])
}

// page returns the records of the page that is asked for, and sets links to others.
func (c *call) page(a func(records []simulator.Object) simulator.Answer, length int, record func(int) simulator.Object) simulator.Answer {
	size, err := strconv.Atoi(c.URL.Query().Get("per_page"))
	if err != nil || size <= 0 {
		size = 30
	}
	size = min(size, 100)
	number, err := strconv.Atoi(c.URL.Query().Get("page"))
	if err != nil || number < 1 {
		number = 1
	}
	list := simulator.ListFunc(length, record)
	answer := a(list.Slice((number-1)*size, number*size))
	link := func(number int, relation string) string {
		u := *c.URL
		u.Scheme, u.Host = "http", c.Host
		query := u.Query()
		query.Set("page", strconv.Itoa(number))
		u.RawQuery = query.Encode()
		return fmt.Sprintf(`<%s>; rel="%s"`, &u, relation)
	}
	if last := (length + size - 1) / size; number < last {
		answer.With("Link", link(number+1, "next")+", "+link(last, "last"))
	}
	return answer
}

func (c *call) consumedLicenses() simulator.Answer {
	return c.ofEnterprise(func(e Enterprise) simulator.Answer {
		if e.CopilotOnly {
			return refuse(http.StatusNotFound, "Not Found")
		}
		return c.page(func(records []simulator.Object) simulator.Answer {
			return simulator.Found(simulator.Object{"total_seats_consumed": e.Consumed, "total_seats_purchased": e.Purchased, "users": records})
		}, e.Consumed, licensedUser)
	})
}

func (c *call) advancedSecurity() simulator.Answer {
	return c.ofEnterprise(func(e Enterprise) simulator.Answer {
		product := c.URL.Query().Get("advanced_security_product")
		if len(e.Security) == 0 {
			return refuse(http.StatusForbidden, "Advanced Security must be enabled for this enterprise.")
		}
		committers, bought := e.Security[product]
		_, whole := e.Security[""]
		switch {
		case whole && product != "":
			return refuse(http.StatusUnprocessableEntity, "advanced_security_product cannot be used for this plan")
		case !whole && product == "":
			return refuse(http.StatusUnprocessableEntity, "advanced_security_product is required for standalone products")
		case !bought:
			return refuse(http.StatusForbidden, "Advanced Security must be enabled for this enterprise.")
		}
		return c.page(func(records []simulator.Object) simulator.Answer {
			body := simulator.Object{
				"total_advanced_security_committers": committers.Total, "maximum_advanced_security_committers": committers.Maximum,
				"purchased_advanced_security_committers": simulator.When(committers.Purchased > 0, committers.Purchased),
				"total_count":                            committers.Repositories, "repositories": records,
			}
			return simulator.Found(body)
		}, committers.Repositories, repository)
	})
}

func (c *call) copilotSeats() simulator.Answer {
	return c.ofEnterprise(func(e Enterprise) simulator.Answer {
		if e.Copilot == 0 {
			return refuse(http.StatusNotFound, "Not Found")
		}
		return c.page(func(records []simulator.Object) simulator.Answer {
			return simulator.Found(simulator.Object{"total_seats": e.Copilot, "seats": records})
		}, e.Copilot, seat)
	})
}

// organization answers with a plan if the token is that of an owner.
func (c *call) organization() simulator.Answer {
	return c.ofOrganization(func(o Organization) simulator.Answer {
		body := simulator.Object{
			"login": o.Login, "id": 1, "node_id": "MDEyOk9yZ2FuaXphdGlvbjE=", "url": "https://api.github.com/orgs/" + o.Login,
			"description": "An invented organization", "name": simulator.FakeKeyMarker + " Company", "email": simulator.FakeKeyMarker + "@example.com",
			"billing_email": simulator.FakeKeyMarker + "@example.com", "type": "Organization", "public_repos": 2,
		}
		if !c.token.Member && !c.token.Unauthorized && (c.token.FineGrained || c.hasScope("read:org")) {
			body["plan"] = simulator.Object{"name": o.Plan, "space": 976562499, "private_repos": 999999, "filled_seats": o.Filled, "seats": o.Seats}
		}
		return simulator.Found(body)
	})
}

func (c *call) copilotBilling() simulator.Answer {
	return c.ofOrganization(func(o Organization) simulator.Answer {
		if o.Copilot == nil {
			return refuse(http.StatusNotFound, "Copilot Business is not enabled for this organization.")
		}
		b := o.Copilot
		return simulator.Found(simulator.Object{
			"seat_breakdown": simulator.Object{
				"total": b.Total, "added_this_cycle": b.Added, "pending_invitation": b.Invited, "pending_cancellation": b.Canceled,
				"active_this_cycle": b.Active, "inactive_this_cycle": b.Total - b.Active,
			},
			"seat_management_setting": "assign_selected", "ide_chat": "enabled", "platform_chat": "enabled", "cli": "enabled",
			"public_code_suggestions": "block", "plan_type": b.Plan,
		})
	})
}

func (c *call) license() simulator.Answer {
	l := c.api.options.Estate.License
	seats := func(n int) any {
		if l.Seats == 0 {
			return "unlimited"
		}
		return n
	}
	end := simulator.Moment(c.today, l.Days, 45712).In(zone)
	return simulator.Found(simulator.Object{
		"seats": seats(l.Seats), "seats_used": l.Used, "seats_available": seats(l.Seats - l.Used), "kind": "standard",
		"days_until_expiration": l.Days, "expire_at": end.Format("2006/01/02 15:04:05 -0700"),
	})
}
