package main

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// schemaVersion is that of Grafana 10.0. Later versions of Grafana migrate a board when they load it.
const schemaVersion = 38

// tag is the tag of all boards. Links between the boards find them by it.
const tag = "license_exporter"

// Uids are part of the boards' addresses, to which people link, so they must not change.
const (
	uidOverview     = "license-overview"
	uidOrganization = "license-organization"
	uidSoftware     = "license-software-assets"
	uidExporter     = "license-exporter"
)

// board is a dashboard: rows of panels under variables.
type board struct {
	uid, title, description string
	from                    string // how far the time range goes back
	variables               []cog.Builder[dashboard.VariableModel]
	rows                    []row
}

// panelBuilder is a panel under construction.
type panelBuilder = dashboard.PanelBuilder

// row is a heading and the panels below it.
type row struct {
	title  string
	panels []*panelBuilder
	// closed is set if the row is collapsed until somebody opens it. Until then, its panels ask nothing.
	// It is for what applies to some organizations only.
	closed bool
}

func (b board) build() (dashboard.Dashboard, error) { //nolint:staticcheck // Grafana 10 does not know the newer schema
	builder := dashboard.NewDashboardBuilder(b.title) //nolint:staticcheck // as above
	builder.Uid(b.uid).
		Description(b.description).
		Tags([]string{tag}).
		Timezone("browser").
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Time("now-"+b.from, "now").
		Refresh("15m"). // the facts change slowly
		Variables(b.variables).
		// Links to all boards with the tag, which keep the selection.
		Link(dashboard.NewDashboardLinkBuilder("License dashboards").
			Type(dashboard.DashboardLinkTypeDashboards).
			Icon("external link").
			Tags([]string{tag}).
			IncludeVars(true).
			KeepTime(true))
	id := uint32(0)
	next := func() uint32 { id++; return id }
	for _, r := range b.rows {
		heading := dashboard.NewRowBuilder(r.title).Id(next()).Collapsed(r.closed)
		if r.closed {
			for _, p := range r.panels {
				heading.WithPanel(p.Id(next()))
			}
		}
		builder.WithRow(heading)
		if r.closed {
			continue
		}
		for _, p := range r.panels {
			builder.WithPanel(p.Id(next()))
		}
	}
	built, err := builder.Build()
	if err != nil {
		return built, err
	}
	forOldGrafana(&built)
	return built, checkWidths(b.rows)
}

// forOldGrafana removes the defaults of the library that Grafana 10 does not know.
func forOldGrafana(d *dashboard.Dashboard) { //nolint:staticcheck // as above
	d.SchemaVersion = schemaVersion
	for i := range d.Links {
		d.Links[i].Placement = nil
	}
	for i := range d.Templating.List {
		v := &d.Templating.List[i]
		v.AllowCustomValue, v.Auto, v.AutoMin, v.AutoCount = nil, nil, nil, nil
	}
}

// checkWidths checks that no row leaves a gap at its end. Grafana would move panels of the
// next row into the gap.
func checkWidths(rows []row) error {
	for _, r := range rows {
		width := uint32(0)
		for _, p := range r.panels {
			built, err := p.Build()
			if err != nil {
				return err
			}
			width = (width + built.GridPos.W) % 24
		}
		if width != 0 {
			return fmt.Errorf("the panels of row %q end %d columns into a line", r.title, width)
		}
	}
	return nil
}

var dataSource = common.DataSourceRef{Type: new("prometheus"), Uid: new("${datasource}")}

// dataSourceVariable selects the Prometheus server.
func dataSourceVariable() cog.Builder[dashboard.VariableModel] {
	return dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").Type("prometheus")
}

// reporting selects a series of each account: license_up of those that the exporter reads, and license_organization_info of
// those that recording rules bridge.
func reporting(matchers ...string) string {
	return "{" + strings.Join(append([]string{`__name__=~"license_up|license_organization_info"`}, matchers...), ", ") + "}"
}

// clusterVariable selects clusters where several send their facts to one Prometheus. Where there is no
// label cluster, it offers All alone, which also selects series without the label.
func clusterVariable() cog.Builder[dashboard.VariableModel] {
	return chosen("cluster", "Cluster", "label_values("+reporting()+", cluster)")
}

// filterVariable takes conditions on any label, which Grafana adds to all queries.
func filterVariable() cog.Builder[dashboard.VariableModel] {
	return dashboard.NewAdHocVariableBuilder("filters").Label("Filters").Datasource(dataSource)
}

// The types of a variable's query, by the numbers of Grafana's editor.
const (
	queryLabelValues = 1
	queryResult      = 3
)

// chosen is a variable that takes any number of values.
func chosen(name, label, query string) *dashboard.QueryVariableBuilder {
	return single(name, label, query).Multi(true).IncludeAll(true).AllValue(".*").
		Current(dashboard.VariableOption{
			Selected: new(true),
			Text:     dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
			Value:    dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
		})
}

// single is a variable that takes one value.
func single(name, label, query string) *dashboard.QueryVariableBuilder {
	return dashboard.NewQueryVariableBuilder(name).Label(label).
		Datasource(dataSource).
		Definition(query).
		Query(dashboard.StringOrMap{Map: map[string]any{
			"qryType": queryLabelValues, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery",
		}}).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).
		Sort(dashboard.VariableSortAlphabeticalCaseInsensitiveAsc)
}

// byName makes a variable show the values of one label and use those of another, the id.
// Labels are sorted by name, so id must come before label.
func byName(v *dashboard.QueryVariableBuilder, expr, id, label string) *dashboard.QueryVariableBuilder {
	query := "query_result(" + expr + ")"
	return v.Definition(query).
		Query(dashboard.StringOrMap{Map: map[string]any{
			"qryType": queryResult, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery",
		}}).
		Regex(fmt.Sprintf(`/[{,]%s="(?<value>[^"]+)".*[{,]%s="(?<text>[^"]+)"/`, id, label))
}

// vendorVariable offers all vendors.
func vendorVariable() cog.Builder[dashboard.VariableModel] {
	return chosen("vendor", "Vendor", "label_values("+reporting(`cluster=~"$cluster"`)+", vendor)")
}

// variables are the variables of boards about licenses. The scope has the facts whose products they offer.
func variables(vendor, organization cog.Builder[dashboard.VariableModel], s scope) []cog.Builder[dashboard.VariableModel] {
	return []cog.Builder[dashboard.VariableModel]{
		dataSourceVariable(),
		clusterVariable(),
		vendor,
		chosen("account", "Account", "label_values("+reporting(`cluster=~"$cluster", vendor=~"$vendor"`)+", account)"),
		organization,
		manufacturerVariable(),
		ownerVariable(s),
		productVariable(s),
		filterVariable(),
	}
}

// manufacturerVariable offers the manufacturers of products.
func manufacturerVariable() cog.Builder[dashboard.VariableModel] {
	return chosen("manufacturer", "Manufacturer", "label_values("+chosenAll.of("license_product_info", `manufacturer!=""`)+", manufacturer)")
}

// ownerVariable offers the owners that policies set.
func ownerVariable(s scope) cog.Builder[dashboard.VariableModel] {
	return chosen("owner", "Owner", "label_values("+s.of("license_policy_info", `owner!=""`)+", owner)")
}

// organizationVariable offers the organizations that are listed or have licenses, by name.
func organizationVariable(v *dashboard.QueryVariableBuilder, s scope) cog.Builder[dashboard.VariableModel] {
	organizations := group(perOrganization, s.of("license_organization_info", `organization_id!=""`)+
		" or "+s.of("license_licenses", `organization_id!=""`))
	return byName(v, group("organization_id, organization_name", named(organizations, organizationName)),
		"organization_id", "organization_name")
}

// productVariable offers the products of the selected manufacturers and owners that have licenses or seats, by name.
func productVariable(s scope) cog.Builder[dashboard.VariableModel] {
	s = s.filtered(byManufacturer, byOwner)
	products := group(perAccount+", product",
		s.of("license_licenses", `product!=""`)+" or "+s.of("license_seats_limit", `product!=""`))
	return byName(chosen("product", "Product", ""), group("product, product_name", named(products, productName)),
		"product", "product_name")
}
