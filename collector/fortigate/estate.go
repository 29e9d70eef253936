package fortigate

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	api "license_exporter/client/fortigate"
	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// estate contains the devices of an account. It is the source of the organizations.
type estate struct {
	devices []*device
	filter  collector.OrganizationFilter
	// outdated is set if a device no longer has the serial number under which it is listed.
	outdated atomic.Bool
}

func (e *estate) close() {
	for _, d := range e.devices {
		d.client.Close()
	}
}

// askAtOnce is the maximum number of devices to ask at a time while the organizations are listed.
const askAtOnce = 64

// Relist implements collector.Relisting.
func (e *estate) Relist() bool { return e.outdated.Load() }

// Discover implements collector.Source. Only a device that has not answered yet is asked. Its answer is also that of the first fetch.
func (e *estate) Discover(ctx context.Context, r *collector.Report) (collector.Discovery, error) {
	e.outdated.Store(false)
	failures := make([]error, len(e.devices))
	_ = collector.ForEach(ctx, len(e.devices), askAtOnce, func(ctx context.Context, i int) error {
		if e.devices[i].knownSerial() == "" {
			failures[i] = e.devices[i].introduce(ctx, r)
		}
		return nil // an error would cancel the others
	})
	if err := ctx.Err(); err != nil {
		return collector.Discovery{}, err
	}
	return e.list(r, failures)
}

// introduce asks a device that has not answered yet.
func (d *device) introduce(ctx context.Context, r *collector.Report) error {
	status, err := d.ask(ctx, "")
	if err == nil {
		d.handOver(status, r.Now)
	}
	return err
}

// list returns the devices whose serial numbers are known. failures has the errors of the others. It fails if all have failed.
func (e *estate) list(r *collector.Report, failures []error) (d collector.Discovery, err error) {
	var found []licensing.Organization
	bySerial := map[string]int{}
	var problems []string
	for i, device := range e.devices {
		serial := device.knownSerial()
		if serial == "" {
			if err == nil {
				err = fmt.Errorf("device %s: %w", device.name, failures[i])
			}
			continue
		}
		first, again := bySerial[serial]
		if !again {
			bySerial[serial] = len(found)
			found = append(found, licensing.Organization{ID: serial, Name: device.name})
			continue
		}
		problems = append(problems, fmt.Sprintf("devices %q and %q are one device with the serial number %s; leave one of them out", found[first].Name, device.name, serial))
	}
	if len(found) == 0 {
		return d, err
	}
	for i, failure := range failures {
		if failure != nil {
			r.ChildFailed(collector.ChildFailure{Child: "device " + e.devices[i].name, Err: failure})
		}
	}
	selector := e.filter.Selector()
	for _, o := range found {
		if selector.Selects(o.ID, o.Name) {
			d.Organizations = append(d.Organizations, o)
		}
	}
	if len(d.Organizations) == 0 {
		return d, collector.NoOrganization(len(found))
	}
	if err == nil { // else the missing device may be what is selected
		problems = append(problems, selector.Problem())
	}
	d.Problem = strings.Trim(strings.Join(problems, ". "), ". ")
	return d, nil
}

// status returns the license status of the device with a serial number.
func (e *estate) status(ctx context.Context, serial string, r *collector.Report) (status api.Status, err error) {
	for _, d := range e.devices {
		if d.knownSerial() != serial {
			continue
		}
		if status, ok := d.take(serial, r.Now); ok {
			return status, nil
		}
		status, err = d.ask(ctx, serial)
		if err != nil || status.Serial == serial {
			return status, err
		}
		d.handOver(status, r.Now)
		e.outdated.Store(true)
		return status, rest.Missing(fmt.Sprintf("device %s now answers with the serial number %s, as after a failover or a replacement; "+
			"it is listed under this number next", d.name, status.Serial))
	}
	e.outdated.Store(true)
	return status, rest.Missing("no device has this serial number any more")
}
