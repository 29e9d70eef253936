// Package simulator holds the vendors' APIs in a box: HTTP handlers that answer as the vendors do, with invented companies behind
// them. The demo, the tests and the benchmarks of the exporter talk to it over real connections.
//
// It knows the wire: paths, JSON, pages, limits, errors. It must not know the exporter: it imports no other package of this module
// and shares no type with the clients, so that a misreading of an API cannot hide in code that both sides use.
//
// Every date in an answer is relative to the day of an injected clock, so the demo never ages, and the same request on the same day
// has the same bytes for an answer. Fields that the exporter must never show (license keys above all) are filled with values that
// bear FakeKeyMarker, so that a test can prove that they went nowhere.
package simulator

// FakeKeyMarker is part of everything that an exporter has no business showing: license keys and smart accounts. Where it turns up in
// metrics or a log, something leaked. Order numbers and serials, which an exporter may show if told to, do not bear it.
const FakeKeyMarker = "ZDEMO"
