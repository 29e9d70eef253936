package collector

import (
	"context"
	"fmt"
	"testing"
	"time"

	"license_exporter/client/rest"
)

func TestAnsweredClassify(t *testing.T) {
	var (
		forbidden = fmt.Errorf("wrapped: %w", &rest.Error{Status: 403, Reason: rest.ReasonForbidden})
		absent    = &rest.Error{Status: 404, Reason: rest.ReasonNotFound}
		broken    = &rest.Error{Status: 500, Reason: rest.ReasonServer}
		inapt     = fmt.Errorf("%w: %w", rest.ErrNotApplicable, absent)
		noToken   = &rest.Error{Reason: rest.ReasonForbidden} // no request was sent
		noTokens  = &rest.Error{Reason: rest.ReasonNotFound}
	)
	var answered Memory
	for i, step := range []struct {
		operation string
		err       error
		want      Outcome
	}{
		{"a", forbidden, Withheld}, {"a", absent, Withheld}, {"a", broken, Failed}, {"a", inapt, NotApplicable},
		{"a", noToken, Failed}, {"a", noTokens, Failed},
		{"a", nil, Good}, {"a", forbidden, Failed}, {"a", absent, Failed}, {"a", inapt, NotApplicable},
		{"b", forbidden, Withheld},
	} {
		if got := answered.Classify(step.operation, step.err); got != step.want {
			t.Errorf("step %d, %v of operation %s: %d, want %d", i, step.err, step.operation, got, step.want)
		}
	}
}

func TestAbsent(t *testing.T) {
	for err, want := range map[*rest.Error]bool{
		{Status: 404, Reason: rest.ReasonNotFound, Message: "no such license"}:                true,
		{Status: 404, Reason: rest.ReasonNotFound}:                                            false, // of a gateway
		{Status: 404, Reason: rest.ReasonServer, Message: "x"}:                                false, // of a later page
		{Status: 500, Reason: rest.ReasonServer, Message: "x"}:                                false, // of the token endpoint
		{Status: 400, Reason: rest.ReasonServer}:                                              false,
		{Status: 400, Err: rest.ErrNotApplicable}:                                             true,
		{Status: 404, Reason: rest.ReasonNotFound, Message: "x", Err: rest.ErrAccessDisabled}: false,
	} {
		if got := Absent(err); got != want {
			t.Errorf("%v: %v, want %v", err, got, want)
		}
	}
}

// Access to an organization is not a matter of one child.
func TestChildrenGiveUpIfAccessIsDisabled(t *testing.T) {
	children := ChildrenOf[string, int](&Memory{}, "agreements")
	r := NewReport(time.Now(), Options{})
	err := children.Read(t.Context(), r, []string{"1", "2"}, Reading[string, int]{
		What: "agreement", Limit: 1,
		Read: func(_ context.Context, id string) (int, error) {
			if id == "2" {
				return 0, fmt.Errorf("%w: %w", rest.ErrAccessDisabled, &rest.Error{Status: 404, Reason: rest.ReasonNotFound, Message: "x"})
			}
			return 1, nil
		},
		Fold: func(string, int, bool) {},
	})
	if Classify(err) != AccessDisabled || len(r.Children()) > 0 {
		t.Errorf("reading ends with %v and %v, want disabled access", err, r.Children())
	}
}
