package main

import (
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// look has the display options of a column's cells.
type look []dashboard.DynamicConfigValue

// looks joins looks. A later one replaces an option of an earlier one.
func looks(all ...look) look {
	var joined look
	for _, option := range slices.Concat(all...) {
		joined = slices.DeleteFunc(joined, func(v dashboard.DynamicConfigValue) bool { return v.Id == option.Id })
		joined = append(joined, option)
	}
	return joined
}

// column is a column of a table: a label, or the values of a query.
type column struct {
	field, title string
	look         look
}

// label is a column that shows a label. It is shown as text even if it looks like a number,
// as ids do.
func label(name, title string, more ...look) column {
	return column{name, title, append(unit("string"), looks(more...)...)}
}

// product is a column that shows a product by name. A row without a product is about all
// products. Columns of names have no width, so they share what the other columns leave.
func product() column {
	return label("product_name", "Product", property("noValue", "(all)"))
}

// ownerColumn and policyColumns show what the operator's policies say.
var (
	ownerColumn   = label("owner", "Owner", width(120))
	policyColumns = []column{ownerColumn, label("renewal", "Renewal", width(100))}
)

// organizationColumns link to the board of the organization. The link keeps the selected vendors.
var organizationColumns = append(linkedOrganization(),
	label("vendor", "Vendor", width(80)), label("account", "Account", width(120)))

// linkedOrganization returns a column with the organization's name as a link, and a hidden
// column with the id, which the link needs.
func linkedOrganization() []column {
	return []column{
		label("organization_name", "Organization", property("links", []map[string]any{{
			"title": "Open the organization",
			"url": "/d/" + uidOrganization + "?${datasource:queryparam}&${vendor:queryparam}" +
				"&${cluster:queryparam}&${account:queryparam}&var-organization=${__data.fields.organization_id}",
		}}), property("noValue", "(the account)")),
		label("organization_id", "organization_id", property("custom.hidden", true)),
	}
}

// withColumns appends to columns that other tables have, too.
func withColumns(columns []column, more ...column) []column { return slices.Concat(columns, more) }

// query is a query of a table and the column of its values. Without a title, only its
// labels are shown.
type query struct {
	expr, title string
	look        look
}

func values(title, expr string, look look) query { return query{expr, title, look} }

// names is a query whose labels are shown, but not its values.
func names(expr string) query { return query{expr: expr} }

// rows is a table with a row for each set of labels. The columns of labels come first, then
// the values. sortBy has the titles of columns, separated by commas, each after a minus sign for
// descending order.
func rows(a about, width, height uint32, sortBy string, labels []column, queries ...query) *panelBuilder {
	custom := table.NewFieldConfig()
	custom.Filterable = new(true)
	options := table.NewOptions()
	options.Footer.Reducer = []string{}
	for title := range strings.SplitSeq(sortBy, ",") {
		by, descending := strings.CutPrefix(title, "-")
		options.SortBy = append(options.SortBy, common.TableSortByFieldState{DisplayName: by, Desc: &descending})
	}
	p := panel("table", a, unitCount, width, height).Options(options).Custom(custom)
	columns := slices.Clone(labels)
	for i, q := range queries {
		p.WithTarget(instant(i, q.expr, prometheus.PromQueryFormatTable))
		if q.title == "" {
			continue
		}
		field := "Value"
		if len(queries) > 1 {
			field = "Value #" + letters[i:i+1]
		}
		columns = append(columns, column{field, q.title, q.look})
	}
	return arrange(p, columns, len(queries) > 1)
}

// arrange names and orders the columns, and removes all others.
func arrange(p *panelBuilder, columns []column, merge bool) *dashboard.PanelBuilder {
	var fields []string
	order, titles := map[string]any{}, map[string]any{}
	for i, c := range columns {
		fields = append(fields, c.field)
		order[c.field] = i
		if c.title != c.field {
			titles[c.field] = c.title
		}
		p.OverrideByName(c.title, wideEnough(c.title, withoutValue(c.look)))
	}
	if merge {
		// Rows are merged by their labels, whatever the time of the queries.
		p.WithTransformation(dashboard.DataTransformerConfig{Id: "filterFieldsByName", Options: map[string]any{
			"exclude": map[string]any{"names": []string{"Time"}},
		}})
		p.WithTransformation(dashboard.DataTransformerConfig{Id: "merge", Options: map[string]any{}})
	}
	return p.
		WithTransformation(dashboard.DataTransformerConfig{Id: "filterFieldsByName", Options: map[string]any{
			"include": map[string]any{"names": fields},
		}}).
		WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
			"excludeByName": map[string]any{}, "indexByName": order, "renameByName": titles,
		}})
}

// wideEnough makes a column with a width wide enough for its title.
func wideEnough(title string, l look) look {
	const perLetter, beside = 8, 35 // pixels
	for _, v := range l {
		if pixels, ok := v.Value.(int); ok && v.Id == "custom.width" {
			return looks(l, width(max(pixels, perLetter*len(title)+beside)))
		}
	}
	return l
}

// withoutValue shows a dash in cells without a value. Otherwise they would show the text of
// an empty panel.
func withoutValue(l look) look {
	if slices.ContainsFunc(l, func(v dashboard.DynamicConfigValue) bool { return v.Id == "noValue" }) {
		return l
	}
	return append(property("noValue", "–"), l...)
}

func property(id string, value any) look { return look{{Id: id, Value: value}} }
func unit(u string) look                 { return property("unit", u) }
func width(pixels int) look              { return property("custom.width", pixels) }

// integral shows numbers without fractions.
var integral = property("decimals", 0)

// coloured colors cells by their value. Cells without a value have no color.
func coloured(steps []dashboard.Threshold) look {
	return looks(
		property("thresholds", must(thresholds(steps...))),
		property("mappings", noValue(nil, "–", "transparent")),
		property("custom.cellOptions", common.TableColoredBackgroundCellOptions{
			Type: common.TableCellDisplayModeColorBackground, Mode: new(common.TableCellBackgroundDisplayModeBasic),
		}),
	)
}

// worded shows colored words instead of values.
func worded(mappings []dashboard.ValueMapping) look {
	return looks(
		property("mappings", noValue(mappings, "–", "text")),
		property("custom.cellOptions", common.TableColorTextCellOptions{Type: common.TableCellDisplayModeColorText}),
	)
}

// The looks that several columns have.
var (
	asDays    = looks(unit(unitDays), integral, width(90), coloured(daysLeft))
	asDate    = looks(unit(unitDate), width(100))
	asCount   = looks(unit(unitCount), integral, width(80))
	asMuted   = looks(unit(unitCount), width(75), worded(mutes))
	asVerdict = looks(unit(unitCount), width(120), worded(verdicts))
	asShare   = looks(unit(unitShare), integral, width(80), coloured(seatsUsed))
	asFree    = looks(unit(unitCount), integral, width(80), coloured(noDebt))
	asMoney   = looks(unit(unitMoney), integral, width(120))
	asPeriod  = looks(unit(unitDays), integral, width(110)) // days that are not good or bad
)

// must returns the result of a builder whose input is constant.
func must[T any](b cog.Builder[T]) T {
	built, err := b.Build()
	if err != nil {
		panic(err)
	}
	return built
}
