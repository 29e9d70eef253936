package meraki

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"license_exporter/client/rest"
)

// The README of collector/meraki/testdata says where the messages are from.
func TestRefusals(t *testing.T) {
	const (
		recorded  = "Organization with ID 515892 does not support per-device licensing"
		disabled  = "To make requests you must first enable API access via https://n9.meraki.com/o/abcd/manage/organization/edit"
		disabled2 = "API access is disabled for this organization. To make API requests for this organization you must first enable API access."
	)
	for _, test := range []struct {
		operation string
		status    int
		message   string
		want      error
	}{
		{opLicenses.Name, 400, recorded, rest.ErrNotApplicable},
		{opLicenses.Name, 400, "Organization 123 does not support per-device licensing", rest.ErrNotApplicable},
		{opLicenses.Name, 400, "organization with id 123 does not support Per-Device licensing.", rest.ErrNotApplicable},
		{opLicenses.Name, 400, "Organization 1 uses subscription licensing", rest.ErrNotApplicable},
		{opOverview.Name, 400, recorded, rest.ErrNotApplicable},
		{opOverview.Name, 400, "Organization with ID 515892 does not support co-term or per-device licensing", rest.ErrNotApplicable},
		{opOverview.Name, 400, "This organization uses subscription licensing and does not support this endpoint.", rest.ErrNotApplicable},
		{opCotermLicenses.Name, 400, "Organization does not support co-term licensing", rest.ErrNotApplicable},
		{opCotermLicenses.Name, 400, "Organization 515892 does not use co-termination licensing", rest.ErrNotApplicable},
		{opSubscriptions.Name, 400, "Organization 515892 does not use subscription licensing", rest.ErrNotApplicable},
		{opCompliance.Name, 400, "Organization 515892 does not support subscription licensing", rest.ErrNotApplicable},

		{opLicenses.Name, 400, "Invalid request", nil},
		{opLicenses.Name, 400, "Bad request", nil},
		{opLicenses.Name, 400, "", nil},
		{opLicenses.Name, 400, "'perPage' must be an integer between 3 and 1000", nil},
		{opLicenses.Name, 400, "Each element in 'state' must be one of: 'active', 'expired', 'expiring', 'unused', 'unusedActive' or 'recentlyQueued'", nil},
		{opLicenses.Name, 400, "Parameter 'perPage' does not support values above 500 for per-device licensing", nil},
		{opLicenses.Name, 400, "startingAfter is not a valid token", nil},
		{opLicenses.Name, 400, "Co-term licenses cannot be claimed into an organization that uses per-device licensing", nil},
		{opLicenses.Name, 400, "Organization 1 uses per-device licensing", nil},
		{opCotermLicenses.Name, 400, recorded, nil}, // that does not contradict its model
		{opSubscriptions.Name, 400, "Missing the following parameters: 'organizationIds'", nil},
		{opCompliance.Name, 400, "subscription licensing", nil},
		{opInventory.Name, 400, recorded, nil},
		{opOrganization.Name, 400, recorded, nil},
		{opLicenses.Name, 401, recorded, nil},
		{opLicenses.Name, 403, recorded, nil},
		{opLicenses.Name, 404, recorded, nil},

		{opOrganization.Name, 404, disabled, rest.ErrAccessDisabled},
		{opOverview.Name, 404, disabled, rest.ErrAccessDisabled},
		{opInventory.Name, 404, disabled2, rest.ErrAccessDisabled},
		{opSubscriptions.Name, 403, disabled2, rest.ErrAccessDisabled},
		{opLicenses.Name, 400, disabled, nil},
		{opLicenses.Name, 404, "Not found", nil},
		{opLicenses.Name, 404, "", nil},
		{opLicenses.Name, 403, "You are trying to access Dashboard from an unauthorized IP address (192.0.2.8).", nil},
	} {
		t.Run(fmt.Sprint(test.operation, test.status, test.message), func(t *testing.T) {
			body, err := json.Marshal(map[string]any{"errors": []string{test.message}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = operations[test.operation](t.Context(), serve(t, &vendor{status: test.status, body: body}), "515892")
			for _, known := range []error{rest.ErrNotApplicable, rest.ErrAccessDisabled} {
				if got := errors.Is(err, known); got != errors.Is(test.want, known) {
					t.Errorf("%v is in the chain: %t, want the opposite: %v", known, got, err)
				}
			}
			var e *rest.Error
			if !errors.As(err, &e) || e.Operation != test.operation || e.Status != test.status || e.Message != test.message {
				t.Errorf("the error is %v, want a *rest.Error in its chain with the status and the message", err)
			}
		})
	}
}

// The refusal of a later page is a failure, unless the vendor says that it is for the
// licensing model.
func TestRefusalOfALaterPage(t *testing.T) {
	v := &vendor{status: http.StatusOK, body: []byte(`[{"id": "1"}]`), second: &vendor{
		status: http.StatusBadRequest, body: []byte(`{"errors": ["startingAfter is not a valid token"]}`),
	}}
	if _, err := operations[opLicenses.Name](t.Context(), serve(t, v), "1"); err == nil || errors.Is(err, rest.ErrNotApplicable) {
		t.Errorf("the error is %v, want a failure", err)
	}
}

func TestOverviewFits(t *testing.T) {
	for text, want := range map[string]string{
		`{"status": "OK"}`: ModelCoterm, `{"expirationDate": "N/A", "licensedDeviceCounts": {}}`: ModelCoterm,
		`{"expirationDate": "soon"}`: ModelCoterm, `{"licensedDeviceCounts": {"wireless": null}}`: ModelCoterm,
		`{"licenseCount": 0}`: ModelPerDevice, `{"states": {"active": {"count": 5}}}`: ModelPerDevice, `{"licenseTypes": []}`: ModelPerDevice,
		`{"systemsManager": {"counts": {"totalSeats": 0}}}`:      ModelPerDevice,
		`{"status": null, "licenseCount": null, "states": null}`: "",
	} {
		var o Overview
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			t.Fatal(err)
		}
		for _, model := range []string{ModelCoterm, ModelPerDevice, ModelSubscription} {
			if got := o.Fits(model); got != (model == want) {
				t.Errorf("%s fits %s: %t", text, model, got)
			}
		}
	}
}
