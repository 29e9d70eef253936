package snow

import (
	"cmp"
	"context"
	"errors"
	"iter"

	"license_exporter/client/rest"
)

// The operations of this file. The tree comes in one answer.
var (
	opApplication      = newOperation(ofRegistry, "getApplication", "/applications/{id}")
	opCustomMetrics    = newOperation(ofCustomMetrics, "getCustomMetrics", "/custom-metrics")
	opOrganizationTree = newOperation(ofOrganizations, "getOrganizationTree", "/tree")
)

// Application is the answer of GET /applications/{id}: a product in the vendor's
// registry.
type Application struct {
	ID           ID
	Name         Text
	Manufacturer Text
	// Platform is Windows, for example, or None.
	Platform                 Text
	Metrics                  []ApplicationMetric
	EndOfSupportDate         Time
	EndOfLifeDate            Time
	EndOfExtendedSupportDate Time
}

func (a Application) about() ID { return a.ID }

// ApplicationMetric is a metric by which the licenses of an application are counted.
type ApplicationMetric struct {
	ID ID
	// Name is "Installations", for example.
	Name Text
}

// Application returns an application. The list of applications is not used, since it is
// the vendor's complete catalogue.
func (c *Client) Application(ctx context.Context, id ID) (Application, error) {
	return get[Application](ctx, c, opApplication.of(id), id)
}

// CustomMetric is a record of GET /custom-metrics: a metric that the tenant defined.
type CustomMetric struct {
	ID   ID
	Name Text
}

// Identity implements rest.Identified.
func (m CustomMetric) Identity() (hash uint64, required bool) { return identity(m.ID) }

// CustomMetrics lists the tenant's own metrics.
func (c *Client) CustomMetrics(ctx context.Context) iter.Seq2[CustomMetric, error] {
	return list[CustomMetric](ctx, c, opCustomMetrics)
}

// Organization is a node of the answer of GET /tree.
type Organization struct {
	// ID is RootOrganization for the root, which the vendor may leave out.
	ID OrganizationID
	// NodeID is the name that the vendor's documentation gives the required identifier.
	// The documented property is ID.
	NodeID OrganizationID
	Name   Text
}

// Identity implements rest.Identified.
func (o Organization) Identity() (hash uint64, required bool) {
	return cmp.Or(o.ID, o.NodeID).Hash(), true
}

// Organizations returns the tenant's organizations. They come in one answer, not in
// pages.
func (c *Client) Organizations(ctx context.Context) ([]Organization, error) {
	call := c.call(opOrganizationTree, nil)
	page, err := rest.ReadPage[Organization](ctx, c.rest, call, "nodes")
	if err != nil {
		return nil, err
	}
	defer page.Close()
	var tree struct{ Nodes []struct{} }
	if err := page.Decode(&tree); err != nil {
		return nil, err
	}
	if tree.Nodes == nil {
		return nil, c.malformed(opOrganizationTree, errors.New("the answer has no nodes"))
	}
	organizations := make([]Organization, 0, page.Len())
	listing := rest.NewListing[Organization](ctx, c.rest, call)
	defer listing.Close()
	for o, err := range page.Records(listing) {
		if err != nil {
			return nil, err
		}
		o.ID, o.NodeID = cmp.Or(o.ID, o.NodeID), ""
		organizations = append(organizations, o)
	}
	if err := listing.End(); err != nil {
		return nil, c.malformed(opOrganizationTree, err)
	}
	return organizations, nil
}
