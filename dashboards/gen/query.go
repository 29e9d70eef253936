package main

import (
	"fmt"
	"slices"
	"strings"
)

// The labels that identify a fact. If several exporters report a fact, such as replicas,
// it must count once, so queries begin with each. Where several clusters send their facts to one
// Prometheus, each cluster has facts of its own, as in the rules. Elsewhere there is no cluster.
const (
	perAccount      = "cluster, vendor, account"
	perOrganization = perAccount + ", organization_id"
	perProduct      = perOrganization + ", product"
	perSeat         = perProduct + ", unit, license_id"
	perLicense      = perProduct + ", license_id"
)

// scope is the selection on a board.
type scope struct {
	matchers string // of selectors
	filters  []filter
}

// filter selects by a label that only an info metric has. The variable of the board has the name of the label.
type filter struct {
	label    string
	info, on string // the info metric, and the labels to join on
}

var (
	byManufacturer = filter{"manufacturer", "license_product_info", perApplication}
	byOwner        = filter{"owner", "license_policy_info", perLicense}
)

// matching is a scope without filters.
func matching(matchers string) scope { return scope{matchers: matchers} }

// with adds matchers.
func (s scope) with(matchers string) scope { return scope{s.matchers + ", " + matchers, s.filters} }

// filtered adds filters.
func (s scope) filtered(filters ...filter) scope {
	return scope{s.matchers, slices.Concat(s.filters, filters)}
}

// unset is a label that no series has. If everything is selected, the value of a variable is .*, which also matches a missing
// label. So a selector with unset!~"$variable" finds nothing then.
const unset = "unset"

// of selects a metric in the scope. If everything is selected, filters also keep what has no info metric, and read no samples.
func (s scope) of(metric string, matchers ...string) string {
	selected := metric + "{" + strings.Join(append([]string{s.matchers}, matchers...), ", ") + "}"
	var others []string // of the same vendors, to be left out
	for _, f := range s.filters {
		others = append(others, fmt.Sprintf(`%[1]s{vendor=~"$vendor", %[2]s!~"$%[3]s"} unless on (%[4]s) %[5]s{%[2]s!~"$%[3]s", %[3]s=~"$%[3]s"}`,
			metric, unset, f.label, f.on, f.info))
	}
	if len(others) == 0 {
		return selected
	}
	return fmt.Sprintf("(%s unless on (%s) (%s))", selected, perLicense, strings.Join(others, " or "))
}

// each selects a metric in the scope. Series that have the same labels become one.
func (s scope) each(labels, metric string, matchers ...string) string {
	return fmt.Sprintf("max by (%s) (%s)", labels, s.of(metric, matchers...))
}

func sum(labels, expr string) string   { return fmt.Sprintf("sum by (%s) (%s)", labels, expr) }
func least(labels, expr string) string { return fmt.Sprintf("min by (%s) (%s)", labels, expr) }
func group(labels, expr string) string { return fmt.Sprintf("group by (%s) (%s)", labels, expr) }

func total(expr string) string { return "sum(" + expr + ")" }

// orNone returns a count, or 0 if it is absent and facts show that it is known.
func orNone(count, facts string) string { return count + " or 0 * max(" + facts + ")" }

// among keeps the series for which others has a series with the same labels.
func among(labels, expr, others string) string {
	return fmt.Sprintf("%s and on (%s) %s", expr, labels, others)
}

// notHealthy leaves out the organizations whose license_up is 1. The exporter shows the fetches of
// such an organization in answers of /probe only, and replicas may differ.
func notHealthy(s scope, expr string) string {
	return fmt.Sprintf("(%s unless on (%s) (%s == 1))", expr, perOrganization, s.each(perOrganization, "license_up"))
}

// most keeps mostRows series. The function, such as topk, says which.
func most(function string, expr string) string {
	return fmt.Sprintf("%s(%d, %s)", function, mostRows, expr)
}

// count returns for how many series a comparison is true. If there are no series, the
// result is empty instead of 0, since missing facts are no good news.
func count(expr, comparison string) string {
	operator, value, _ := strings.Cut(comparison, " ")
	return fmt.Sprintf("sum(%s %s bool %s)", expr, operator, value)
}

// milliseconds converts Unix time to milliseconds, in which Grafana expects dates.
func milliseconds(expr string) string { return "1000 * " + expr }

// daysUntil returns the days that are left until a Unix time.
func daysUntil(expr string) string { return "(" + expr + " - time()) / 86400" }

// name describes how an info metric names things that other metrics only identify.
type name struct {
	info, on  string // the selector of the names, and the labels to join on
	label, id string // the label with the name, and the one to use if there is no name; without it, none is used
}

var (
	organizationName = name{`license_organization_info{organization_name!=""}`, perOrganization, "organization_name", "organization_id"}
	productName      = name{namedProducts, perAccount + ", product", "product_name", "product"}
	licenseName      = name{`license_info{license_name!=""}`, perAccount + ", license_id", "license_name", "license_id"}
	metricName       = name{`snow_metric_info{metric_name!=""}`, perAccount + ", unit", "metric_name", "unit"}

	// What the operator's policies say of products as a whole, also in a whole account, and of single licenses.
	productPolicy = name{`license_policy_info{license_id=""}`, perProduct, "owner, renewal", ""}
	accountPolicy = name{`license_policy_info{organization_id="", license_id=""}`, perAccount + ", product", "owner", ""}
	licensePolicy = name{"license_policy_info", perLicense, "owner, renewal", ""}
)

const namedProducts = `license_product_info{product_name!=""}`

// otherProduct names a product in another label than product, such as the product that a
// license was upgraded from.
func otherProduct(id, label string) name {
	return name{
		fmt.Sprintf(`label_replace(label_replace(%s, "%s", "$1", "product", "(.*)"), "%s", "$1", "product_name", "(.*)")`,
			namedProducts, id, label),
		perAccount + ", " + id, label, id,
	}
}

// named adds names to each series. A series without a name gets its id as the name. If
// there are two names, as after a change, only one is used.
func named(expr string, names ...name) string {
	result := "(" + expr + ")"
	for _, n := range names {
		unnamed := group(n.on, expr)
		if n.id != "" {
			unnamed = fmt.Sprintf(`label_replace(%s, "%s", "$1", "%s", "(.*)")`, unnamed, n.label, n.id)
		}
		result += fmt.Sprintf(` * on (%[1]s) group_left (%[2]s) (topk by (%[1]s) (1, %[3]s) or on (%[1]s) %[4]s)`,
			n.on, n.label, n.info, unnamed)
	}
	return result
}

// inMonths counts Unix times by calendar month, in the label month, and by other labels.
func inMonths(by, times string) string {
	return fmt.Sprintf(`label_replace(count_values by (%[1]s) ("month", year(%[2]s) * 100 + month(%[2]s)), "month", "$1-$2", "month", "(.{4})(.{2})")`,
		by, times)
}

// months counts the ends that are to come, by calendar month and a label. There is one bar for all
// that ends in more than two years.
func months(by, ends string) string {
	const horizon = "time() + 2 * 365 * 86400"
	return fmt.Sprintf(`%s or label_replace(count by (%s) (%s >= %s), "month", "later", "", "")`,
		inMonths(by, fmt.Sprintf("%s >= time() < %s", ends, horizon)), by, ends, horizon)
}
