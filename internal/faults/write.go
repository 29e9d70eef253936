package faults

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// body returns an answer with status 200, the headers of the good answer and another body.
func body(change func(Reply) Reply) func(*exchange) {
	return func(x *exchange) { change(x.good).write(x) }
}

// text returns an answer with status 200 and a body.
func text(content string) func(*exchange) {
	return body(func(r Reply) Reply { return r.with([]byte(content)) })
}

// coded returns an answer whose body is that of the good answer after a change, and whose
// Content-Encoding is set.
func coded(encoding string, change func([]byte) []byte) func(*exchange) {
	return func(x *exchange) {
		x.Header().Set("Content-Encoding", encoding)
		x.good.with(change(x.good.Body)).write(x)
	}
}

// header returns the good answer with other headers.
func header(change func(http.Header, *exchange)) func(*exchange) {
	return func(x *exchange) {
		r := x.good
		r.Header = r.Header.Clone()
		change(r.Header, x)
		r.write(x)
	}
}

// status returns an answer with a status. The headers are name, value and so on.
func status(code int, content string, headers ...string) func(*exchange) {
	return func(x *exchange) {
		for i := 0; i < len(headers); i += 2 {
			x.Header().Set(headers[i], headers[i+1])
		}
		x.WriteHeader(code)
		if code >= http.StatusOK && code != http.StatusNoContent && code != http.StatusNotModified {
			_, _ = io.WriteString(x, content)
		}
	}
}

// raw returns an answer that is not written by net/http. The connection is closed after it.
func raw(content string) func(*exchange) {
	return hijacked(func(_ *exchange, w io.WriteCloser) {
		_, _ = io.WriteString(w, content)
		_ = w.Close()
	})
}

// reply is the beginning of an answer with status 200.
const reply = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

// hijacked returns an answer that a function writes to the connection.
func hijacked(answer func(*exchange, io.WriteCloser)) func(*exchange) {
	return func(x *exchange) {
		conn, _, err := http.NewResponseController(x.ResponseWriter).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		answer(x, conn)
	}
}

// wait returns when the client is gone or the fault ends.
func (x *exchange) wait() { <-x.request.Context().Done() }

// repeated returns a huge answer that repeats a text between two others.
func repeated(before, again, after string) func(*exchange) {
	return func(x *exchange) {
		x.Header().Set("Content-Type", "application/json")
		block := bytes.Repeat([]byte(again), 1+(64<<10)/len(again))
		_, err := io.WriteString(x, before)
		for n := 0; n < huge && err == nil; n += len(block) {
			_, err = x.Write(block)
		}
		_, _ = io.WriteString(x, strings.TrimSuffix(after, "\n"))
	}
}

// inList returns an answer with very many or very large records in place of the good ones.
func inList(before, again, after string) func(*exchange) {
	return func(x *exchange) {
		head, tail, _ := strings.Cut(string(x.good.withList("\x00").Body), "\x00")
		repeated(head+before, again, after+tail)(x)
	}
}

// slowly writes a text again and again until the client is gone or the fault ends.
func slowly(content string) func(*exchange) {
	return func(x *exchange) {
		controller := http.NewResponseController(x.ResponseWriter)
		for {
			select {
			case <-x.request.Context().Done():
				panic(http.ErrAbortHandler)
			case <-time.After(20 * time.Millisecond):
			}
			_, _ = io.WriteString(x, content)
			_ = controller.Flush()
		}
	}
}

func zipped(content []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(content) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// bomb is a small text that is large after it was unzipped.
var bomb = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	block := bytes.Repeat([]byte(" "), 1<<20)
	for range huge >> 20 {
		_, _ = z.Write(block)
	}
	_ = z.Close()
	return b.Bytes()
})
