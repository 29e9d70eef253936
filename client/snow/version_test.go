package snow

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"license_exporter/client/rest"
)

// refuse answers with a file.
func refuse(t *testing.T, status int, name string) http.HandlerFunc {
	return answer(status, string(fixture(t, name)))
}

// What shows that a tenant has a newer version than 1.0.0, after which nothing that the
// version has is "not applicable".
func TestRefusalsOfNewerVersions(t *testing.T) {
	ask := func(c *Client, ctx context.Context) error {
		_, err := collect(c.MaintenancePeriods(ctx))
		return err
	}
	licenses := func(c *Client, ctx context.Context) error {
		_, err := collect(c.Licenses(ctx))
		return err
	}
	for name, test := range map[string]struct {
		body string
		read func(*Client, context.Context) error
	}{
		"the operation has answered": {`{"items": []}`, ask},
		"another added operation has": {`{"items": []}`, func(c *Client, ctx context.Context) error {
			_, err := collect(c.ComplianceUsage(ctx, "a"))
			return err
		}},
		"a status of a license": {`{"items": [{"id": "a", "status": "Archived"}]}`, licenses},
		"a cost of a license":   {`{"items": [{"id": "a", "totalLicenseCost": 0}]}`, licenses},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, answer(http.StatusOK, test.body))
			memory := &Memory{}
			c := s.client(t, func(o *Options) { o.Memory = memory })
			if err := test.read(c, t.Context()); err != nil {
				t.Fatal(err)
			}
			c = s.client(t, func(o *Options) { o.Memory = memory }) // as after a reload
			for _, refusal := range []struct {
				status int
				file   string
				reason rest.Reason
			}{
				{http.StatusNotFound, "refusals/not-found.json", rest.ReasonServer},
				{http.StatusNotFound, "refusals/gateway.html", rest.ReasonServer},
				{http.StatusBadRequest, "refusals/bad-request.json", rest.ReasonServer},
				{http.StatusForbidden, "refusals/forbidden.json", rest.ReasonForbidden},
				{http.StatusOK, "1.7.0/license-detail.json", rest.ReasonDecode},
			} {
				s.answerWith(refuse(t, refusal.status, refusal.file))
				if err := ask(c, t.Context()); errors.Is(err, rest.ErrNotApplicable) || rest.ReasonOf(err) != refusal.reason {
					t.Errorf("%s: %v", refusal.file, err)
				}
			}
		})
	}
}

// What a tenant of version 1.0.0 answers shows nothing.
func TestRefusalsOfTheOldestVersion(t *testing.T) {
	s := serve(t, refuse(t, http.StatusOK, "1.0.0/licenses.json"))
	c := s.client(t)
	if _, err := collect(c.Licenses(t.Context())); err != nil {
		t.Fatal(err)
	}
	s.answerWith(refuse(t, http.StatusNotFound, "refusals/not-found.json"))
	if _, err := collect(c.MaintenancePeriods(t.Context())); !errors.Is(err, rest.ErrNotApplicable) {
		t.Error(err)
	}
}

// A 404 with the vendor's message means that there is no such object. The 404 of a gateway
// does not.
func TestNoSuchObject(t *testing.T) {
	s := serve(t, nil)
	c := s.client(t, func(o *Options) { o.Memory = &Memory{} })
	c.memory.newer.Store(true)
	for name, call := range map[string]caller{
		"agreement": one((*Client).Agreement, idSelf), "periods": about((*Client).AgreementPeriods),
		"application": one((*Client).Application, idApplication), "compliance": about((*Client).ComplianceSummary),
		"costs": about((*Client).Costs), "site": one((*Client).SiteAssignment, idLicense),
	} {
		for file, named := range map[string]bool{
			"refusals/not-found.json": true, "refusals/no-message.json": true, "refusals/gateway.html": false,
		} {
			s.answerWith(refuse(t, http.StatusNotFound, file))
			_, err := call(t.Context(), c)
			var e *rest.Error
			if !errors.As(err, &e) || e.Reason != rest.ReasonNotFound || (e.Message != "") != named || errors.Is(err, rest.ErrNotApplicable) {
				t.Errorf("%s, %s: %v", name, file, err)
			}
		}
	}
}

// An answer must be what was asked for.
func TestOtherObjects(t *testing.T) {
	s := serve(t, nil)
	c := s.client(t)
	agreement, compliance := one((*Client).Agreement, idSelf), about((*Client).ComplianceSummary)
	for _, test := range []struct {
		name   string
		call   caller
		status int
		body   string
	}{
		{"another agreement", agreement, http.StatusOK, string(fixture(t, "others/agreement.json"))},
		{"a list of agreements", agreement, http.StatusOK, string(fixture(t, "others/agreements.json"))},
		{"an error", agreement, http.StatusOK, string(fixture(t, "others/error.json"))},
		{"nothing", agreement, http.StatusOK, `{}`},
		{"null", agreement, http.StatusOK, `null`},
		{"an agreement without identifier", agreement, http.StatusOK, `{"name": "Agr 1", "id": null}`},
		{"periods that are an error", about((*Client).AgreementPeriods), http.StatusOK, string(fixture(t, "others/error.json"))},
		{"the compliance by one metric", compliance, http.StatusOK, string(fixture(t, "others/compliance.json"))},
		{"only records of something else", compliance, http.StatusOK, `{"items": [{"id": 1}, {"name": "x"}]}`},
		{"no content", plain((*Client).Licenses), http.StatusNoContent, ``},
		{"accepted", plain((*Client).Licenses), http.StatusAccepted, ``},
	} {
		s.answerWith(answer(test.status, test.body))
		got, err := test.call(t.Context(), c)
		if rest.ReasonOf(err) != rest.ReasonDecode || err == nil || errors.Is(err, rest.ErrNotApplicable) {
			t.Errorf("%s: %+v, %v", test.name, got, err)
		}
	}
}
