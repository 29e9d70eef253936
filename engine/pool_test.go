package engine

import "testing"

func TestClosedPoolRunsNothing(t *testing.T) {
	p := pool{limit: 1}
	ran := false
	p.close()
	p.submit(func() { ran = true })
	p.idle.Wait()
	if ran {
		t.Error("a closed pool runs a function")
	}
}
