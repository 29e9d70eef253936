package table

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"time"

	"license_exporter/internal/simulator"
)

// ContractsPath is the path of the file that StartDemo serves.
const ContractsPath = "/contracts.csv"

// DateLayout is the layout of the dates in the file.
const DateLayout = "2 Jan 2006"

// StartDemo serves a file at ContractsPath on the loopback interface: the contracts of Contoso and two subsidiaries, as an asset
// manager keeps them in a spreadsheet. It returns the base URL and a function that stops the server.
func StartDemo() (baseURL string, stop func(), err error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+ContractsPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		_, _ = w.Write(Contracts(time.Now()))
	})
	return simulator.Listen(mux)
}

// Contracts returns the file as it is on a day. Costs have a comma between thousands. A contract without an end has the word Perpetual.
// The last three columns have keys, people and free text, which the exporter must not read.
func Contracts(now time.Time) []byte {
	today := simulator.Midnight(now)
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{
		"Contract", "Product", "Manufacturer", "Type", "Company", "Start", "End", "Seats", "In use", "Annual cost", "Currency", "Order",
		"Renews", "Notice", "Owner", "Muted", "License key", "Contact", "Remarks",
	})
	for i, c := range contracts {
		if c.end == "" {
			c.end = today.AddDate(0, 0, c.left).Format(DateLayout)
		}
		if c.notice == "" {
			c.notice = "30 days"
		}
		if c.owner == "" {
			c.owner = "sam-team"
		}
		number := strconv.Itoa(1001 + i)
		_ = w.Write([]string{
			"CT-" + number, c.product, c.manufacturer, c.kind, c.company,
			today.AddDate(0, 0, -c.age).Format(DateLayout), c.end, c.seats, c.used, c.cost, c.currency, "PO-48" + number,
			c.renews, c.notice, c.owner, c.muted,
			simulator.FakeKeyMarker + "-KEY-" + number, simulator.FakeKeyMarker + "@example.com", simulator.FakeKeyMarker + ", see the contract",
		})
	}
	w.Flush()
	return b.Bytes()
}

// The companies of the file.
const (
	group     = "Contoso"
	retail    = "Contoso Retail"
	logistics = "Contoso Logistics"
)

// contract is a row. The contract began age days ago and ends in left days, unless end has another text.
type contract struct {
	product, manufacturer, kind, company string
	age, left                            int
	end                                  string
	seats, used, cost, currency          string
	renews, notice, owner, muted         string // notice is 30 days and owner is sam-team if they are empty
}

const (
	subscription = "Subscription"
	maintenance  = "Maintenance"
	license      = "License"
)

// contracts has the rows. Each situation that raises an alert occurs once, so that the demo shows it on any day and has few alerts.
var contracts = [...]contract{
	{product: "Creative Cloud All Apps", manufacturer: "Adobe", kind: subscription, company: group,
		age: 345, left: 20, seats: "60", used: "52", cost: "43,200.00", currency: "EUR", renews: "No"},
	{product: "AutoCAD", manufacturer: "Autodesk", kind: subscription, company: logistics,
		age: 360, left: 5, seats: "12", used: "10", cost: "25,440.00", currency: "EUR", renews: "No"},
	{product: "MATLAB", manufacturer: "MathWorks", kind: subscription, company: group, // ended and in use
		age: 374, left: -9, seats: "8", used: "6", cost: "7,680.00", currency: "EUR", renews: "No"},
	{product: "Visio Plan 2", manufacturer: "Microsoft", kind: subscription, company: retail, // ended and unused
		age: 410, left: -45, seats: "25", used: "0", cost: "4,050.00", currency: "EUR", renews: "No"},
	{product: "Oracle Database Enterprise Edition", manufacturer: "Oracle", kind: maintenance, company: group, // within its notice
		age: 305, left: 60, seats: "16", used: "12", cost: "167,200.00", currency: "USD", renews: "No", notice: "90 days"},
	{product: "Zoom Workplace Business", manufacturer: "Zoom", kind: subscription, company: group, // renews soon, with unused seats
		age: 353, left: 12, seats: "150", used: "97", cost: "27,000.00", currency: "USD", renews: "Yes"},
	{product: "Jira Software Premium", manufacturer: "Atlassian", kind: subscription, company: group,
		age: 325, left: 40, seats: "400", used: "355", cost: "68,400.00", currency: "USD", renews: "Yes"},
	{product: "Slack Business+", manufacturer: "Salesforce", kind: subscription, company: retail,
		age: 290, left: 75, seats: "600", used: "571", cost: "90,000.00", currency: "USD", renews: "Yes", notice: "60 days"},
	{product: "1Password Business", manufacturer: "1Password", kind: subscription, company: group,
		age: 165, left: 200, seats: "250", used: "214", cost: "23,970.00", currency: "USD", renews: "Yes", owner: "network-team"},
	{product: "Windows Server 2022 Datacenter", manufacturer: "Microsoft", kind: license, company: group,
		age: 1180, end: "Perpetual", seats: "64", used: "48", cost: "0.00", currency: "EUR", renews: "No"},
	{product: "Tableau Creator", manufacturer: "Salesforce", kind: subscription, company: retail, // the end is unreadable
		age: 130, end: "to be agreed", seats: "20", used: "17", cost: "16,800.00", currency: "USD", renews: "No"},
	{product: "TeamViewer Corporate", manufacturer: "TeamViewer", kind: subscription, company: logistics, // replaced, so nobody acts
		age: 350, left: 15, seats: "10", used: "4", cost: "2,399.00", currency: "EUR", renews: "No", owner: "network-team", muted: "Yes"},
	{product: "Docker Business", manufacturer: "Docker", kind: subscription, company: group, // more used than bought
		age: 185, left: 180, seats: "50", used: "57", cost: "14,400.00", currency: "USD", renews: "No"},
	{product: "All Products Pack", manufacturer: "JetBrains", kind: subscription, company: group, // full
		age: 135, left: 230, seats: "40", used: "40", cost: "31,160.00", currency: "EUR", renews: "No"},
	{product: "Red Hat Enterprise Linux Server", manufacturer: "Red Hat", kind: subscription, company: group,
		age: 65, left: 300, seats: "120", used: "88", cost: "95,880.00", currency: "EUR", renews: "No", notice: "60 days"},
	{product: "Veeam Data Platform", manufacturer: "Veeam", kind: subscription, company: logistics,
		age: 685, left: 410, seats: "100", used: "74", cost: "12,500.00", currency: "EUR", renews: "No"},
	{product: "Wildcard certificate", manufacturer: "DigiCert", kind: license, company: retail, // no seats
		age: 215, left: 150, cost: "688.00", currency: "USD", renews: "No", owner: "network-team"},
	{product: "Unified Threat Protection", manufacturer: "Fortinet", kind: maintenance, company: retail,
		age: 595, left: 500, seats: "24", used: "21", cost: "18,960.00", currency: "EUR", renews: "No", notice: "60 days", owner: "network-team"},
	{product: "Figma Organization", manufacturer: "Figma", kind: subscription, company: retail,
		age: 105, left: 260, seats: "35", used: "31", cost: "18,900.00", currency: "USD", renews: "Yes"},
	{product: "SAP S/4HANA Cloud", manufacturer: "SAP", kind: subscription, company: group,
		age: 375, left: 720, seats: "220", used: "204", cost: "310,000.00", currency: "EUR", renews: "No", notice: "180 days"},
}
