// Package snow reads the license operations of the Snow Atlas (Flexera SAM)
// API. It is read-only.
//
// It knows the vendor's paths, parameters and JSON, and nothing of Prometheus
// or of other vendors. It is made for version 1.7.0 of the SAM Licenses API and
// takes what 1.0.0 answers: fields that are missing are absent, operations that
// are missing fail with ErrUnsupported.
//
// Credentials are those of an application registration: OAuth2 client
// credentials, configured as oauth2 in rest.Options.HTTP. The token URL is
// TokenURL's if none is given. The credentials are sent in the body. All calls
// of a Client share one token, which is renewed before it ends, by its
// expires_in, and once if the API refuses it with 401; the call is then
// repeated once. So there is about one token in an hour, however much is read.
// Credentials that the token endpoint refuses fail calls for rest.ReasonAuth,
// with the endpoint's text and without the secret.
//
// License keys, notes, invoices, contacts, and names and identifiers of
// computers and users are not decoded, so that they cannot leak. Where records
// of computers and users have no identifier of their own, an Opaque number
// tells them apart.
//
// What the vendor documents of types does not always hold: numbers and booleans
// may be strings, flags may be numbers or names, and dates have four forms. The
// types Int, Number, Bool, Text, ID, Time and the flags take them all. They
// never fail: a value that cannot be read must not cost the record that it
// stands in.
package snow

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"license_exporter/client/rest"
)

// DefaultRegion is the region of tenants that name none.
const DefaultRegion = "westeurope"

// The vendor limits requests by address, client and user, and publishes no
// numbers. These, in requests a second, are the exporter's own choice: low,
// since a client that goes too far can be blocked altogether. A tenant is one
// organization by them; the source's budget is that of all tenants of a region.
const (
	OrganizationRateLimit = 5.0
	SourceRateLimit       = 5.0
)

// tenant is the only organization of a Client, whose budget all calls draw on.
const tenant = "tenant"

// DefaultPageSize is the largest page that all versions give.
const DefaultPageSize = 1000

// Regions lists where the vendor keeps tenants.
func Regions() []string {
	return []string{"australiasoutheast", "eastus2", "uksouth", DefaultRegion}
}

// KnownRegion tells whether the vendor keeps tenants in a region.
func KnownRegion(region string) bool { return slices.Contains(Regions(), region) }

// BaseURL returns the address of a region's API, of the default region if none
// is named.
func BaseURL(region string) string {
	if region == "" {
		region = DefaultRegion
	}
	return "https://" + region + ".snowsoftware.io"
}

// TokenURL returns where a region, given by its base URL, hands out tokens.
func TokenURL(baseURL string) string {
	return strings.TrimRight(baseURL, "/") + "/idp/api/connect/token"
}

// Prefixes are where the vendor's APIs begin below the base URL. Those that are
// empty are the vendor's.
type Prefixes struct {
	// Licenses is /api/sam/v1.
	Licenses string
	// Agreements is /api/sam/v2.
	Agreements string
	// Registry is /api/sam/software-registry/v1.
	Registry string
	// Organizations is /api/organizations/v1.
	Organizations string
	// CustomMetrics is /api/custom-metrics/v1.
	CustomMetrics string
}

func (p Prefixes) orDefault() Prefixes {
	prefix := func(own, vendors string) string {
		if own == "" {
			return vendors
		}
		return "/" + strings.Trim(own, "/")
	}
	return Prefixes{
		Licenses:      prefix(p.Licenses, "/api/sam/v1"),
		Agreements:    prefix(p.Agreements, "/api/sam/v2"),
		Registry:      prefix(p.Registry, "/api/sam/software-registry/v1"),
		Organizations: prefix(p.Organizations, "/api/organizations/v1"),
		CustomMetrics: prefix(p.CustomMetrics, "/api/custom-metrics/v1"),
	}
}

// Options configure a Client. Options.Message and Options.AuthStyle are set by
// New.
type Options struct {
	rest.Options
	Prefixes Prefixes
	// PageSize is how many records to ask for at once, DefaultPageSize if 0.
	// The vendor may give less.
	PageSize int
}

// Client reads from a tenant with one credential, which is what selects the
// tenant. All errors have a *rest.Error in their chain. It is safe for
// concurrent use.
type Client struct {
	rest     *rest.Client
	base     *url.URL
	prefixes Prefixes
	pageSize int
}

// New returns a Client.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, errors.New("the base URL is unreadable")
	}
	if given := o.HTTP.OAuth2; given != nil && given.TokenURL == "" {
		oauth := *given // the caller's stays as it is
		oauth.TokenURL = TokenURL(o.BaseURL)
		o.HTTP.OAuth2 = &oauth
	}
	o.Message = message
	o.AuthStyle = oauth2.AuthStyleInParams
	c, err := rest.New(o.Options)
	if err != nil {
		return nil, err
	}
	if o.PageSize <= 0 {
		o.PageSize = DefaultPageSize
	}
	return &Client{rest: c, base: base, prefixes: o.Prefixes.orDefault(), pageSize: o.PageSize}, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.rest.Close() }

// record is an answer that names what it is about, which tells it from any
// other object.
type record interface{ about() ID }

// get reads one record.
func get[T record](ctx context.Context, c *Client, operation, path string) (T, error) {
	var v T
	if _, err := c.rest.Get(ctx, rest.Call{Operation: operation, Path: path, Organization: tenant}, &v); err != nil {
		return v, err
	}
	if v.about() == "" {
		return v, c.malformed(operation, path, errors.New("the answer lacks an id"))
	}
	return v, nil
}

// malformed is the error for an answer that is not what the vendor documents.
func (c *Client) malformed(operation, path string, err error) error {
	u := c.base.JoinPath(path)
	return &rest.Error{
		Operation: operation,
		URL:       (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(),
		Status:    200,
		Reason:    rest.ReasonDecode,
		Err:       err,
	}
}

// secrets are what the vendor's messages might repeat: tokens and license keys.
// Identifiers, which are in lower case, are neither.
var secrets = regexp.MustCompile(`\beyJ[\w-]+(\.[\w-]*)*|\b[0-9A-Z]{4,}(-[0-9A-Z]{2,}){2,}\b`)

// message reads {"error": {"code": 404, "message": "text"}}. Gateways in front
// of the API answer with HTML or nothing, which is no message.
func message(body []byte) string {
	var answer struct {
		Error struct{ Message Text }
	}
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	return secrets.ReplaceAllString(string(answer.Error.Message), "[redacted]")
}
