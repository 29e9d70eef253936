package github

import (
	"net/http"
	"slices"
	"testing"
)

const securityCollectorName = "github_advanced_security"

var (
	codePath   = product(securityPath, "code_security")
	secretPath = product(securityPath, "secret_protection")
)

func committers(total string) answer {
	return ok(`{"total_advanced_security_committers": ` + total + `, "purchased_advanced_security_committers": 50, "repositories": []}`)
}

func series(product, total string) string {
	return `license_seats_assigned{license_id="",organization_id="octo",product="` + product + `",unit="committer"} ` + total
}

const (
	up   = `license_up{organization_id="octo"} 1`
	down = `license_up{organization_id="octo"} 0`
)

// The products are found out, whatever the status with which GitHub refuses to be asked for the wrong ones. That is remembered.
func TestStandaloneProducts(t *testing.T) {
	for _, status := range []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity} {
		h := newHarness(t, false, map[string]answer{securityPath: refuse(status), codePath: committers("3"), secretPath: committers("4")}, securityCollectorName)
		got := h.Scrape(t.Context())
		want(t, got, up, series("code_security", "3"), series("secret_protection", "4"))
		wantNone(t, got, `product="advanced_security"`)
		if got := h.requests(); !slices.Equal(got, []string{securityPath, codePath, secretPath}) {
			t.Errorf("%d: the first requests are %q", status, got)
		}
		want(t, h.later(t), up, series("code_security", "3"))
		if got := h.requests(); !slices.Equal(got, []string{codePath, secretPath}) {
			t.Errorf("%d: the next requests are %q", status, got)
		}
	}
}

// If an enterprise changes to standalone products, or back, the facts follow.
func TestChangeOfProducts(t *testing.T) {
	h := newHarness(t, false, map[string]answer{securityPath: committers("9")}, securityCollectorName)
	want(t, h.Scrape(t.Context()), up, series("advanced_security", "9"))
	h.set(securityPath, refuse(http.StatusUnprocessableEntity))
	h.set(codePath, committers("3"))
	h.set(secretPath, committers("4"))
	got := h.later(t)
	want(t, got, up, series("code_security", "3"), series("secret_protection", "4"))
	wantNone(t, got, `product="advanced_security"`)
	h.set(securityPath, committers("8"))
	h.set(codePath, refuse(http.StatusUnprocessableEntity))
	h.set(secretPath, refuse(http.StatusUnprocessableEntity))
	h.requests()
	got = h.later(t)
	want(t, got, up, series("advanced_security", "8"))
	wantNone(t, got, `product="code_security"`)
	if got := h.requests(); len(got) != 3 {
		t.Errorf("the requests are %q", got)
	}
	h.later(t)
	if got := h.requests(); !slices.Equal(got, []string{securityPath}) {
		t.Errorf("the next requests are %q", got)
	}
}

// Of two standalone products, one may not have been bought. Once it has been read, its refusal is a failure.
func TestOneStandaloneProduct(t *testing.T) {
	h := newHarness(t, false, map[string]answer{securityPath: refuse(http.StatusUnprocessableEntity), codePath: refuse(http.StatusForbidden), secretPath: committers("4")}, securityCollectorName)
	got := h.Scrape(t.Context())
	want(t, got, up, series("secret_protection", "4"))
	wantNone(t, got, `product="code_security"`)
	h.set(codePath, committers("3"))
	want(t, h.later(t), up, series("code_security", "3"))
	h.set(codePath, refuse(http.StatusForbidden))
	h.set(secretPath, committers("5"))
	want(t, h.later(t), down, series("code_security", "3"), series("secret_protection", "4"))
}

// A failure of GitHub says nothing of the products.
func TestFailureOfSecurity(t *testing.T) {
	h := newHarness(t, false, map[string]answer{securityPath: {http.StatusNotImplemented, ""}, codePath: committers("3"), secretPath: committers("4")}, securityCollectorName)
	got := h.Scrape(t.Context())
	want(t, got, down)
	wantNone(t, got, "license_seats_")
	if got := h.requests(); !slices.Equal(got, []string{securityPath}) {
		t.Errorf("the requests are %q", got)
	}
}

// A refusal without a permission is withheld even if GitHub first complains about the products.
func TestSecurityIsNotBought(t *testing.T) {
	for _, status := range []int{http.StatusUnprocessableEntity, http.StatusForbidden} {
		h := newHarness(t, false, map[string]answer{securityPath: refuse(status), codePath: refuse(http.StatusForbidden), secretPath: refuse(http.StatusForbidden)}, securityCollectorName)
		want(t, h.Scrape(t.Context()), up)
		if got := h.requests(); len(got) != 3 {
			t.Errorf("the requests are %q", got)
		}
	}
}
