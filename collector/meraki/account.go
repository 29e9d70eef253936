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
	"license_exporter/internal/cache"
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

// overviewMaxAge is how long collectors share an overview. They start within seconds of
// each other.
const overviewMaxAge = time.Minute

// sharedOverview is the overview of an organization, which two collectors read. It is
// fetched once for both, but again for one that has already read it.
type sharedOverview struct {
	entry cache.Entry[*overviewAnswer]
	read  sync.Map // the answer that a collector has read last, by collector
	// good is the latest answer without an error, which outlives the connection.
	good *atomic.Pointer[overviewAnswer]
}

type overviewAnswer struct {
	overview api.Overview
	err      error
	started  time.Time
}

func (a *account) sharedOverview(organization string) *sharedOverview {
	shared, _ := a.overviews.LoadOrStore(organization, &sharedOverview{
		good: collector.Remembered[atomic.Pointer[overviewAnswer]](a.memory, "overview "+organization),
	})
	return shared.(*sharedOverview)
}

// overview returns an organization's overview for the collector that is named reader.
func (a *account) overview(ctx context.Context, o licensing.Organization, reader string, now time.Time) (api.Overview, error) {
	shared := a.sharedOverview(o.ID)
	answer, err := shared.entry.Get(ctx, cache.Job[*overviewAnswer]{
		Now: func() time.Time { return now },
		Due: func(s cache.State[*overviewAnswer]) bool {
			read, _ := shared.read.Load(reader)
			return !s.Valid || read == s.Value || now.Sub(s.ValueStarted) >= overviewMaxAge
		},
		// Both collectors get the error of a fetch, too, instead of a second one.
		Fetch: func(time.Time) (*overviewAnswer, error) {
			overview, err := a.readOverview(ctx, o)
			return &overviewAnswer{overview, err, now}, nil
		},
	})
	if err != nil {
		return api.Overview{}, err
	}
	shared.read.Store(reader, answer)
	if answer.err == nil {
		shared.good.Store(answer)
	}
	return answer.overview, answer.err
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
