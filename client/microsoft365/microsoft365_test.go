package microsoft365

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/config"
	"go.uber.org/goleak"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
	"license_exporter/internal/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// vendor is Microsoft Graph with one answer for all collections, and a token endpoint.
type vendor struct {
	status int
	body   []byte
	pages  map[string]string // by $skiptoken
	token  func(w http.ResponseWriter)

	mu   sync.Mutex
	seen []string
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	_ = r.ParseForm()
	v.seen = append(v.seen, r.Method+" "+r.URL.String()+" "+r.PostForm.Encode())
	switch {
	case r.Method == http.MethodPost && v.token != nil:
		v.token(w)
	case r.Method == http.MethodPost:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		fmt.Fprint(w, `{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"token"}`)
	case v.pages != nil:
		fmt.Fprint(w, strings.ReplaceAll(v.pages[r.URL.Query().Get("$skiptoken")], "HOST", "http://"+r.Host))
	default:
		w.WriteHeader(v.status)
		_, _ = w.Write(v.body)
	}
}

func (v *vendor) requests() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.seen)
}

const tenantID = "84841066-274d-4ec0-a5c1-276be684bdd3"

func serve(t testing.TB, v *vendor) *Client {
	t.Helper()
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	c, err := New(rest.Options{
		BaseURL: server.URL,
		HTTP: config.HTTPClientConfig{OAuth2: &config.OAuth2{
			ClientID: "app", ClientSecret: "very-secret", TokenURL: server.URL + "/{tenant}/oauth2/v2.0/token", Scopes: []string{Scope(DefaultCloud)},
		}},
		Budgets: rest.NewBudgets(nil, 0), Logger: log.NewNopLogger(), Metrics: enginetest.ClientMetrics(),
	}, tenantID)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func sample(t testing.TB, name string) *vendor {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return &vendor{status: http.StatusOK, body: body}
}

func collect[T any](records iter.Seq2[T, error]) (all []T, err error) {
	for record, err := range records {
		if err != nil {
			return nil, err
		}
		all = append(all, record)
	}
	return all, nil
}

func number(n int64) scalar.Count { return scalar.Count{Int: scalar.Int{Value: n, Valid: true}} }

func at(text string) scalar.Time {
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return scalar.Time{Time: parsed}
}

// The vendor's documented samples, to the digit.
func TestSamples(t *testing.T) {
	skus, err := collect(serve(t, sample(t, "subscribedskus.json")).SKUs(t.Context()))
	want := []SKU{
		{
			ID: "48a80680-7326-48cd-9935-b556b81d3a4e_c7df2760-2c81-4ef7-b578-5b5392b571df", SKUID: "c7df2760-2c81-4ef7-b578-5b5392b571df", SKUPartNumber: "ENTERPRISEPREMIUM",
			AppliesTo: "User", CapabilityStatus: StatusEnabled, ConsumedUnits: number(14), PrepaidUnits: PrepaidUnits{number(25), number(0), number(0), number(0)},
		},
		{
			ID: "48a80680-7326-48cd-9935-b556b81d3a4e_d17b27af-3f49-4822-99f9-56a661538792", SKUID: "d17b27af-3f49-4822-99f9-56a661538792", SKUPartNumber: "CRMSTANDARD",
			AppliesTo: "User", CapabilityStatus: StatusSuspended, ConsumedUnits: number(14), PrepaidUnits: PrepaidUnits{number(0), number(0), number(25), number(0)},
		},
	}
	if diff := cmp.Diff(want, skus); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	subscriptions, err := collect(serve(t, sample(t, "subscriptions.json")).Subscriptions(t.Context()))
	wantSubscriptions := []Subscription{{
		ID: "860697e3-b0aa-4196-a6c6-7ec361ed58f7", SKUID: "0816ccb9-3785-4d19-bf78-6c53e2106509", SKUPartNumber: "MyPartNumber", Status: StatusEnabled,
		TotalLicenses: number(25), NextLifecycleDateTime: at("2023-02-01T00:00:00Z"), IsTrial: scalar.Bool{Valid: true},
	}}
	if diff := cmp.Diff(wantSubscriptions, subscriptions); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	o, err := serve(t, sample(t, "organization.json")).Organization(t.Context())
	if (err != nil || o != Organization{tenantID, "Contoso"}) {
		t.Errorf("%+v, %v", o, err)
	}
}

// A token is asked for at the tenant's endpoint, with the credentials in the form. Only the members that facts need are asked for.
func TestRequests(t *testing.T) {
	v := sample(t, "subscriptions.json")
	c := serve(t, v)
	if _, err := collect(c.Subscriptions(t.Context())); err != nil {
		t.Fatal(err)
	}
	if _, err := collect(c.SKUs(t.Context())); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"POST /" + tenantID + "/oauth2/v2.0/token client_id=app&client_secret=very-secret&grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
		"GET /v1.0/directory/subscriptions?%24select=id%2CskuId%2CskuPartNumber%2Cstatus%2CtotalLicenses%2CnextLifecycleDateTime%2CisTrial ",
		"GET /v1.0/subscribedSkus?%24select=id%2CskuId%2CskuPartNumber%2CappliesTo%2CcapabilityStatus%2CconsumedUnits%2CprepaidUnits ",
	}
	if diff := cmp.Diff(want, v.requests()); diff != "" {
		t.Error(diff)
	}
}

func TestPagesAreFollowed(t *testing.T) {
	record := func(id string) string { return `{"id": "` + id + `", "skuId": "a", "status": "Enabled"}` }
	v := &vendor{pages: map[string]string{
		"":  `{"value": [` + record("1") + `], "@odata.nextLink": "HOST/v1.0/directory/subscriptions?$skiptoken=2"}`,
		"2": `{"@odata.nextLink": "HOST/v1.0/directory/subscriptions?$skiptoken=3", "value": []}`,
		"3": `{"value": [` + record("1") + `,` + record("2") + `], "@odata.nextLink": null}`,
	}}
	all, err := collect(serve(t, v).Subscriptions(t.Context()))
	if err != nil || len(all) != 2 {
		t.Errorf("%d records, %v; want 2", len(all), err)
	}
	for name, next := range map[string]string{
		"another host":    `"https://graph.microsoft.com/v1.0/directory/subscriptions?$skiptoken=2"`,
		"another port":    `"http://127.0.0.1:1/v1.0/directory/subscriptions"`,
		"the same page":   `"HOST/v1.0/directory/subscriptions?$skiptoken=2"`,
		"no address":      `7`,
		"empty":           `""`,
		"bad address":     `"http://[::1"`,
		"with a password": `"http://user:password@127.0.0.1/"`,
	} {
		v := &vendor{pages: map[string]string{
			"":  `{"value": [` + record("1") + `], "@odata.nextLink": ` + next + `}`,
			"2": `{"value": [` + record("2") + `], "@odata.nextLink": "HOST/v1.0/directory/subscriptions?$skiptoken=2"}`,
		}}
		all, err := collect(serve(t, v).Subscriptions(t.Context()))
		if rest.ReasonOf(err) != rest.ReasonDecode || strings.Contains(fmt.Sprint(err), "password@") {
			t.Errorf("%s: %d records, %v", name, len(all), err)
		}
	}
}

// Errors have the vendor's code and message.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		reason rest.Reason
		want   string
	}{
		{403, `{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation.","innerError":{"request-id":"x"}}}`,
			rest.ReasonForbidden, "403 Forbidden: Authorization_RequestDenied: Insufficient privileges to complete the operation."},
		{401, `{"error":{"code":"Authorization_IdentityNotFound","message":"The identity of the calling application could not be established."}}`,
			rest.ReasonAuth, "Authorization_IdentityNotFound: The identity"},
		{400, `{"error":{"code":"BadRequest","message":"Token eyJ0eXAiOiJKV1Qi.abc.def of admin@contoso.com"}}`, rest.ReasonServer, "BadRequest: Token [redacted] of [redacted]"},
		{404, `{"error":{"code":{},"message":"x"}}`, rest.ReasonNotFound, "404 Not Found: x"},
		{200, `{"error":{"code":"generalException","message":"Sorry"}}`, rest.ReasonDecode, "Sorry"},
		{200, `{"value":null}`, rest.ReasonDecode, "no list named value"},
	} {
		_, err := collect(serve(t, &vendor{status: test.status, body: []byte(test.body)}).SKUs(t.Context()))
		if rest.ReasonOf(err) != test.reason || !strings.Contains(fmt.Sprint(err), test.want) || strings.Contains(fmt.Sprint(err), "eyJ") {
			t.Errorf("%s: %v", test.body, err)
		}
	}
}

// The texts of the token endpoint are shown, without the secret.
func TestRefusedTokens(t *testing.T) {
	for _, test := range []struct {
		status     int
		code, text string
	}{
		{400, "unauthorized_client", "AADSTS700016: Application with identifier 'app' was not found in the directory 'Contoso'."},
		{400, "invalid_request", "AADSTS90002: Tenant '" + tenantID + "' not found."},
		{401, "invalid_client", "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the value: very-secret."},
		{400, "invalid_grant", "AADSTS65001: The user or administrator has not consented to use the application."},
	} {
		v := sample(t, "organization.json")
		v.token = func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.WriteHeader(test.status)
			fmt.Fprintf(w, `{"error":%q,"error_description":%q,"error_codes":[1],"trace_id":"x"}`, test.code, test.text+"\r\nTrace ID: 255d1aef")
		}
		_, err := serve(t, v).Organization(t.Context())
		text := fmt.Sprint(err)
		if code, _, _ := strings.Cut(test.text, ":"); rest.ReasonOf(err) != rest.ReasonAuth || !strings.Contains(text, test.code+": "+code) || strings.Contains(text, "very-secret") {
			t.Errorf("%v", err)
		}
		if n := len(v.requests()); n != 1 {
			t.Errorf("%d requests", n)
		}
	}
}

// A tenant is exactly one organization.
func TestOrganizationIsOne(t *testing.T) {
	for _, list := range []string{`[]`, `[{"id": "a"}, {"id": "b"}]`} {
		if _, err := serve(t, &vendor{status: http.StatusOK, body: []byte(`{"value": ` + list + `}`)}).Organization(t.Context()); rest.ReasonOf(err) != rest.ReasonNotFound {
			t.Errorf("%s: %v", list, err)
		}
	}
}

func TestClouds(t *testing.T) {
	for name, want := range map[string][3]string{
		"global":    {"https://graph.microsoft.com", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token", "https://graph.microsoft.com/.default"},
		"usgov":     {"https://graph.microsoft.us", "https://login.microsoftonline.us/{tenant}/oauth2/v2.0/token", "https://graph.microsoft.us/.default"},
		"usgov-dod": {"https://dod-graph.microsoft.us", "https://login.microsoftonline.us/{tenant}/oauth2/v2.0/token", "https://dod-graph.microsoft.us/.default"},
		"china":     {"https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn/{tenant}/oauth2/v2.0/token", "https://microsoftgraph.chinacloudapi.cn/.default"},
	} {
		if got := [3]string{BaseURL(name), TokenURL(name), Scope(name)}; got != want || !KnownCloud(name) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if KnownCloud("mars") || KnownCloud("") || len(Clouds()) != 4 {
		t.Error(Clouds())
	}
}

func TestNewFails(t *testing.T) {
	if _, err := New(rest.Options{BaseURL: "http://[::1", HTTP: config.HTTPClientConfig{}}, tenantID); err == nil {
		t.Error("no error")
	}
	c := serve(t, sample(t, "organization.json"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Organization(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
