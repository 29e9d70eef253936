package engine

import "sync"

// pool runs functions side by side, a bounded number at a time, in the order in
// which they are submitted. It keeps no goroutine while there is nothing to do.
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

// close drops what has not started and waits for what has.
func (p *pool) close() {
	p.mu.Lock()
	p.closed, p.queue = true, nil
	p.mu.Unlock()
	p.idle.Wait()
}
