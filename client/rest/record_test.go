package rest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"license_exporter/client/scalar"
)

// part is a record with an identifier.
type part struct {
	ID    scalar.Text
	Size  scalar.Int
	Made  scalar.Time
	Sizes map[string]scalar.Int
	Inner struct{ Size scalar.Int }
}

func (p part) Identity() (uint64, bool) { return scalar.Hash(string(p.ID)), true }

// traced records what a trace receives.
type traced struct {
	mu      sync.Mutex
	values  []string
	skipped int
}

func (r *traced) context(ctx context.Context) context.Context {
	return WithTrace(ctx, &Trace{
		Unreadable: func(u Unreadable) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.values = append(r.values, u.Operation+" "+u.Field+"="+u.Value)
		},
		Skipped: func(_ string, n int) { r.skipped += n },
	})
}

func parts(ctx context.Context, c *Client) (ids []string, err error) {
	for p, err := range Pages[part](ctx, c, things) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, string(p.ID))
	}
	return ids, nil
}

func TestOddRecordsDoNotCostTheList(t *testing.T) {
	for name, test := range map[string]struct {
		body    string
		ids     string
		skipped int
		values  []string
		err     string
	}{
		"good":              {body: `[{"id": "a"}, {"id": "b"}]`, ids: "a b"},
		"none":              {body: `[]`},
		"a number as id":    {body: `[{"id": 17}]`, ids: "17"},
		"null among others": {body: `[null, {"id": "b"}]`, ids: "b", skipped: 1},
		"without id":        {body: `[{"size": 1}, {"id": ""}, {"id": {}}, {"id": "b"}]`, ids: "b", skipped: 3, values: []string{"getThings id=an object"}},
		"other types":       {body: `[1, "x", [], {"id": "b"}]`, ids: "b", skipped: 3},
		"only odd ones":     {body: `[null, {}, 5]`, err: "none of the 3 records"},
		"only null":         {body: `[null]`, err: "none of the 1 records"},
		"an odd value":      {body: `[{"id": "a", "size": "many", "made": "soon"}]`, ids: "a", values: []string{`getThings made="soon"`, `getThings size="many"`}},
		"an odd object":     {body: `[{"id": "a", "sizes": "None"}, {"id": "b", "inner": 4}]`, ids: "a b", values: []string{"getThings inner=a number", "getThings sizes=a string"}},
		"an address":        {body: `[{"id": "a", "made": "by\nada@example.com"}]`, ids: "a", values: []string{`getThings made="by\n[redacted]"`}},
		"a secret":          {body: `[{"id": "a", "made": "KEY-1"}]`, ids: "a", values: []string{`getThings made="[redacted]"`}},
		"twice":             {body: `[{"id": "a"}, {"id": "a"}]`, ids: "a"},
	} {
		t.Run(name, func(t *testing.T) {
			var r traced
			ids, err := parts(r.context(t.Context()), newClient(t, serve(t, answer(http.StatusOK, test.body))))
			if got := strings.Join(ids, " "); got != test.ids || r.skipped != test.skipped {
				t.Errorf("got %q and %d skipped, want %q and %d", got, r.skipped, test.ids, test.skipped)
			}
			if slices.Sort(r.values); !slices.Equal(r.values, test.values) {
				t.Errorf("unreadable are %q, want %q", r.values, test.values)
			}
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("the error is %v, want %q", err, test.err)
			}
		})
	}
}

func TestRecordOfTwoPagesCountsOnce(t *testing.T) {
	var seen requests
	c := newClient(t, serve(t, inTurn(&seen,
		next(`[{"id": "a"}, {"id": "b"}]`, "/api/v1/things?after=b"), answer(http.StatusOK, `[{"id": "b"}, {"id": "c"}]`))))
	ids, err := parts(t.Context(), c)
	if got := strings.Join(ids, " "); got != "a b c" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// described is an object without a required identifier.
type described struct {
	Status scalar.Text
	Count  scalar.Int
}

func TestObjectMustBeWhatWasAskedFor(t *testing.T) {
	for body, want := range map[string]string{
		`{"status": "OK", "other": 1}`:   "",
		`{"status": null}`:               "",
		`{"STATUS": "OK"}`:               "",
		`{"status": "OK", "errors": []}`: "",
		`{"count": "many"}`:              "",
		`{}`:                             "the answer is an empty object",
		`{"other": 1}`:                   "the answer is another object",
		`{"errors": [1], "message": "out of order"}`: "out of order: the answer is a report of errors",
		`{"status": "OK", "error": "x"}`:             "the answer is a report of errors",
		`{"status": "OK", "errors": ["no"]}`:         "the answer is a report of errors",
		`[]`:                                         "the answer is a list",
		`[{"status": "OK"}]`:                         "the answer is a list",
		`null`:                                       "the answer is null",
		`"OK"`:                                       "the answer is a single value",
	} {
		t.Run(body, func(t *testing.T) {
			_, err := Object[described](t.Context(), newClient(t, serve(t, answer(http.StatusOK, body))), things)
			if want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if e := wantError(t, err, ReasonDecode); !strings.Contains(e.Error(), want) || e.Status != http.StatusOK {
				t.Errorf("the error is %v, want %q", e, want)
			}
		})
	}
}
