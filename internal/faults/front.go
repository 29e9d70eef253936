package faults

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"time"
)

// Front is a server in front of an API. It passes requests on, or gives a hostile answer.
// It is safe for concurrent use.
type Front struct {
	// URL is the address of the server that replaces that of the API.
	URL string

	upstream *url.URL
	server   *http.Server
	listener *listener
	ended    sync.WaitGroup
	over     chan struct{}
	// elsewhere is a server that must get no request.
	elsewhere *httptest.Server

	mu      sync.Mutex
	good    map[string]Reply // by address and credential
	current fault
	observe func(*http.Request, Reply)
	strayed int
}

// fault is a kind of answer for some requests.
type fault struct {
	kind  Kind
	match func(*http.Request) bool
	count int
	most  int                 // requests; 0 means no limit
	gone  chan struct{}       // closed when the fault ends
	paths map[string]progress // by path
}

// progress is what a fault has done with requests for a path.
type progress struct {
	count int
	first Reply
}

// Start returns a Front for the API below a base URL. If certificates is not nil, the
// server speaks TLS.
func Start(baseURL string, certificates *Certificates) (*Front, error) {
	upstream, err := url.Parse(baseURL)
	if err != nil {
		return nil, err
	}
	f := &Front{upstream: upstream, over: make(chan struct{}), good: map[string]Reply{}}
	if f.listener, err = listen(certificates); err != nil {
		return nil, err
	}
	f.elsewhere = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.strayed++
		w.WriteHeader(http.StatusTeapot)
	}))
	f.server = &http.Server{Handler: f, ReadHeaderTimeout: time.Minute}
	own := url.URL{Scheme: "http", Host: f.listener.address, Path: upstream.Path}
	if certificates != nil {
		own.Scheme = "https"
	}
	f.URL = own.String()
	f.ended.Go(func() { _ = f.server.Serve(f.listener) }) // returns after Close
	return f, nil
}

// Close stops the server.
func (f *Front) Close() {
	f.Clear()
	close(f.over)
	_ = f.server.Close()
	_ = f.listener.Close()
	f.elsewhere.Close()
	f.ended.Wait()
}

// Set makes the front answer the requests that match, and whose good answers the kind fits,
// with a kind of answer, until so many
// have got one, or until Set or Clear is called if most is 0. A nil match matches all.
func (f *Front) Set(kind Kind, most int, match func(*http.Request) bool) {
	if match == nil {
		match = func(*http.Request) bool { return true }
	}
	f.change(fault{kind: kind, match: match, most: most, gone: make(chan struct{}), paths: map[string]progress{}})
}

// Clear ends the current fault.
func (f *Front) Clear() { f.change(fault{}) }

func (f *Front) change(to fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.current.gone != nil {
		close(f.current.gone)
	}
	f.current = to
}

// Count returns how many requests the current fault has answered.
func (f *Front) Count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current.count
}

// Strayed returns how many requests were sent to an address that a redirect or a link named
// although it is not the API's.
func (f *Front) Strayed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.strayed
}

// Observe sets a function that is called with each request and the good answer to it. nil
// removes it.
func (f *Front) Observe(observe func(*http.Request, Reply)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.observe = observe
}

// take returns what a request gets instead of a good answer, or nil. gone is closed when the
// fault ends.
func (f *Front) take(w http.ResponseWriter, r *http.Request, good Reply) (x *exchange, answer func(*exchange), gone <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.observe != nil {
		f.observe(r, good)
	}
	c := &f.current
	if c.gone == nil || c.most > 0 && c.count >= c.most || !c.match(r) || !c.kind.fits(good) {
		return nil, nil, nil
	}
	c.count++
	p, again := c.paths[r.URL.Path]
	if !again {
		p.first = good
		if c.kind.Many && len(good.records()) > 0 { // the rest would take time
			p.first = good.withList("[" + string(good.records()[0]) + "]")
		}
	}
	x = &exchange{w, r, f, good, p.first, p.count}
	p.count++
	c.paths[r.URL.Path] = p
	return x, c.kind.answer, c.gone
}

// known returns the first good answer for the path, if there will be very many requests.
func (f *Front) known(r *http.Request) (good Reply, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, ok := f.current.paths[r.URL.Path]
	return p.first, ok && f.current.kind.Many
}

// ServeHTTP answers a request.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	good, known := f.known(r)
	if !known {
		var err error
		if good, err = f.pass(r); err != nil {
			panic(http.ErrAbortHandler) // the client or the API is gone
		}
	}
	x, answer, gone := f.take(w, r, good)
	if x == nil {
		good.write(w)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	x.request = r.WithContext(ctx)
	go func() {
		select {
		case <-ctx.Done():
		case <-gone:
		case <-f.over:
		}
		cancel()
	}()
	answer(x)
}

// pass returns the answer of the API. Good answers to requests for data are kept, since tests
// send the same ones again and again.
func (f *Front) pass(r *http.Request) (Reply, error) {
	key := r.Header.Get("Authorization") + " " + r.URL.String()
	f.mu.Lock()
	kept, ok := f.good[key]
	f.mu.Unlock()
	if ok && r.Method == http.MethodGet {
		return kept, nil
	}
	to := r.Clone(r.Context())
	to.URL.Scheme, to.URL.Host, to.RequestURI = f.upstream.Scheme, f.upstream.Host, ""
	to.Host = r.Host // links in answers lead to the front
	to.Header.Del("Accept-Encoding")
	resp, err := http.DefaultTransport.RoundTrip(to)
	if err != nil {
		return Reply{}, err
	}
	reply, err := readReply(resp)
	if err == nil && r.Method == http.MethodGet && reply.Status == http.StatusOK {
		f.mu.Lock()
		f.good[key] = reply
		f.mu.Unlock()
	}
	return reply, err
}

// listener accepts connections at an address, also after it was closed for a while.
type listener struct {
	address string
	// certificates is nil if the connections are plain.
	certificates *Certificates

	mu       sync.Mutex
	show     string // the certificate to show
	changed  *sync.Cond
	inner    net.Listener // nil while connections are refused
	closed   bool
	treat    func(net.Conn) net.Conn // nil if connections are treated well
	accepted map[net.Conn]bool
}

func listen(certificates *Certificates) (*listener, error) {
	l := &listener{address: "127.0.0.1:0", certificates: certificates, accepted: map[net.Conn]bool{}}
	l.changed = sync.NewCond(&l.mu)
	err := l.open()
	return l, err
}

func (l *listener) open() (err error) {
	l.inner, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp", l.address)
	if err == nil {
		l.address = l.inner.Addr().String()
	}
	return err
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		l.mu.Lock()
		for l.inner == nil && !l.closed {
			l.changed.Wait()
		}
		inner, closed := l.inner, l.closed
		l.mu.Unlock()
		if closed {
			return nil, net.ErrClosed
		}
		conn, err := inner.Accept()
		if errors.Is(err, net.ErrClosed) {
			continue
		} else if err != nil {
			return nil, err
		}
		if conn = l.admit(conn); conn != nil {
			return conn, nil
		}
	}
}

// admit returns the connection that the server is to use, nil if there is none.
func (l *listener) admit(conn net.Conn) net.Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accepted[conn] = true
	if l.treat != nil {
		conn = l.treat(conn)
	}
	if conn != nil && l.certificates != nil {
		conn = tls.Server(conn, l.certificates.config(l.show))
	}
	return conn
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.changed.Broadcast()
	l.drop()
	if l.inner == nil {
		return nil
	}
	return l.inner.Close()
}

// drop ends all connections. The caller holds the lock.
func (l *listener) drop() {
	for conn := range l.accepted {
		_ = conn.Close() // it may be closed already
	}
	clear(l.accepted)
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return address(l.address) }

type address string

func (a address) Network() string { return "tcp" }
func (a address) String() string  { return string(a) }
