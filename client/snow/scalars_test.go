package snow

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/client/rest"
)

func TestWords(t *testing.T) {
	decoding[Status]{
		`"Active"`: StatusActive, `"active"`: StatusActive, `" ARCHIVED "`: StatusArchived, `"Retired"`: "Retired", `null`: "", `1`: "1",
	}.test(t, `"Archived"`)
	decoding[AssignmentType]{`"site"`: "Site", `"Room"`: "Room"}.test(t, `"User"`)
	decoding[CoverageReason]{`"testingOrDevelopment"`: "TestingOrDevelopment", `""`: ""}.test(t, `"Other"`)
}

// traced returns a context and the fields that could not be read in it, with their values,
// followed by the number of records that were not used.
func traced(t *testing.T) (context.Context, func() []string) {
	var found []string
	skipped := 0
	trace := &rest.Trace{
		Unreadable: func(u rest.Unreadable) { found = append(found, u.Field+"="+u.Value) },
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

// The same holds for an agreement, which is an object.
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
