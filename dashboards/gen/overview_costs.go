package main

import (
	"fmt"
	"strings"
)

const perCost = perProduct + ", component, currency"

// costs are what licenses in force cost, by product and by what is paid for.
var costs = byProduct.each(perCost, "license_cost")

// actionsBy is a table of how much needs action, counted as in the figures at the top, by a label. The function adds the
// label to problems, whose names are in the rule license_scope:SCOPE.
func actionsBy(a about, width uint32, by column, labeled func(problems, scope string) string) *panelBuilder {
	count := func(problems, scope string) string {
		return fmt.Sprintf("count by (%s) (%s)", by.field, labeled(problems, scope))
	}
	queries := []query{
		values("Ended in use", count(problemInUse, "ends"), asCount),
		values("Use unknown", count(problemEnded, "ends"), asCount),
		values("To renew now", count(problemSoon, "ends"), asCount),
		values("Later", count(problemLater, "ends"), asCount),
		values("Short", count(problemShort, "compliance"), asCount),
		values("Renewing", count(problemRenewing, "ends"), asCount),
	}
	var everything []string
	for _, q := range queries {
		everything = append(everything, q.expr)
	}
	return rows(a, width, 9, "-Ended in use,-To renew now", []column{by},
		append([]query{names(group(by.field, "("+strings.Join(everything, " or ")+")"))}, queries...)...)
}

func overviewOwners() []*panelBuilder {
	ending := ownedBy(problemExpiring, "ends")
	// The month in which each product ends, and its owner. Subscriptions and agreements have no product and no cost.
	month := inMonths(perProduct+", owner", ownedBy(problem(perLicense, "expiring_timestamp_seconds", `product!=""`), "ends"))
	cost := sum(perProduct+", currency", costs)
	dated := fmt.Sprintf("%s * on (%s) group_left (month, owner) %s", cost, perProduct, month)
	dearest := most("topk", among(perProduct, cost, problemExpiring))
	return []*panelBuilder{
		actionsBy(about{"By owner", "What each owner has to act on, counted as in the figures above. Policies set the owner. Muted licenses are left out.",
			noneOrRules("Nothing needs action")}, 14, label("owner", "Owner"), ownedBy),
		bars(about{"To renew by month", "How much ends in each calendar month and has to be renewed, by owner: the ends that LicenseExpiring reports, up to 90 days ahead or up to the notice if that is longer. Muted licenses and those that renew by themselves are left out.",
			noneOrRules("Nothing has to be renewed")}, 10, inMonths("owner", ending), "month", "owner"),
		rows(about{"Cost by month", "The cost of the products that end in each calendar month and have to be renewed, by owner and currency: purchase, and current maintenance and support, of all licenses in force. Products for which the vendor reports no cost are left out.",
			noneOrRules("Nothing with a known cost has to be renewed")}, 10, 9, "Month",
			[]column{label("month", "Month", width(90)), label("owner", "Owner"), label("currency", "Currency", width(90))},
			values("Products", "count by (month, owner, currency) ("+dated+")", asCount),
			values("Cost", sum("month, owner, currency", dated), asMoney)),
		rows(about{"Cost of what ends next", fmt.Sprintf("The products in Cost by month: the %d with the highest cost.", mostRows),
			noneOrRules("Nothing with a known cost has to be renewed")}, 14, 9, "Ends on",
			[]column{organizationColumns[0], organizationColumns[1], product(), ownerColumn, label("currency", "Currency", width(80))},
			names(named(group(perProduct+", currency", dearest), organizationName, productName, productPolicy)),
			values("Ends on", fmt.Sprintf("1000 * %s * on (%s) group_left () %s", group(perProduct+", currency", dearest), perProduct,
				problem(perProduct, "expiring_timestamp_seconds")), asDate),
			values("Cost", dearest, looks(asMoney, width(110)))),
		actionsBy(about{"By manufacturer", "The same as By owner, by the manufacturer of the product. Muted licenses are left out.",
			noneOrRules("Nothing needs action")}, 24, label("manufacturer", "Manufacturer"), func(problems, _ string) string { return byMaker.of(problems) }),
	}
}

func overviewUnused() []*panelBuilder {
	burning := most("topk", sum(perProduct, byProduct.each(perProduct+", state, assigned", "license_licenses",
		`assigned="false"`, `state=~"unusedActive|active|expiring|recentlyQueued"`))+" > 0")
	// Some vendors report costs of an organization, but seats of a whole account.
	seats := func(metric string) string {
		return sum(perApplication+", unit", chosenAll.each(perSeat, metric, `product=~"$product"`))
	}
	share := fmt.Sprintf("(%s > 0)", least(perApplication, seats("license_seats_available")+" / ("+seats("license_seats_limit")+" > 0)"))
	idle := fmt.Sprintf("topk by (currency) (50, %s * on (%s) group_left () %s)", sum(perApplication+", currency", costs), perApplication, share)
	return []*panelBuilder{
		rows(about{"Unused while the term runs", fmt.Sprintf("Licenses that are not assigned although their term is running or begins soon: the %d products with most of them. LicenseUnusedBurning reports those whose term is running.", mostRows),
			"No unassigned license with a running term in the selection"}, 12, 9, "-Licenses",
			[]column{organizationColumns[0], organizationColumns[1], product(), ownerColumn, label("account", "Account", width(110))},
			names(named(group(perProduct, burning), organizationName, productName, productPolicy)),
			values("Licenses", burning, asCount)),
		rows(about{"Cost of free seats", "An estimate of what free seats cost: the cost of a product multiplied by the share of its seats that are free in the whole account. If a product has several metrics, the smallest share is used. The 50 products with the highest cost in each currency.",
			"No product with a known cost has free seats"}, 12, 9, "-Cost",
			[]column{product(), label("account", "Account", width(110)), label("owner", "Owner", width(110)), label("currency", "Currency", width(80))},
			names(named(group(perApplication+", currency", idle), productName, accountPolicy)),
			values("Free", fmt.Sprintf("%s * on (%s) group_left () %s", group(perApplication+", currency", idle), perApplication, share), looks(unit(unitShare), integral, width(70))),
			values("Cost", idle, looks(asMoney, width(110)))),
	}
}

func overviewCosts() []*panelBuilder {
	const none = "The vendors report no costs for the selection"
	return []*panelBuilder{
		rows(about{"Cost by currency", "The cost of licenses in force, by component: purchase, maintenance and support.", none},
			8, 9, "Currency",
			[]column{label("vendor", "Vendor", width(80)), label("component", "For"), label("currency", "Currency", width(80))},
			values("Cost", sum("vendor, component, currency", costs), asMoney)),
		rows(about{"Cost by product", "The cost of licenses in force, by product: the 50 products with the highest cost in each currency.", none},
			16, 9, "-Cost",
			withColumns(organizationColumns, product(), label("component", "For", width(110)), label("currency", "Currency", width(80))),
			names(named(group(perCost, "topk by (currency) (50, "+costs+")"), organizationName, productName)),
			values("Cost", "topk by (currency) (50, "+costs+")", asMoney)),
	}
}
