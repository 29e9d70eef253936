package meraki

import (
	"fmt"
	"slices"
	"time"

	"license_exporter/internal/simulator"
)

// plan describes a subscription. Days are relative to today. A subscription without a length has not begun.
type plan struct {
	number        int
	name          string
	status        string
	ends, length  int
	seats         []skuSeats
	networks      int
	organizations int
	requested     bool     // the renewal was requested
	suites        []string // of an enterprise agreement
	grace         int      // days to the end of the grace period; 0 if the subscription is compliant
	missing       []classMissing
}

type skuSeats struct {
	sku             string
	assigned, limit int
}

type classMissing struct {
	productClass, sku string
	quantity          int
}

var (
	digitalSubscription = plan{
		number: 71, name: "Digital – network", status: "active", ends: 511, length: 1096, networks: 6, organizations: 1,
		seats: []skuSeats{
			{"LIC-MR-A", 34, 40}, {"LIC-MS-100-S-E", 9, 12}, {"LIC-MS-200-L-E", 3, 4}, {"LIC-MX-M-A", 2, 2},
			{"LIC-MV-E", 10, 16}, {"LIC-MT-F", 5, 8},
		},
	}
	digitalDevices = []stock{{"MR57", 46, 3}, {"MS130-8P", 9, 0}, {"MS225-48FP", 3, 0}, {"MX85", 2, 0}, {"MV12", 10, 1}, {"MT10", 5, 0}, {"MX68", 14, 0}, {"MG21", 2, 0}}

	agreementSubscription = plan{
		number: 72, name: "Digital – enterprise agreement", status: "active", ends: 640, length: 1096, networks: 9, organizations: 1,
		seats: []skuSeats{{"LIC-MX-S-E", 14, 10}}, suites: []string{"Networking Suite"},
	}
	// The renewal begins on the day after the end.
	endingSubscription = plan{
		number: 73, name: "Digital – backup links", status: "active", ends: 9, length: 365, networks: 2, organizations: 1, requested: true,
		seats: []skuSeats{{"LIC-MG-E", 2, 3}},
	}
	renewalSubscription = plan{
		number: 74, name: "Digital – backup links, renewed", status: "inactive", ends: 375, length: 365, organizations: 1,
		seats: []skuSeats{{"LIC-MG-E", 0, 3}},
	}

	graceSubscription = plan{
		number: 81, name: "Franchise – stores", status: "active", ends: 190, length: 366, networks: 7, organizations: 1,
		seats:   []skuSeats{{"LIC-MR-E", 25, 22}, {"LIC-MS-100-S-E", 6, 8}, {"LIC-MG-E", 2, 3}},
		grace:   20,
		missing: []classMissing{{"MR", "LIC-MR-E", 3}},
	}
	franchiseDevices = []stock{{"MR36", 25, 0}, {"MS130-8P", 6, 1}, {"MG21", 2, 0}}

	scarceSubscription = plan{
		number: 91, name: "Labs – evaluation", status: "active", ends: 96, length: 365, networks: 3, organizations: 1,
		seats: []skuSeats{{"LIC-MR-A", 49, 50}, {"LIC-MS-400-L-A", 6, 4}, {"LIC-MX-L-A", 2, 3}, {"LIC-MX-ADD-SDW", 2, 3}},
	}
	labsDevices = []stock{{"MR57", 49, 1}, {"MS425-32", 6, 0}, {"MX250", 2, 0}}

	sharedSubscription = plan{
		number: 101, name: "Group – wireless", status: "active", ends: 233, length: 731, networks: 4, organizations: 2,
		seats: []skuSeats{{"LIC-MR-E", 30, 60}, {"LIC-SM-E", 120, 150}},
	}
	canceledSubscription = plan{
		number: 102, name: "Group – cameras", status: "canceled", ends: -75, length: 290, organizations: 1,
		seats: []skuSeats{{"LIC-MV-A", 0, 12}, {"LIC-MV-ADD-CA90", 0, 12}},
	}
	expiredSubscription = plan{
		number: 103, name: "Group – teleworkers", status: "expired", ends: -18, length: 365, organizations: 1,
		seats: []skuSeats{{"LIC-Z-E", 0, 20}},
	}
	inactiveSubscription = plan{
		number: 104, name: "Group – switches", status: "inactive", organizations: 1,
		seats: []skuSeats{{"LIC-MS-100-L-A", 0, 15}, {"LIC-MS-400-S-A", 0, 2}},
	}
	sharedDevices = []stock{{"MR46", 18, 2}}
)

// holdSubscriptions makes what an organization with these subscriptions has.
func holdSubscriptions(stocks []stock, plans ...plan) content {
	return func(o organization, today time.Time) holdings {
		subscriptions := make([]subscription, len(plans))
		for i, p := range plans {
			subscriptions[i] = p.subscription(today)
		}
		return holdings{subscriptions: listOf(subscriptions), devices: listOf(unpack(today, o.number, stocks))}
	}
}

// subscription returns the plan's subscription as of today.
func (p plan) subscription(today time.Time) subscription {
	s := subscription{
		SubscriptionID:   fmt.Sprintf("55%012d", p.number),
		Name:             p.name,
		Description:      "Simulated subscription",
		Status:           p.status,
		StartDate:        "",
		LastUpdatedAt:    simulator.Moment(today, -4, 32_400),
		WebOrderID:       fmt.Sprintf("FAKE%08d", p.number),
		Type:             "termed",
		RenewalRequested: p.requested,
		SmartAccount: simulator.Object{"status": "active", "account": simulator.Object{
			"id":   fmt.Sprintf("%s-%d", simulator.FakeKeyMarker, p.number),
			"name": simulator.FakeKeyMarker + " Smart Account", "domain": simulator.FakeKeyMarker + ".example",
		}},
		ProductTypes:        []string{},
		Entitlements:        []simulator.Object{},
		EnterpriseAgreement: simulator.Object{"suites": []string{}},
		violations:          []simulator.Object{},
	}
	if len(p.suites) > 0 {
		s.Type, s.EnterpriseAgreement = "enterpriseAgreement", simulator.Object{"suites": p.suites}
	}
	if p.length > 0 {
		s.StartDate, s.EndDate = simulator.Moment(today, p.ends-p.length, 0), some(simulator.Moment(today, p.ends, 0))
	}
	assigned, limit := 0, 0
	for i, of := range p.seats {
		assigned, limit = assigned+of.assigned, limit+of.limit
		s.Entitlements = append(s.Entitlements, simulator.Object{
			"sku": of.sku, "webOrderLineId": fmt.Sprintf("%d", i+1), "seats": seats(of.assigned, of.limit),
		})
		if productType := productTypeOfSKU(of.sku); !slices.Contains(s.ProductTypes, productType) {
			s.ProductTypes = append(s.ProductTypes, productType)
		}
	}
	s.Counts = simulator.Object{"seats": seats(assigned, limit), "networks": p.networks, "organizations": p.organizations}
	for _, m := range p.missing {
		s.violations = append(s.violations, simulator.Object{
			"productClass": m.productClass, "gracePeriodEndsAt": simulator.Moment(today, p.grace, 0),
			"missing": simulator.Object{"entitlements": []simulator.Object{{"sku": m.sku, "quantity": m.quantity}}},
		})
	}
	return s
}

func seats(assigned, limit int) simulator.Object {
	return simulator.Object{"assigned": assigned, "available": limit - assigned, "limit": limit}
}
