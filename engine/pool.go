package engine

import "sync"

// pool runs functions concurrently, at most limit at a time. It starts them in
// the order in which they were submitted. It has no goroutines while it is idle.
type pool struct {
	limit int

	mu      sync.Mutex
	closed  bool
	queue   []func()
	workers int
	idle    sync.WaitGroup
}

func (p *pool) submit(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.queue = append(p.queue, f)
	if p.workers < p.limit {
		p.workers++
		p.idle.Go(p.work)
	}
}

func (p *pool) work() {
	for {
		p.mu.Lock()
		if len(p.queue) == 0 {
			p.workers--
			p.mu.Unlock()
			return
		}
		f := p.queue[0]
		p.queue[0] = nil
		p.queue = p.queue[1:]
		p.mu.Unlock()
		f()
	}
}

// close drops the functions that have not started and waits for the others.
func (p *pool) close() {
	p.mu.Lock()
	p.closed, p.queue = true, nil
	p.mu.Unlock()
	p.idle.Wait()
}
