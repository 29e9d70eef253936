package snow

import (
	"testing"

	"license_exporter/internal/decodetest"
)

func TestFlags(t *testing.T) {
	reasons := func(f Flags) IncompleteReasons { return IncompleteReasons{f} }
	two := reasons(flags("MissingApplication", "MissingMetric"))
	none := reasons(Flags{Valid: true})
	decodetest.Cases[IncompleteReasons]{
		`5`: two, `"5"`: two, `"MissingApplication, MissingMetric"`: two, `"missingmetric,MissingApplication"`: two,
		`["MissingMetric", "MissingApplication", "MissingMetric"]`: two, `[1, 4]`: two, `["1", "MissingMetric"]`: two,
		`0`: none, `"None"`: none, `[]`: none, `["None"]`: none, `[0]`: none,
		`null`: {}, `""`: {},
		`255`:   reasons(flags(incompleteReasons...)),
		`"All"`: reasons(flags(incompleteReasons...)),
		`257`:   reasons(Flags{Names: []string{"MissingApplication", "256"}, Unknown: []string{"256"}, Valid: true}),
		`["Mislaid", "MissingMetric", "Mislaid"]`: reasons(Flags{
			Names: []string{"MissingMetric", "Mislaid"}, Unknown: []string{"Mislaid"}, Valid: true,
		}),
		`["Call jo@example.com", "MissingMetric, ABCD-1234-EF56"]`: reasons(Flags{ // what cannot be a name is not shown
			Names: []string{"MissingMetric", "unknown"}, Unknown: []string{"unknown"}, Valid: true,
		}),
		`-1`:        reasons(Flags{Valid: true, Unreadable: true}),
		`1.5`:       reasons(Flags{Valid: true, Unreadable: true}),
		`{}`:        reasons(Flags{Unreadable: true}),
		`[1, {}]`:   reasons(Flags{Names: []string{"MissingApplication"}, Valid: true, Unreadable: true}),
		`[["All"]]`: reasons(Flags{Valid: true, Unreadable: true}),
	}.Test(t, `"MissingBaseLicenses"`)
	decodetest.Cases[InvalidAssignmentReasons]{
		`32896`: {flags("NoEliglibleApplicationInstalled", "InvalidProcessorCount")},
	}.Test(t, `1`)
}

// The text that flags are read from is read again for the rest of its record.
func TestFlagsLeaveTheirTextAlone(t *testing.T) {
	text := []byte(`["MissingMetric", 1]`)
	var reasons IncompleteReasons
	if err := reasons.UnmarshalJSON(text); err != nil || string(text) != `["MissingMetric", 1]` {
		t.Errorf("the text has become %s, %v", text, err)
	}
}

func TestAgreementOfLicense(t *testing.T) {
	for want, l := range map[ID]License{"": {}, "a": {AgreementID: "a", ContractID: "c"}, "c": {ContractID: "c"}} {
		if got := l.Agreement(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
