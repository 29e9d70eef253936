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

func looks(all ...look) look { return slices.Concat(all...) }

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
// products.
func product(pixels int) column {
	return label("product_name", "Product", width(pixels), property("noValue", "(all)"))
}

// policyColumns show what the operator's policies say.
var policyColumns = []column{label("owner", "Owner", width(130)), label("renewal", "Renewal", width(110))}

// organizationColumns link to the board of the organization. On boards for all vendors, the
// link keeps the selected vendors.
var organizationColumns = append(linkedOrganization("${vendor:queryparam}"),
	label("vendor", "Vendor", width(90)), label("account", "Account", width(140)))

// linkedOrganization returns a column with the organization's name as a link, and a hidden
// column with the id, which the link needs.
func linkedOrganization(vendor string) []column {
	return []column{
		label("organization_name", "Organization", property("links", []map[string]any{{
			"title": "Open the organization",
			"url": "/d/" + uidOrganization + "?${datasource:queryparam}&" + vendor +
				"&${account:queryparam}&var-organization=${__data.fields.organization_id}",
		}}), width(260), property("noValue", "(the account)")),
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
// the values. sortBy is the title of a column, after a minus sign for descending order.
func rows(a about, width, height uint32, sortBy string, labels []column, queries ...query) *panelBuilder {
	custom := table.NewFieldConfig()
	custom.Filterable = new(true)
	by, descending := strings.CutPrefix(sortBy, "-")
	options := table.NewOptions()
	options.Footer.Reducer = []string{}
	options.SortBy = []common.TableSortByFieldState{{DisplayName: by, Desc: &descending}}
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
		p.OverrideByName(c.title, withoutValue(c.look))
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
		property("mappings", []dashboard.ValueMapping{{SpecialValueMap: &dashboard.SpecialValueMap{
			Type: dashboard.MappingTypeSpecialValue,
			Options: dashboard.DashboardSpecialValueMapOptions{
				Match: dashboard.SpecialValueMatchNull, Result: dashboard.ValueMappingResult{Text: new("–"), Color: new("transparent")},
			},
		}}}),
		property("custom.cellOptions", common.TableColoredBackgroundCellOptions{
			Type: common.TableCellDisplayModeColorBackground, Mode: new(common.TableCellBackgroundDisplayModeBasic),
		}),
	)
}

// worded shows colored words instead of values.
func worded(mappings []dashboard.ValueMapping) look {
	return looks(
		property("mappings", mappings),
		property("custom.cellOptions", common.TableColorTextCellOptions{Type: common.TableCellDisplayModeColorText}),
	)
}

// The looks that several columns have.
var (
	asDays    = looks(unit(unitDays), integral, width(110), coloured(daysLeft))
	asDate    = looks(unit(unitDate), width(170))
	asCount   = looks(unit(unitCount), integral, width(110))
	asMuted   = looks(unit(unitCount), width(90), worded(mutes))
	asVerdict = looks(unit(unitCount), width(130), worded(verdicts))
	asShare   = looks(unit(unitShare), integral, width(110), coloured(seatsUsed))
	asFree    = looks(unit(unitCount), integral, width(110), coloured(noDebt))
	asMoney   = looks(unit(unitMoney), integral, width(140))
)

// must returns the result of a builder whose input is constant.
func must[T any](b cog.Builder[T]) T {
	built, err := b.Build()
	if err != nil {
		panic(err)
	}
	return built
}
