package meraki

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	api "license_exporter/client/meraki"
	"license_exporter/client/scalar"
	"license_exporter/collector"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// randomTerms returns terms of one product that follow each other, overlap or leave gaps.
func randomTerms(r *rand.Rand, n int) []term {
	phases := map[string]licensing.Phase{subscriptionActive: licensing.InForce, subscriptionInactive: licensing.Dormant, subscriptionExpired: licensing.Ended, subscriptionCanceled: licensing.Dormant}
	states := []string{subscriptionActive, subscriptionInactive, subscriptionExpired, subscriptionCanceled}
	terms := make([]term, n)
	for i := range terms {
		l := licensing.License{ID: fmt.Sprint(i), State: licensing.State{Name: states[r.IntN(4)]}}
		l.Phase = phases[l.State.Name]
		l.Start = enginetest.Days(float64(r.IntN(20)*30 - 300))
		l.End = l.Start.Add(time.Duration(1+r.IntN(10)) * 30 * licensing.Day)
		switch r.IntN(12) {
		case 0:
			l.Start = time.Time{}
		case 1:
			l.End = time.Time{}
		case 2:
			l.EndUnknown = true
		}
		terms[i] = term{License: l, seats: licensing.Seats{Limit: licensing.Seat(9), Assigned: licensing.Seat(r.IntN(9)), Available: licensing.Seat(r.IntN(9))}}
	}
	return terms
}

func TestCoverOfRandomSubscriptions(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	for range 3000 {
		terms := randomTerms(random, 1+random.IntN(8))
		ends := map[string]time.Time{}
		for round := range 3 { // in any order, and also if a record comes twice
			for _, one := range terms {
				end := one.coverEnd(renewalsAmong(terms))
				if before, ok := ends[one.ID]; ok && !before.Equal(end) {
					t.Fatalf("the cover ends at %s or %s, by the order of %+v", before, end, terms)
				}
				ends[one.ID] = end
				latest := one.End
				for _, other := range renewalsAmong(terms) {
					if other.Start.After(one.Start) && other.End.After(latest) {
						latest = other.End
					}
				}
				if !one.EndUnknown && (end.Before(one.End) || end.After(latest)) {
					t.Fatalf("the cover of %+v ends at %s, not between its end and %s", one, end, latest)
				}
			}
			random.Shuffle(len(terms), func(i, j int) { terms[i], terms[j] = terms[j], terms[i] })
			if round == 1 {
				terms = append(terms, terms[0])
			}
		}
	}
}

func TestCoverOfManySubscriptions(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 7))
	terms := termsByProduct{"A": randomTerms(random, 10_000)}
	fold := licensing.NewFold(enginetest.Now)
	for i := range terms["A"] {
		terms["A"][i].fold = fold
	}
	start := time.Now()
	terms.fold()
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it takes %s", took)
	}
}

// queued is a per-device license of a random queue.
type queued struct {
	id, head string // head is empty if it is not queued
	days     int64
}

// The cover of a license is at least its own term, and at most all terms of its queue, in
// any order of the records. Licenses may be behind each other in a cycle, or listed twice.
func TestCoverOfRandomQueues(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 8))
	for range 2000 {
		n := 1 + random.IntN(12)
		licenses := make([]queued, n)
		sum := int64(0)
		for i := range licenses {
			licenses[i] = queued{id: fmt.Sprint("L", i), days: int64(1 + random.IntN(700))}
			sum += licenses[i].days
			if i > 0 && random.IntN(3) > 0 {
				licenses[i].head = fmt.Sprint("L", random.IntN(n)) // also itself, or a later one
			}
		}
		want := coversOf(licenses)
		for id, cover := range want {
			for _, l := range licenses {
				if l.id == id && (cover < l.days || cover > sum) {
					t.Fatalf("license %s covers %d days: %+v", id, cover, licenses)
				}
			}
		}
		random.Shuffle(n, func(i, j int) { licenses[i], licenses[j] = licenses[j], licenses[i] })
		if diff := cmp.Diff(want, coversOf(licenses)); diff != "" {
			t.Fatalf("the cover depends on the order of %+v:\n%s", licenses, diff)
		}
	}
}

// A license that ends before it begins covers what is queued behind it, and no more.
func TestCoverOfALicenseThatEndsBeforeItBegins(t *testing.T) {
	r := collector.NewReport(enginetest.Now, collector.Options{IndividualLicenses: true, IndividualLimit: 1})
	q := newQueues()
	for _, record := range []api.License{
		{ID: "1", State: deviceActive, ActivationDate: scalar.Time{Time: enginetest.Now}, ExpirationDate: scalar.Time{Time: enginetest.Days(-1)}},
		{ID: "2", State: deviceRecentlyQueued, HeadLicenseID: "1", DurationInDays: scalar.Int{Value: 30, Valid: true}},
	} {
		l := deviceLicense(record, r)
		q.hold(record, l)
		r.Individual("1", l)
	}
	q.fold(r.Fold("1"), r.Organization("1"), r.Now)
	for _, l := range r.Organization("1").Individual.All {
		if want := enginetest.Days(30); !l.CoverEnd().Equal(want) {
			t.Errorf("the cover ends %v, want %v", l.CoverEnd(), want)
		}
	}
}

// coversOf returns the days that the licenses which are not queued cover.
func coversOf(licenses []queued) map[string]int64 {
	r := collector.NewReport(enginetest.Now, collector.Options{IndividualLicenses: true, IndividualLimit: 100})
	q, fold := newQueues(), r.Fold("1")
	for _, one := range licenses {
		record := api.License{ID: api.Text(one.id), LicenseType: "ENT", State: deviceActive, DurationInDays: scalar.Int{Value: one.days, Valid: true}, TotalDurationInDays: scalar.Int{Value: one.days, Valid: true}}
		if one.head != "" {
			record.State, record.HeadLicenseID = deviceRecentlyQueued, api.Text(one.head)
		} else {
			record.ActivationDate.Time = enginetest.Now
			record.ExpirationDate.Time = enginetest.Days(float64(one.days))
		}
		l := deviceLicense(record, r)
		if !q.hold(record, l) {
			fold.Add(l)
		}
		r.Individual("1", l)
	}
	q.fold(fold, r.Organization("1"), r.Now)
	covers := map[string]int64{}
	for _, one := range licenses {
		l, _ := r.Organization("1").Individual.Get(licensing.LicenseKey{Product: "ENT", LicenseID: one.id})
		if one.head == "" {
			covers[one.id] = int64(l.CoverEnd().Sub(enginetest.Now) / licensing.Day)
		}
	}
	return covers
}
