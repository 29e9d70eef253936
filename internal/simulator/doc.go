// Package simulator is the kit for the simulated vendor APIs: latency, injected faults, counts, rate limits, lists, random numbers and
// a listener. Each vendor's API is a package below this one. It is an HTTP handler that answers as the vendor does, for invented
// companies. The demo, the tests and the benchmarks of the exporter send requests to it over real connections.
//
// A simulated API implements paths, JSON, pages, limits and errors. It imports no package of this module except the kit and shares no
// type with the clients. If a client misunderstands an API, no shared code can hide that.
//
// Every date in an answer is relative to the day of an injected clock, so the demo never ages, and the same request on the same day
// gets the same bytes. Fields that the exporter must never show (license keys above all) have values that contain FakeKeyMarker, so
// that tests can check that they are not shown.
package simulator

import "time"

// FakeKeyMarker is part of all values that the exporter must not show, such as license keys and smart accounts. If it appears in
// metrics or a log, something leaked. Order numbers and serials, which the exporter shows on request, do not contain it.
const FakeKeyMarker = "ZDEMO"

// Midnight is the start of the day in UTC. All dates of an answer are relative to it, so that they stay the same for a day.
func Midnight(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }

// Moment returns the time that is so many days and seconds after the start of today.
func Moment(today time.Time, days, seconds int) time.Time {
	return today.AddDate(0, 0, days).Add(time.Duration(seconds) * time.Second)
}

// Dice is the seed of random numbers. A roll depends on the seed and its arguments only, not on earlier rolls.
type Dice uint64

// Roll returns the random number of the i-th thing in group o. It is the finalizer of SplitMix64.
func (d Dice) Roll(o, i int) uint64 {
	x := uint64(d) + uint64(o)<<32 + uint64(i) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Pick returns a number from 0 to n-1 that depends on the 16 bits of a roll from shift on.
func Pick(roll uint64, shift, n int) int {
	return int(roll >> shift & 0xffff % uint64(n))
}
