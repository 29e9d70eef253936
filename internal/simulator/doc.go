// Package simulator is the kit that the simulated vendor APIs are built with: an HTTP front with latency, injected faults and counts,
// rate limits, lists, dice and a listener. Each vendor's API is a package of its own below this one: an HTTP handler that
// answers as the vendor does, for invented companies. The demo, the tests and the benchmarks of the exporter talk to it over real
// connections.
//
// A simulated API implements paths, JSON, pages, limits and errors. It imports no other package of this module than the kit and shares
// no type with the clients, so that a misreading of an API cannot hide in code that both sides use.
//
// Every date in an answer is relative to the day of an injected clock, so the demo never ages, and the same request on the same day
// gets the same bytes. Fields that the exporter must never show (license keys above all) have values that contain FakeKeyMarker, so
// that a test can prove that they went nowhere.
package simulator

import "time"

// FakeKeyMarker is part of everything that an exporter has no business showing, such as license keys and smart accounts. Where it
// turns up in metrics or a log, something leaked. Order numbers and serials, which an exporter may show on request, do not contain it.
const FakeKeyMarker = "ZDEMO"

// Midnight is the start of the day in UTC. All dates of an answer are relative to it, so that they stay the same for a day.
func Midnight(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }

// Moment is the time so many days and seconds after the start of today.
func Moment(today time.Time, days, seconds int) time.Time {
	return today.AddDate(0, 0, days).Add(time.Duration(seconds) * time.Second)
}

// Dice is a seed from which numbers are rolled. The same roll of the same dice is the same number, whatever was rolled before.
type Dice uint64

// Roll is a well-mixed number for the i-th thing of group number o (the finalizer of SplitMix64).
func (d Dice) Roll(o, i int) uint64 {
	x := uint64(d) + uint64(o)<<32 + uint64(i) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Pick is one of n, from bits of a roll that start at shift.
func Pick(roll uint64, shift, n int) int {
	return int(roll >> shift & 0xffff % uint64(n))
}
