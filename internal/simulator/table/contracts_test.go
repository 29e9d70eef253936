package table

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/simtest"
)

// records returns the rows of the file as maps of columns.
func records(t *testing.T) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(Contracts(simtest.Now))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	list := make([]map[string]string, len(rows)-1)
	for i, row := range rows[1:] {
		list[i] = map[string]string{}
		for c, name := range rows[0] {
			list[i][name] = row[c]
		}
	}
	return list
}

// The demo shows each situation, on any day.
func TestContractsShowEachSituation(t *testing.T) {
	type facts struct {
		Company            string
		Left               int
		Seats, Used        string
		Renews, Notice, By string
		Muted              string
	}
	want := map[string]facts{
		"CT-1001": {"Contoso", 20, "60", "52", "No", "30 days", "sam-team", ""},
		"CT-1002": {"Contoso Logistics", 5, "12", "10", "No", "30 days", "sam-team", ""},
		"CT-1003": {"Contoso", -9, "8", "6", "No", "30 days", "sam-team", ""},
		"CT-1004": {"Contoso Retail", -45, "25", "0", "No", "30 days", "sam-team", ""},
		"CT-1005": {"Contoso", 60, "16", "12", "No", "90 days", "sam-team", ""},
		"CT-1006": {"Contoso", 12, "150", "97", "Yes", "30 days", "sam-team", ""},
		"CT-1012": {"Contoso Logistics", 15, "10", "4", "No", "30 days", "network-team", "Yes"},
		"CT-1013": {"Contoso", 180, "50", "57", "No", "30 days", "sam-team", ""},
		"CT-1014": {"Contoso", 230, "40", "40", "No", "30 days", "sam-team", ""},
		"CT-1017": {"Contoso Retail", 150, "", "", "No", "30 days", "network-team", ""},
	}
	got := map[string]facts{}
	texts := map[string]string{}
	for _, r := range records(t) {
		id := r["Contract"]
		if _, err := time.Parse(DateLayout, r["End"]); err != nil {
			texts[id] = r["End"]
		} else if _, ok := want[id]; ok {
			got[id] = facts{
				r["Company"], simtest.Days(t, r["End"], DateLayout), r["Seats"], r["In use"], r["Renews"], r["Notice"], r["Owner"], r["Muted"],
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("contracts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"CT-1010": "Perpetual", "CT-1011": "to be agreed"}, texts); diff != "" {
		t.Errorf("ends that are no dates (-want +got):\n%s", diff)
	}
}

// Contracts that are not named above are fine: they do not end soon, except those that renew by themselves, and have free seats.
func TestOtherContractsAreFine(t *testing.T) {
	list := records(t)
	if len(list) != 20 {
		t.Errorf("%d contracts, want 20", len(list))
	}
	companies := map[string]int{}
	for _, r := range list {
		companies[r["Company"]]++
		if _, err := time.Parse(DateLayout, r["Start"]); err != nil {
			t.Errorf("%s: %v", r["Contract"], err)
		}
		if r["Contract"] > "CT-1014" && simtest.Days(t, r["End"], DateLayout) < 100 {
			t.Errorf("%s ends soon: %s", r["Contract"], r["End"])
		}
	}
	if len(companies) != 3 {
		t.Errorf("companies: %v", companies)
	}
}

// What the exporter must not show is marked in the columns that have it, and in no others.
func TestSecretsAreMarked(t *testing.T) {
	for _, r := range records(t) {
		for name, value := range r {
			secret := name == "License key" || name == "Contact" || name == "Remarks"
			if strings.Contains(value, simulator.FakeKeyMarker) != secret {
				t.Errorf("%s: %s", name, value)
			}
		}
	}
}

func TestStartDemo(t *testing.T) {
	base, stop, err := StartDemo()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	c := simtest.Client{T: t, Base: base, HTTP: http.DefaultClient}
	defer c.HTTP.CloseIdleConnections()
	r := c.Get(ContractsPath)
	if r.Status != http.StatusOK || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("%d %s", r.Status, r.Header.Get("Content-Type"))
	}
	if header, _, _ := strings.Cut(r.Body, "\n"); !strings.HasPrefix(header, "Contract,Product,Manufacturer,") {
		t.Errorf("header %s", header)
	}
}
