package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// A body is read completely before any of it is used, so that one that breaks can be
// requested again. All bodies that the process holds at a time have bounded memory: a body
// is read into a buffer of the first class, and moves to one of the next if it is larger.
// Each class has a limited number of buffers. A body that waits for a buffer holds only one
// of a lower class, so bodies cannot block each other.
//
// A body holds its buffer while it is read and until its records are used. Code that uses
// records must not wait for another request meanwhile.
var classes = [...]*class{
	newClass(64<<10, 512),
	newClass(1<<20, 12),
	newClass(4<<20, 4),
	newClass(16<<20, 2),
}

// class is a class of buffers.
type class struct {
	size int64
	// free has a permit for each buffer.
	free *semaphore.Weighted
	// half is the number of buffers that one client may have. A client whose vendor sends
	// slowly must not block the others.
	half int64
	// used contains buffers for reuse. It is nil for the larger classes, whose buffers would
	// lie idle most of the time.
	used *sync.Pool
}

func newClass(size, buffers int64) *class {
	c := &class{size: size, free: semaphore.NewWeighted(buffers), half: buffers / 2}
	if size <= 1<<20 {
		c.used = &sync.Pool{New: func() any { return new(make([]byte, size)) }}
	}
	return c
}

// buffer returns a buffer for n bytes.
func (c *class) buffer(n int64) *[]byte {
	if c.used == nil {
		return new(make([]byte, n))
	}
	return c.used.Get().(*[]byte)
}

// shares has a semaphore for each class: the buffers that a client may still have.
type shares [len(classes)]*semaphore.Weighted

func newShares() (s shares) {
	for i, class := range classes {
		s[i] = semaphore.NewWeighted(class.half)
	}
	return s
}

// maxMessage bounds what is read of the body of an error. The rest is not needed for its
// message.
const maxMessage = 32 << 10

// body is a complete body in a buffer.
type body struct {
	text   []byte
	buffer *[]byte
	class  int
	shares *shares
	// free counts the buffer as free. It is called when the fetch ends, in case nobody
	// releases the body, for example because a collector panicked. keep prevents that call
	// and reports whether it was in time.
	free func()
	keep func() bool
}

// release makes the buffer free. The text must not be used afterwards. A nil body has
// nothing to release.
func (b *body) release() {
	if b == nil || b.buffer == nil {
		return
	}
	if class := classes[b.class]; b.keep() {
		if class.used != nil {
			class.used.Put(b.buffer)
		}
		b.free()
	}
	b.text, b.buffer = nil, nil
}

// grow moves the body to a buffer of a class, with room for n bytes.
func (b *body) grow(ctx context.Context, to int, n int64) error {
	free, err := acquireBoth(ctx, b.shares[to], classes[to].free)
	if err != nil {
		return err
	}
	buffer := classes[to].buffer(n)
	text := (*buffer)[:copy(*buffer, b.text)]
	b.release()
	b.text, b.buffer, b.class = text, buffer, to
	b.free, b.keep = free, context.AfterFunc(requestOf(ctx).fetch, free)
	return nil
}

// acquireBoth waits for a permit of the client and one of the process. release returns both.
func acquireBoth(ctx context.Context, client, process *semaphore.Weighted) (release func(), err error) {
	if err := client.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	if err := process.Acquire(ctx, 1); err != nil {
		client.Release(1)
		return nil, err
	}
	return func() {
		process.Release(1)
		client.Release(1)
	}, nil
}

// largeError means that a body has more bytes than its operation allows.
type largeError struct{ limit int64 }

func (e *largeError) Error() string {
	return fmt.Sprintf("the answer has more than %d bytes, the limit for this operation", e.limit)
}

// read reads the body of an answer, which must not have more than limit bytes. It does not
// begin if Content-Length says that it has more.
func (s *shares) read(ctx context.Context, resp *http.Response, limit int64) (*body, error) {
	b := &body{shares: s}
	err := b.fill(ctx, resp, limit)
	if err != nil {
		b.release()
		return nil, err
	}
	return b, nil
}

func (b *body) fill(ctx context.Context, resp *http.Response, limit int64) error {
	most := limit
	if resp.ContentLength > 0 {
		most = resp.ContentLength
	}
	if most > limit {
		return &largeError{limit}
	}
	for i, class := range classes {
		if i < len(classes)-1 && resp.ContentLength >= class.size {
			continue
		}
		n := min(class.size, most+1) // one more, to find the end
		if err := b.grow(ctx, i, n); err != nil {
			return err
		}
		room := (*b.buffer)[:n]
		for len(b.text) < len(room) {
			n, err := resp.Body.Read(room[len(b.text):])
			b.text = room[:len(b.text)+n]
			if int64(len(b.text)) > limit {
				return &largeError{limit}
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
		}
	}
	return &largeError{limit}
}

// readMessage reads the beginning of the body of an error. If it breaks, the status is still
// known.
func (s *shares) readMessage(ctx context.Context, resp *http.Response) (*body, error) {
	b := &body{shares: s}
	if err := b.grow(ctx, 0, maxMessage); err != nil {
		return nil, err
	}
	n, _ := io.ReadFull(resp.Body, (*b.buffer)[:maxMessage])
	b.text = (*b.buffer)[:n]
	return b, nil
}

// bodyTransport reads the bodies of answers. It leaves them in the request.
type bodyTransport struct {
	closer
	shares *shares
	// timeout bounds the time of a request and its answer. The timeout of http.Client would take two
	// goroutines for each request.
	timeout time.Duration
}

func withBodies(next http.RoundTripper, timeout time.Duration) http.RoundTripper {
	return bodyTransport{closer{RoundTripper: next, inner: next}, new(newShares()), timeout}
}

func (t bodyTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	r := requestOf(req.Context())
	r.body.release() // that of an earlier attempt
	r.body = nil
	ctx, cancel := context.WithTimeout(req.Context(), t.timeout)
	defer cancel()
	resp, err := t.RoundTripper.RoundTrip(req.WithContext(ctx))
	if err != nil || isRedirect(resp.StatusCode) {
		return resp, err
	}
	defer func() { _ = resp.Body.Close() }() // after it was read, the error does not matter
	switch resp.StatusCode {
	case http.StatusOK:
		r.body, err = t.shares.read(ctx, resp, r.maxBytes())
	case http.StatusSwitchingProtocols:
		r.body = &body{shares: t.shares} // the rest of the connection, which no timeout ends
	default:
		r.body, err = t.shares.readMessage(ctx, resp)
	}
	if err != nil {
		return nil, err
	}
	resp.Body = http.NoBody
	return resp, nil
}
