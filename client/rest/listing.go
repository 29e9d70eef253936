package rest

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"runtime"
	"time"

	"golang.org/x/sync/semaphore"

	"license_exporter/client/scalar"
	"license_exporter/internal/heap"
)

const (
	// maxShort is the number of records of a listing that is not long. A record of more than
	// largeRecord bytes counts as several.
	maxShort    = 1000
	largeRecord = 1 << 10
	// largestUsual is the size of the largest records of which a usual page may consist.
	largestUsual = 4 << 10
	// maxLong bounds the long listings that are read at the same time. One client may have
	// half of them.
	maxLong = 16
	// maxPermitWait is how long a listing whose first page is long waits for others.
	maxPermitWait = 10 * time.Second
	// measureEach is the number of records of a long listing after which the growth of the
	// process since the listing began is measured. maxGrowth bounds this growth.
	measureEach = 20_000
	maxGrowth   = 48 << 20
)

var longListings = semaphore.NewWeighted(maxLong)

// Listing is what is known of a listing while its pages are read.
//
// Collectors keep something of most records. So a long listing needs a permit to go on, and
// fails if the process grows too much meanwhile.
type Listing[T any] struct {
	ctx             context.Context
	client          *Client
	call            Call
	usable, skipped int
	// weight is the number of usable records, where a large record counts as several.
	weight int
	// seen maps hashes of identifiers to the page on which they first occurred. repeated is
	// the number of records that occurred on an earlier page.
	pages      int32
	repeated   int
	seen       map[uint64]int32
	visited    map[uint64]bool // hashes of the URLs of pages
	unreadable scalar.Found

	// release returns the permit of a listing that may be long. It is nil if there is none.
	// live is how many bytes the process had in use when the permit was given, and measured
	// is the weight at the latest measurement.
	release  func()
	live     uint64
	measured int
}

// NewListing returns a Listing for the pages that a call returns. Close it.
func NewListing[T any](ctx context.Context, c *Client, call Call) *Listing[T] {
	return &Listing[T]{ctx: ctx, client: c, call: call, unreadable: c.unreadable(ctx, call)}
}

// records decodes the records of a page. It leaves out those that are not usable and those
// that occurred before.
func (l *Listing[T]) records(p *Page[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := l.begin(max(p.Len(), len(p.list.text)/largestUsual)); err != nil {
			var none T
			yield(none, err)
			return
		}
		record := new(T)
		c := cursor{text: p.list.text}
		c.take('[')
		for range p.Len() {
			text, hash, usable, err := decodeRecord(record, &c, l.unreadable)
			c.take(',')
			switch {
			case err != nil:
				yield(*record, p.malformed(err))
				return
			case !usable:
				l.skipped++
				continue
			case l.again(hash, p.Len()):
				continue
			}
			l.usable++
			l.weight += 1 + len(text)/largeRecord
			if err := l.measure(); err != nil {
				yield(*record, p.malformed(err))
				return
			}
			if !yield(*record, nil) {
				return
			}
		}
	}
}

// Repeated returns the number of records so far that occurred on an earlier page.
func (l *Listing[T]) Repeated() int { return l.repeated }

// Skip counts n records as left out.
func (l *Listing[T]) Skip(n int) { l.skipped += n }

// again reports whether an identifier has occurred before. n is the number of records of the
// page.
func (l *Listing[T]) again(hash uint64, n int) bool {
	if hash == 0 {
		return false
	}
	if l.seen == nil {
		l.seen = make(map[uint64]int32, n) // most listings have one page
	}
	page, again := l.seen[hash]
	switch {
	case !again:
		l.seen[hash] = l.pages
	case page < l.pages:
		l.repeated++
	}
	return again
}

// Close ends the listing. It may be called before End.
func (l *Listing[T]) Close() {
	if l.release != nil {
		l.release()
		l.release = nil
	}
}

// Answer requests a page of the listing at a URL, which the vendor may have named. It is an error if
// the page has been read, or if the credential must not be sent there.
func (l *Listing[T]) Answer(u *url.URL) (*Answer, error) {
	if err := l.guard(u); err != nil {
		return nil, failure(l.call, u, 0, ReasonDecode, err)
	}
	if err := l.Wait(); err != nil {
		return nil, err
	}
	r, err := l.client.fetch(l.ctx, l.call, u)
	if err != nil {
		return nil, err
	}
	return &Answer{l.client, r}, nil
}

// Wait must be called before a page is requested in another way than by Answer. If the listing is long, it waits until
// others have ended.
func (l *Listing[T]) Wait() error {
	if l.release != nil || l.weight < maxShort {
		return nil
	}
	return l.permit(l.ctx)
}

// begin is called before the records of a page are decoded. weight is that of the page.
func (l *Listing[T]) begin(weight int) error {
	l.pages++
	if l.release != nil || l.weight+weight <= 2*maxShort {
		return nil
	}
	// The buffer of the page is in use meanwhile. Long listings may wait for it.
	ctx, cancel := context.WithTimeout(l.ctx, maxPermitWait)
	defer cancel()
	return l.permit(ctx)
}

// permit waits for a permit.
func (l *Listing[T]) permit(ctx context.Context) error {
	release, err := acquireBoth(ctx, l.client.longListings, longListings)
	if err != nil {
		return failure(l.call, l.client.URL(l.call), 0, ReasonTimeout, fmt.Errorf("%w: too many long listings are being read at the same time", err))
	}
	l.release, l.live, l.measured = release, heap.LiveBytes(), l.weight
	return nil
}

// measure is called for each usable record.
func (l *Listing[T]) measure() error {
	if l.release == nil || l.weight-l.measured < measureEach {
		return nil
	}
	l.measured = l.weight
	runtime.GC() // finds out what is in use
	if now := heap.LiveBytes(); now > l.live+maxGrowth {
		return fmt.Errorf("the listing needs too much memory: the process has grown by %d MiB over %d records; the limit is %d MiB", (now-l.live)>>20, l.usable, maxGrowth>>20)
	}
	return nil
}

// End must be called after the last page. It passes the number of records that were left
// out to the trace of the context, and fails if there are only such records.
func (l *Listing[T]) End() error {
	if l.skipped == 0 {
		return nil
	}
	if l.usable == 0 {
		return fmt.Errorf("none of the %d records of the answer is what was asked for", l.skipped)
	}
	traceOf(l.ctx).Skipped(l.call.Operation, l.skipped)
	return nil
}
