// Package microsoft365 is a simulated Microsoft Graph, version 1.0, and the token endpoints of Microsoft Entra, with
// invented tenants.
//
// It is written from https://learn.microsoft.com/graph/api/subscribedsku-list, directory-list-subscriptions and
// organization-list, https://learn.microsoft.com/graph/errors, https://learn.microsoft.com/graph/throttling and
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes.
package microsoft365

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"license_exporter/internal/simulator"
)

// DemoClientID and DemoClientSecret are the credentials of StartDemo and StartSmall.
const (
	DemoClientID     = "5a0b1c2d-0000-4000-8000-000000000365"
	DemoClientSecret = simulator.FakeKeyMarker + "-client-secret"
)

// perTenant is the rate limit in requests a second for an app and a tenant. The vendor's limits for the smallest tenants are 3,500
// units in 10 seconds. A list of SKUs costs 2 units.
const perTenant = 175

// Options configure a simulated API. Except for the estate and the credentials, the zero value of a field is the vendor's behavior,
// without latency.
type Options struct {
	Estate []Tenant
	// ClientID and ClientSecret are the valid credentials. If they are empty, all requests for tokens are refused.
	ClientID, ClientSecret string
	// GraphHost is the host that the scope must name. The zero value means graph.microsoft.com.
	GraphHost string
	// Now is the clock for dates in answers, or nil for the real clock.
	Now func() time.Time
	// Latency is added to each answer, unless the client goes away first.
	Latency time.Duration
	// PageSize is the most records of a page. 0 means that there is one page.
	PageSize int
	// NoLimits turns off the rate limits.
	NoLimits bool
}

// API is a simulated Microsoft Graph with its token endpoints: an http.Handler. It is safe for concurrent use.
type API struct {
	options Options
	limits  *simulator.Buckets
	tokens  tokens
	simulator.Front
}

// New returns a simulated API. simulator.Listen serves it.
func New(options Options) *API {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.GraphHost == "" {
		options.GraphHost = "graph.microsoft.com"
	}
	s := &API{options: options, tokens: tokens{granted: map[string]grant{}}, Front: simulator.Front{Latency: options.Latency}}
	if !options.NoLimits {
		s.limits = simulator.NewBuckets(perTenant, perTenant, 0)
	}
	return s
}

// operations has the collections by path.
var operations = map[string]struct {
	name, context, kind string
	records             func(Tenant, time.Time) []simulator.Object
}{
	"/v1.0/organization":            {"listOrganization", "organization", "organization", Tenant.organization},
	"/v1.0/subscribedSkus":          {"listSubscribedSkus", "subscribedSkus", "subscribedSku", Tenant.skus},
	"/v1.0/directory/subscriptions": {"listSubscriptions", "directory/subscriptions", "companySubscription", Tenant.subscriptions},
}

// ServeHTTP answers one request. Requests counts requests for tokens as "token" and requests to unknown paths as "unknown".
func (s *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if tenant, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/"), "/oauth2/v2.0/token"); ok {
		s.Serve(w, r, "token", func() simulator.Answer { return s.grant(tenant, r) })
	} else if o, ok := operations[r.URL.Path]; ok {
		s.Serve(w, r, o.name, func() simulator.Answer { return s.answer(r) })
	} else {
		s.Serve(w, r, "unknown", func() simulator.Answer {
			return refuse(http.StatusNotFound, "ResourceNotFound", "Resource not found for the segment '"+r.URL.Path+"'.")
		})
	}
}

// answer runs the checks in the order of the gateway and then the operation.
func (s *API) answer(r *http.Request) simulator.Answer {
	o := operations[r.URL.Path]
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token is empty.")
	}
	id, ok := s.tokens.tenant(token)
	if !ok {
		return refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")
	}
	if r.Method != http.MethodGet {
		return refuse(http.StatusMethodNotAllowed, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
	}
	if wait := s.limits.Draw(id); wait > 0 {
		return refuse(http.StatusTooManyRequests, "TooManyRequests", "Too many requests").After(wait)
	}
	t := s.options.Estate[slices.IndexFunc(s.options.Estate, func(t Tenant) bool { return t.ID == id })]
	if slices.Contains(t.Withheld, o.name) {
		return refuse(http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
	}
	return s.collection(r, o.context, o.kind, o.records(t, simulator.Midnight(s.options.Now())))
}

// collection returns a page of records with the selected members.
func (s *API) collection(r *http.Request, context, kind string, records []simulator.Object) simulator.Answer {
	query := r.URL.Query()
	for name := range query {
		if !slices.Contains([]string{"$select", "$skiptoken"}, name) {
			return refuse(http.StatusBadRequest, "Request_UnsupportedQuery", "The query specified in the URI is not valid: "+name+".")
		}
	}
	if fields := query.Get("$select"); fields != "" {
		context += "(" + fields + ")"
		var unknown string
		if records, unknown = selected(records, strings.Split(fields, ",")); unknown != "" {
			return refuse(http.StatusBadRequest, "BadRequest",
				"Parsing OData Select and Expand failed: Could not find a property named '"+unknown+"' on type 'microsoft.graph."+kind+"'.")
		}
	}
	page := simulator.Object{"@odata.context": "https://" + s.options.GraphHost + "/v1.0/$metadata#" + context}
	from := 0
	if n := s.options.PageSize; n > 0 {
		_, _ = fmt.Sscanf(query.Get("$skiptoken"), "RFNwdAoAAQ%d", &from)
		if from+n < len(records) {
			query.Set("$skiptoken", fmt.Sprintf("RFNwdAoAAQ%d", from+n))
			page["@odata.nextLink"] = "http://" + r.Host + r.URL.Path + "?" + query.Encode()
			records = records[:from+n]
		}
	}
	page["value"] = records[min(from, len(records)):]
	return simulator.Found(page).With("Content-Type", "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8")
}

// selected returns the records with only these members. unknown is a member that none of them has.
func selected(records []simulator.Object, fields []string) (_ []simulator.Object, unknown string) {
	all := []simulator.Object{}
	for _, record := range records {
		only := simulator.Object{}
		for _, field := range fields {
			value, ok := record[field]
			if !ok {
				return nil, field
			}
			only[field] = value
		}
		all = append(all, only)
	}
	return all, ""
}

// refuse returns an error in the format of Microsoft Graph.
func refuse(status int, code, message string) simulator.Answer {
	return simulator.NewAnswer(status, simulator.Object{"error": simulator.Object{
		"code": code, "message": message,
		"innerError": simulator.Object{"date": "2026-03-17T22:45:10", "request-id": requestID, "client-request-id": requestID},
	}})
}

const requestID = "6d3a1a2b-0000-4000-8000-0000000000aa"
