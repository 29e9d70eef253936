// Package elasticsearch reads the license of an Elasticsearch cluster, and how many nodes it has. It is
// read-only.
//
// Facts about the API are from https://www.elastic.co/docs/api, from the specification
// elastic/elasticsearch-specification, and from the source of Elasticsearch.
package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"license_exporter/client/rest"
)

// The operations, with the vendor's names.
var (
	opInfo    = rest.Operation{Name: "info", Path: "/"}
	opLicense = rest.Operation{Name: "license.get", Path: "/_license"}
	// opXPackLicense is opLicense of the versions 5 and 6.
	opXPackLicense = rest.Operation{Name: "xpack.license.get", Path: "/_xpack/license"}
	opHealth       = rest.Operation{Name: "cluster.health", Path: "/_cluster/health"}
)

// Operations returns all operations that a Client uses.
func Operations() []rest.Operation {
	return []rest.Operation{opInfo, opLicense, opXPackLicense, opHealth}
}

// Client reads from one cluster with one credential. It is safe for concurrent use.
type Client struct{ rest *rest.Client }

// New returns a Client. It sets Options.Message and Options.Secrets.
func New(o rest.Options) (*Client, error) {
	o.Message, o.Secrets = message, people
	c, err := rest.New(o)
	if err != nil {
		return nil, err
	}
	return &Client{c}, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.rest.Close() }

// notFormed is the UUID of a cluster that has not formed yet.
const notFormed = "_na_"

// Info returns what the cluster is. A cluster that has not formed yet has no UUID, which is an error.
func (c *Client) Info(ctx context.Context) (Info, error) {
	i, err := rest.Object[Info](ctx, c.rest, opInfo.Call())
	switch {
	case err != nil:
		return i, err
	case i.ClusterUUID == notFormed:
		return i, errors.New("the cluster has not formed yet: its cluster_uuid is _na_; check its master nodes if it stays so")
	case i.ClusterUUID == "":
		return i, errors.New("the answer has no cluster_uuid; base_url must be the address of an Elasticsearch cluster of version 5 or later")
	}
	return i, nil
}

// License returns the license of a cluster. Elasticsearch answers 404 for a moment after it has started.
// This is tried again, and is then an error.
func (c *Client) License(ctx context.Context, of Info) (License, error) {
	call := opLicense.Call()
	major, minor := of.version()
	switch {
	case major == 5 || major == 6:
		call = opXPackLicense.Call()
	case major == 7 && minor >= 6: // these versions otherwise call an enterprise license platinum
		call.Query = url.Values{"accept_enterprise": {"true"}}
	}
	call.Organization, call.Temporary = string(of.ClusterUUID), http.StatusNotFound
	answer, err := rest.Object[licenseAnswer](ctx, c.rest, call)
	var e *rest.Error
	switch {
	case errors.As(err, &e) && e.Status == http.StatusNotFound:
		return License{}, fmt.Errorf("%w; the cluster has just started, or its license was deleted", err)
	case err != nil:
		return License{}, explain(err)
	case answer.License == nil || !answer.License.isLicense():
		return License{}, errors.New("the answer has no license with a type or status")
	}
	return *answer.License, nil
}

// Health returns the health of a cluster. After the end of some licenses, Elasticsearch refuses this.
func (c *Client) Health(ctx context.Context, of Info) (Health, error) {
	call := opHealth.Call()
	call.Organization = string(of.ClusterUUID)
	h, err := rest.Object[Health](ctx, c.rest, call)
	return h, explain(err)
}

// blocked is in the message of a refusal because of a license that has ended.
const blocked = "current license is non-compliant"

// explain says what to do about a refusal.
func explain(err error) error {
	var e *rest.Error
	if !errors.As(err, &e) || e.Status != http.StatusForbidden {
		return err
	}
	if strings.Contains(e.Message, blocked) {
		return fmt.Errorf("%w; the license has ended, and Elasticsearch then refuses this", err)
	}
	return fmt.Errorf("%w; the credential needs the cluster privilege monitor", err)
}

// people matches the names of users and the ids of keys in the vendor's messages.
var people = regexp.MustCompile(`\b(?:user|key id|API key|api key|token|service account) \[[^\]]*\]`)

// message reads {"error": {"reason": "text"}} and {"error": "text"}. Other forms have no message.
func message(body []byte) string {
	var answer struct{ Error json.RawMessage }
	var text string
	var inner struct{ Type, Reason string }
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	if json.Unmarshal(answer.Error, &text) == nil {
		return text
	}
	_ = json.Unmarshal(answer.Error, &inner) // other forms have no message
	return strings.TrimPrefix(inner.Type+": "+inner.Reason, ": ")
}
