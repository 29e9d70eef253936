package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"

	"license_exporter/client/scalar"
)

// maxTokenAnswer bounds the answer of a token endpoint.
const maxTokenAnswer = 256 << 10

// answerTransport reads answers of a token endpoint, so that its failures are known as
// such, and makes the lifetime of tokens readable. Package oauth2 hides the cause of a
// failure, and refuses a token whose expires_in is neither a whole number nor one in a
// string.
type answerTransport struct{ closer }

func withReadableAnswers(next http.RoundTripper) http.RoundTripper {
	next = withoutUnreadableRedirects(next)
	return answerTransport{closer{RoundTripper: next, inner: next}}
}

func (t answerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenAnswer+1))
	resp.Body.Close()
	if resp.StatusCode/100 == 2 { // otherwise, the status says enough
		switch {
		case err != nil:
			return nil, err
		case len(body) > maxTokenAnswer:
			return nil, &tokenError{ReasonDecode, fmt.Sprintf("the answer is larger than %d KiB", maxTokenAnswer>>10), tokenFailurePause}
		}
		if err := checkForm(body, defaultFormat); err != nil {
			return nil, &tokenError{ReasonDecode, "oauth2: cannot parse json: " + err.Error(), tokenFailurePause}
		}
		body = readableLifetime(body)
		if bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
			resp.Header.Set("Content-Type", "application/json") // a plain text would be read as a form
		}
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// readableLifetime returns an answer of a token endpoint with a whole number for expires_in,
// or without it if it is not a positive number. The token then has no known end, and is used
// until the API refuses it. Other answers are returned unchanged.
func readableLifetime(body []byte) []byte {
	const name = "expires_in"
	var answer map[string]json.RawMessage
	var lifetime struct {
		Seconds json.RawMessage `json:"expires_in"` // in upper or lower case, as package oauth2 reads it
	}
	if json.Unmarshal(body, &answer) != nil || json.Unmarshal(body, &lifetime) != nil || lifetime.Seconds == nil {
		return body
	}
	var seconds scalar.Number
	_ = seconds.UnmarshalJSON(lifetime.Seconds)
	maps.DeleteFunc(answer, func(key string, _ json.RawMessage) bool { return strings.EqualFold(key, name) })
	if whole := math.Min(seconds.Value, math.MaxInt32); whole >= 1 {
		answer[name] = strconv.AppendInt(nil, int64(whole), 10)
	}
	readable, err := json.Marshal(answer)
	if err != nil {
		return body
	}
	return readable
}
