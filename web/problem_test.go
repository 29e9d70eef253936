package web

import (
	"io/fs"
	"os"
	"testing"
	"time"

	"license_exporter/internal/enginetest"
	"license_exporter/status"
)

func TestProblemsInWords(t *testing.T) {
	number := func(n float64) *float64 { return &n }
	var none time.Time
	for _, test := range []struct {
		problem             status.Problem
		words, class, alert string
	}{
		{status.Problem{Kind: status.Expired, Severity: status.Critical, When: enginetest.Days(-12), Number: number(12)}, "ended 12 days ago, 12 in use", classCritical, "LicenseExpired"},
		{status.Problem{Kind: status.Expired, Severity: status.Critical, When: enginetest.Days(30), Number: number(1200)}, "ended, 1,200 in use", classCritical, "LicenseExpired"},
		{status.Problem{Kind: status.Expired, Severity: status.Critical, When: none, Number: number(1)}, "ended, 1 in use", classCritical, "LicenseExpired"},
		{status.Problem{Kind: status.Expired, Severity: status.Info, When: enginetest.Days(-108), Number: number(0)}, "ended 108 days ago", classNotice, "LicenseExpired"},
		{status.Problem{Kind: status.Expired, Severity: status.Warning, When: enginetest.Now}, "ended today", classWarning, "LicenseExpired"},
		{status.Problem{Kind: status.Expiring, Severity: status.Warning, When: enginetest.Days(5)}, "ends in 5 days", classWarning, "LicenseExpiring"},
		{status.Problem{Kind: status.Short, Severity: status.Warning, Number: number(3), Unit: "d", UnitName: "device"}, "3 seats short (device)", classWarning, "LicenseSeatsOverallocated"},
		{status.Problem{Kind: status.Short, Severity: status.Warning, Number: number(1)}, "1 seat short", classWarning, "LicenseSeatsOverallocated"},
		{status.Problem{Kind: status.NonCompliant, Severity: status.Critical}, "not compliant", classCritical, "LicenseNonCompliant"},
		{status.Problem{Kind: status.GraceEnding, Severity: status.Critical, When: enginetest.Days(4)}, "grace period ends in 4 days", classCritical, "LicenseGracePeriodEnding"},
		{status.Problem{Kind: status.GraceEnding, Severity: status.Critical, When: enginetest.Days(-4)}, "grace period ended 4 days ago", classCritical, "LicenseGracePeriodEnding"},
		{status.Problem{Kind: status.Unreadable, Severity: status.Warning}, "cannot be read", classWarning, "LicenseCollectorFailing"},
		{status.Problem{Kind: status.Unreadable, Severity: status.Info}, "cannot be read in part", classNotice, "LicenseCollectorFailing"},
		{status.Problem{Kind: status.FewSeats, Severity: status.Info, Number: number(2), Unit: "user"}, "2 seats free (user)", classNotice, "LicenseSeatsAlmostUsed"},
		{status.Problem{Kind: status.FewSeats, Severity: status.Info, Number: number(0), Unit: "user"}, "no seats free (user)", classNotice, "LicenseSeatsExhausted"},
		{status.Problem{Kind: status.Renewing, Severity: status.Info, When: enginetest.Days(20)}, "renews by itself in 20 days", classNotice, "LicenseRenewing"},
	} {
		got := newProblem(test.problem, enginetest.Now)
		if runbook := "docs/runbooks/" + test.alert + ".md"; got.Words != test.words || got.Class != test.class || got.Runbook != runbook {
			t.Errorf("%+v: got %q, %q and %q, want %q, %q and %q", test.problem, got.Words, got.Class, got.Runbook, test.words, test.class, runbook)
		}
		if (got.When == nil) != test.problem.When.IsZero() {
			t.Errorf("%+v: got the time %v", test.problem, got.When)
		}
		if _, err := fs.Stat(os.DirFS(".."), got.Runbook); err != nil {
			t.Errorf("%+v: %v", test.problem, err)
		}
	}
	if got := newProblem(status.Problem{}, enginetest.Now); got != (problemView{}) {
		t.Errorf("without a problem, got %+v", got)
	}
}
