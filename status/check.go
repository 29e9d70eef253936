package status

import (
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
)

// Row is the state of one collector for one organization, as --check prints it.
type Row struct {
	Account      string
	Vendor       string
	Organization string
	Name         string
	Model        string
	Collector    string
	// Counted is set if the collector counts licenses, and Licenses is their
	// number. A license of several products counts once for each.
	Counted  bool
	Licenses int
	// NextEnd is the earliest end that concerns the organization. It is zero if
	// there is none.
	NextEnd time.Time
	// Problem is why facts are missing or old. It is empty if they are not.
	Problem string
}

// Rows lists the state of everything in the order of accounts, organizations
// and collectors.
func Rows(snapshots []*engine.Snapshot) []Row {
	var rows []Row
	for _, s := range snapshots {
		rows = append(rows, Row{
			Account: s.Name, Vendor: s.Vendor.Name, Collector: s.Vendor.SourceName(), Problem: problem(s.Discovered, s.DiscoveryErr),
		})
		for i := range s.Organizations {
			rows = append(rows, organizationRows(s, &s.Organizations[i])...)
		}
	}
	return rows
}

func organizationRows(s *engine.Snapshot, o *engine.Organization) []Row {
	row := Row{Account: s.Name, Vendor: s.Vendor.Name, Organization: o.ID, Name: o.Name, Model: o.Model}
	switch {
	case o.Failed:
		row.Collector, row.Problem = s.Vendor.SourceName(), s.Unreadable(o.ID).Error()
		return []Row{row}
	case !o.APIEnabled:
		row.Collector, row.Problem = s.Vendor.SourceName(), "API access is switched off"
		return []Row{row}
	}
	rows := make([]Row, 0, len(o.Collectors))
	for i := range o.Collectors {
		c := &o.Collectors[i]
		row := row
		row.Collector, row.Problem = c.Name, problem(c.Tried, c.Err)
		if c.Report != nil {
			for _, f := range s.Facts(o, c) {
				row.add(f)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// problem returns why there is nothing fresh. It is empty if there is.
func problem(tried bool, err error) string {
	switch {
	case !tried:
		return "not tried yet"
	case err != nil:
		return err.Error()
	}
	return ""
}

func (r *Row) add(f *collector.OrganizationReport) {
	for _, end := range f.Ends {
		if r.NextEnd.IsZero() || end.Before(r.NextEnd) {
			r.NextEnd = end
		}
	}
	if f.Fold == nil {
		return
	}
	r.Counted = true
	for _, summary := range f.Fold.Summaries() {
		for _, n := range summary.Licenses {
			r.Licenses += n
		}
	}
}
