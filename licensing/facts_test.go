package licensing

import (
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var compareFacts = cmp.Exporter(func(t reflect.Type) bool { return t.PkgPath() == "license_exporter/licensing" })

// statesAsMap compares states in any order.
var statesAsMap = cmp.Transformer("map", func(t Table[State, int]) map[State]int { return maps.Collect(t.All) })

func TestSeatsAddUp(t *testing.T) {
	key := SeatsKey{"MX64", "device", ""}
	for name, test := range map[string]struct{ first, second, want Seats }{
		"known": {
			Seats{Seat(1), Seat(2), Seat(3), Seat(4), ""},
			Seats{Seat(10), Seat(20), Seat(30), Seat(40), PerDevice},
			Seats{Seat(11), Seat(22), Seat(33), Seat(44), PerDevice},
		},
		"known by one": {
			Seats{Limit: Seat(1), Available: Seat(-3)},
			Seats{Assigned: Seat(20), Available: Seat(1)},
			Seats{Limit: Seat(1), Assigned: Seat(20), Available: Seat(-2)},
		},
		"available follows": {
			Seats{Limit: Seat(10), Assigned: Seat(4)},
			Seats{Limit: Seat(10), Assigned: Seat(12)},
			Seats{Limit: Seat(20), Assigned: Seat(16), Available: Seat(4)},
		},
		"available is the vendor's": {
			Seats{Limit: Seat(10), Assigned: Seat(4), Available: Seat(1)},
			Seats{Limit: Seat(10), Assigned: Seat(12)},
			Seats{Limit: Seat(20), Assigned: Seat(16), Available: Seat(-1)},
		},
		"zero is known": {Seats{Limit: Seat(0)}, Seats{Assigned: Seat(0)}, Seats{Limit: Seat(0), Assigned: Seat(0)}},
		"unknown":       {Seats{}, Seats{}, Seats{}},
	} {
		t.Run(name, func(t *testing.T) {
			var f Facts
			f.SeatsOf(key, test.first)
			f.SeatsOf(key, test.second)
			if diff := cmp.Diff(map[SeatsKey]Seats{key: test.want}, maps.Collect(f.Seats.All)); diff != "" {
				t.Errorf("the seats differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSeatsWithOtherKeysDoNotAddUp(t *testing.T) {
	var f Facts
	keys := []SeatsKey{{"MX64", "device", ""}, {"MX64", "user", ""}, {"MX64", "device", "1"}, {"ENT", "device", ""}}
	for i, key := range keys {
		f.SeatsOf(key, Seats{Limit: Seat(i)})
	}
	for i, key := range keys {
		if got := *f.Seats.At(key).Limit; got != float64(i) {
			t.Errorf("%+v has %v seats, want %d", key, got, i)
		}
	}
}

// Adding up must not change the numbers that the caller passed.
func TestSeatsOfDoesNotChangeItsArgument(t *testing.T) {
	key, passed := SeatsKey{Product: "MX64"}, Seats{Limit: Seat(1)}
	var f Facts
	f.SeatsOf(key, passed)
	f.SeatsOf(key, passed)
	if *passed.Limit != 1 || *f.Seats.At(key).Limit != 2 {
		t.Errorf("the argument became %v, the sum %v, want 1 and 2", *passed.Limit, *f.Seats.At(key).Limit)
	}
}

func TestSeat(t *testing.T) {
	if got := []float64{*Seat(3), *Seat(int64(-1)), *Seat(0.5)}; got[0] != 3 || got[1] != -1 || got[2] != 0.5 {
		t.Errorf("seats of 3, -1 and 0.5 are %v", got)
	}
}

func TestMissingSeatsAddUp(t *testing.T) {
	var f Facts
	f.MissingSeats(MissingKey{"MS", "LIC-MS", "device", "1"}, 3)
	f.MissingSeats(MissingKey{"MS", "LIC-MS", "device", "1"}, 4)
	f.MissingSeats(MissingKey{"MS", "LIC-MS", "device", "2"}, 5)
	want := map[MissingKey]float64{{"MS", "LIC-MS", "device", "1"}: 7, {"MS", "LIC-MS", "device", "2"}: 5}
	if diff := cmp.Diff(want, maps.Collect(f.Missing.All)); diff != "" {
		t.Errorf("the missing seats differ (-want +got):\n%s", diff)
	}
}

func TestGraceEndIsTheEarliest(t *testing.T) {
	for name, test := range map[string]struct {
		ends []time.Time
		want map[LicenseKey]time.Time
	}{
		"earlier last":  {[]time.Time{days(9), days(3)}, map[LicenseKey]time.Time{{}: days(3)}},
		"earlier first": {[]time.Time{days(3), days(9)}, map[LicenseKey]time.Time{{}: days(3)}},
		"none between":  {[]time.Time{{}, days(3), {}}, map[LicenseKey]time.Time{{}: days(3)}},
		"none":          {[]time.Time{{}}, map[LicenseKey]time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			var f Facts
			for _, end := range test.ends {
				f.GraceEnd(LicenseKey{}, end)
			}
			if diff := cmp.Diff(test.want, maps.Collect(f.GraceEnds.All)); diff != "" {
				t.Errorf("the ends differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestZeroNextEndIsIgnored(t *testing.T) {
	var f Facts
	f.NextEnd("", days(1))
	f.NextEnd("", time.Time{})
	f.NextEnd("MS", time.Time{})
	if diff := cmp.Diff(map[string]time.Time{"": days(1)}, maps.Collect(f.NextEnds.All)); diff != "" {
		t.Errorf("the ends differ (-want +got):\n%s", diff)
	}
}

func TestLaterFactReplacesEarlier(t *testing.T) {
	var f Facts
	for _, text := range []string{"first", "last"} {
		f.Product(Product{ID: "MS", Name: text})
		f.Status("1", Status{Current: text})
		f.License(License{Product: "MS", ID: "1", Name: text})
		f.Verdict(LicenseKey{"MS", "1"}, text == "last")
		f.NextEnd("MS", days(float64(len(text))))
	}
	want := Facts{
		Products:  map[string]Product{"MS": {ID: "MS", Name: "last"}},
		Statuses:  tableOf("1", Status{Current: "last"}),
		Licenses:  tableOf(LicenseKey{"MS", "1"}, License{Product: "MS", ID: "1", Name: "last"}),
		Compliant: tableOf(LicenseKey{"MS", "1"}, true),
		NextEnds:  tableOf("MS", days(4)),
	}
	if diff := cmp.Diff(want, f, compareFacts); diff != "" {
		t.Errorf("the facts differ (-want +got):\n%s", diff)
	}
}

// recordFirst and recordSecond record overlapping facts.
func recordFirst(f *Facts) {
	f.Product(Product{ID: "MS", Name: "Switches"})
	f.NextEnd("MS", days(1))
	f.SeatsOf(SeatsKey{Product: "MS"}, Seats{Limit: Seat(1)})
	f.Verdict(LicenseKey{"MS", ""}, true)
	f.Status("1", Status{Current: "active"})
	f.MissingSeats(MissingKey{Product: "MS"}, 1)
	f.GraceEnd(LicenseKey{"MS", ""}, days(9))
	f.RenewalDeadline(LicenseKey{"", "1"}, days(4))
	f.NextRenewal(LicenseKey{"MS", ""}, days(8))
	f.License(License{Product: "MS", ID: "1", Name: "first"})
	f.Depend("MS", 4)
	f.Depend("", 1)
	f.Assign(License{Product: "MS", Phase: Ended, InUse: Seat(2)}, testNow)
}

func recordSecond(f *Facts) {
	f.Product(Product{ID: "MR", Name: "Access points"})
	f.NextEnd("MS", days(2))
	f.SeatsOf(SeatsKey{Product: "MS"}, Seats{Limit: Seat(2), Assigned: Seat(3)})
	f.Verdict(LicenseKey{"MS", ""}, false)
	f.Status("2", Status{Current: "expired"})
	f.MissingSeats(MissingKey{Product: "MS"}, 2)
	f.GraceEnd(LicenseKey{"MS", ""}, days(3))
	f.RenewalDeadline(LicenseKey{"", "1"}, days(5))
	f.RenewalDeadline(LicenseKey{"", "1"}, time.Time{})
	f.NextRenewal(LicenseKey{"MS", ""}, days(7))
	f.NextRenewal(LicenseKey{"MS", ""}, time.Time{})
	f.License(License{Product: "MS", ID: "1", Name: "second"})
	f.Depend("MS", 3)
	f.Assign(License{Product: "MS", Phase: InForce, End: days(1), InUse: Seat(2)}, testNow)
	f.Assign(License{Product: "MR", Phase: Ended}, testNow)
}

func TestMergeRecordsAll(t *testing.T) {
	var want, first, second Facts
	recordFirst(&want)
	recordSecond(&want)
	recordFirst(&first)
	recordSecond(&second)
	first.Merge(&second)
	if diff := cmp.Diff(want, first, compareFacts); diff != "" {
		t.Errorf("the facts differ (-want +got):\n%s", diff)
	}
}

func TestMergeOfFolds(t *testing.T) {
	for name, test := range map[string]struct{ first, second, want *Fold }{
		"none":       {nil, nil, nil},
		"the first":  {foldOf(inForce(days(1))), nil, foldOf(inForce(days(1)))},
		"the second": {nil, foldOf(inForce(days(1))), foldOf(inForce(days(1)))},
		"both":       {foldOf(inForce(days(1))), foldOf(ended(days(-1))), foldOf(inForce(days(1)), ended(days(-1)))},
		"undated":    {nil, undated(), undated()},
	} {
		t.Run(name, func(t *testing.T) {
			first := Facts{Fold: test.first}
			first.Merge(&Facts{Fold: test.second})
			if diff := cmp.Diff(Facts{Fold: test.want}, first, compareFacts); diff != "" {
				t.Errorf("the facts differ (-want +got):\n%s", diff)
			}
		})
	}
}

// The facts of a snapshot are merged at each scrape, which must not change them.
func TestMergedFoldIsACopy(t *testing.T) {
	snapshot := Facts{Fold: foldOf(inForce(days(1)))}
	var merged Facts
	merged.Merge(&snapshot)
	merged.Fold.Add(inForce(days(2)))
	if diff := cmp.Diff(foldOf(inForce(days(1))), snapshot.Fold, compareFacts); diff != "" {
		t.Errorf("the snapshot changed (-want +got):\n%s", diff)
	}
}

func undated() *Fold {
	f := foldOf()
	f.Undated = true
	return f
}
