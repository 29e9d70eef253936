// Package collector defines what a vendor implements (Vendor, Source, Collector
// and Report), the metrics that all vendors share, and helpers for vendors.
//
// It names no vendor. Each vendor has a package below this one.
package collector

import (
	"context"
	"errors"
	"fmt"

	"license_exporter/client/rest"
	"license_exporter/licensing"
)

// Collector fetches one kind of record for one organization. It must be safe
// for concurrent use.
type Collector interface {
	// Applies reports whether the collector has anything to fetch for an
	// organization. The organization with the empty id is the account as a
	// whole.
	Applies(licensing.Organization) bool
	// Update fetches records and fills in the report. If it returns an error,
	// the report is discarded, because an incomplete list must not be shown as
	// complete. An error that wraps rest.ErrNotApplicable means that there is
	// nothing to fetch, one that wraps rest.ErrAccessDisabled that nothing may be
	// fetched of the organization, and ErrUnchanged that the latest report is still right.
	Update(context.Context, licensing.Organization, *Report) error
}

// ErrUnchanged is returned by a Source or a Collector whose latest fetch succeeded and would have the
// same result now. It is not a failure. Numbers that depend on the time of the fetch stay as they
// are, so it must not be returned for long.
var ErrUnchanged = errors.New("nothing has changed since the latest fetch")

// Named is a Collector with its name, which is the value of the label collector.
type Named struct {
	Name string
	Collector
}

// Source lists the organizations of an account.
type Source interface {
	// Discover returns the organizations to collect from. Organizations that
	// it returns with an error are used as well. To find none is an error, see
	// NoOrganization. The report is only for parse errors, skipped records and
	// withheld data. ErrUnchanged means that the latest result is still right.
	Discover(context.Context, *Report) (Discovery, error)
}

// Relisting is implemented by a Source that knows when its latest list is incomplete or no longer right, for
// example because a collector was answered by another organization than was listed.
type Relisting interface {
	// Relist reports whether the organizations should be listed again soon, as after a failure.
	Relist() bool
}

// Discovery is the result of a Source.
type Discovery struct {
	// Organizations may include one with an empty id, for collectors that read
	// the account as a whole.
	Organizations []licensing.Organization
	// Failed contains the errors of organizations that are configured by id and
	// could not be read.
	Failed map[string]error
	// Problem explains why some organizations may be missing, see Selector. It is empty if
	// there is no problem.
	Problem string
}

// NoOrganization returns the error of a Source that is left with no organization. listed
// is how many the vendor has listed.
func NoOrganization(listed int) error {
	if listed == 0 {
		return rest.Missing("the vendor lists no organization; check which organizations the credential may read")
	}
	return rest.Missing(fmt.Sprintf("organizations.include and organizations.exclude leave none of the %d organizations "+
		"that the vendor lists; check the ids and names", listed))
}
