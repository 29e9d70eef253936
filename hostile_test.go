package main

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"license_exporter/internal/faults"
)

const (
	hostileOrganizations = 50
	// mostMemory is the memory limit of the Helm chart.
	mostMemory = 256 << 20
	// hostileTime is how long the exporter gets hostile answers, and hostileTimeOfMuch how
	// long if they may take much memory.
	hostileTime       = 5 * time.Second
	hostileTimeOfMuch = 15 * time.Second
)

// TestPeakMemory prints the peak memory of the exporter for each kind of hostile answer to all
// operations of all vendors at once. make hostile starts it. HOSTILE is "all", "big", or a part
// of the name of a kind.
func TestPeakMemory(t *testing.T) {
	which := os.Getenv("HOSTILE")
	if which == "" || runtime.GOOS != "linux" {
		t.Skip("it takes minutes; start it with make hostile")
	}
	path := binary(t)
	var fronts []*fronted
	for _, v := range vendors {
		fronts = append(fronts, newFronted(t, v, hostileOrganizations, nil))
	}
	file := filepath.Join(t.TempDir(), "config.yml")
	writeAccounts(t, file, time.Second, fronts...)
	kinds := slices.SortedStableFunc(slices.Values(append(faults.Kinds(), faults.Tokens...)), func(a, b faults.Kind) int {
		return cmp.Compare(weight(a), weight(b))
	})
	fmt.Print("| answer | peak memory |\n| --- | --- |\n")
	printPeak(t, "good", peak(t, path, file, fronts, nil))
	for _, k := range kinds {
		if which == "all" || which == "big" && weight(k) < 2 || strings.Contains(k.Name, which) {
			printPeak(t, k.Name, peak(t, path, file, fronts, &k))
		}
	}
}

// weight orders kinds such that those that may take much memory come first.
func weight(k faults.Kind) int {
	switch {
	case k.Big:
		return 0
	case k.Many:
		return 1
	default:
		return 2
	}
}

func printPeak(t *testing.T, what string, bytes int64) {
	fmt.Printf("| %s | %d MiB |\n", what, bytes>>20)
	if bytes > mostMemory {
		t.Errorf("%s: %d MiB, more than %d MiB", what, bytes>>20, mostMemory>>20)
	}
}

// peak returns the peak memory of a new process. Once it has read everything, all further
// answers are hostile. kind is nil if they are good.
func peak(t *testing.T, path, file string, fronts []*fronted, kind *faults.Kind) int64 {
	t.Helper()
	tokens := kind != nil && slices.ContainsFunc(faults.Tokens, func(k faults.Kind) bool { return k.Name == kind.Name })
	misbehave := func() {
		for _, f := range fronts {
			if kind != nil {
				f.Set(*kind, 0, func(r *http.Request) bool { return isToken(r) == tokens })
			}
		}
	}
	if tokens {
		misbehave() // a token lives for an hour
	}
	p := startProcess(t, path, append(collectorFlags(), "--config.file="+file)...)
	if !tokens {
		for ready := 0; ready != http.StatusOK; time.Sleep(100 * time.Millisecond) {
			ready, _, _ = p.get(t.Context(), "/-/ready") // an error means not ready
		}
		misbehave()
	}
	deadline := time.Now().Add(hostileTime)
	if kind != nil && weight(*kind) < 2 {
		deadline = time.Now().Add(hostileTimeOfMuch)
	}
	for ; time.Now().Before(deadline); time.Sleep(500 * time.Millisecond) {
		if status, _, err := p.get(t.Context(), "/metrics"); err != nil || status != http.StatusOK {
			t.Errorf("scrape: status %d, %v", status, err)
		}
	}
	memory := p.memory("VmHWM")
	for _, f := range fronts {
		f.Clear()
	}
	if status := p.terminate(); status != 0 {
		t.Errorf("it ends with %d:\n%s", status, &p.stderr)
	}
	return memory
}
