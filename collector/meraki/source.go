package meraki

import (
	"context"
	"fmt"
	"slices"
	"sync"

	api "license_exporter/client/meraki"
	"license_exporter/client/rest"
	"license_exporter/client/scalar"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// unitDevice is the unit of Meraki's seats.
const unitDevice = "device"

// The fields whose values are known words: values of the label field of the parse error
// counter.
const (
	fieldModel  = "licensing.model"
	fieldStatus = "status"
	fieldState  = "state"
	fieldMode   = "mode"
	fieldType   = "type"
)

// fields lists all values of the label.
var fields = scalar.Fields(api.Organization{}, api.Overview{}, api.CotermLicense{}, api.License{}, api.Subscription{},
	api.ComplianceStatus{}, api.Entitlement{}, api.InventoryDevice{})

// source lists the organizations of a Meraki account.
type source struct {
	client *api.Client
	filter collector.OrganizationFilter
	// models contains the licensing model of each organization that the vendor has
	// reported last, and names its name.
	models, names *sync.Map
}

func newSource(c *api.Client, filter collector.OrganizationFilter, m *collector.Memory) source {
	return source{
		client: c, filter: filter,
		models: collector.Remembered[sync.Map](m, "licensing models"), names: collector.Remembered[sync.Map](m, "names"),
	}
}

// Discover implements collector.Source. Organizations to include by id are read one by
// one, unless the list of all organizations is read and has them.
func (s source) Discover(ctx context.Context, r *collector.Report) (collector.Discovery, error) {
	var (
		listed []api.Organization
		d      collector.Discovery
		err    error
	)
	unlisted := s.filter.IncludedIDs()
	if s.filter.ReadsList() {
		if listed, err = collector.ReadAll(s.client.Organizations(ctx)); err != nil {
			return collector.Discovery{}, err
		}
		ids := make(map[string]bool, len(listed))
		for _, o := range listed {
			ids[string(o.ID)] = true
		}
		unlisted = slices.DeleteFunc(unlisted, func(id string) bool { return ids[id] })
	}
	found, failed := s.readOneByOne(ctx, unlisted)
	found, d.Failed = append(listed, found...), failed
	account := licensing.Organization{}
	selector := s.filter.Selector()
	for _, o := range found {
		if !selector.Selects(string(o.ID), s.lastName(o)) {
			continue
		}
		org := newOrganization(o, r)
		s.checkModel(&org, r)
		d.Organizations = append(d.Organizations, org)
		if org.Model == api.ModelSubscription && org.APIAccess != licensing.APIDisabled {
			account.Model = api.ModelSubscription
		}
	}
	if len(d.Organizations)+len(d.Failed) == 0 {
		if s.filter.HasNames() && len(found) > 0 { // none of them has such a name any more
			d.Organizations = []licensing.Organization{account}
		}
		return d, collector.NoOrganization(len(found))
	}
	if s.filter.ReadsList() || len(d.Failed) == 0 { // else some names are not known
		d.Problem = selector.Problem()
	}
	d.Organizations = append(d.Organizations, account)
	return d, nil
}

// lastName returns the name that the vendor has reported last: an organization must not
// be left out because its name is missing once.
func (s source) lastName(o api.Organization) string {
	if o.Name != "" {
		s.names.Store(o.ID, string(o.Name))
	} else if known, ok := s.names.Load(o.ID); ok {
		return known.(string)
	}
	return string(o.Name)
}

// includeConcurrency is the maximum number of organizations to read at a time.
const includeConcurrency = 16

// readOneByOne reads organizations. The failure of one does not affect the others.
func (s source) readOneByOne(ctx context.Context, ids []string) ([]api.Organization, map[string]error) {
	organizations := make([]api.Organization, len(ids))
	failures := make([]error, len(ids))
	_ = collector.ForEach(ctx, len(failures), includeConcurrency, func(ctx context.Context, i int) error {
		id := ids[i]
		organizations[i], failures[i] = s.client.Organization(ctx, id)
		if got := string(organizations[i].ID); failures[i] == nil && got != id {
			failures[i] = fmt.Errorf("the vendor answers with organization %q instead of %q", got, id)
		}
		return nil // an error would cancel the others
	})
	var found []api.Organization
	failed := map[string]error{}
	for i, id := range ids {
		if failures[i] != nil {
			failed[id] = failures[i]
		} else {
			found = append(found, organizations[i])
		}
	}
	return found, failed
}

var models = []string{api.ModelCoterm, api.ModelPerDevice, api.ModelSubscription}

func newOrganization(o api.Organization, r *collector.Report) licensing.Organization {
	org := licensing.Organization{
		ID: string(o.ID), Name: string(o.Name), Model: known(r, fieldModel, o.Licensing.Model, models), Region: string(o.Cloud.Region.Name),
	}
	if enabled := o.API.Enabled; enabled.Valid {
		org.APIAccess = licensing.APIAccessIf(enabled.Value)
	}
	return org
}

// checkModel reports a licensing model that is missing or not known. If it is missing, the
// one that was reported before is used: facts must not vanish because of it.
func (s source) checkModel(o *licensing.Organization, r *collector.Report) {
	before := ""
	if known, ok := s.models.Load(o.ID); ok {
		before = known.(string)
	}
	switch {
	case o.Model == "" && before != "":
		r.Missing(fieldModel)
		o.Model = before
		o.Problem = fmt.Sprintf("the vendor no longer reports the licensing model; the previous one, %s, is used", before)
	case o.Model == "":
		r.Missing(fieldModel)
		o.Problem = "the vendor reports no licensing model; its licenses are not read"
	case !slices.Contains(models, o.Model):
		o.Problem = fmt.Sprintf("the licensing model %q is not known to this version; its licenses are not read", rest.Clip(o.Model))
	default:
		s.models.Store(o.ID, o.Model)
	}
}

func latest(a, b api.Time) api.Time {
	if b.After(a.Time) {
		return b
	}
	return a
}
