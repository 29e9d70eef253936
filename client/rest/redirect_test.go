package rest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/config"
)

// internet is a proxy that answers for all hosts, so that redirects can lead to
// any host. It records the requests.
type internet struct {
	requests
	hosts map[string]http.HandlerFunc
}

func (i *internet) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	i.add(req)
	host, ok := i.hosts[req.Host]
	if !ok {
		http.Error(w, "no such host", http.StatusBadGateway)
		return
	}
	host(w, req)
}

// log has the URL of each request, and whether it had the credential.
func (i *internet) log() []string {
	var lines []string
	for _, req := range i.all() {
		line := req.URL.String()
		if req.Header.Get("Authorization") == "Bearer "+testKey {
			line += " with key"
		}
		lines = append(lines, line)
	}
	return lines
}

func overInternet(t *testing.T, i *internet) *Client {
	t.Helper()
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	proxy, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, "http://api.vendor.example"+testBasePath, func(o *Options) {
		o.HTTP.ProxyConfig = config.ProxyConfig{ProxyURL: config.URL{URL: proxy}}
	})
}

func TestRedirectWithinTheVendorIsFollowedWithTheCredential(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			i := &internet{hosts: map[string]http.HandlerFunc{
				"api.vendor.example": answer(status, "<html>moved</html>", "Location", "http://n1.vendor.example/api/v1/things?after=b"),
				"n1.vendor.example":  answer(200, `{"name": "a"}`),
			}}
			got, err := Object[thing](t.Context(), overInternet(t, i), things)
			if err != nil {
				t.Fatal(err)
			}
			want := []string{
				"http://api.vendor.example/api/v1/things?after=cursor-of-a-key with key",
				"http://n1.vendor.example/api/v1/things?after=b with key",
			}
			if diff := cmp.Diff(want, i.log()); diff != "" || got.Name != "a" {
				t.Errorf("the answer is %+v, the requests differ (-want +got):\n%s", got, diff)
			}
		})
	}
}

func TestRedirectToAPath(t *testing.T) {
	var seen requests
	c := newClient(t, serve(t, inTurn(&seen, answer(302, "", "Location", "things/all"), answer(200, `{"name": "a"}`))))
	if _, err := Object[thing](t.Context(), c, things); err != nil {
		t.Fatal(err)
	}
	if got := seen.all()[1].RequestURI; got != testBasePath+"/things/all" {
		t.Errorf("the request was repeated at %s", got)
	}
}

func TestRedirectElsewhereIsRefused(t *testing.T) {
	for name, location := range map[string]string{
		"another domain":           "http://evil.example/api/v1/things?after=cursor-of-a-key",
		"a name that ends alike":   "http://notvendor.example/",
		"a name that begins alike": "http://api.vendor.example.evil.example/",
		"an address":               "http://127.0.0.1/",
		"another scheme":           "ftp://api.vendor.example/",
		"user information":         "http://api.vendor.example:" + testKey + "@evil.example/",
		"an unreadable address":    "http://[cursor?" + testKey,
		"no address":               "",
	} {
		t.Run(name, func(t *testing.T) {
			i := &internet{hosts: map[string]http.HandlerFunc{"api.vendor.example": answer(307, "", "Location", location)}}
			_, err := Object[thing](t.Context(), overInternet(t, i), things)
			e := wantError(t, err, ReasonNetwork)
			if !strings.Contains(e.Error(), "redirected") {
				t.Errorf("the error does not mention the redirect: %v", err)
			}
			if got := i.log(); len(got) != 1 {
				t.Errorf("the redirect was followed: %q", got)
			}
		})
	}
}

func TestRedirectFromHTTPSToHTTPIsRefused(t *testing.T) {
	var seen requests
	plain := serve(t, inTurn(&seen, answer(200, `{"name": "a"}`)))
	secure := httptest.NewTLSServer(answer(307, "", "Location", plain+"/things"))
	t.Cleanup(secure.Close)
	c := newClient(t, secure.URL, func(o *Options) { o.HTTP.TLSConfig = config.TLSConfig{InsecureSkipVerify: true} })
	_, err := Object[thing](t.Context(), c, things)
	e := wantError(t, err, ReasonNetwork)
	if want := `redirected: refusing to go from https to "http"`; e.Err.Error() != want {
		t.Errorf("the cause is %v, want %s", e.Err, want)
	}
	if seen.count() != 0 {
		t.Error("the credential was sent without encryption")
	}
}

func TestRedirectsEnd(t *testing.T) {
	var seen requests
	c := newClient(t, serve(t, inTurn(&seen, answer(302, "", "Location", "/api/v1/things"))))
	_, err := Object[thing](t.Context(), c, things)
	e := wantError(t, err, ReasonNetwork)
	if want := fmt.Sprintf("redirected more than %d times", maxRedirects); e.Err.Error() != want {
		t.Errorf("the cause is %v, want %s", e.Err, want)
	}
	if seen.count() != 1+maxRedirects {
		t.Errorf("%d requests were sent, want %d", seen.count(), 1+maxRedirects)
	}
}

func TestRegisteredDomain(t *testing.T) {
	for host, want := range map[string]string{
		"api.meraki.com":           "meraki.com",
		"n1.meraki.com":            "meraki.com",
		"meraki.com":               "meraki.com",
		"API.Meraki.Com":           "meraki.com",
		"api.gov-meraki.com":       "gov-meraki.com",
		"meraki.com.evil.com":      "evil.com",
		"api.meraki.com.":          "api.meraki.com.",
		"www.vendor.co.uk":         "vendor.co.uk",
		"WWW.VENDOR.CO.UK":         "vendor.co.uk",
		"co.uk":                    "co.uk",
		"tenant.github.io":         "tenant.github.io",
		"127.0.0.1":                "127.0.0.1",
		"10.0.0.1":                 "10.0.0.1",
		"::1":                      "::1",
		"2001:db8::1.2.3.4":        "2001:db8::1.2.3.4",
		"localhost":                "localhost",
		"meraki-simulator":         "meraki-simulator",
		"api.vendor.corp.internal": "corp.internal",
		"":                         "",
	} {
		if got := registeredDomain(host); got != want {
			t.Errorf("registeredDomain(%q) is %q, want %q", host, got, want)
		}
	}
}
