package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// mayVisit returns an error if the credential must not be sent to a URL that the vendor
// named. The scheme must be that of the base URL, the host must be in its registered
// domain, and the port must be that of the base URL or the scheme's default.
func (c *Client) mayVisit(u *url.URL) error {
	switch port := portOf(u); {
	case u.Scheme != c.base.Scheme:
		return fmt.Errorf("refusing to go from %s to %q", c.base.Scheme, u.Scheme)
	case u.User != nil: // net/http would send it in place of the credential
		return errors.New("refusing to go to an address that contains a user or password")
	case u.Hostname() != c.base.Hostname() && registeredDomain(u.Hostname()) != c.domain:
		return fmt.Errorf("refusing to send the credential to %s, which is outside %s", u.Hostname(), c.domain)
	case port != portOf(c.base) && port != defaultPort(u.Scheme):
		return fmt.Errorf("refusing to send the credential to port %s of %s", port, u.Hostname())
	}
	return nil
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return defaultPort(u.Scheme)
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// registeredDomain returns the registered domain of a host, such as vendor.com for
// n1.vendor.com. IP addresses and names without dots are returned as they are.
func registeredDomain(host string) string {
	// net/http connects to the ASCII form of a name.
	if strings.ContainsFunc(host, func(r rune) bool { return r > 0x7f }) {
		if ascii, err := idna.Lookup.ToASCII(host); err == nil {
			host = ascii
		}
	}
	host = strings.ToLower(host) // the public suffix list is in lower case
	if isAddress(host) {
		return host
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}

// isAddress reports whether a host is an IP address, or may be taken for one, since it has
// a colon or ends with a number.
func isAddress(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	return strings.Contains(host, ":") || strings.HasPrefix(last, "0x") || strings.Trim(last, "0123456789") == ""
}

// redirection returns the URL that an answer redirects to.
func redirection(from *url.URL, header http.Header) (*url.URL, error) {
	to, err := from.Parse(header.Get("Location"))
	if err != nil || header.Get("Location") == "" {
		return nil, errors.New("redirected to an address that is missing or cannot be read")
	}
	return to, nil
}

// withoutUnreadableRedirects removes Location headers that cannot be parsed. net/http
// would quote them in an error with their query, even if it does not follow redirects.
func withoutUnreadableRedirects(next http.RoundTripper) http.RoundTripper {
	return adapting(next, func(req *http.Request, resp *http.Response) {
		if isRedirect(resp.StatusCode) {
			if _, err := redirection(req.URL, resp.Header); err != nil {
				resp.Header.Del("Location")
			}
		}
	})
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}
