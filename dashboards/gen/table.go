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

// look is how the cells of a column are shown.
type look []dashboard.DynamicConfigValue

func looks(all ...look) look { return slices.Concat(all...) }

// column is a column of a table: a label, or the values of a query.
type column struct {
	field, title string
	look         look
}

// label is a column that shows a label. It is a text even where it looks like a
// number, as ids do.
func label(name, title string, more ...look) column {
	return column{name, title, append(unit("string"), looks(more...)...)}
}

// product is a column that shows a product by name; where there is none, the
// row is about all of them.
func product(pixels int) column {
	return label("product_name", "Product", width(pixels), property("noValue", "(all)"))
}

// organizationColumns lead to the board of the organization. On boards for any
// vendor, the choice of vendors goes along.
var organizationColumns = append(linkedOrganization("${vendor:queryparam}"),
	label("vendor", "Vendor", width(90)), label("account", "Account", width(140)))

// linkedOrganization is the name of the organization as a link, and its id out
// of sight, which the link takes.
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

// withColumns returns columns and more to the right of them.
func withColumns(columns []column, more ...column) []column { return slices.Concat(columns, more) }

// query is a query of a table with the column of its values; without a title
// the values are not shown, only the labels.
type query struct {
	expr, title string
	look        look
}

func values(title, expr string, look look) query { return query{expr, title, look} }

// names is a query for labels alone.
func names(expr string) query { return query{expr: expr} }

// rows makes a table: a row for each set of labels, first the columns of labels
// and then the values. It is sorted by a column, from the least on, or from the
// greatest on if the column's title follows a minus sign.
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

// arrange names the columns, puts them in order and leaves out all others.
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
		// Rows are merged by their labels, not by when the queries were asked.
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

// withoutValue lets a cell without a value not say what the panel would if it
// were empty.
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

// coloured colours a cell by its value, and one without a value not at all.
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

// worded shows words for the values of a cell, in their colours.
func worded(mappings []dashboard.ValueMapping) look {
	return looks(
		property("mappings", mappings),
		property("custom.cellOptions", common.TableColorTextCellOptions{Type: common.TableCellDisplayModeColorText}),
	)
}

// The looks that recur.
var (
	asDays    = looks(unit(unitDays), integral, width(110), coloured(daysLeft))
	asDate    = looks(unit(unitDate), width(170))
	asCount   = looks(unit(unitCount), integral, width(110))
	asVerdict = looks(unit(unitCount), width(130), worded(verdicts))
	asShare   = looks(unit(unitShare), integral, width(110), coloured(seatsUsed))
	asFree    = looks(unit(unitCount), integral, width(110), coloured(noDebt))
	asMoney   = looks(unit(unitMoney), integral, width(140))
)

// must returns what a builder builds out of constants.
func must[T any](b cog.Builder[T]) T {
	built, err := b.Build()
	if err != nil {
		panic(err)
	}
	return built
}
