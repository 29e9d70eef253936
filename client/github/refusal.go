package github

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"license_exporter/client/rest"
)

// notEnabled is in GitHub's message about an organization without Copilot: "Copilot Business
// is not enabled for this organization."
var notEnabled = regexp.MustCompile(`(?i)^copilot\b.* is not enabled for this (organization|enterprise)\b`)

// singleSignOn is in GitHub's message about a token that is not authorized for an
// organization or enterprise with SAML: "Resource protected by organization SAML enforcement."
var singleSignOn = regexp.MustCompile(`(?i)\bSAML (enforcement|SSO)\b`)

// explain adds what to do to an error, or rest.ErrNotApplicable if GitHub says so.
func explain(err error) error {
	var e *rest.Error
	if !errors.As(err, &e) || e.Status != http.StatusForbidden && e.Status != http.StatusNotFound {
		return err
	}
	switch {
	case notEnabled.MatchString(e.Message):
		return fmt.Errorf("%w: %w", rest.ErrNotApplicable, err)
	case singleSignOn.MatchString(e.Message):
		return fmt.Errorf("%w; authorize the token for single sign-on: in the list of your tokens on GitHub, select Configure SSO", err)
	case e.Operation == opLicense.Name:
		return fmt.Errorf("%w; only a site administrator may read the license; use a classic personal access token of one, with the scope site_admin", err)
	}
	return err
}

// unexplained is how many seconds to wait if GitHub refuses because of a rate limit and does
// not say how long that lasts. GitHub's documentation asks for at least a minute.
const unexplained = "60"

// rateLimit matches GitHub's messages about rate limits, such as "You have exceeded a
// secondary rate limit".
var rateLimit = regexp.MustCompile(`"message":\s*"[^"]*(?i:rate limit|abuse detection)`)

// adapt makes GitHub's answers about rate limits, which may have the status 403, answers with
// the status 429 that say how long to wait. Without that, they would look like a missing
// permission.
//
// See https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api.
func adapt(resp *http.Response) {
	if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusTooManyRequests {
		return
	}
	wait := resp.Header.Get("Retry-After")
	if wait == "" && resp.Header.Get("X-Ratelimit-Remaining") == "0" {
		if reset, err := strconv.ParseInt(resp.Header.Get("X-Ratelimit-Reset"), 10, 64); err == nil {
			wait = time.Unix(reset, 0).UTC().Format(http.TimeFormat)
		}
	}
	if wait == "" && rateLimit.Match(peek(resp)) {
		wait = unexplained
	}
	if wait != "" {
		resp.StatusCode, resp.Status = http.StatusTooManyRequests, "429 Too Many Requests"
		resp.Header.Set("Retry-After", wait)
	}
}

// peek returns the beginning of the body of an answer, which can still be read as a whole.
func peek(resp *http.Response) []byte {
	const most = 4 << 10
	head, _ := io.ReadAll(io.LimitReader(resp.Body, most)) // who reads the body gets the error
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), resp.Body), resp.Body}
	return head
}
