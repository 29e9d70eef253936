package snow

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"license_exporter/client/rest"
	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

const (
	// concurrency is the maximum number of requests of a collector at a time.
	concurrency = 4
	// dayMaxAge is how long names and the figures of the compliance report are used.
	// They change slowly, and each application takes a request.
	dayMaxAge = collector.DailyMaxAge
)

// rootOrganization is the id of the organization at the top of the tenant's tree. A
// license that names no organization belongs to it, since all licenses are registered
// for an organization.
const rootOrganization = string(api.RootOrganization)

func organizationOf(id api.OrganizationID) string { return string(cmp.Or(id, api.RootOrganization)) }

func productOf(application api.ID) string {
	return cmp.Or(string(application), licensing.UnknownProduct)
}

// currencyOf returns a currency in upper case, which is the vendor's usual spelling.
func currencyOf(name api.Text) string { return strings.ToUpper(strings.TrimSpace(string(name))) }

// tenant is the state that the collectors of an account share: the client and
// the lists that several collectors read.
type tenant struct {
	client *api.Client
	// memory knows which optional operations have succeeded, and the last good answers
	// of agreements, applications and the like.
	memory *collector.Memory
	// withAgreements is set if the collector of agreements is enabled.
	withAgreements bool

	licenses     collector.Shared[[]api.License]
	entitlements collector.Shared[[]api.Entitlement]
	agreements   collector.Shared[[]agreement]
}

// Applies implements collector.Collector. All collectors read the account as a
// whole, which is the tenant.
func (*tenant) Applies(o licensing.Organization) bool { return o.ID == "" }

// readKept reads a value, and uses it without another request until it is older than maxAge.
// If it cannot be read, readKept returns the last good value with the error, unless failsAll
// is true of the error.
func readKept[T any](ctx context.Context, t *tenant, r *collector.Report, what string, maxAge time.Duration, read func(context.Context) (T, error)) (value T, err error) {
	err = collector.ChildrenOf[string, T](t.memory, what).Read(ctx, r, []string{what}, collector.Reading[string, T]{
		Limit: 1, MaxAge: maxAge,
		Read: func(ctx context.Context, _ string) (T, error) { return read(ctx) },
		Fold: func(_ string, answer T, _ bool) { value = answer },
	})
	return value, err
}

// failsAll reports whether an error means that all further requests fail as well, so that the
// collector must fail.
func failsAll(ctx context.Context, err error) bool {
	return err != nil && (ctx.Err() != nil || rest.ReasonOf(err) == rest.ReasonAuth)
}

// listLicenses returns all licenses of the tenant.
func (t *tenant) listLicenses(ctx context.Context, reader any, r *collector.Report) ([]api.License, error) {
	return t.licenses.Get(ctx, reader, r, func(ctx context.Context, _ *collector.Report) ([]api.License, error) {
		return collector.ReadAll(t.client.Licenses(ctx))
	})
}

// licensesByID returns the licenses that have an id.
func (t *tenant) licensesByID(ctx context.Context, reader any, r *collector.Report) (map[api.ID]api.License, error) {
	licenses, err := t.listLicenses(ctx, reader, r)
	if err != nil {
		return nil, err
	}
	byID := make(map[api.ID]api.License, len(licenses))
	for _, l := range licenses {
		if l.ID != "" {
			byID[l.ID] = l
		}
	}
	return byID, nil
}

// unarchived returns the sorted ids of the licenses that are not archived.
func unarchived(licenses map[api.ID]api.License) []api.ID {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(licenses)), func(id api.ID) bool { return statusOf(licenses[id]) == api.StatusArchived })
}

// listEntitlements returns all entitlements of the tenant.
func (t *tenant) listEntitlements(ctx context.Context, reader any, r *collector.Report) ([]api.Entitlement, error) {
	return t.entitlements.Get(ctx, reader, r, func(ctx context.Context, _ *collector.Report) ([]api.Entitlement, error) {
		return collector.ReadAll(t.client.Entitlements(ctx))
	})
}

// licensedApplications returns the sorted ids of the applications that have
// licenses.
func (t *tenant) licensedApplications(ctx context.Context, reader any, r *collector.Report) ([]api.ID, error) {
	licenses, err := t.listLicenses(ctx, reader, r)
	if err != nil {
		return nil, err
	}
	ids := map[api.ID]bool{}
	for _, l := range licenses {
		ids[l.ApplicationID] = true
	}
	return sortedIDs(ids), nil
}

// entitledApplications returns the sorted ids of the applications that have licenses or
// entitlements: those of a bundle have no license of their own.
func (t *tenant) entitledApplications(ctx context.Context, reader any, r *collector.Report) ([]api.ID, error) {
	licensed, err := t.licensedApplications(ctx, reader, r)
	if err != nil {
		return nil, err
	}
	const what = "the list of entitlements"
	entitled, err := readKept(ctx, t, r, what, 0, func(ctx context.Context) ([]api.ID, error) {
		entitlements, err := t.listEntitlements(ctx, reader, r)
		ids := map[api.ID]bool{}
		for _, e := range entitlements {
			ids[e.ApplicationID] = true
		}
		return sortedIDs(ids), err
	})
	switch {
	case err == nil:
	case failsAll(ctx, err):
		return nil, err
	default:
		r.ChildFailed(collector.ChildFailure{Child: what, Err: err})
	}
	all := slices.Concat(licensed, entitled)
	slices.Sort(all)
	return slices.Compact(all), nil
}

func sortedIDs(ids map[api.ID]bool) []api.ID {
	delete(ids, "")
	return slices.Sorted(maps.Keys(ids))
}

// isFalse reports whether a flag is false, and not merely missing.
func isFalse(b api.Bool) bool { return b.Valid && !b.Value }
