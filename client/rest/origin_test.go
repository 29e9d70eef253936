package rest

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMayVisit(t *testing.T) {
	const vendor = "https://api.vendor.com/api/v1"
	for _, test := range []struct {
		base, to string
		want     bool
	}{
		{vendor, "https://api.vendor.com/x", true},
		{vendor, "https://api.vendor.com:443/x", true},
		{vendor, "https://API.Vendor.COM:443/x", true},
		{vendor, "HTTPS://api.vendor.com/x", true},
		{vendor, "https://n1.vendor.com/x", true},
		{vendor, "https://vendor.com:/x", true},
		{vendor, "//n1.vendor.com/x", true},
		{vendor, "/x", true},
		{vendor, `/\evil.com/x`, true}, // a path
		{vendor, `\\evil.com/x`, true}, // a path
		{"https://api.vendor.com:443", "https://n1.vendor.com/x", true},
		{"https://api.vendor.com:8443", "https://api.vendor.com:8443/x", true},
		{"https://api.vendor.com:8443", "https://n1.vendor.com:8443/x", true},
		{"https://api.vendor.com:8443", "https://api.vendor.com/x", true},
		{"http://127.0.0.1:9000", "http://127.0.0.1/x", true},
		{"http://[::1]:9000", "http://[::1]:9000/x", true},
		{"https://bücher.example", "https://www.xn--bcher-kva.example/x", true},
		{"https://xn--bcher-kva.example", "https://BÜCHER.example/x", true},
		{vendor, "https://api。vendor。com/x", true}, // net/http connects to api.vendor.com
		{vendor, "https://n1%E3%80%82vendor.com/x", true},

		{vendor, "https://api.vendor.com:8443/x", false},
		{vendor, "https://api.vendor.com:80/x", false},
		{vendor, "https://api.vendor.com:0/x", false},
		{vendor, "https://n1.vendor.com:8443/x", false},
		{vendor, "http://api.vendor.com/x", false},
		{vendor, "http://api.vendor.com:443/x", false},
		{vendor, "https://api.vendor.com./x", false},
		{vendor, "https://vendor.com.evil.com/x", false},
		{vendor, "https://notvendor.com/x", false},
		{vendor, "https://com/x", false},
		{vendor, "https://key@api.vendor.com/x", false},
		{vendor, "https://api.vendor.com@evil.com/x", false},
		{vendor, "https://api.vendor.com:443@evil.com/x", false},
		{vendor, "//evil.com/x", false},
		{vendor, `https:\\evil.com/x`, false},
		{vendor, "https:api.vendor.com/x", false},
		{vendor, "https:///x", false},
		{vendor, "https://evil.com%E3%80%82/api.vendor.com", false},
		{vendor, "https://evil。com/api.vendor.com", false},
		{vendor, "https://api.vendoг.com/x", false}, // a Cyrillic letter
		{vendor, "javascript:alert(1)", false},
		{"http://api.vendor.com", "https://api.vendor.com/x", false},
		{"https://api.vendor.com:8443", "https://api.vendor.com:8444/x", false},
		{"http://127.0.0.1:9000", "http://127.0.0.1:9001/x", false},
		{"http://127.0.0.1", "http://127.0.0.2/x", false},
		{"http://127.0.0.1", "http://2130706433/x", false},
		{"http://127.0.0.1", "http://1.127.0.0.1/x", false},
		{"http://10.0.0.1", "http://0x0a.0.0.1/x", false},
		{"http://localhost", "http://127.0.0.1/x", false},
		{"http://[::1]", "http://[::2]/x", false},
		{"http://[::1]:9000", "http://[::1]:9001/x", false},
		{"http://[fe80::1%25eth0]", "http://[fe80::1%25eth1]/x", false},
		{"https://tenant.github.io", "https://other.github.io/x", false},
	} {
		base, err := url.Parse(test.base)
		if err != nil {
			t.Fatal(err)
		}
		c := &Client{base: base, domain: registeredDomain(base.Hostname())}
		to, err := redirection(base, http.Header{"Location": {test.to}})
		if err == nil {
			err = c.mayVisit(to)
		}
		if (err == nil) != test.want {
			t.Errorf("from %s to %s: %v, want permission %v", test.base, test.to, err, test.want)
		}
	}
}

// Neither a redirect nor a link to the next page takes the credential to another port.
func TestCredentialStaysOnThePort(t *testing.T) {
	var seen requests
	other := serve(t, inTurn(&seen, answer(200, `[]`)))
	redirected := newClient(t, serve(t, answer(302, "", "Location", other+"/things")))
	_, err := Object[thing](t.Context(), redirected, things)
	wantReason(t, err, ReasonNetwork)

	linked := newClient(t, serve(t, answer(200, `[{"name": "a"}]`, "Link", "<"+other+"/things>; rel=next")))
	for _, err = range Pages[thing](t.Context(), linked, things) {
	}
	wantReason(t, err, ReasonDecode)
	if seen.count() != 0 {
		t.Error("the credential was sent to another port")
	}
}

// A redirect of the token endpoint is never followed.
func TestTokenEndpointRedirects(t *testing.T) {
	for _, location := range []string{"/other", "http://[cursor?" + testKey, ""} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			var paths []string
			c := newClient(t, serve(t, func(w http.ResponseWriter, req *http.Request) {
				paths = append(paths, req.URL.Path)
				answer(status, "", "Location", location)(w, req)
			}), withClientCredentials)
			_, err := Object[thing](t.Context(), c, things)
			wantReason(t, err, ReasonServer)
			if diff := cmp.Diff([]string{"/token"}, paths); diff != "" {
				t.Errorf("requests differ (-want +got):\n%s", diff)
			}
		}
	}
}
