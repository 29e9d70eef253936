package rest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"golang.org/x/sync/semaphore"
)

// TestBodyThatBreaksIsRequestedAgain has a body break several times, in each class of
// buffers.
func TestBodyThatBreaksIsRequestedAgain(t *testing.T) {
	for _, size := range []int{0, 10, 100_000, 2 << 20} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				c := overTransport(t, roundTripper(func(req *http.Request) (*http.Response, error) {
					body := io.Reader(strings.NewReader(`[{"name": "a"}` + strings.Repeat(" ", size) + `]`))
					if attempts++; attempts <= maxRetries {
						body = io.MultiReader(io.LimitReader(body, int64(size)), iotest.ErrReader(io.ErrUnexpectedEOF))
					}
					return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Body: io.NopCloser(body), Request: req}, nil
				}))
				names := 0
				for got, err := range Pages[thing](t.Context(), c, things) {
					if err != nil || got.Name != "a" {
						t.Errorf("%+v, %v", got, err)
					}
					names++
				}
				if names != 1 || attempts != maxRetries+1 {
					t.Errorf("%d records after %d attempts", names, attempts)
				}
				wantFree(t, c)
			})
		})
	}
}

// TestLargeBodyIsNotRequestedAgain refuses a body by what it says of its length, or once it
// has been read so far.
func TestLargeBodyIsNotRequestedAgain(t *testing.T) {
	for _, length := range []int64{-1, 1 << 40} {
		attempts, read := 0, &counting{Reader: neverEnds{}}
		c := overTransport(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			attempts++
			return &http.Response{StatusCode: http.StatusOK, ContentLength: length, Body: io.NopCloser(read), Request: req}, nil
		}))
		_, err := Object[thing](t.Context(), c, things)
		wantReason(t, err, ReasonDecode)
		if want := DefaultMaxBytes + 1; attempts != 1 || read.n > int64(want) || length > 0 && read.n > 0 {
			t.Errorf("%d attempts read %d bytes", attempts, read.n)
		}
		wantFree(t, c)
	}
}

// TestErrorIsShownThoughItsBodyBreaks has the body of an error break, or never end. Only its
// beginning is read.
func TestErrorIsShownThoughItsBodyBreaks(t *testing.T) {
	for name, body := range map[string]io.Reader{
		"breaks": iotest.ErrReader(io.ErrUnexpectedEOF), "never ends": neverEnds{},
	} {
		c := overTransport(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusForbidden, ContentLength: -1, Body: io.NopCloser(body), Request: req}, nil
		}))
		_, err := Object[thing](t.Context(), c, things)
		if e := wantError(t, err, ReasonForbidden); e.Status != http.StatusForbidden {
			t.Errorf("%s: %v", name, err)
		}
		wantFree(t, c)
	}
}

// TestSlowVendorDoesNotBlockOthers has the bodies of one vendor take all buffers that it may
// have. Those of another are read meanwhile.
func TestSlowVendorDoesNotBlockOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page := `[{"name": "a"}` + strings.Repeat(" ", 2<<20) + `]`
		var sending sync.WaitGroup
		slow := overTransport(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			body := io.MultiReader(strings.NewReader(page), untilDone{req.Context()})
			return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Body: io.NopCloser(body), Request: req}, nil
		}))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		for range 20 {
			sending.Go(func() { _, _ = ReadPage[thing](ctx, slow, things) })
		}
		synctest.Wait()
		good := inMemory(t, answer(http.StatusOK, page))
		start := time.Now()
		p, err := ReadPage[thing](t.Context(), good, things)
		if err != nil || time.Since(start) != 0 {
			t.Errorf("read after %s: %v", time.Since(start), err)
		} else {
			p.response.release()
		}
		sending.Wait()
		synctest.Wait() // the end of a fetch makes its buffers free
		wantFree(t, good)
		wantFree(t, slow)
	})
}

// wantFree checks that no buffer is in use by a client, and none by any other.
func wantFree(t *testing.T, c *Client) {
	t.Helper()
	shares := c.http.HTTPClient.Transport.(bodyTransport).shares
	for i, class := range classes {
		for what, s := range map[string]struct {
			*semaphore.Weighted
			n int64
		}{"process": {class.free, 2 * class.half}, "client": {shares[i], class.half}} {
			if !s.TryAcquire(s.n) {
				t.Errorf("a buffer of %d bytes is still in use, by the count of the %s", class.size, what)
				continue
			}
			s.Release(s.n)
		}
	}
}

type neverEnds struct{}

func (neverEnds) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

type counting struct {
	io.Reader
	n int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

// untilDone is a body of which nothing comes until the context ends.
type untilDone struct{ ctx context.Context }

func (u untilDone) Read([]byte) (int, error) {
	<-u.ctx.Done()
	return 0, u.ctx.Err()
}

// TestBodyThatNobodyReleases has a body count as in use until the fetch ends.
func TestBodyThatNobodyReleases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, answer(http.StatusOK, `[{"name": "a"}]`))
		ctx, cancel := context.WithCancel(t.Context())
		p, err := ReadPage[thing](ctx, c, things)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // what belongs to the attempt has ended
		if shares := c.http.HTTPClient.Transport.(bodyTransport).shares; shares[0].TryAcquire(classes[0].half) {
			t.Error("a body in use is not counted")
		}
		cancel()
		synctest.Wait()
		wantFree(t, c)
		p.Close()
		wantFree(t, c)
	})
}

// An attempt that takes too long is given up and repeated, also while its body is read.
func TestAttemptThatHangsIsRepeated(t *testing.T) {
	for name, hang := range map[string]func(*http.Request) (*http.Response, error){
		"before the answer": func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		},
		"in the body": func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(untilDone{req.Context()}), Request: req}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempts, start := 0, time.Now()
				c := overTransport(t, roundTripper(func(req *http.Request) (*http.Response, error) {
					if attempts++; attempts == 1 {
						return hang(req)
					}
					return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"name": "a"}`)), Request: req}, nil
				}))
				got, err := Object[thing](t.Context(), c, things)
				if err != nil || got.Name != "a" || attempts != 2 {
					t.Errorf("%d attempts give %+v, %v", attempts, got, err)
				}
				if took := time.Since(start); took < attemptTimeout || took > attemptTimeout+2*minRetryWait {
					t.Errorf("it takes %s", took)
				}
			})
		})
	}
}
