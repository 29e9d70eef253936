package main

import "fmt"

// grouping sums up products by a label that an info metric adds.
type grouping struct {
	name
	title, none string // the title of the label, and the text for products without it
}

var (
	byMaker = grouping{name{`license_product_info{manufacturer!=""}`, perApplication, "manufacturer", ""}, "Manufacturer", "(no manufacturer)"}
	// The owner of a product is that of the product as a whole.
	byProductOwner = grouping{name{`license_policy_info{license_id="", owner!=""}`, perProduct, "owner", ""}, "Owner", nobody}
)

// of adds the label to each series.
func (g grouping) of(expr string, more ...name) string {
	return fmt.Sprintf(`label_replace(%[1]s, "%[2]s", "%[3]s", "%[2]s", "")`, named(expr, append(more, g.name)...), g.label, g.none)
}

// aggregated aggregates with a function, such as sum, by the label.
func (g grouping) aggregated(function, expr string) string {
	return fmt.Sprintf("%s by (%s) (%s)", function, g.label, g.of(expr))
}

// softwareSums has the same tables by manufacturer and by owner.
func softwareSums() []*panelBuilder {
	groupings := []grouping{byMaker, byProductOwner}
	var panels []*panelBuilder
	for _, table := range []func(grouping) *panelBuilder{endsBy, seatsBy, costsBy} {
		for _, g := range groupings {
			panels = append(panels, table(g))
		}
	}
	return panels
}

func endsBy(g grouping) *panelBuilder {
	products := "(" + ends + " or " + group(perProduct, samLicenses) + ")"
	within := func(days int) string {
		return g.aggregated("count", fmt.Sprintf("(%s >= time() <= time() + %d * 86400)", ends, days))
	}
	return rows(about{"Ends by " + g.label, "How many products of organizations there are, how many of them have ended or end within 30 and 90 days, and when the next one ends. Perpetual products have no end.",
		"No licenses of software"}, 12, 9, "Next end",
		[]column{label(g.label, g.title)},
		values("Products", g.aggregated("count", products), asCount),
		values("Ended", g.aggregated("count", "("+ends+" < time())"), asCount),
		values("In 30 days", within(30), asCount),
		values("In 90 days", within(90), asCount),
		values("Next end", milliseconds(g.aggregated("min", "("+ends+" >= time())")), asDate))
}

func seatsBy(g grouping) *panelBuilder {
	by := func(seats string) string { return sum(g.label+", metric_name", g.of(seats, metricName)) }
	return rows(about{"Seats by " + g.label, "Seats that are bought, in use or required, and free, by unit, and how many seats are missing where more are in use than were bought. Only products whose seats are known.",
		"No seats in the selection"}, 12, 9, "-Bought",
		[]column{label(g.label, g.title), label("metric_name", "Unit")},
		names(group(g.label+", metric_name", g.of("("+bought+" or "+free+" or "+inUse+")", metricName))),
		values("Bought", by(bought), asCount),
		values("In use", by("("+inUse+")"), asCount),
		values("Free", by("clamp_min("+free+", 0)"), asCount),
		values("Missing", by("-clamp_max("+free+", 0)"), looks(asCount, coloured(noneIsOK))))
}

func costsBy(g grouping) *panelBuilder {
	return rows(about{"Cost by " + g.label, "The cost of licenses in force: purchase, and current maintenance and support.", "No license has a cost"}, 12, 8, "-Cost",
		[]column{label(g.label, g.title), label("currency", "Currency", width(90))},
		values("Cost", sum(g.label+", currency", g.of(costs)), asMoney))
}
