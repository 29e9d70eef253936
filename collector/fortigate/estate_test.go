package fortigate

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"license_exporter/collector"
	"license_exporter/internal/enginetest"
)

// devicesOf returns the keys of devices of a server, whose paths are their names.
func devicesOf(f *estateServer, names ...string) []deviceKeys {
	var all []deviceKeys
	for _, name := range names {
		all = append(all, deviceKeys{Name: name, BaseURL: f.URL + "/" + name})
	}
	return all
}

// A device that has never answered costs only itself, and is asked again after a minute.
func TestDeviceThatHasNeverAnswered(t *testing.T) {
	f := serve(t)
	f.set("north", services(serial(1), oneService))
	h := newHarness(t, enginetest.Now, config("", devicesOf(f, "north", "south")...))
	h.wantUp(t, "at first", false, map[string]int{serial(1): 1})
	own := h.Lines("license_exporter_records_skipped")
	if want := `license_exporter_records_skipped{collector="fortigate_organizations",reason="server"} 1`; !strings.Contains(own, want) {
		t.Errorf("want %s:\n%s", want, own)
	}
	if !strings.Contains(h.Log.String(), `child="device south"`) {
		t.Errorf("the log does not name the device:\n%s", h.Log)
	}
	f.set("south", services(serial(2), oneService))
	before := f.requests("south")
	h.pass(30 * time.Second)
	h.wantUp(t, "after 30 seconds", false, map[string]int{serial(1): 1})
	h.pass(31 * time.Second)
	h.wantUp(t, "after a minute", true, map[string]int{serial(1): 1, serial(2): 1})
	if n := f.requests("south") - before; n != 1 {
		t.Errorf("the device is asked %d times, want 1: its first answer is that of the first fetch", n)
	}
	if n := f.requests("north"); n != 1 {
		t.Errorf("the other device is asked %d times, want 1", n)
	}
}

func TestAllDevicesFail(t *testing.T) {
	f := serve(t)
	h := newHarness(t, enginetest.Now, config("", devicesOf(f, "north", "south")...))
	h.wantUp(t, "at first", false, map[string]int{})
	if log := h.Log.String(); !strings.Contains(log, "device north: getLicenseStatus") {
		t.Errorf("the log does not name the device:\n%s", log)
	}
}

// After a failover, the facts are those of the unit that answers, under its serial number.
func TestSerialNumberChanges(t *testing.T) {
	f := serve(t)
	f.set("cluster", services(serial(1), oneService))
	f.set("other", services(serial(9), oneService))
	h := newHarness(t, enginetest.Now, config("", devicesOf(f, "cluster", "other")...))
	h.wantUp(t, "at first", true, map[string]int{serial(1): 1, serial(9): 1})
	f.set("cluster", services(serial(2), strings.ReplaceAll(oneService, "1800000000", "1900000000")))
	h.pass(time.Hour)
	h.wantUp(t, "after the failover", true, map[string]int{serial(1): 0, serial(9): 1})
	if !strings.Contains(h.Log.String(), "now answers with the serial number FGT60FTK00000002") {
		t.Errorf("the log does not say what has happened:\n%s", h.Log)
	}
	h.pass(59*time.Second + 600*time.Millisecond)
	h.wantUp(t, "a minute later", true, map[string]int{serial(2): 1, serial(9): 1})
	enginetest.WantLines(t, h.Lines("license_next_expiration_timestamp_seconds"),
		`license_next_expiration_timestamp_seconds{organization_id="FGT60FTK00000002",product="ips"} 1.9e+09`,
		`license_next_expiration_timestamp_seconds{organization_id="FGT60FTK00000009",product="ips"} 1.8e+09`)
	if n := f.requests("cluster"); n != 2 {
		t.Errorf("the cluster is asked %d times, want 2", n)
	}
}

func TestTwoAddressesOfOneDevice(t *testing.T) {
	f := serve(t)
	f.set("inside", services(serial(1), oneService))
	f.set("outside", services(serial(1), oneService))
	h := newHarness(t, enginetest.Now, config("", devicesOf(f, "inside", "outside")...))
	h.wantUp(t, "at first", true, map[string]int{serial(1): 1})
	if want := `devices \"inside\" and \"outside\" are one device with the serial number FGT60FTK00000001; leave one of them out`; !strings.Contains(h.Log.String(), want) {
		t.Errorf("the log does not name the devices:\n%s", h.Log)
	}
	h.pass(time.Hour)
	h.wantUp(t, "later", true, map[string]int{serial(1): 1})
	if a, b := f.requests("inside"), f.requests("outside"); a != 2 || b != 1 {
		t.Errorf("the device is asked %d and %d times, want 2 and 1", a, b)
	}
}

func TestSelectedDevices(t *testing.T) {
	f := serve(t)
	for i, name := range []string{"fw-a", "fw-b", "lab"} {
		f.set(name, services(serial(i+1), oneService))
	}
	a := config("", devicesOf(f, "fw-a", "fw-b", "lab")...)
	a.Organizations = collector.OrganizationFilter{Include: []string{"name:fw-*"}, Exclude: []string{serial(2)}}
	newHarness(t, enginetest.Now, a).wantUp(t, "at first", true, map[string]int{serial(1): 1})
}

// hundreds returns the configuration of many devices, which answer, and license_up of each.
func hundreds(f *estateServer, n int) (a *collector.AccountConfig, up map[string]int) {
	up = map[string]int{}
	var devices []deviceKeys
	for i := range n {
		name := fmt.Sprintf("fw-%d", i)
		f.set(name, services(serial(i), oneService))
		up[serial(i)] = 1
		devices = append(devices, devicesOf(f, name)...)
	}
	return config("", devices...), up
}

// A refresh takes one request for each device, also the first one.
func TestRequestsOfHundredsOfDevices(t *testing.T) {
	const n, refreshes = 300, 3
	f := serve(t)
	a, up := hundreds(f, n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	h := newHarness(t, enginetest.Now, a)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if each := (after.HeapAlloc - before.HeapAlloc) / n; each > 32<<10 {
		t.Errorf("the client of a device takes %d bytes", each)
	}
	for hours := range refreshes {
		h.wantUp(t, fmt.Sprintf("after %d hours", hours), true, up)
		h.pass(time.Hour)
	}
	for i := range n {
		if got := f.requests(fmt.Sprintf("fw-%d", i)); got != refreshes {
			t.Fatalf("device %d was asked %d times in %d refreshes", i, got, refreshes)
		}
	}
}

// Devices that are dead or slow cost only themselves: the others are fresh, and they keep their last good facts.
// A slow device does not answer before all others have answered.
func TestSomeOfHundredsOfDevicesFail(t *testing.T) {
	const n, slow, failed = 300, 20, 40 // the first are slow later, and those after them dead
	f := serve(t)
	a, up := hundreds(f, n)
	h := newHarness(t, enginetest.Now, a)
	h.wantUp(t, "at first", true, up)
	var others sync.WaitGroup
	others.Add(n - failed)
	for i := range n {
		var answered sync.Once
		fresh := services(serial(i), strings.ReplaceAll(oneService, "1800000000", "1900000000"))
		answer := func(w http.ResponseWriter, r *http.Request) {
			fresh(w, r)
			answered.Do(others.Done)
		}
		switch {
		case i < slow:
			answer = func(w http.ResponseWriter, _ *http.Request) {
				others.Wait()
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		case i < failed:
			answer = failing(http.StatusServiceUnavailable)
		}
		if i < failed {
			up[serial(i)] = 0
		}
		f.set(fmt.Sprintf("fw-%d", i), answer)
	}
	h.pass(time.Hour)
	h.wantUp(t, "while some fail", true, up)
	ends := h.Lines("license_next_expiration_timestamp_seconds")
	if kept, fresh := strings.Count(ends, " 1.8e+09"), strings.Count(ends, " 1.9e+09"); kept != failed || fresh != n-failed {
		t.Errorf("%d devices have kept facts and %d fresh ones, want %d and %d", kept, fresh, failed, n-failed)
	}
}
