// Package gitlab reads the license of a GitLab instance and the plans of groups on GitLab.com. It is
// read-only.
//
// Facts about the API are from https://docs.gitlab.com/api/license and
// https://docs.gitlab.com/api/namespaces, and from the source of GitLab.
package gitlab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"license_exporter/client/rest"
)

// DefaultURL is the address of GitLab.com.
const DefaultURL = "https://gitlab.com"

// APIPath is where the API begins below the address of an instance.
const APIPath = "/api/v4"

// The operations, with the vendor's names.
var (
	opLicense   = rest.Operation{Name: "getApiV4License", Path: APIPath + "/license"}
	opNamespace = rest.Operation{Name: "getApiV4NamespacesId", Path: APIPath + "/namespaces/{id}"}
)

// Operations returns all operations that a Client uses.
func Operations() []rest.Operation { return []rest.Operation{opLicense, opNamespace} }

// Client reads from one instance with one token. It is safe for concurrent use.
type Client struct{ rest *rest.Client }

// New returns a Client. Options.BaseURL is the address of the instance, without APIPath. New sets
// Options.Message and Options.Secrets.
func New(o rest.Options) (*Client, error) {
	o.Message, o.Secrets = message, secrets
	c, err := rest.New(o)
	if err != nil {
		return nil, err
	}
	return &Client{c}, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.rest.Close() }

// License returns the current license of the instance. organization is what the request counts for.
// The token must be that of an administrator. An instance without a license is an error.
func (c *Client) License(ctx context.Context, organization string) (License, error) {
	call := opLicense.Call()
	call.Organization = organization
	l, err := rest.Object[License](ctx, c.rest, call)
	switch {
	case err != nil:
		return l, explainLicense(err)
	case !l.isLicense():
		return l, errors.New("the answer is not a license: it has neither plan nor dates nor user_limit")
	}
	return l, nil
}

// Namespace returns a group by its path or id. GitLab shows the plan only to Owners of the group. For
// anybody else, and for a subgroup, it is an error.
func (c *Client) Namespace(ctx context.Context, group string) (Namespace, error) {
	n, err := rest.Object[Namespace](ctx, c.rest, opNamespace.CallFor(group))
	var e *rest.Error
	switch {
	case errors.As(err, &e) && e.Status == http.StatusNotFound:
		return n, fmt.Errorf("%w; check the entry in groups, and that the user of the token is a member of the group", err)
	case err != nil:
		return n, err
	case n.ParentID.Valid:
		return n, rest.Missing("groups names a subgroup; name its top-level group, which has the subscription")
	case n.Plan == "":
		return n, rest.Missing("GitLab does not tell the plan of the group; use a token of a user who is an Owner of the group")
	}
	return n, nil
}

// explainLicense says what to do about a refusal.
func explainLicense(err error) error {
	var e *rest.Error
	if !errors.As(err, &e) {
		return err
	}
	switch {
	case e.Status == http.StatusForbidden:
		return fmt.Errorf("%w; the token must be that of an administrator, with the scope read_api and, if Admin Mode is on, admin_mode", err)
	case e.Status == http.StatusNotFound && e.Message != "":
		return fmt.Errorf("%w; GitLab Community Edition has no license: take the account out, or correct base_url", err)
	case e.Status == http.StatusOK && e.Err != nil && strings.HasPrefix(e.Err.Error(), "the answer is null"):
		return fmt.Errorf("%w: the instance has no license; add one, or take the account out", err)
	}
	return err
}

// secrets matches tokens, which begin with words such as glpat-.
var secrets = regexp.MustCompile(`\bgl[a-z]{1,10}-[\w.-]{8,}`)

// message reads the forms of the vendor's errors: {"message": "text"}, {"message": {"error": "text"}} and
// {"error": "word", "error_description": "text"}. Other forms have no message.
func message(body []byte) string {
	var answer struct {
		Message     json.RawMessage
		Error       string
		Description string `json:"error_description"`
	}
	var text string
	var inner struct{ Error string }
	_ = json.Unmarshal(body, &answer) // one odd member does not affect the others
	_ = json.Unmarshal(answer.Message, &text)
	_ = json.Unmarshal(answer.Message, &inner)
	for _, found := range []string{text, inner.Error, answer.Description, answer.Error} {
		if found != "" {
			return found
		}
	}
	return ""
}
