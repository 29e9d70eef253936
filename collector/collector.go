// Package collector turns the vendors' records into facts and facts into
// metrics. It holds the collectors, one file each; the engine, which decides
// when to fetch; and the renderer with the table of all metrics.
//
// It knows the vendors' records and the neutral vocabulary of package
// licensing. It does not know HTTP, and it reads no clock but the one that it
// is given.
package collector

import (
	"context"
	"errors"
	"time"

	"license_exporter/licensing"
)

// Collector fetches one kind of record for one organization and reports what
// the records say. It must be safe for concurrent use.
type Collector interface {
	// Applies tells whether there is anything to fetch for an organization.
	// The organization with the empty id stands for the account as a whole.
	Applies(licensing.Organization) bool
	// Update fills in the report. If it fails, the report is thrown away, so
	// half a listing never becomes the truth. ErrNotApplicable in the chain
	// of the error means that there is nothing to fetch after all.
	Update(context.Context, licensing.Organization, *Report) error
}

// ErrNotApplicable is returned by a collector that found out from the vendor
// that it does not apply to an organization. It is no failure.
var ErrNotApplicable = errors.New("the collector does not apply to the organization")

// Named is a collector with the name that switches it and labels its metrics.
type Named struct {
	Name string
	Collector
}

// Source tells which organizations an account has.
type Source interface {
	// Discover returns the organizations to collect from. Those that come with
	// an error are collected from all the same. Parse errors go to the report,
	// which is not used otherwise.
	Discover(context.Context, *Report) (Discovery, error)
}

// Discovery is what a Source found.
type Discovery struct {
	// Organizations may include one with an empty id, for the collectors that
	// concern the account as a whole.
	Organizations []licensing.Organization
	// Failed holds the organizations that were asked for by their ids and
	// could not be read.
	Failed map[string]error
}

// Account is one credential at one vendor, with everything that collects
// through it.
type Account struct {
	Name   string
	Vendor string
	Source Source
	// SourceName stands for the Source in the label collector.
	SourceName string
	Collectors []Named
	// MaxAge overrides Config.MaxAge if it is not nil.
	MaxAge *time.Duration
	// FetchTimeout overrides Config.FetchTimeout if it is not 0.
	FetchTimeout time.Duration
	// Concurrency overrides Config.Concurrency if it is not 0.
	Concurrency int
	Options     Options
	// Fields are those that may fail to parse.
	Fields []string
	// Close frees what the account holds, when it is no longer used.
	Close func()
}

func (a *Account) collectorNames() []string {
	names := make([]string, 1, 1+len(a.Collectors))
	names[0] = a.SourceName
	for _, c := range a.Collectors {
		names = append(names, c.Name)
	}
	return names
}
