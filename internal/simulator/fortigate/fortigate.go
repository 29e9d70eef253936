// Package fortigate is a set of simulated FortiGate firewalls. Each has the license status of its REST API below a path of its own, which
// begins with its serial number. The answers have the form of public recordings: see the testdata of client/fortigate.
package fortigate

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"license_exporter/internal/simulator"
)

// statusPath is the path of the only operation. FortiOS also answers it with the name of the action, select.
const statusPath = "/api/v2/monitor/license/status"

// DemoToken is the API token of the devices that have no own one.
const DemoToken = "demo-api-token" //nolint:gosec // of a simulator within the process

// Options configure simulated devices. Except for Devices, the zero value of a field is the vendor's behavior, without latency.
type Options struct {
	Devices []Device

	// Now is the clock for dates in answers, or nil for the real clock.
	Now func() time.Time

	// Latency is added to each answer, unless the client goes away first.
	Latency time.Duration

	// Lockout is how many requests with a wrong token a device refuses before it blocks the sender. 0 means that it blocks none.
	Lockout int
}

// Device is a simulated device.
type Device struct {
	Serial, Name string
	// Token is the valid API token. The zero value means DemoToken.
	Token string
	// Version is that of FortiOS. Build belongs to it.
	Version string
	Build   int
	// NoPermission is set if the profile of the API administrator has no read permission.
	NoPermission bool
	// Results returns the services. today is the start of the day in UTC.
	Results func(today time.Time) simulator.Object
}

// API is an http.Handler for devices. It is safe for concurrent use.
type API struct {
	options Options
	devices map[string]*Device
	simulator.Front

	mu      sync.Mutex
	refused map[string]int // requests with a wrong token, by serial number
}

// New returns simulated devices. simulator.Listen serves them.
func New(options Options) *API {
	if options.Now == nil {
		options.Now = time.Now
	}
	s := &API{options: options, devices: map[string]*Device{}, refused: map[string]int{}, Front: simulator.Front{Latency: options.Latency}}
	for i := range options.Devices {
		s.devices[options.Devices[i].Serial] = &options.Devices[i]
	}
	return s
}

// Start serves devices on the loopback interface. It returns the address of which the serial number of a device makes its address, and a
// function that stops the server.
func Start(devices []Device) (baseURL string, stop func(), err error) {
	return simulator.Listen(New(Options{Devices: devices}))
}

// ServeHTTP answers one request. Requests counts those of a device by its serial number, and others as "unknown".
func (s *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	serial, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	d := s.devices[serial]
	if d == nil {
		s.Serve(w, r, "unknown", func() simulator.Answer { return page(http.StatusNotFound) })
		return
	}
	s.Serve(w, r, serial, func() simulator.Answer { return s.answer(d, "/"+path, r) })
}

// answer runs the checks in the order of FortiOS, and then returns the status. A token in the query is refused, as since FortiOS 7.4.5.
func (s *API) answer(d *Device, path string, r *http.Request) simulator.Answer {
	token := d.Token
	if token == "" {
		token = DemoToken
	}
	valid := r.Header.Get("Authorization") == "Bearer "+token
	path = strings.TrimSuffix(strings.TrimSuffix(path, "/"), "/select")
	switch {
	case s.blocks(d.Serial, valid):
		return page(http.StatusTooManyRequests)
	case !valid:
		return page(http.StatusUnauthorized)
	case path != statusPath:
		return refusal(r, http.StatusNotFound)
	case r.Method != http.MethodGet:
		return refusal(r, http.StatusMethodNotAllowed)
	case d.NoPermission:
		return refusal(r, http.StatusForbidden)
	}
	return simulator.Found(simulator.Object{
		"http_method": r.Method, "results": d.Results(simulator.Midnight(s.options.Now())), "vdom": "root", "path": "license", "name": "status",
		"action": "", "status": "success", "serial": d.Serial, "version": d.Version, "build": d.Build,
	})
}

// blocks reports whether a device blocks the sender of wrong tokens. It counts a request with one.
func (s *API) blocks(serial string, valid bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.options.Lockout > 0 && s.refused[serial] >= s.options.Lockout {
		return true
	}
	if !valid {
		s.refused[serial]++
	}
	return false
}

// refusal returns an error in the format of the API.
func refusal(r *http.Request, status int) simulator.Answer {
	return simulator.NewAnswer(status, simulator.Object{
		"http_method": r.Method, "status": "error", "http_status": status, "vdom": "root", "path": "license", "name": "status", "action": "",
	})
}

// page returns an error of the web server, which has no JSON.
func page(status int) simulator.Answer {
	text := http.StatusText(status)
	return simulator.Answer{
		Status: status, Header: http.Header{"Content-Type": {"text/html; charset=iso-8859-1"}},
		Body: []byte("<!DOCTYPE HTML><html><head><title>" + text + "</title></head><body><h1>" + text + "</h1></body></html>"),
	}
}
