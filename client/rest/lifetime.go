package rest

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strconv"

	"license_exporter/client/scalar"
)

// maxTokenAnswer bounds the answer of a token endpoint, as package oauth2 does.
const maxTokenAnswer = 1 << 20

// lifetimeTransport makes the lifetime of tokens readable. Package oauth2 refuses a token
// whose expires_in is neither a whole number nor one in a string.
type lifetimeTransport struct{ closer }

func withReadableLifetimes(next http.RoundTripper) http.RoundTripper {
	return lifetimeTransport{closer{RoundTripper: next, inner: next}}
}

func (t lifetimeTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenAnswer))
	resp.Body.Close()
	if err != nil {
		return nil, err
	}
	body = readableLifetime(body)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// readableLifetime returns an answer of a token endpoint with a whole number for expires_in,
// or without it if it is not a positive number. The token then has no known end, and is used
// until the API refuses it. Other answers are returned unchanged.
func readableLifetime(body []byte) []byte {
	const name = "expires_in"
	var answer map[string]json.RawMessage
	if json.Unmarshal(body, &answer) != nil || answer[name] == nil {
		return body
	}
	var seconds scalar.Number
	_ = seconds.UnmarshalJSON(answer[name])
	delete(answer, name)
	if whole := math.Min(seconds.Value, math.MaxInt32); whole >= 1 {
		answer[name] = strconv.AppendInt(nil, int64(whole), 10)
	}
	readable, err := json.Marshal(answer)
	if err != nil {
		return body
	}
	return readable
}
