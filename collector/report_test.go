package collector

import (
	"testing"
	"time"

	"license_exporter/licensing"
)

func TestIndividualLicensesBeyondTheLimitAreNotKept(t *testing.T) {
	r := NewReport(time.Now(), Options{IndividualLicenses: true, IndividualLimit: 2})
	for _, id := range []string{"1", "2", "3", "4"} {
		r.Individual("o", licensing.License{ID: id})
	}
	if n := r.IndividualLicenses(); n != 2 || r.Dropped() != 2 {
		t.Errorf("%d kept and %d dropped of 4 at a limit of 2", n, r.Dropped())
	}
}

func TestIndividualLicensesAreOffByDefault(t *testing.T) {
	r := NewReport(time.Now(), Options{IndividualLimit: 2})
	r.Individual("o", licensing.License{ID: "1"})
	if r.organizations.Len() != 0 || r.Dropped() != 0 {
		t.Error("a license has series of its own although individual licenses are off")
	}
}

func TestLimitedKeepsTheLowestIDsAndCopies(t *testing.T) {
	r := NewReport(time.Now(), Options{IndividualLicenses: true, IndividualLimit: 9})
	for _, id := range []string{"10", "9", "11"} {
		r.Individual("2", licensing.License{ID: id})
	}
	r.Individual("10", licensing.License{ID: "1"})
	r.Individual("10", licensing.License{ID: "1"}) // a license that is listed twice counts once
	limited := r.Limited(Options{IndividualLicenses: true, IndividualLimit: 2})
	kept := limited.Organization("2").Individual
	_, nine := kept.Get(licensing.LicenseKey{LicenseID: "9"})
	_, ten := kept.Get(licensing.LicenseKey{LicenseID: "10"})
	if kept.Len() != 2 || !nine || !ten || limited.Organization("10").Individual.Len() != 0 || limited.Dropped() != 2 {
		t.Errorf("limited to 2: %v, and %d are dropped, want 9 and 10 of organization 2", kept, limited.Dropped())
	}
	if r.IndividualLicenses() != 4 || r.Dropped() != 0 || r.Organization("2").Individual.Len() != 3 {
		t.Errorf("the report has %d licenses and dropped %d, want 4 and 0", r.IndividualLicenses(), r.Dropped())
	}
	if off := limited.Limited(Options{IndividualLimit: 9}); off.IndividualLicenses() != 0 || off.Dropped() != 0 {
		t.Errorf("without individual licenses, the report has %d and dropped %d, want none", off.IndividualLicenses(), off.Dropped())
	}
}

// A report is limited while scrapes read it. The race detector finds a write to what both reports have.
func TestLimitedLeavesTheReportAlone(t *testing.T) {
	r := NewReport(time.Now(), Options{IndividualLicenses: true, IndividualLimit: 9})
	for _, report := range []*Report{r, r.Shared("shared")} {
		report.Fold("o").Add(licensing.License{ID: "1", State: licensing.State{Name: "active"}})
		report.Individual("o", licensing.License{ID: "1"})
	}
	r.Compact()
	limited := make(chan *Report)
	go func() { limited <- r.Limited(Options{}) }()
	for _, o := range r.WithShared(func(string) bool { return true }) {
		if s := o.Facts.Fold.Summaries(); len(s) != 1 || s[0].Count() != 2 || o.Individual.Len() != 1 {
			t.Errorf("%d individual licenses and %d summaries", o.Individual.Len(), len(s))
		}
	}
	if n := (<-limited).IndividualLicenses(); n != 0 {
		t.Errorf("%d individual licenses at a limit of 0", n)
	}
}

func TestReportsHaveIDs(t *testing.T) {
	a, b := NewReport(time.Time{}, Options{}), NewReport(time.Time{}, Options{})
	ids := map[uint64]bool{(*Report)(nil).ID(): true, a.ID(): true, b.ID(): true, a.Limited(Options{}).ID(): true}
	if len(ids) != 4 {
		t.Errorf("ids %v", ids)
	}
}
