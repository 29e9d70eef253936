package status

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// findings returns an UpdateFunc whose report lacks some of what the vendor has.
func findings(children int) enginetest.UpdateFunc {
	return func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
		for i := range children {
			c := collector.ChildFailure{Child: fmt.Sprintf("agreement %d", i), Err: enginetest.ErrVendor}
			if i%2 == 1 {
				c.Kept = enginetest.Days(-1)
			}
			r.ChildFailed(c)
		}
		r.Trace().Skipped("getThings", 1)
		r.Trace().Skipped("getOthers", 2)
		r.Withhold("the agreements", enginetest.ErrPlain)
		r.Withhold("the periods", fmt.Errorf("things is %w", collector.ErrOff))
		return nil
	}
}

var wantNotes = []Note{
	{"things", NoteWithheld, "the agreements", "plain error"},
	{"things", NoteOff, "the periods", "things is switched off"},
	{"things", NoteSkipped, "2 records", "2 records of getOthers could not be read"},
	{"things", NoteSkipped, "1 record", "1 record of getThings could not be read"},
}

func TestOverviewNamesChildrenThatFailAndWhatIsMissing(t *testing.T) {
	for children, want := range map[int]string{
		0:  "",
		1:  "agreement 0",
		2:  "agreement 0, agreement 1 (1 with their last good facts)",
		12: "agreement 0, agreement 1, agreement 2, agreement 3, agreement 4, agreement 5, agreement 6, agreement 7, agreement 8, agreement 9 and 2 more (6 with their last good facts)",
	} {
		o := overviewOf(t, enginetest.Organizations("1"), findings(children))
		wantFreshness := Freshness{Oldest: enginetest.Now, Notes: wantNotes}
		if children > 0 {
			wantFreshness.Failures = []Failure{{Collector: "things", Reason: rest.ReasonServer, Objects: want, Message: enginetest.ErrVendor.Error()}}
		}
		if diff := cmp.Diff(wantFreshness, o.Organizations[0].Freshness); diff != "" {
			t.Errorf("freshness differs (-want +got):\n%s", diff)
		}
		if got := o.Accounts[0].Failing; got != min(children, 1) {
			t.Errorf("%d organizations are failing, want %d", got, min(children, 1))
		}
	}
}

// A collector that reads the account as a whole is noted once, and not for each
// organization that it reports about.
func TestNotesOfTheAccountAreShownOnce(t *testing.T) {
	d := collector.Discovery{Organizations: []licensing.Organization{{Name: "Root"}, {ID: "leaf", Name: "Leaf"}}}
	c := &enginetest.Collector{ForAccount: true, Do: func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
		r.Organization("").NextEnd("", enginetest.Days(1))
		r.Organization("leaf").NextEnd("", enginetest.Days(1))
		return findings(0)(ctx, o, r)
	}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: d}, enginetest.Things(c))
	h.Refresh(t.Context(), engine.Selection{})
	o := overview(h)
	if diff := cmp.Diff(wantNotes, o.Accounts[0].Notes); diff != "" {
		t.Errorf("the account's notes differ (-want +got):\n%s", diff)
	}
	for _, org := range o.Organizations {
		if len(org.Notes) > 0 {
			t.Errorf("organization %q has notes, too: %v", org.ID, org.Notes)
		}
	}
}

func TestRowsTellProblemsFromNotes(t *testing.T) {
	d := enginetest.Organizations("1", "2")
	d.Organizations[1].Problem = "its model is new"
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: d}, enginetest.Things(&enginetest.Collector{Do: findings(1)}))
	h.Refresh(t.Context(), engine.Selection{})
	var got []string
	for _, row := range Rows(h.Snapshots(engine.Selection{})) {
		got = append(got, fmt.Sprintf("%s %s: %q and %d notes", row.Organization, row.Collector, row.Problem, len(row.Notes)))
	}
	const failed = `"could not read agreement 0: getThings: GET http://vendor.test/things: 500 Internal Server Error" and 4 notes`
	want := []string{
		` test_organizations: "" and 0 notes`,
		`1 things: ` + failed,
		`2 test_organizations: "its model is new" and 0 notes`,
		`2 things: ` + failed,
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), strings.Join(got, "\n")); diff != "" {
		t.Errorf("the rows differ (-want +got):\n%s", diff)
	}
	if o := overview(h); o.Organizations[0].Problem != "" || o.Organizations[1].Problem != "its model is new" {
		t.Errorf("the overview has the problems %q and %q", o.Organizations[0].Problem, o.Organizations[1].Problem)
	}
}

// --check prints to terminals, and the page shows what a person could be misled by.
func TestTextsAreSafeToShow(t *testing.T) {
	const evil = "a\x1b[2J\u009b2J\u202eb"
	d := enginetest.Organizations("1", evil, "3")
	for i := range d.Organizations {
		d.Organizations[i].Name, d.Organizations[i].Model = evil, evil
	}
	d.Organizations[0].Problem, d.Problem = evil, evil
	d.Failed = map[string]error{"9" + evil: errors.New(evil)}
	update := func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		if o.ID == "3" {
			return errors.New(evil)
		}
		r.Organization(o.ID).Product(licensing.Product{ID: "p", Name: evil})
		r.Organization(o.ID).NextEnd("p", enginetest.Days(1))
		r.Withhold("the things", errors.New(evil))
		r.ChildFailed(collector.ChildFailure{Child: "thing " + evil, Err: errors.New(evil)})
		return nil
	}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: d}, enginetest.Things(&enginetest.Collector{Do: update}))
	h.Refresh(t.Context(), engine.Selection{})
	rows := fmt.Sprint(Rows(h.Snapshots(engine.Selection{})))
	o := overview(h)
	for i := range o.Organizations {
		o.Organizations[i].ID = "" // of links
	}
	for what, text := range map[string]string{"--check": rows, "the page": fmt.Sprint(o)} {
		if strings.ContainsAny(text, "\x1b\u009b\u202e") || !strings.Contains(text, "a�[2J�2J�b") {
			t.Errorf("%s shows control characters:\n%q", what, text)
		}
	}
}

func TestRefusedCredentialSaysWhatToDo(t *testing.T) {
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Err: &rest.Error{Operation: "list", Status: 401, Reason: rest.ReasonAuth}})
	h.Refresh(t.Context(), engine.Selection{})
	if got := Rows(h.Snapshots(engine.Selection{}))[0].Problem; !strings.Contains(got, "401") || !strings.Contains(got, "check the credential") {
		t.Errorf("--check says %q", got)
	}
	if got := overview(h).Accounts[0].Failures[0].Reason.Advice(); !strings.Contains(got, "check the credential") {
		t.Errorf("the page says %q", got)
	}
}
