// Package fortigate reads the license status of FortiGate firewalls from the REST API of FortiOS. It is read-only.
//
// Fortinet documents the API only to its partners. What is known comes from public recordings of answers of FortiOS 6.0 to 8.0, which
// are in testdata: prometheus-community/fortigate_exporter, centreon/centreon-plugins, jpforcioli/github_howto_jsonrpc_api and
// fabs-net/aiofortiosapi. Accounts, companies and addresses in the answers are not decoded.
package fortigate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
)

// opStatus is answered by FortiOS 6.0 and later. An answer has less than 20 KB.
var opStatus = rest.Operation{Name: "getLicenseStatus", Path: "/api/v2/monitor/license/status", MaxBytes: 1 << 20}

// Operations returns all operations that a Client uses.
func Operations() []rest.Operation { return []rest.Operation{opStatus} }

// Client reads from one device. All errors are *rest.Error. It is safe for concurrent use.
type Client struct{ rest *rest.Client }

// New returns a Client. It sets Options.Message.
func New(o rest.Options) (*Client, error) {
	o.Message = message
	c, err := rest.New(o)
	if err != nil {
		return nil, err
	}
	return &Client{c}, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.rest.Close() }

// Status is the license status of a device.
type Status struct {
	// Serial is the serial number of the device. In a cluster, it is that of the unit that answers.
	Serial string
	// Services are what the device reports a status or numbers of, in the order of the answer.
	Services []Service
	// Unreadable has the name of a field for each value in Services that could not be read. Such values are absent.
	Unreadable []string
}

// answer is what a device answers with.
type answer struct {
	Serial  scalar.Text `json:"serial"`
	Status  scalar.Word `json:"status"`
	Results results     `json:"results"`
}

// LicenseStatus returns the license status of the device. It counts against the rate limit with the name budget. organization is the
// serial number that is expected. It may be empty.
func (c *Client) LicenseStatus(ctx context.Context, budget, organization string) (Status, error) {
	call := opStatus.Call()
	call.Budget, call.Organization = budget, organization
	a, err := rest.Object[answer](ctx, c.rest, call)
	if err != nil {
		return Status{}, explain(err)
	}
	switch {
	case a.Status != "success":
		err = fmt.Errorf("the answer has the status %q instead of success", a.Status)
	case !isSerial(string(a.Serial)):
		err = errors.New("the answer has no serial number")
	case len(a.Results.services) == 0:
		err = errors.New("the answer has no license")
	default:
		return Status{string(a.Serial), a.Results.services, a.Results.unreadable}, nil
	}
	return Status{}, &rest.Error{Operation: call.Operation, URL: c.rest.URL(call).String(), Status: http.StatusOK, Reason: rest.ReasonDecode, Err: err}
}

// isSerial reports whether a text may be a serial number, such as FGT60FTK00000001: capital letters and digits. Facts are kept by it, so
// nothing else must pass for one.
func isSerial(text string) bool {
	const shortest, longest = 8, 32
	for _, r := range text {
		if (r < '0' || '9' < r) && (r < 'A' || 'Z' < r) {
			return false
		}
	}
	return shortest <= len(text) && len(text) <= longest
}

// hints says what FortiOS means by a status. It answers with a page of HTML that says nothing more.
var hints = map[int]string{
	http.StatusUnauthorized:    "the token is not valid, or the address of the exporter is none of the trusted hosts of the API administrator",
	http.StatusForbidden:       "the profile of the API administrator has no read permission, or not for the virtual domain that manages the device",
	http.StatusNotFound:        "there is no API of FortiOS at this address; check base_url",
	http.StatusTooManyRequests: "FortiOS blocks addresses that send wrong tokens; check the token and the trusted hosts of the API administrator",
}

// explain adds a hint to an error, unless the device asks to wait.
func explain(err error) error {
	var e *rest.Error
	if errors.As(err, &e) && hints[e.Status] != "" && (e.Err == nil || strings.Contains(e.Err.Error(), "HTML")) {
		e.Err = errors.New(hints[e.Status])
	}
	return err
}

// message reads the number of an error from {"status": "error", "error": -37}. There are no texts, and the HTML of the login page has no
// message.
func message(body []byte) string {
	var answer struct{ Error scalar.Int }
	if json.Unmarshal(body, &answer) != nil || !answer.Error.Valid {
		return ""
	}
	return fmt.Sprintf("error %d", answer.Error.Value)
}
