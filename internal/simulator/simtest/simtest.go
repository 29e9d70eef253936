// Package simtest is the HTTP client for the tests of simulated APIs. It does not use the simulator's types.
package simtest

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"license_exporter/internal/simulator"
)

// Now is the time of the tests. It is late in a day, so that dates that are rounded wrongly are noticed.
var Now = time.Date(2026, 3, 17, 22, 45, 10, 0, time.UTC)

// Client sends requests to a simulated API over a real connection. It follows no redirects.
type Client struct {
	T      *testing.T
	Base   string
	Prefix string // of all paths
	Token  string // what Get sends
	HTTP   *http.Client
}

// Connect serves an API until the end of the test.
func Connect(t *testing.T, api http.Handler) *Client {
	t.Helper()
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{T: t, Base: server.URL, HTTP: client}
}

// Reply is a response.
type Reply struct {
	Status int
	Header http.Header
	Body   string
}

// Send sends one request. A target without a host is a path of the API.
func (c *Client) Send(method, target string, header http.Header, content string) Reply {
	c.T.Helper()
	if strings.HasPrefix(target, "/") {
		target = c.Base + c.Prefix + target
	}
	request, err := http.NewRequestWithContext(c.T.Context(), method, target, strings.NewReader(content))
	if err != nil {
		c.T.Fatal(err)
	}
	request.Header = header
	response, err := c.HTTP.Do(request)
	if err != nil {
		c.T.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		c.T.Fatal(err)
	}
	return Reply{response.StatusCode, response.Header, string(body)}
}

// Bearer returns a header with a token or key.
func Bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// Get sends a GET request with the client's token.
func (c *Client) Get(target string) Reply {
	c.T.Helper()
	return c.Send(http.MethodGet, target, Bearer(c.Token), "")
}

// Read gets a path and decodes the answer, whose status must be 200.
func Read[T any](c *Client, target string) T {
	c.T.Helper()
	r := c.Get(target)
	if r.Status != http.StatusOK {
		c.T.Fatalf("GET %s: %d %s", target, r.Status, r.Body)
	}
	var value T
	if err := json.Unmarshal([]byte(r.Body), &value); err != nil {
		c.T.Fatalf("GET %s: %v", target, err)
	}
	return value
}

// Days returns the days from the start of the test's day to a date of an answer, which is in one of the layouts.
func Days(t *testing.T, value any, layouts ...string) int {
	t.Helper()
	text, _ := value.(string)
	for _, layout := range layouts {
		if date, err := time.Parse(layout, text); err == nil {
			return int(math.Floor(date.Sub(simulator.Midnight(Now)).Hours() / 24))
		}
	}
	t.Fatalf("%v is no date", value)
	return 0
}
