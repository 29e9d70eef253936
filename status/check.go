package status

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/licensing"
)

// Row is the state of a collector for an organization.
type Row struct {
	Account      string
	Organization string
	Name         string // of the organization
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
	// cause is the part of the problem that several organizations can share: it lacks the
	// operation and its URL.
	cause string
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
		listing := Row{Account: s.Name, Collector: s.Vendor.SourceName(), Notes: append(notes(s.Vendor.SourceName(), s.Listing), off(s)...)}
		listing.setProblem(s.Discovered, s.DiscoveryErr, s.DiscoveryRetrying, s.Listing)
		listing.Problem = cmp.Or(listing.Problem, s.DiscoveryProblem)
		if listing.Problem == "" && len(s.Organizations) == 0 {
			listing.Problem = collector.NoOrganization(0).Error()
		}
		rows = append(rows, listing)
		for i := range s.Organizations {
			o := &s.Organizations[i]
			rows = append(rows, mark(organizationRows(s, o), s, o)...)
		}
	}
	for i := range rows { // for terminals
		row := &rows[i]
		for _, text := range []*string{&row.Organization, &row.Name, &row.Model, &row.Problem} {
			*text = rest.Plain(*text)
		}
	}
	return rows
}

func organizationRows(s *engine.Snapshot, o *engine.Organization) []Row {
	row := Row{Account: s.Name, Organization: o.ID, Name: o.Name, Model: o.Model, Collector: s.Vendor.SourceName()}
	switch {
	case o.Failed:
		row.setProblem(true, s.OrganizationErr(o.ID), nil, nil)
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
		row.Collector, row.Notes = c.Name, notes(c.Name, c.Report)
		row.setProblem(c.Tried, c.Err, c.Retrying, c.Report)
		if c.Report != nil {
			for _, f := range s.OrganizationReports(o, c) {
				row.add(f)
			}
			row.NextEnd = Shown(row.NextEnd, s.Days)
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

// setProblem explains why there are no current facts, if there are none.
func (r *Row) setProblem(tried bool, err, retrying error, report *collector.Report) {
	failed := currentFailure("", err, retrying, report)
	switch {
	case failed == nil && !tried:
		r.Problem = "not tried yet"
	case failed != nil:
		r.Problem = failed.String()
		var response *rest.Error
		if errors.As(cmp.Or(err, retrying), &response) {
			r.cause = fmt.Sprint(response.Reason, response.Status, response.Message, response.Err)
		}
	}
}

// off returns a note for each collector that is off although nearly everybody needs it.
func off(s *engine.Snapshot) []Note {
	var all []Note
	for _, c := range s.Vendor.Collectors {
		isOn := slices.ContainsFunc(s.Connection.Collectors, func(on collector.Named) bool { return on.Name == c.Name })
		if c.Headline != "" && !isOn {
			all = append(all, Note{Collector: c.Name, Kind: NoteOff, What: c.Headline, Why: c.Name + " is off"})
		}
	}
	return all
}

func (r *Row) add(f *collector.OrganizationReport) {
	for _, end := range f.Ends {
		r.NextEnd = licensing.Earlier(r.NextEnd, end)
	}
	if f.Fold == nil {
		return
	}
	r.Counted = true
	for _, summary := range f.Fold.Summaries() {
		r.Licenses += summary.Count()
	}
}
