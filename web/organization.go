package web

import (
	"cmp"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"license_exporter/status"
)

var (
	organizationTemplate = newTemplate("organization.html")
	unknownTemplate      = newTemplate("unknown.html")
)

// organization serves the page with all that is known of one organization, or of an account
// as a whole. It does not fetch.
func (o *Options) organization(w http.ResponseWriter, r *http.Request) {
	account, id := r.URL.Query().Get("account"), r.URL.Query().Get("organization_id")
	if account == "" {
		http.Error(w, "account is missing; ask for /organization?account=NAME&organization_id=ID, "+
			"or omit organization_id for the account as a whole", http.StatusBadRequest)
		return
	}
	d := o.Organization(account, id)
	if d == nil {
		o.showAs(w, http.StatusNotFound, unknownTemplate, unknownPage{
			o.frame("No such organization", "organization"), shorten(status.Plain(account), maxName), shorten(status.Plain(id), maxName),
		})
		return
	}
	o.show(w, organizationTemplate, o.newOrganizationPage(d))
}

// unknownPage is the data of the template for an organization that does not exist.
type unknownPage struct {
	frame
	Account, ID string
}

// organizationPage is the data of the template.
type organizationPage struct {
	frame
	Now *moment
	// Summary contains the facts about the organization itself.
	Summary []fact
	// Related are links to other views of the organization.
	Related []pageLink
	// Quiet says that nothing needs action. It is empty if something does, or may do, since not
	// all is known yet.
	Quiet string
	// Tables begin with the problems. Those without rows are left out.
	Tables []*table
	// Metrics are the vendor's own metrics. Facts is the number of their values.
	Metrics []*metricView
	Facts   string

	detail *status.Detail
	whole  string            // what the organization as a whole is called in tables
	names  map[string]string // of licenses of several products, by id
}

// fact is a named fact.
type fact struct {
	Name string
	Cell cell
}

func (o *Options) newOrganizationPage(d *status.Detail) *organizationPage {
	title := cmp.Or(shorten(d.Name, maxName), shorten(status.Plain(d.ID), maxName))
	p := &organizationPage{
		Now: asOf(d.Now), detail: d, whole: "the organization as a whole", names: map[string]string{},
	}
	if d.ID == "" {
		title, p.whole = "Account "+shorten(d.Account, maxName)+" as a whole", "the account as a whole"
	}
	p.frame = o.frame(title, "organization")
	lines := p.lines()
	p.setSummary(o.Labels(d.Account))
	p.setRelated()
	var tables []*table
	for _, t := range []table{
		p.problems(lines), p.products(lines), p.licenses(lines), p.counts(), p.seats(lines), p.compliance(lines),
		p.statuses(), p.deadlines(), p.costs(lines), p.freshness(),
	} {
		if t.size > 0 {
			tables = append(tables, &t)
		}
	}
	showRows(tables, maxRows)
	p.Tables = tables
	p.setMetrics()
	return p
}

func (p *organizationPage) setSummary(labels map[string]string) {
	d := p.detail
	add := func(name string, c cell) {
		if len(c) > 0 {
			p.Summary = append(p.Summary, fact{name, c})
		}
	}
	add("Vendor", words(d.Vendor))
	if d.ID == "" {
		add("Account", words(d.Account))
	} else {
		whole := organizationLink(&organization{Account: d.Account})
		add("Account", cell{{Text: shorten(d.Account, maxName), Link: whole}})
		add("Organization id", words(status.Plain(d.ID)))
	}
	add("Licensing model", words(d.Model))
	add("Region", words(d.Region))
	add("API access", access(d))
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		add(name, words(status.Plain(labels[name])))
	}
	add("Owner", words(d.Owner))
	add("Vendor's status", words(d.Status))
	if d.Compliant != nil {
		add("Vendor's verdict", verdictCell(newCompliance(&d.Organization)))
	}
	if l := d.NextLicense; l != nil {
		add("Next end", date(l.ShownEnd(), d.Now).small(p.title(l)))
	}
	if d.Muted > 0 {
		add("Muted by policies", words(integer(d.Muted)))
	}
}

func access(d *status.Detail) cell {
	switch {
	case !d.APIEnabled:
		return cell{}.badge("switched off", classWarning).small("Only the name of the organization is known. Switch API access on at the vendor to see its licenses.")
	case d.APIAccess == "":
		return nil
	}
	return words("allowed")
}

// linkTo returns a path with the parameters that select the licenses of the organization. It is
// empty if the id is too long for them.
func (p *organizationPage) linkTo(path string) string {
	return query{Account: p.detail.Account, Organization: p.detail.ID}.linkTo(path)
}

// probe returns the path of the metrics of the organization, or nothing if there are none.
func (p *organizationPage) probe() string {
	if !p.detail.Probed {
		return ""
	}
	return "probe?" + url.Values{"account": {p.detail.Account}, "organization_id": {p.detail.ID}}.Encode()
}

func (p *organizationPage) setRelated() {
	of := "of this organization"
	if p.detail.ID == "" {
		of = "of this account"
	}
	q := query{Account: p.detail.Account}
	for _, l := range []pageLink{
		{Path: "." + q.link(""), Title: "Organizations of this account"},
		{Path: p.linkTo("licenses"), Title: "Licenses " + of},
		{Path: p.linkTo("licenses.csv"), Title: "Licenses as a spreadsheet"},
		{Path: p.linkTo("calendar.ics"), Title: "Ends as a calendar"},
		{Path: p.probe(), Title: "Metrics"},
	} {
		if l.Path != "" {
			p.Related = append(p.Related, l)
		}
	}
}

// The maximum numbers of rows in the tables of the page, and in those of the vendor's own metrics.
const (
	maxRows   = 160
	maxValues = 60
)

// setMetrics shows the vendor's own metrics.
func (p *organizationPage) setMetrics() {
	values, tables := 0, []*table(nil)
	for i := range p.detail.Metrics {
		m := &p.detail.Metrics[i]
		values += len(m.Values)
		v := p.metric(m)
		p.Metrics = append(p.Metrics, v)
		tables = append(tables, &v.table)
	}
	showRows(tables, maxValues)
	p.Facts = counted(values, "value")
}

// metricView is one of the vendor's own metrics.
type metricView struct {
	table
	// Value is that of a metric without labels.
	Value cell
}

func (p *organizationPage) metric(m *status.Metric) *metricView {
	v := &metricView{table: table{Title: m.Name, Caption: m.Help}}
	if len(m.Labels) == 0 {
		v.Value = metricValue(m.Name, m.Values[0].Value, p.detail.Now)
		return v
	}
	always1 := strings.HasSuffix(m.Name, "_info")
	for _, name := range m.Labels {
		v.Heads = append(v.Heads, strings.ReplaceAll(name, "_", " "))
	}
	if !always1 {
		v.Heads = append(v.Heads, "value")
	}
	fill(&v.table, m.Values, p.probe(), func(value status.Value) []cell {
		var row []cell
		for i, label := range value.Labels {
			if m.Labels[i] == "license_id" {
				label.Name = p.names[label.Value]
			}
			row = append(row, named(label.Name, label.Value))
		}
		if !always1 {
			row = append(row, metricValue(m.Name, value.Value, p.detail.Now))
		}
		return row
	})
	return v
}

// The times and durations that can be shown as such, in seconds.
const (
	maxTime     = 253402300800 // the year 10000
	maxDuration = float64(math.MaxInt64 / int64(time.Second))
)

// metricValue shows the value of a metric. The name of the metric says whether it is a time or a
// duration.
func metricValue(name string, value float64, now time.Time) cell {
	switch isTime := strings.HasSuffix(name, "_timestamp_seconds"); {
	case isTime && value >= 0 && value < maxTime:
		return date(time.Unix(int64(value), 0), now)
	case !isTime && strings.HasSuffix(name, "_seconds") && math.Abs(value) < maxDuration:
		return words(lasting(time.Duration(value * float64(time.Second))))
	}
	return words(quantity(value))
}
