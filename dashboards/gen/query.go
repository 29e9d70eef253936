package main

import (
	"fmt"
	"strings"
)

// The labels that tell one fact from another. A fact that two exporters report,
// such as two replicas, is still one: queries begin with each.
const (
	perAccount      = "vendor, account"
	perOrganization = "vendor, account, organization_id"
	perProduct      = perOrganization + ", product"
	perSeat         = perProduct + ", unit, license_id"
	perLicense      = perProduct + ", license_id"
)

// scope is what a person has chosen on a board, as the matchers of a selector.
type scope string

// of selects a metric in the scope.
func (s scope) of(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{string(s)}, matchers...), ", ") + "}"
}

// each selects a metric in the scope, and makes one series of the facts that agree in their labels.
func (s scope) each(labels, metric string, matchers ...string) string {
	return fmt.Sprintf("max by (%s) (%s)", labels, s.of(metric, matchers...))
}

func sum(labels, expr string) string   { return fmt.Sprintf("sum by (%s) (%s)", labels, expr) }
func least(labels, expr string) string { return fmt.Sprintf("min by (%s) (%s)", labels, expr) }
func group(labels, expr string) string { return fmt.Sprintf("group by (%s) (%s)", labels, expr) }

func total(expr string) string { return "sum(" + expr + ")" }

// among keeps the series whose labels one of others has, too.
func among(labels, expr, others string) string {
	return fmt.Sprintf("%s and on (%s) %s", expr, labels, others)
}

// most keeps so many series: the first by a function such as topk.
func most(function string, expr string) string {
	return fmt.Sprintf("%s(%d, %s)", function, mostRows, expr)
}

// count tells how many series hold a comparison. Where none does it is 0, and
// where there are no facts it is nothing: no facts are not good news.
func count(expr, comparison string) string {
	operator, value, _ := strings.Cut(comparison, " ")
	return fmt.Sprintf("sum(%s %s bool %s)", expr, operator, value)
}

// within counts the series from one number up to another.
func within(expr string, from, to int) string {
	return fmt.Sprintf("sum((%[1]s >= bool %[2]d) * (%[1]s < bool %[3]d))", expr, from, to)
}

// milliseconds is what Grafana takes for a date.
func milliseconds(expr string) string { return "1000 * " + expr }

// daysUntil is how many days are left until a time.
func daysUntil(expr string) string { return "(" + expr + " - time()) / 86400" }

// name is how an info metric names what others only identify.
type name struct {
	info, on  string // what selects the names, and the labels that it is joined by
	label, id string // the label that names, and the one that stands in for it
}

var (
	organizationName = name{`license_organization_info{organization_name!=""}`, perOrganization, "organization_name", "organization_id"}
	productName      = name{namedProducts, perAccount + ", product", "product_name", "product"}
	licenseName      = name{`license_info{license_name!=""}`, perAccount + ", license_id", "license_name", "license_id"}
	metricName       = name{`snow_metric_info{metric_name!=""}`, perAccount + ", unit", "metric_name", "unit"}
)

const namedProducts = `license_product_info{product_name!=""}`

// otherProduct names a product that stands in another label than product, as
// the one that a license was upgraded from.
func otherProduct(id, label string) name {
	return name{
		fmt.Sprintf(`label_replace(label_replace(%s, "%s", "$1", "product", "(.*)"), "%s", "$1", "product_name", "(.*)")`,
			namedProducts, id, label),
		perAccount + ", " + id, label, id,
	}
}

// named adds names to each series. One that has no name keeps its place and
// bears its id instead. Should two names be about, as after a change, one is taken.
func named(expr string, names ...name) string {
	result := "(" + expr + ")"
	for _, n := range names {
		result += fmt.Sprintf(` * on (%[1]s) group_left (%[2]s) (topk by (%[1]s) (1, %[3]s)`+
			` or on (%[1]s) label_replace(group by (%[1]s) (%[4]s), "%[2]s", "$1", "%[5]s", "(.*)"))`,
			n.on, n.label, n.info, expr, n.id)
	}
	return result
}

// months counts ends by calendar month and a label. What has ended, and what
// ends in more than two years, is counted as such.
func months(by, ends string) string {
	const horizon = "time() + 2 * 365 * 86400"
	near := fmt.Sprintf("(%s >= time() < %s)", ends, horizon)
	other := func(comparison, text string) string {
		return fmt.Sprintf(`label_replace(count by (%s) (%s %s), "month", "%s", "", "")`, by, ends, comparison, text)
	}
	return fmt.Sprintf(`label_replace(count_values by (%s) ("month", year%s * 100 + month%s), "month", "$1-$2", "month", "(.{4})(.{2})")`,
		by, near, near) + " or " + other("< time()", "(ended)") + " or " + other(">= "+horizon, "later")
}
