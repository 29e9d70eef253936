package snow

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/client/rest"
	"license_exporter/internal/decodetest"
)

func TestWords(t *testing.T) {
	decodetest.Cases[Status]{
		`"Active"`: StatusActive, `"active"`: StatusActive, `" ARCHIVED "`: StatusArchived, `"Retired"`: "Retired", `null`: "", `1`: "1",
	}.Test(t, `"Archived"`)
	decodetest.Cases[AssignmentType]{`"site"`: "Site", `"Room"`: "Room"}.Test(t, `"User"`)
	decodetest.Cases[CoverageReason]{`"testingOrDevelopment"`: "TestingOrDevelopment", `""`: ""}.Test(t, `"Other"`)
}

// traced returns a context and the fields that could not be read in it, with their values,
// followed by the number of records that were not used.
func traced(t *testing.T) (context.Context, func() []string) {
	var found []string
	skipped := 0
	trace := &rest.Trace{
		Unreadable: func(u rest.Unreadable) { found = append(found, u.Organization+u.Field+"="+u.Value) },
		Skipped:    func(_ string, n int) { skipped += n },
	}
	return rest.WithTrace(t.Context(), trace), func() []string {
		slices.Sort(found)
		return append(found, fmt.Sprint(skipped))
	}
}

// An odd value does not make a record unreadable, nor an odd record a listing.
func TestOddValuesAndRecords(t *testing.T) {
	ctx, found := traced(t)
	s := serve(t, answer(http.StatusOK, string(fixture(t, "odd/licenses.json"))))
	got, err := collect(s.client(t).Licenses(ctx))
	if err != nil {
		t.Fatal(err)
	}
	unreadable := Bool{Unreadable: true}
	want := []License{
		{ID: id(1), Status: StatusActive, Quantity: whole(3), IsSubscription: no},
		{ID: id(2), Status: StatusArchived, Quantity: Int{Unreadable: true}, IsSubscription: unreadable, OrganizationID: RootOrganization},
		{ID: id(3), Status: StatusActive, IncompleteReasons: IncompleteReasons{Flags{Valid: true}}},
		{
			ID: id(4), IsIncomplete: Bool{Value: true, Valid: true}, IncompleteReasons: IncompleteReasons{flags("MissingBaseLicenses")},
			SubscriptionValidTo: Time{Unreadable: true},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	odd := []string{`isSubscription="YES"`, `quantity="1,000"`, `subscriptionValidTo="24/12/2026"`, "upgrades=a string", "2"}
	if diff := cmp.Diff(odd, found()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// The same applies to an agreement, which is an object.
func TestOddValuesOfAnAgreement(t *testing.T) {
	ctx, found := traced(t)
	s := serve(t, answer(http.StatusOK, string(fixture(t, "odd/agreement.json"))))
	got, err := s.client(t).Agreement(ctx, idSelf)
	want := Agreement{ID: idSelf, Name: "Agr 1", IsSubscription: Bool{Unreadable: true}, RenewalDays: whole(30), WarningDayLimit: Int{Unreadable: true}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("the error is %v, (-want +got)\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{`isSubscription="YES"`, "warningDayLimit=an object", "0"}, found()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// An application keeps its name if its metrics are odd.
func TestOddMetricsOfAnApplication(t *testing.T) {
	for file, want := range map[string]struct {
		metrics []ApplicationMetric
		found   []string
	}{
		"odd/application.json":         {nil, []string{"metrics=an object", "0"}},
		"odd/application-metrics.json": {[]ApplicationMetric{{ID: idOfMetric}, {}, {ID: id(31), Name: "Number of processor cores"}}, []string{"0"}},
	} {
		ctx, found := traced(t)
		s := serve(t, answer(http.StatusOK, string(fixture(t, file))))
		got, err := s.client(t).Application(ctx, idApplication)
		if diff := cmp.Diff(Application{ID: idApplication, Name: "Contoso Diagram Studio", Metrics: want.metrics}, got); diff != "" || err != nil {
			t.Errorf("%s: the error is %v, (-want +got)\n%s", file, err, diff)
		}
		if diff := cmp.Diff(want.found, found()); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", file, diff)
		}
	}
}

// Figures that are no whole numbers are absent, and a metric that occurs twice counts once.
func TestOddFigures(t *testing.T) {
	ctx, found := traced(t)
	s := serve(t, answer(http.StatusOK, string(fixture(t, "odd/compliance.json"))))
	got, err := collect(s.client(t).ComplianceSummary(ctx, idApplication))
	want := []ComplianceSummary{
		{MetricID: id(5), Compliance: whole(-3), LicenseRequirement: whole(13)},
		{MetricID: id(6), Compliance: Int{Unreadable: true}},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("the error is %v, (-want +got)\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{`compliance="-2.5"`, "1"}, found()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
