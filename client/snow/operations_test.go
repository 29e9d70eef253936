package snow

import (
	"context"
	"iter"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// example is an operation with the request that it sends and what its fixtures mean.
type example struct {
	fixture string // without the version
	uri     string
	call    caller
	want    map[string]any // by version
	// nothing is a record whose fields are all null. It is nil if such a record is not
	// used.
	nothing any
}

func listed[T any](f func(context.Context, *Client) iter.Seq2[T, error]) caller {
	return func(ctx context.Context, c *Client) (any, error) { return collect(f(ctx, c)) }
}

// plain is an operation without parameters.
func plain[T any](f func(*Client, context.Context) iter.Seq2[T, error]) caller {
	return listed(func(ctx context.Context, c *Client) iter.Seq2[T, error] { return f(c, ctx) })
}

// about is an operation about something that has an identifier.
func about[T any](f func(*Client, context.Context, ID) iter.Seq2[T, error]) caller {
	return listed(func(ctx context.Context, c *Client) iter.Seq2[T, error] { return f(c, ctx, "x y") })
}

func one[T any](f func(*Client, context.Context, ID) (T, error), id ID) caller {
	return func(ctx context.Context, c *Client) (any, error) { return f(c, ctx, id) }
}

const (
	paged = "?page_number=1&page_size=1000"
	sam   = "/api/sam/v1"
)

// both is what means the same in both versions.
func both(v any) map[string]any { return map[string]any{"1.0.0": v, "1.7.0": v} }

func since16(v any) map[string]any { return map[string]any{"1.7.0": v} }

func other(v any) map[string]any { return map[string]any{"other": v} }

func operations() []example {
	return append(listings(), example{
		fixture: "assignments-summary", uri: sam + "/licenses/" + string(idLicense) + "/assignments-summary", call: one((*Client).AssignmentsSummary, idLicense),
		want: both(AssignmentsSummary{
			LicenseID: idLicense, HasOrganizationAssignment: yes, HasComputerAssignment: no, HasUserAssignment: yes, HasSiteAssignment: no,
		}),
	}, example{
		fixture: "site-assignment", uri: sam + "/licenses/" + string(idLicense) + "/assignments/site", call: one((*Client).SiteAssignment, idLicense),
		want: both(Assignment{ID: idSelf, LicenseID: idLicense, Quantity: whole(1)}),
	}, example{
		fixture: "agreement", uri: "/api/sam/v2/agreements/" + string(idSelf), call: one((*Client).Agreement, idSelf),
		want: other(Agreement{
			ID: idSelf, Name: "Agr 1", TypeID: idType, IsSubscription: yes, RenewalDays: whole(7), IsAlertingOnExpiration: no,
			WarningDayLimit: whole(15), CriticalDayLimit: whole(8), ManufacturerName: "Apple",
		}),
	}, example{
		fixture: "application", uri: "/api/sam/software-registry/v1/applications/" + string(idApplication), call: one((*Client).Application, idApplication),
		want: other(Application{
			ID: idApplication, Name: "Oracle Database 21c", Manufacturer: "UNETsystem", Platform: "Windows",
			Metrics:          []ApplicationMetric{{ID: idOfMetric, Name: "Installations"}},
			EndOfSupportDate: month(3), EndOfLifeDate: month(4), EndOfExtendedSupportDate: month(5),
		}),
	}, example{
		fixture: "organization-tree", uri: "/api/organizations/v1/tree",
		call: func(ctx context.Context, c *Client) (any, error) { return c.Organizations(ctx) },
		want: other([]Organization{{ID: OrganizationID(idSelf), Name: "Organization One"}}),
	})
}

// TestOperations reads each operation's fixture of each version.
func TestOperations(t *testing.T) {
	for _, o := range operations() {
		for version, want := range o.want {
			t.Run(version+"/"+o.fixture, func(t *testing.T) {
				s := serve(t, answer(http.StatusOK, string(fixture(t, version+"/"+o.fixture+".json"))))
				got, err := o.call(t.Context(), s.client(t))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				if diff := cmp.Diff([]string{o.uri}, s.seen()); diff != "" {
					t.Errorf("requests (-want +got)\n%s", diff)
				}
			})
		}
	}
}

// TestOperationsFail has each operation refused, and answered with an object
// that is not its own.
func TestOperationsFail(t *testing.T) {
	for _, o := range operations() {
		t.Run(o.fixture, func(t *testing.T) {
			s := serve(t, answer(http.StatusForbidden, `{"error": {"code": 403, "message": "no permission"}}`))
			c := s.client(t)
			if _, err := o.call(t.Context(), c); err == nil || !strings.HasSuffix(err.Error(), "403 Forbidden: no permission") {
				t.Error(err)
			}
			s.api = answer(http.StatusOK, `{"status": "well"}`)
			if got, err := o.call(t.Context(), c); err == nil {
				t.Errorf("took another object for %+v", got)
			}
		})
	}
}

func TestPrefixes(t *testing.T) {
	s := serve(t, answer(http.StatusOK, `{"items": [], "nodes": [], "id": "1"}`))
	c := s.client(t, func(o *Options) {
		o.PageSize = 7
		o.Prefixes = Prefixes{Licenses: "/l/", Agreements: "a", Registry: "/r", Organizations: "/o/1", CustomMetrics: "/m"}
	})
	for _, call := range []caller{
		plain((*Client).Licenses), plain((*Client).Agreements), one((*Client).Application, "1"), plain((*Client).CustomMetrics),
		func(ctx context.Context, c *Client) (any, error) { return c.Organizations(ctx) },
	} {
		if _, err := call(t.Context(), c); err != nil {
			t.Error(err)
		}
	}
	const seven = "?page_number=1&page_size=7"
	want := []string{"/l/licenses" + seven, "/a/agreements" + seven, "/r/applications/1", "/m/custom-metrics" + seven, "/o/1/tree"}
	if diff := cmp.Diff(want, s.seen()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
