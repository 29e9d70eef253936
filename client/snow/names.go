package snow

import (
	"context"
	"iter"

	"license_exporter/client/rest"
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

// Application returns an application: GET {registry}/applications/{id}. The list of
// applications is not used, since it is the vendor's complete catalogue.
func (c *Client) Application(ctx context.Context, id ID) (Application, error) {
	return get[Application](ctx, c, opApplication, below(c.prefixes.Registry, "/applications/", id, ""))
}

// CustomMetric is a record of GET /custom-metrics: a metric that the tenant defined.
type CustomMetric struct {
	ID   ID
	Name Text
}

// CustomMetrics lists the tenant's own metrics: GET
// {custom metrics}/custom-metrics.
func (c *Client) CustomMetrics(ctx context.Context) iter.Seq2[CustomMetric, error] {
	return list[CustomMetric](ctx, c, listing{
		operation: opCustomMetrics, path: c.prefixes.CustomMetrics + "/custom-metrics",
	})
}

// Organization is a node of the answer of GET /tree.
type Organization struct {
	// ID is empty for the root, if the vendor names that at all.
	ID   ID
	Name Text
}

// Organizations returns the tenant's organizations: GET {organizations}/tree.
// They come in one answer, not in pages.
func (c *Client) Organizations(ctx context.Context) ([]Organization, error) {
	path := c.prefixes.Organizations + "/tree"
	call := rest.Call{Operation: opOrganizations, Path: path, Organization: tenant}
	page, err := rest.ReadPage[Organization](ctx, c.rest, call, "nodes")
	if err != nil {
		return nil, err
	}
	var tree struct{ Nodes []struct{} }
	if err := page.Decode(&tree); err != nil {
		return nil, err
	}
	if tree.Nodes == nil {
		return nil, c.malformed(opOrganizations, path, errNoNodes)
	}
	organizations := make([]Organization, 0, page.Len())
	for o, err := range page.Records() {
		if err != nil {
			return nil, err
		}
		organizations = append(organizations, o)
	}
	return organizations, nil
}
