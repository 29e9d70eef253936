// Package table is what the exporter reads licenses from if a vendor has no API: a spreadsheet of contracts, and an asset tool's API as
// that of Snipe-IT with invented companies.
package table

import (
	"net/http"
	"strconv"
	"time"

	"license_exporter/internal/simulator"
)

// The limits of the asset tool, which its administrator can change: MAX_RESULTS and API_THROTTLE_PER_MINUTE.
const (
	defaultMaxResults = 500
	defaultPerMinute  = 120
)

const licensesPath = "/api/v1/licenses"

// Options configure a simulated asset tool. Except for Companies and Token, the zero value of a field is the vendor's behavior, without
// latency.
type Options struct {
	// Companies is the number of companies. Each has LicensesPerCompany licenses.
	Companies int

	// Token is the valid personal access token. If it is empty, all requests are refused.
	Token string

	// Now is the clock for dates in answers, or nil for the real clock. Limits and latency always use the real clock.
	Now func() time.Time

	// Latency is added to each answer, unless the client goes away first.
	Latency time.Duration

	// MaxResults is the most licenses of a page, or 0 for 500.
	MaxResults int

	// Unlimited turns off the rate limit of 120 requests a minute.
	Unlimited bool

	// Withheld is set if the token's user does not have the permission licenses.view.
	Withheld bool
}

// API is a simulated asset tool: an http.Handler for the list of licenses. It is safe for concurrent use.
//
// Answers are as in grokability/snipe-it: app/Http/Controllers/Api/LicensesController.php, app/Http/Transformers/LicensesTransformer.php
// and app/Exceptions/Handler.php. Lists can be sorted by id and creation only, and there are no filters.
type API struct {
	options Options
	buckets *simulator.Buckets
	simulator.Front
}

// New returns a simulated asset tool. simulator.Listen serves it.
func New(options Options) *API {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.MaxResults <= 0 {
		options.MaxResults = defaultMaxResults
	}
	s := &API{options: options, Front: simulator.Front{Latency: options.Latency}}
	if !options.Unlimited {
		s.buckets = simulator.NewBuckets(defaultPerMinute/60., 0, defaultPerMinute)
	}
	return s
}

const smallToken = "small-token" //nolint:gosec // of a simulator within the process

// StartSmall serves an asset tool with licenses of so many companies on the loopback interface, without a rate limit. Its pages are so
// small that the list has four. It returns the base URL, the token and a function that stops it.
func StartSmall(organizations int) (baseURL, token string, stop func(), err error) {
	size := max(1, organizations) * LicensesPerCompany / 4
	baseURL, stop, err = simulator.Listen(New(Options{
		Companies: organizations, Token: smallToken, MaxResults: min(size, defaultMaxResults), Unlimited: true,
	}))
	return baseURL, smallToken, stop, err
}

// ServeHTTP answers one request. Requests counts requests for licenses as "licenses" and requests to other paths as "unknown".
func (s *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == licensesPath {
		s.Serve(w, r, "licenses", func() simulator.Answer { return s.answer(r) })
	} else {
		s.Serve(w, r, "unknown", func() simulator.Answer { return refuse(http.StatusNotFound, "404 endpoint not found") })
	}
}

// answer runs the checks in the vendor's order, and then returns the page.
func (s *API) answer(r *http.Request) simulator.Answer {
	if r.Method != http.MethodGet {
		return refuse(http.StatusMethodNotAllowed, "Method not allowed").With("Allow", http.MethodGet)
	}
	if wait := s.buckets.Draw("api"); wait > 0 {
		return message(http.StatusTooManyRequests, "Too Many Attempts.").After(wait)
	}
	if s.options.Token == "" || r.Header.Get("Authorization") != "Bearer "+s.options.Token {
		return simulator.NewAnswer(http.StatusUnauthorized, simulator.Object{"error": "Unauthorized or unauthenticated."})
	}
	if s.options.Withheld {
		return message(http.StatusForbidden, "This action is unauthorized.")
	}
	return s.page(r)
}

// page returns the page that a request asks for. A limit that is no number or too great becomes the greatest limit, and an offset
// after the end becomes the end.
func (s *API) page(r *http.Request) simulator.Answer {
	total := s.options.Companies * LicensesPerCompany
	query := r.URL.Query()
	offset, _ := strconv.Atoi(query.Get("offset"))
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil || limit <= 0 || limit > s.options.MaxResults {
		limit = s.options.MaxResults
	}
	offset = max(0, min(offset, total))
	today := simulator.Midnight(s.options.Now())
	rows := simulator.ListFunc(total, func(i int) row {
		if query.Get("order") != "asc" {
			i = total - 1 - i
		}
		return newRow(today, i)
	})
	return simulator.Found(struct {
		Total int   `json:"total"`
		Rows  []row `json:"rows"`
	}{total, rows.Slice(offset, offset+limit)})
}

// refuse returns an error in the vendor's format.
func refuse(status int, text string) simulator.Answer {
	return simulator.NewAnswer(status, simulator.Object{"status": "error", "messages": text, "payload": nil})
}

// message returns an error in the format of the vendor's framework.
func message(status int, text string) simulator.Answer {
	return simulator.NewAnswer(status, simulator.Object{"message": text})
}
