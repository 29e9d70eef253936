// Package snow reads the license operations of the Snow Atlas (Flexera SAM)
// API. It is read-only.
//
// It supports versions 1.0.0 to 1.7.0 of the SAM Licenses API. Fields that a version
// lacks are absent, and operations that it lacks fail with rest.ErrNotApplicable.
//
// The credentials are OAuth2 client credentials of an application registration,
// configured as oauth2 in rest.Options.HTTP. They are sent in the body to TokenURL,
// unless another URL is configured. All calls of a Client share one token, which
// package rest renews, so about one token is requested in an hour.
//
// License keys, notes, invoices, contacts, and names and identifiers of computers and
// users are not decoded, so they cannot leak. An Opaque number distinguishes computers
// and users if the record has no identifier.
//
// The vendor does not always send the types that it documents: numbers and booleans
// may be strings, flags may be numbers or names, and dates have four formats. The types
// Int, Number, Bool, Text, ID, Time and the flags read all of them. They never fail, so
// that one bad value does not make its record unreadable.
package snow

import (
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
)

// DefaultRegion is the region of tenants that are configured without one.
const DefaultRegion = "westeurope"

// The default rate limits in requests a second. The vendor limits requests by address,
// client and user without publishing numbers, and may block clients that send too many,
// so these are low. A tenant counts as one organization. All tenants of a region share
// the limit of the source address.
const (
	OrganizationRateLimit = 5.0
	SourceRateLimit       = 5.0
)

// tenant is the name of the rate limit that all calls count against.
const tenant = "tenant"

// DefaultPageSize is the largest page size that all versions support.
const DefaultPageSize = 1000

// Regions returns the regions in which the vendor hosts tenants.
func Regions() []string {
	return []string{"australiasoutheast", "eastus2", "uksouth", DefaultRegion}
}

// KnownRegion reports whether the vendor hosts tenants in a region.
func KnownRegion(region string) bool { return slices.Contains(Regions(), region) }

// BaseURL returns the base URL of a region, which is DefaultRegion if empty.
func BaseURL(region string) string {
	if region == "" {
		region = DefaultRegion
	}
	return "https://" + region + ".snowsoftware.io"
}

// TokenURL returns the URL of the token endpoint below a base URL.
func TokenURL(baseURL string) string {
	return strings.TrimRight(baseURL, "/") + "/idp/api/connect/token"
}

// Prefixes are the paths of the vendor's APIs below the base URL. The zero value of each
// means the vendor's own.
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

// Options configure a Client. New sets Options.Message,
// Options.Secrets and Options.AuthStyle.
type Options struct {
	rest.Options
	Prefixes Prefixes
	// PageSize is the page size to ask for, DefaultPageSize if 0. The vendor may
	// return smaller pages.
	PageSize int
	// Memory is what earlier clients know of the tenant. It may be nil.
	Memory *Memory
}

// Client reads from the tenant that its credential belongs to. All errors have a
// *rest.Error in their chain. It is safe for concurrent use.
type Client struct {
	rest     *rest.Client
	base     *url.URL
	prefixes Prefixes
	pageSize int
	memory   *Memory
}

// New returns a Client.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, errors.New("the base URL is not valid")
	}
	if given := o.HTTP.OAuth2; given != nil && given.TokenURL == "" {
		oauth := *given // a copy, since the original is the caller's
		oauth.TokenURL = TokenURL(o.BaseURL)
		o.HTTP.OAuth2 = &oauth
	}
	o.Message, o.Secrets = message, secrets
	o.AuthStyle = oauth2.AuthStyleInParams
	c, err := rest.New(o.Options)
	if err != nil {
		return nil, err
	}
	if o.PageSize <= 0 {
		o.PageSize = DefaultPageSize
	}
	if o.Memory == nil {
		o.Memory = &Memory{}
	}
	return &Client{rest: c, base: base, prefixes: o.Prefixes.orDefault(), pageSize: o.PageSize, memory: o.Memory}, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.rest.Close() }

// secrets matches tokens and license keys, which the vendor's messages might repeat. Tokens
// are texts of 86 characters, or have the form of JSON Web Tokens. Identifiers are shorter
// and, unlike license keys, in lower case.
var secrets = regexp.MustCompile(`\beyJ[\w-]+(\.[\w-]*)*|[\w-]{40,}|\b[0-9A-Z]{4,}(-[0-9A-Z]{2,}){2,}\b`)

// message reads {"error": {"code": 404, "message": "text"}}. The text may be missing. The
// HTML of a gateway has no message.
func message(body []byte) string {
	var answer struct {
		Error struct{ Code, Message Text }
	}
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	scalar.Check(&answer, nil, ignore) // empties what is not text
	text := string(answer.Error.Message)
	if text == "" && answer.Error.Code != "" {
		text = "error " + string(answer.Error.Code)
	}
	return text
}
