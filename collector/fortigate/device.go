package fortigate

import (
	"context"
	"sync"
	"time"

	api "license_exporter/client/fortigate"
)

// device is a device of an account.
type device struct {
	name   string
	client *api.Client
	*knowledge
}

// knowledge is what is known of the device at an address. It outlives the connection.
type knowledge struct {
	mu     sync.Mutex
	serial string // empty until the device has answered
	// answer is the latest answer if no collector has used it yet. read is when the fetch that read it started.
	answer *api.Status
	read   time.Time
}

// ask asks the device, and remembers its serial number.
func (d *device) ask(ctx context.Context, expected string) (api.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, deviceTimeout)
	defer cancel()
	status, err := d.client.LicenseStatus(ctx, d.name, expected)
	if err != nil {
		return status, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.serial = status.Serial
	return status, nil
}

// knownSerial returns the serial number in the latest answer. It is empty if there was none.
func (d *device) knownSerial() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.serial
}

// handOver keeps an answer that was read by a fetch that started at a time, for the next fetch of the collector.
func (d *device) handOver(status api.Status, started time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer, d.read = &status, started
}

// handOverMaxAge is how old an answer that is handed over may be. The facts of a fetch must not be older than the fetch.
const handOverMaxAge = time.Minute

// take returns the answer that was handed over for a serial number, if it is recent. It is handed over only once.
func (d *device) take(serial string, now time.Time) (status api.Status, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.answer == nil || d.answer.Serial != serial {
		return status, false
	}
	status, ok = *d.answer, now.Sub(d.read) < handOverMaxAge
	d.answer = nil
	return status, ok
}
