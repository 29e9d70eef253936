package meraki

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	api "license_exporter/client/meraki"
	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// account is what the collectors of an account share.
type account struct {
	client *api.Client
	// memory knows which operations have succeeded.
	memory *collector.Memory
	// withOverview is set if overviewCollector is enabled.
	withOverview bool

	overviews sync.Map // *sharedOverview by organization
	catalogue collector.Daily[[]api.Entitlement]
}

// lasting makes it a failure if the vendor says that an operation does not apply after it
// has succeeded for the organization with the same licensing model. The last good facts are
// then kept.
type lasting struct {
	collector.Collector
	name   string
	memory *collector.Memory
}

func (c lasting) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	err := c.Collector.Update(ctx, o, r)
	operation := c.name + " " + o.Model + " " + o.ID
	var response *rest.Error
	if c.memory.Classify(operation, err) == collector.NotApplicable && c.memory.Has(operation) && errors.As(err, &response) {
		return response
	}
	return err
}

// sharedOverview is the overview of an organization, which two collectors read.
type sharedOverview struct {
	collector.Shared[api.Overview]
	// good contains the products of the latest overview, and outlives the connection.
	good *atomic.Pointer[goodOverview]
}

type goodOverview struct {
	licensed
	started time.Time
}

func (a *account) sharedOverview(organization string) *sharedOverview {
	shared, _ := a.overviews.LoadOrStore(organization, &sharedOverview{
		good: collector.Remembered[atomic.Pointer[goodOverview]](a.memory, "overview "+organization),
	})
	return shared.(*sharedOverview)
}

// overview returns an organization's overview for the collector that is named reader.
func (a *account) overview(ctx context.Context, o licensing.Organization, reader string, r *collector.Report) (api.Overview, error) {
	if o.Model != api.ModelCoterm { // only one collector reads such an overview
		return a.readOverview(ctx, o)
	}
	shared := a.sharedOverview(o.ID)
	return shared.Get(ctx, reader, r, func(ctx context.Context, r *collector.Report) (api.Overview, error) {
		overview, err := a.readOverview(ctx, o)
		if err == nil {
			shared.good.Store(&goodOverview{overview.LicensedDeviceCounts, r.Now})
		}
		return overview, err
	})
}

// readOverview reads an overview. If it has another licensing model than the list of
// organizations, it is an error, unless the vendor also refuses the licenses of the listed
// model.
func (a *account) readOverview(ctx context.Context, o licensing.Organization) (api.Overview, error) {
	overview, err := a.client.Overview(ctx, o.ID)
	if err != nil || overview.Fits(o.Model) {
		return overview, err
	}
	if !overview.Fits(api.ModelCoterm) && !overview.Fits(api.ModelPerDevice) || !errors.Is(a.firstLicense(ctx, o), rest.ErrNotApplicable) {
		return api.Overview{}, fmt.Errorf("the overview is not that of an organization with the licensing model %s", o.Model)
	}
	return overview, nil
}

// firstLicense returns the error of the first page of an organization's licenses.
func (a *account) firstLicense(ctx context.Context, o licensing.Organization) (err error) {
	if o.Model == api.ModelCoterm {
		for _, err = range a.client.CotermLicenses(ctx, o.ID) {
			break
		}
		return err
	}
	for _, err = range a.client.Licenses(ctx, o.ID) {
		break
	}
	return err
}
