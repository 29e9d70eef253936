// Package collector is the contract between vendors and the rest of the
// exporter: what a vendor must provide, the table of the metrics that all
// vendors share, and the helpers that vendors share.
//
// It names no vendor. Each vendor has a folder below this one.
package collector

import (
	"context"

	"license_exporter/licensing"
)

// Collector fetches one kind of record for one organization and reports what
// the records say. It must be safe for concurrent use.
type Collector interface {
	// Applies reports whether there is anything to fetch for an organization.
	// The organization with the empty id is the account as a whole.
	Applies(licensing.Organization) bool
	// Update fills in the report. If it fails, the report is discarded: an
	// incomplete list must never be shown as if it were complete. An error
	// that wraps rest.ErrNotApplicable means that there is nothing to fetch.
	Update(context.Context, licensing.Organization, *Report) error
}

// Named is a collector with the name that enables it and labels its metrics.
type Named struct {
	Name string
	Collector
}

// Source lists the organizations of an account.
type Source interface {
	// Discover returns the organizations to collect from. Those returned
	// together with an error are collected from as well. Of the report, only
	// the parse errors are used.
	Discover(context.Context, *Report) (Discovery, error)
}

// Discovery is what a Source found.
type Discovery struct {
	// Organizations may include one with an empty id, for the collectors that
	// read the account as a whole.
	Organizations []licensing.Organization
	// Failed holds the organizations that were asked for by their ids and
	// could not be read.
	Failed map[string]error
}
