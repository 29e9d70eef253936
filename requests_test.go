package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"license_exporter/collector"
)

// requests returns how many requests for data of an account were answered, by operation.
func (b *bench) requests(account string) map[string]int {
	b.t.Helper()
	families, err := b.own.Gather()
	if err != nil {
		b.t.Fatal(err)
	}
	answered := map[string]int{}
	for _, family := range families {
		if family.GetName() != collector.MetricAPIRequests.Name {
			continue
		}
		for _, m := range family.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if labels["account"] == account {
				answered[labels["operation"]] += int(m.GetCounter().GetValue())
			}
		}
	}
	return answered
}

// The requests of a refresh, with the collectors that are on by default. The first one also reads names.
func TestRequestsOfVendors(t *testing.T) {
	for _, test := range []struct {
		vendor        string
		organizations int // see collector.Vendor.Simulate
		first, later  int
	}{
		{"elasticsearch", 3, 3, 3},
		{"fortigate", 3, 3, 3}, // 1 a device
		{"github", 3, 7, 7},    // 3 for an enterprise, and 2 for each of two organizations
		{"github", 1, 1, 1},    // an Enterprise Server
		{"gitlab", 3, 3, 3},    // 1 a group
		{"gitlab", 1, 1, 1},    // an instance
		{"microsoft365", 3, 9, 6},
	} {
		t.Run(fmt.Sprintf("%s/%d", test.vendor, test.organizations), func(t *testing.T) {
			v := vendors.Find(test.vendor)
			p := &plan{vendor: v, variant: variant{organizations: test.organizations}}
			for _, r := range v.Collectors {
				if r.Default {
					p.collectors = append(p.collectors, r.Name)
				}
			}
			b := newBench(t, p, time.Minute, nil)
			count := func() (n int, operations string) {
				for operation, answered := range b.requests("acme") {
					if strings.Contains(strings.ToLower(operation), "token") {
						continue
					}
					n += answered
					operations += fmt.Sprintf(" %s %d", operation, answered)
				}
				return n, operations
			}
			first, operations := count()
			if first != test.first {
				t.Errorf("the first refresh sends %d requests, want %d:%s", first, test.first, operations)
			}
			for range 3 {
				before, _ := count()
				b.pass(2 * time.Minute) // longer than the facts are good
				b.scrape("acme")
				after, operations := count()
				if after-before != test.later {
					t.Errorf("a refresh sends %d requests, want %d; in all:%s", after-before, test.later, operations)
				}
			}
		})
	}
}
