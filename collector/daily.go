package collector

import (
	"context"
	"time"

	"license_exporter/client/rest"
	"license_exporter/internal/cache"
)

// DailyMaxAge is how long an answer is used that changes slowly, such as a list of names.
const DailyMaxAge = 24 * time.Hour

// Daily contains an answer of the vendor that is fetched once a day, such as a list of names. After
// a failure, the next call tries again. The zero value is ready for use. It is safe for concurrent
// use.
type Daily[T any] struct {
	entry cache.Entry[dailyAnswer[T]]
}

// dailyAnswer is an answer with a report of the records in it that could not be read.
type dailyAnswer[T any] struct {
	value T
	part  *Report
}

// Get returns the answer. It fetches the answer if that is due. Records and values that could
// not be read are added to the report of each call, so that they are reported all day.
func (d *Daily[T]) Get(ctx context.Context, r *Report, fetch func(context.Context) (T, error)) (T, error) {
	var part *Report
	answer, err := d.entry.Get(ctx, cache.Job[dailyAnswer[T]]{
		Now: func() time.Time { return r.Now },
		Due: func(s cache.State[dailyAnswer[T]]) bool { return !s.Valid || r.Now.Sub(s.ValueStarted) >= DailyMaxAge },
		Fetch: func(time.Time) (dailyAnswer[T], error) {
			part = r.Part()
			trace := part.Trace()
			trace.Retrying = r.Trace().Retrying
			value, err := fetch(rest.WithTrace(ctx, trace))
			return dailyAnswer[T]{value, part}, err
		},
	})
	if err == nil {
		part = answer.part
	}
	if part != nil {
		r.Include(part)
		r.includeUnreadable(part)
	}
	return answer.value, err
}
