package status

import (
	"context"
	"testing"
	"testing/synctest"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// An organization that no collector reads separately waits for those of the account as a whole.
func TestOrganizationsWaitForTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := make(chan struct{})
		first := &enginetest.Collector{ForAccount: true, Do: func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
			r.Organization("").Verdict(licensing.LicenseKey{Product: "P"}, true)
			r.Organization("1").NextEnd("P", enginetest.Days(400))
			return nil
		}}
		slow := &enginetest.Collector{ForAccount: true, Do: func(context.Context, licensing.Organization, *collector.Report) error {
			<-answer
			return nil
		}}
		h := enginetest.New(t, engine.Config{}, enginetest.NewSource("", "1", "2"), collector.Named{Name: "first", Collector: first}, collector.Named{Name: "slow", Collector: slow})
		defer h.Close()
		done := make(chan struct{})
		go func() {
			defer close(done)
			h.Refresh(t.Context(), engine.Selection{})
		}()
		synctest.Wait()
		for _, want := range []bool{true, false} {
			o := overview(h)
			if got := len(o.Organizations); got < 2 || !want && got != 3 {
				t.Errorf("%d organizations", got)
			}
			for _, org := range o.Organizations {
				if org.Waiting != want {
					t.Errorf("%q waits: %t, want %t", org.ID, org.Waiting, want)
				}
			}
			if want {
				close(answer)
				<-done
			}
		}
	})
}
