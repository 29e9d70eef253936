package table

import (
	"fmt"
	"strings"
	"time"

	"license_exporter/internal/simulator"
)

// LicensesPerCompany is the number of licenses of each company, one for each situation.
const LicensesPerCompany = len(situations)

// situation is a license. Days are relative to today, and 0 means that there is no date.
type situation struct {
	name, maker        string
	expires, ends      int // expiration and termination
	seats, free, spent int // spent seats are free but cannot be assigned again
	minimum            int
	invalid            bool // the expiration is not a date
}

// situations has the licenses of a company. The text is not escaped yet.
var situations = [...]situation{
	{name: "Adatum Backup Manager", maker: "Adatum", expires: 300, seats: 25, free: 5},
	{name: "Fabrikam Draw & Paint", maker: "Fabrikam", expires: 20, seats: 10},
	{name: "Fabrikam CAD", maker: "Fabrikam", expires: -15, seats: 10, free: 4},
	{name: "Litware Planner", maker: "Litware", expires: -60, seats: 5, free: 5},
	{name: "Adatum Database", maker: "Adatum", seats: 100, free: 8, minimum: 10},
	{name: "Litware CRM", maker: "Litware", expires: 400, ends: 90, seats: 50, free: 12},
	{name: "Proseware Payroll", maker: "Proseware", invalid: true, seats: 3, free: 1},
	{name: `Proseware "Site" License`, maker: "Proseware", expires: 150, seats: 20, free: 8, spent: 3},
}

// escaper escapes a text as the vendor does.
var escaper = strings.NewReplacer("&", "&amp;", `"`, "&quot;")

// named is a company, a manufacturer and the like.
type named struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// row is a license as the vendor writes it. Texts are escaped for HTML.
type row struct {
	ID                  int     `json:"id"`
	Name                string  `json:"name"`
	Company             *named  `json:"company"`
	Manufacturer        *named  `json:"manufacturer"`
	ProductKey          string  `json:"product_key"`
	OrderNumber         string  `json:"order_number"`
	PurchaseOrder       *string `json:"purchase_order"`
	PurchaseDate        any     `json:"purchase_date"`
	TerminationDate     any     `json:"termination_date"`
	ExpirationDate      any     `json:"expiration_date"`
	PurchaseCost        string  `json:"purchase_cost"`
	PurchaseCostNumeric string  `json:"purchase_cost_numeric"`
	Notes               string  `json:"notes"`
	Seats               int     `json:"seats"`
	FreeSeatsCount      int     `json:"free_seats_count"`
	Remaining           int     `json:"remaining"`
	MinAmt              any     `json:"min_amt"`
	LicenseName         string  `json:"license_name"`
	LicenseEmail        string  `json:"license_email"`
	Reassignable        bool    `json:"reassignable"`
	Maintained          bool    `json:"maintained"`
	Supplier            *named  `json:"supplier"`
	Category            *named  `json:"category"`
	CreatedBy           named   `json:"created_by"`
	DeletedAt           any     `json:"deleted_at"`
}

// newRow returns the license with an index. The token's user may see keys, which the exporter must not show.
func newRow(today time.Time, i int) row {
	company, kind := i/LicensesPerCompany, i%LicensesPerCompany
	s := situations[kind]
	const secret = simulator.FakeKeyMarker
	r := row{
		ID:                  i + 1,
		Name:                escaper.Replace(s.name),
		Company:             &named{company + 1, fmt.Sprintf("Contoso %d", company+1)},
		Manufacturer:        &named{kind + 1, s.maker},
		ProductKey:          fmt.Sprintf("%s-KEY-%d", secret, i+1),
		OrderNumber:         fmt.Sprintf("PO-%d", 7000+i),
		PurchaseDate:        date(today, -200-kind),
		TerminationDate:     date(today, s.ends),
		ExpirationDate:      date(today, s.expires),
		PurchaseCost:        fmt.Sprintf("%d,000.00", kind+1),
		PurchaseCostNumeric: fmt.Sprintf("%d000.00", kind+1),
		Notes:               secret + " notes",
		Seats:               s.seats,
		FreeSeatsCount:      s.free - s.spent,
		Remaining:           s.free,
		MinAmt:              simulator.When(s.minimum > 0, s.minimum),
		LicenseName:         secret + " Person",
		LicenseEmail:        secret + "@example.com",
		Reassignable:        s.spent == 0,
		Category:            &named{1, "Desktop Software"},
		CreatedBy:           named{1, secret + " Person"},
	}
	if s.invalid {
		r.ExpirationDate = "0000-00-00 (Invalid date value.)"
	}
	return r
}

// date returns a date as the vendor writes it, nil for 0 days.
func date(today time.Time, days int) any {
	day := today.AddDate(0, 0, days)
	return simulator.When(days != 0, simulator.Object{"date": day.Format(time.DateOnly), "formatted": day.Format("Mon Jan 02, 2006")})
}
