package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/status"
)

// policiesInterval is how often the exporter looks for policies that match nothing without
// a scrape.
const policiesInterval = 5 * time.Second

// watchPolicies registers the metric with the number of policies that match nothing, and
// logs them until the context ends.
func watchPolicies(ctx context.Context, unmatched *status.Unmatched, r prometheus.Registerer) {
	m := collector.MetricUnmatchedPolicies
	r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: m.Name, Help: m.Help}, func() float64 { return float64(unmatched.Count()) }))
	go func() {
		tick := time.NewTicker(policiesInterval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				unmatched.Count()
			case <-ctx.Done():
				return
			}
		}
	}()
}

// checkPolicies prints how many policies there are and which of them match nothing.
func checkPolicies(e *engine.Engine, stdout io.Writer) error {
	set := e.Policies.Load()
	if set == nil {
		return nil
	}
	unmatched := status.UnmatchedPolicies(set, e.Snapshots(engine.Selection{}))
	if _, err := fmt.Fprintf(stdout, "\nPOLICIES: %d, without a match: %d\n", len(set.Policies()), len(unmatched)); err != nil {
		return err
	}
	for _, i := range unmatched {
		p := set.Policies()[i]
		if _, err := fmt.Fprintf(stdout, "%s: nothing has this %s\n", p.Place, strings.Join(p.Match.Keys(), ", ")); err != nil {
			return err
		}
	}
	return nil
}
