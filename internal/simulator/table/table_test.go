package table

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"license_exporter/internal/simulator/simtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testToken = "token"

// start serves an asset tool until the end of the test.
func start(t *testing.T, options Options) *simtest.Client {
	t.Helper()
	options.Token, options.Now = testToken, func() time.Time { return simtest.Now }
	c := simtest.Connect(t, New(options))
	c.Token = testToken
	return c
}

// listing is a page as a client sees it.
type listing struct {
	Total int              `json:"total"`
	Rows  []map[string]any `json:"rows"`
}

func (l listing) ids() (ids []int) {
	for _, r := range l.Rows {
		ids = append(ids, int(r["id"].(float64)))
	}
	return ids
}

func TestRefusals(t *testing.T) {
	const unauthorized = `{"error":"Unauthorized or unauthenticated."}`
	tests := []struct {
		name, method, path string
		options            Options
		header             http.Header
		status             int
		body               string
	}{
		{"no token", "GET", licensesPath, Options{}, nil, 401, unauthorized},
		{"wrong token", "GET", licensesPath, Options{}, simtest.Bearer("wrong"), 401, unauthorized},
		{"no permission", "GET", licensesPath, Options{Withheld: true}, simtest.Bearer(testToken), 403, `{"message":"This action is unauthorized."}`},
		{"method", "POST", licensesPath, Options{}, simtest.Bearer(testToken), 405, `{"messages":"Method not allowed","payload":null,"status":"error"}`},
		{"path", "GET", "/api/v1/unknown", Options{}, simtest.Bearer(testToken), 404, `{"messages":"404 endpoint not found","payload":null,"status":"error"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := start(t, test.options).Send(test.method, test.path, test.header, "")
			if r.Status != test.status || r.Body != test.body {
				t.Errorf("%d %s, want %d %s", r.Status, r.Body, test.status, test.body)
			}
		})
	}
}

func TestWithoutTokenRefusesAll(t *testing.T) {
	recorder := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, licensesPath, nil)
	request.Header.Set("Authorization", "Bearer ")
	New(Options{}).ServeHTTP(recorder, request)
	if recorder.Code != http.StatusUnauthorized {
		t.Errorf("status %d", recorder.Code)
	}
}

func TestPages(t *testing.T) {
	c := start(t, Options{Companies: 2, MaxResults: 6, Unlimited: true})
	tests := []struct {
		query string
		want  []int
	}{
		{"?sort=id&order=asc&limit=4", []int{1, 2, 3, 4}},
		{"?sort=id&order=asc&limit=4&offset=14", []int{15, 16}},
		{"?order=asc&limit=500", []int{1, 2, 3, 4, 5, 6}},
		{"?order=asc&limit=many", []int{1, 2, 3, 4, 5, 6}},
		{"?order=asc&limit=-3", []int{1, 2, 3, 4, 5, 6}},
		{"?order=asc&offset=16", nil},
		{"?order=asc&offset=1000", nil},
		{"?order=asc&offset=-1&limit=1", []int{1}},
		{"?limit=3", []int{16, 15, 14}},
	}
	for _, test := range tests {
		got := simtest.Read[listing](c, licensesPath+test.query)
		if diff := cmp.Diff(test.want, got.ids()); diff != "" || got.Total != 16 {
			t.Errorf("%s: total %d, ids (-want +got):\n%s", test.query, got.Total, diff)
		}
	}
}

// The fields and their forms are those of the vendor.
func TestLicenses(t *testing.T) {
	c := start(t, Options{Companies: 2})
	day := func(left int) any {
		date := time.Date(2026, 3, 17+left, 0, 0, 0, 0, time.UTC)
		return map[string]any{"date": date.Format("2006-01-02"), "formatted": date.Format("Mon Jan 02, 2006")}
	}
	rows := simtest.Read[listing](c, licensesPath+"?order=asc").Rows
	type facts struct {
		Name                              string
		Expires, Ends                     any
		Seats, Free, Remaining            float64
		Minimum                           any
		Company, Manufacturer, Reassigned any
	}
	var got []facts
	for _, r := range rows[8:] {
		company, manufacturer := r["company"].(map[string]any), r["manufacturer"].(map[string]any)
		got = append(got, facts{
			r["name"].(string), r["expiration_date"], r["termination_date"], r["seats"].(float64), r["free_seats_count"].(float64),
			r["remaining"].(float64), r["min_amt"], company["name"], manufacturer["name"], r["reassignable"],
		})
	}
	const company = "Contoso 2"
	want := []facts{
		{"Adatum Backup Manager", day(300), nil, 25, 5, 5, nil, company, "Adatum", true},
		{"Fabrikam Draw &amp; Paint", day(20), nil, 10, 0, 0, nil, company, "Fabrikam", true},
		{"Fabrikam CAD", day(-15), nil, 10, 4, 4, nil, company, "Fabrikam", true},
		{"Litware Planner", day(-60), nil, 5, 5, 5, nil, company, "Litware", true},
		{"Adatum Database", nil, nil, 100, 8, 8, 10.0, company, "Adatum", true},
		{"Litware CRM", day(400), day(90), 50, 12, 12, nil, company, "Litware", true},
		{"Proseware Payroll", "0000-00-00 (Invalid date value.)", nil, 3, 1, 1, nil, company, "Proseware", true},
		{"Proseware &quot;Site&quot; License", day(150), nil, 20, 5, 8, nil, company, "Proseware", false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("licenses (-want +got):\n%s", diff)
	}
	if cost := rows[2]["purchase_cost_numeric"]; cost != "3000.00" {
		t.Errorf("cost %v", cost)
	}
	for _, field := range []string{"product_key", "notes", "license_name", "license_email"} {
		if text, _ := rows[0][field].(string); !strings.Contains(text, "ZDEMO") {
			t.Errorf("%s is not marked: %s", field, text)
		}
	}
}

func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := New(Options{Companies: 1, Token: testToken})
		send := func() *httptest.ResponseRecorder {
			recorder := httptest.NewRecorder()
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, licensesPath, nil)
			request.Header = simtest.Bearer(testToken)
			api.ServeHTTP(recorder, request)
			return recorder
		}
		for i := range defaultPerMinute {
			if r := send(); r.Code != http.StatusOK {
				t.Fatalf("request %d: %d", i+1, r.Code)
			}
		}
		r := send()
		if r.Code != http.StatusTooManyRequests || r.Header().Get("Retry-After") != "1" {
			t.Errorf("%d, Retry-After %q", r.Code, r.Header().Get("Retry-After"))
		}
		time.Sleep(time.Second)
		if r := send(); r.Code != http.StatusOK {
			t.Errorf("after the wait: %d", r.Code)
		}
		if api.RateLimited() != 1 || api.Requests()["licenses"] != defaultPerMinute+2 {
			t.Errorf("limited %d, requests %v", api.RateLimited(), api.Requests())
		}
	})
}

func TestStartSmall(t *testing.T) {
	for _, organizations := range []int{1, 3} {
		base, token, stop, err := StartSmall(organizations)
		if err != nil {
			t.Fatal(err)
		}
		c := &simtest.Client{T: t, Base: base, Token: token, HTTP: http.DefaultClient}
		companies, pages, total := map[any]bool{}, 0, 1
		for offset := 0; offset < total; pages++ {
			page := simtest.Read[listing](c, fmt.Sprintf("%s?sort=id&order=asc&limit=500&offset=%d", licensesPath, offset))
			for _, r := range page.Rows {
				companies[r["company"].(map[string]any)["id"]] = true
			}
			offset, total = offset+len(page.Rows), page.Total
		}
		c.HTTP.CloseIdleConnections()
		stop()
		if pages != 4 || len(companies) != organizations || total != organizations*LicensesPerCompany {
			t.Errorf("%d organizations: %d pages, %d companies, %d licenses", organizations, pages, len(companies), total)
		}
	}
}
