package status

import (
	"cmp"
	"fmt"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/licensing"
)

// Row is a row of the table that --check prints: the state of a collector for an
// organization.
type Row struct {
	Account      string
	Organization string
	Model        string
	Collector    string
	// Counted is set if the collector counts licenses. Licenses is their number.
	// A license for several products counts once for each.
	Counted  bool
	Licenses int
	// NextEnd is the earliest end of cover in the collector's report. It is zero
	// if there is none.
	NextEnd time.Time
	// Problem explains why facts are missing or old. It is empty if the latest
	// fetch succeeded, with all child objects.
	Problem string
	// Notes explain what is missing although there is no problem, or what is muted.
	Notes []Note
	// Muted is set if policies mute the organization as a whole. A problem then needs no
	// action.
	Muted bool
}

// Rows returns the rows of all accounts, sorted by account, organization and
// collector.
func Rows(snapshots []*engine.Snapshot) []Row {
	var rows []Row
	for _, s := range snapshots {
		rows = append(rows, Row{
			Account: s.Name, Collector: s.Vendor.SourceName(),
			Problem: cmp.Or(problem(s.Discovered, s.DiscoveryErr, s.DiscoveryRetrying, s.Listing), s.DiscoveryProblem), Notes: notes(s.Vendor.SourceName(), s.Listing),
		})
		for i := range s.Organizations {
			o := &s.Organizations[i]
			rows = append(rows, mark(organizationRows(s, o), s, o)...)
		}
	}
	for i := range rows { // for terminals
		row := &rows[i]
		row.Organization, row.Model, row.Problem = rest.Plain(row.Organization), rest.Plain(row.Model), rest.Plain(row.Problem)
	}
	return rows
}

func organizationRows(s *engine.Snapshot, o *engine.Organization) []Row {
	row := Row{Account: s.Name, Organization: o.ID, Model: o.Model, Collector: s.Vendor.SourceName()}
	switch {
	case o.Failed:
		row.Problem = failure("", s.OrganizationErr(o.ID), nil).String()
		return []Row{row}
	case o.APIAccess == licensing.APIDisabled:
		row.Problem = "API access is switched off"
		return []Row{row}
	}
	rows := make([]Row, 0, 1+len(o.Collectors))
	if o.Problem != "" {
		row.Problem = o.Problem
		rows = append(rows, row)
	}
	for i := range o.Collectors {
		c := &o.Collectors[i]
		row := row
		row.Collector, row.Problem, row.Notes = c.Name, problem(c.Tried, c.Err, c.Retrying, c.Report), notes(c.Name, c.Report)
		if c.Report != nil {
			for _, f := range s.OrganizationReports(o, c) {
				row.add(f)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// mark marks what policies mute in the rows of an organization.
func mark(rows []Row, s *engine.Snapshot, o *engine.Organization) []Row {
	whole, parts := false, 0
	for g := range s.Governed(o) {
		switch {
		case !g.IsMuted():
		case g.LicenseKey == licensing.LicenseKey{} && g.Organization == o.ID:
			whole = true
		default:
			parts++
		}
	}
	for i := range rows {
		switch row := &rows[i]; {
		case whole:
			row.Muted = true
			row.Notes = append(row.Notes, Note{Kind: NoteMuted, Why: "muted by a policy"})
		case parts > 0 && i == 0:
			row.Notes = append(row.Notes, Note{Kind: NoteMuted, Why: fmt.Sprintf("muted by policies: %d of its products and licenses", parts)})
		}
	}
	return rows
}

// problem explains why there are no current facts. It returns "" if there are.
func problem(tried bool, err, retrying error, r *collector.Report) string {
	if failed := currentFailure("", err, retrying, r); failed != nil {
		return failed.String()
	}
	if !tried {
		return "not tried yet"
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
		r.Licenses += summary.Count()
	}
}
