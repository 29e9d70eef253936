package main

import (
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/barchart"
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// about has the texts of a panel: its title, its description, and the text that it shows
// when it has no data.
type about struct{ title, description, none string }

// Units, by Grafana's names.
const (
	unitCount   = "locale" // whole numbers with separated thousands
	unitDate    = "time:YYYY-MM-DD"
	unitDays    = "suffix: days"
	unitMoney   = "locale" // another column has the currency
	unitSeconds = "s"
	unitShare   = "percentunit"
	unitRate    = "reqps"
	unitBytes   = "bytes"
)

// expr is a query and the legend of its series.
type expr struct{ query, legend string }

func panel(kind string, a about, unit string, width, height uint32) *panelBuilder {
	return dashboard.NewPanelBuilder().Type(kind).
		Title(a.title).Description(a.description).NoValue(a.none).
		Unit(unit).Span(width).Height(height).Datasource(dataSource)
}

// letters are the names of the queries of a panel.
const letters = "ABCDEFGHIJKLMNOP"

// target is a query of a panel. Its place determines its letter.
func target(place int, query string) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().
		RefId(letters[place : place+1]).
		Datasource(dataSource).
		EditorMode(prometheus.QueryEditorModeCode).
		Expr(query)
}

// instant is a query that returns the current values.
func instant(place int, query string, format prometheus.PromQueryFormat) *prometheus.DataqueryBuilder {
	return target(place, query).Instant().Format(format)
}

// figure is a panel with one number.
func figure(a about, query, unit string, steps []dashboard.Threshold) *panelBuilder {
	return figures(a, unit, steps, 4, expr{query, ""})
}

// figures is a panel with numbers side by side.
func figures(a about, unit string, steps []dashboard.Threshold, width uint32, exprs ...expr) *panelBuilder {
	options := stat.NewOptions()
	options.GraphMode = common.BigValueGraphModeNone
	options.Orientation = common.VizOrientationAuto
	options.ReduceOptions.Calcs = []string{"lastNotNull"}
	options.WideLayout = false
	if exprs[0].legend != "" { // otherwise, a single number has no name
		options.TextMode = common.BigValueTextModeValueAndName
	}
	p := panel("stat", a, unit, width, 4).Options(options).Thresholds(thresholds(steps...)).Decimals(0).
		Mappings(noValue(nil, a.none, "text"))
	for i, e := range exprs {
		p.WithTarget(instant(i, e.query, prometheus.PromQueryFormatTimeSeries).LegendFormat(e.legend))
	}
	return p
}

// gauges are horizontal bars, one for each series.
func gauges(a about, unit string, steps []dashboard.Threshold, width, height uint32, e expr) *panelBuilder {
	options := bargauge.NewOptions()
	options.DisplayMode = common.BarGaugeDisplayModeBasic
	options.Orientation = common.VizOrientationHorizontal
	options.ReduceOptions.Calcs = []string{"lastNotNull"}
	return panel("bargauge", a, unit, width, height).Options(options).
		Thresholds(thresholds(steps...)).Min(0).Mappings(noValue(nil, a.none, "text")).
		WithTarget(instant(0, e.query, prometheus.PromQueryFormatTimeSeries).LegendFormat(e.legend))
}

// bars are vertical bars over the values of one label, stacked by another.
func bars(a about, width uint32, query, x, stack string) *panelBuilder {
	options := barchart.NewOptions()
	options.Orientation = common.VizOrientationVertical
	options.Stacking = common.StackingModeNormal
	options.Legend.ShowLegend = true
	options.Tooltip = common.VizTooltipOptions{Mode: common.TooltipDisplayModeMulti, Sort: common.SortOrderNone}
	options.XTickLabelMaxLength = 24
	if x != "month" {
		options.XTickLabelRotation = -45 // names are long
	}
	return panel("barchart", a, unitCount, width, 9).Options(options).
		Custom(barchart.NewFieldConfig()).
		WithTarget(instant(0, query, prometheus.PromQueryFormatTable)).
		WithTransformation(dashboard.DataTransformerConfig{Id: "sortBy", Options: map[string]any{
			"fields": map[string]any{}, "sort": []map[string]any{{"field": x}},
		}}).
		WithTransformation(dashboard.DataTransformerConfig{Id: "groupingToMatrix", Options: map[string]any{
			"rowField": x, "columnField": stack, "valueField": "Value", "emptyValue": "null",
		}})
}

// softMax is the least maximum of the axis by unit. Without it, Grafana draws an axis up to 100 if all values are 0.
var softMax = map[string]float64{unitCount: 1, unitRate: 0.01, unitSeconds: 0.01}

// lines are series over time that are never below 0.
func lines(a about, unit string, width uint32, exprs ...expr) *panelBuilder {
	return signedLines(a, unit, width, exprs...).Min(0)
}

// signedLines are series over time that may be below 0.
func signedLines(a about, unit string, width uint32, exprs ...expr) *panelBuilder {
	options := timeseries.NewOptions()
	options.Legend = common.VizLegendOptions{
		DisplayMode: common.LegendDisplayModeTable, Placement: common.LegendPlacementBottom,
		ShowLegend: true, Calcs: []string{"lastNotNull", "max"},
	}
	if !slices.ContainsFunc(exprs, func(e expr) bool { return strings.Contains(e.legend, "{{") }) {
		// There are as many series as queries.
		options.Legend.DisplayMode = common.LegendDisplayModeList
	}
	options.Tooltip = common.VizTooltipOptions{Mode: common.TooltipDisplayModeMulti, Sort: common.SortOrderDescending}
	custom := timeseries.NewFieldConfig()
	custom.FillOpacity = new(10.0)
	if top, ok := softMax[unit]; ok {
		custom.AxisSoftMax = &top
	}
	custom.ShowPoints = new(common.VisibilityModeNever)
	p := panel("timeseries", a, unit, width, 8).Options(options).Custom(custom)
	for i, e := range exprs {
		p.WithTarget(target(i, e.query).Range().LegendFormat(e.legend))
	}
	return p
}

// step is the color of values that are not below from.
func step(from float64, colour string) dashboard.Threshold {
	return dashboard.Threshold{Value: &from, Color: colour}
}

// base is the color of values below all steps.
func base(colour string) dashboard.Threshold { return dashboard.Threshold{Color: colour} }

func thresholds(steps ...dashboard.Threshold) cog.Builder[dashboard.ThresholdsConfig] {
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(steps)
}

// The colors of values. The days are the thresholds of the alerts.
var (
	plain     = []dashboard.Threshold{base("blue")}
	noneIsOK  = []dashboard.Threshold{base("green"), step(1, "red")}
	fewIsOK   = []dashboard.Threshold{base("green"), step(1, "orange")}
	daysLeft  = []dashboard.Threshold{base("dark-red"), step(0, "red"), step(7, "orange"), step(30, "yellow"), step(90, "green")}
	seatsUsed = []dashboard.Threshold{base("green"), step(0.9, "orange"), step(1.0000001, "red")}
	oneIsOK   = []dashboard.Threshold{base("red"), step(1, "green")}
	noDebt    = []dashboard.Threshold{base("red"), step(0, "green")}
	age       = []dashboard.Threshold{base("green"), step(15*60, "orange"), step(60*60, "red")}
)

// valueNames replaces values by colored words.
func valueNames(names map[string][2]string) []dashboard.ValueMapping {
	options := map[string]dashboard.ValueMappingResult{}
	for value, n := range names {
		options[value] = dashboard.ValueMappingResult{Text: new(n[0]), Color: new(n[1])}
	}
	return []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: options}}}
}

// noValue adds the text and color of what has no value.
func noValue(mappings []dashboard.ValueMapping, text, colour string) []dashboard.ValueMapping {
	return append(slices.Clip(mappings), dashboard.ValueMapping{SpecialValueMap: &dashboard.SpecialValueMap{
		Type: dashboard.MappingTypeSpecialValue,
		Options: dashboard.DashboardSpecialValueMapOptions{
			Match: dashboard.SpecialValueMatchNull, Result: dashboard.ValueMappingResult{Text: &text, Color: &colour},
		},
	}})
}

var (
	verdicts  = valueNames(map[string][2]string{"1": {"compliant", "green"}, "0": {"not compliant", "red"}})
	freshness = valueNames(map[string][2]string{"1": {"current", "green"}, "0": {"failing", "red"}})
	mutes     = valueNames(map[string][2]string{"1": {"muted", "orange"}})
	yesNo     = valueNames(map[string][2]string{"1": {"yes", "text"}, "0": {"no", "text"}})
)
