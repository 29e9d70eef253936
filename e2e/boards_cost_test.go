package e2e

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"license_exporter/dashboards"
	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/snow"
)

const (
	// windowPixels is the width of the window in which the boards are drawn.
	windowPixels = 1600
	// scrapeInterval is the least step that Grafana asks for.
	scrapeInterval = time.Minute
	// askedFor is the range of range queries, and the longest range in a query. All series are there for so long.
	askedFor = 5 * time.Minute
	// applications of the tenant of Snow, beside the organizations of Meraki. There are ten licenses for each.
	applications = 500
)

// TestBoardsCost prints what the boards cost a Prometheus where there are thousands of
// organizations. make boards-cost starts it. BOARDS and RULES name the folders of the boards and of
// the rules; SAMPLES is how many samples a panel may read.
func TestBoardsCost(t *testing.T) {
	if os.Getenv("BOARDS") == "" {
		t.Skip("it takes 20 minutes; start it with make boards-cost")
	}
	boards := loadBoards(t, os.Getenv("BOARDS"))
	organizations, licenses, limit := number(t, "ORGANIZATIONS"), number(t, "LICENSES"), number(t, "SAMPLES")
	exporter := startLargeEstate(t, organizations, licenses, largeTenant(t))
	prom := runRules(t, exporter, os.Getenv("RULES"))
	time.Sleep(filledAfter)

	scraped, err := prom.value(`scrape_samples_scraped`)
	if err != nil {
		t.Fatal(err)
	}
	all := []panelCost{}
	for _, b := range boards {
		all = append(all, prom.costs(b)...)
	}
	slices.SortStableFunc(all, func(a, b panelCost) int {
		return cmp.Or(cmp.Compare(failures(b), failures(a)), cmp.Compare(b.samples, a.samples))
	})
	fmt.Printf("\n## %d organizations with %d licenses each, %d applications, %.0f series\n\n", organizations, licenses, applications, scraped)
	fmt.Printf(`Everything is selected, or on the board of one organization, the first one. Range queries have as many steps as
Grafana asks for in a window of %d pixels over the board's default range, but all steps are within the last %s.
They read as many samples as over the whole range, if the series are the same. Longer ranges within queries are cut to
the same time, and their cost is multiplied accordingly.

| board | panel | queries | steps | samples | most in memory | seconds | series |
| --- | --- | --- | --- | --- | --- | --- | --- |
`, windowPixels, askedFor)
	for _, c := range all {
		fmt.Println(c)
		switch {
		case c.err != nil:
			t.Errorf("%s, %s: %v", c.board, c.panel, c.err)
		case c.samples > limit:
			t.Errorf("%s, %s: reads %d samples, more than %d", c.board, c.panel, c.samples, limit)
		}
	}
	fmt.Println()
}

// largeTenant serves a tenant of Snow and returns its account.
func largeTenant(t *testing.T) string {
	t.Helper()
	baseURL, stop, err := simulator.Listen(snow.New(snow.Options{
		Estate: snow.Generate(1, applications, 10*applications), ClientID: snow.DemoClientID, ClientSecret: snow.DemoClientSecret,
		Limits: snow.Limits{Off: true},
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return fmt.Sprintf(`  - name: tenant
    vendor: snow
    base_url: %s
    max_age: 2h
    rate_limit: {organization: 1000000, source: 1000000}
    http_client_config: {oauth2: {client_id: %s, client_secret_file: %s}}
`, baseURL, snow.DemoClientID, writeFile(t, "secret", snow.DemoClientSecret))
}

// drawnBoard is a board with what determines its range queries.
type drawnBoard struct {
	dashboards.Board
	Time   struct{ From string }
	Panels []drawnPanel
}

type drawnPanel struct {
	dashboards.Panel
	Interval      string
	MaxDataPoints int
	Panels        []drawnPanel // of a collapsed row
}

func loadBoards(t *testing.T, folder string) []drawnBoard {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no boards in %s: %v", folder, err)
	}
	boards := make([]drawnBoard, len(paths))
	for i, path := range paths {
		content, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(content, &boards[i])
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return boards
}

// panelCost is what it takes to fill a panel, or a variable.
type panelCost struct {
	board, panel                          string
	queries, steps, samples, peak, series int
	seconds                               float64
	err                                   error
}

func (c panelCost) String() string {
	series := strconv.Itoa(c.series)
	if c.err != nil {
		series = c.err.Error()
	}
	return fmt.Sprintf("| %s | %s | %d | %d | %d | %d | %.2f | %s |",
		c.board, c.panel, c.queries, c.steps, c.samples, c.peak, c.seconds, series)
}

// failures is 1 if a query of a panel failed, and 0 if not.
func failures(c panelCost) int {
	if c.err != nil {
		return 1
	}
	return 0
}

// costs returns what the variables and the panels of a board cost.
func (p prometheus) costs(b drawnBoard) []panelCost {
	p.t.Helper()
	chosen := p.openedWith(b.Board)
	all := []panelCost{}
	for _, v := range b.Templating.List {
		if m := queryResult.FindStringSubmatch(v.Expr()); m != nil {
			c := panelCost{board: b.UID, panel: "variable " + v.Name, steps: 1}
			p.ask(&c, chosen.fill(m[1]), true)
			all = append(all, c)
		}
	}
	from, err := model.ParseDuration(strings.TrimPrefix(b.Time.From, "now-"))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, row := range b.Panels {
		for _, panel := range append(row.Panels, row) {
			if len(panel.Targets) == 0 {
				continue
			}
			step := panel.step(time.Duration(from))
			chosen["__rate_interval"] = max(step+scrapeInterval, 4*scrapeInterval).String()
			c := panelCost{board: b.UID, panel: panel.Title, steps: 1}
			if !panel.Targets[0].Instant {
				c.steps = int(time.Duration(from)/step) + 1
			}
			for _, target := range panel.Targets {
				p.ask(&c, chosen.fill(target.Expr), target.Instant)
			}
			all = append(all, c)
		}
	}
	return all
}

// openedWith returns what is selected when a board is opened: everything, or the first value of a
// variable that has no All.
func (p prometheus) openedWith(b dashboards.Board) selection {
	p.t.Helper()
	chosen := selection{}
	for _, v := range b.Templating.List {
		if v.Expr() == "" {
			continue
		}
		values := p.values(v, chosen)
		texts := slices.SortedFunc(maps.Keys(values), func(a, b string) int {
			return cmp.Compare(strings.ToLower(a), strings.ToLower(b))
		})
		switch {
		case v.IncludeAll && v.AllValue == "":
			chosen[v.Name] = strings.Join(slices.Sorted(maps.Values(values)), "|")
		case v.IncludeAll:
			chosen[v.Name] = v.AllValue
		case len(texts) > 0:
			chosen[v.Name] = values[texts[0]]
		default:
			chosen[v.Name] = ""
		}
	}
	return chosen
}

// ask adds what a query costs.
func (p prometheus) ask(c *panelCost, query string, instant bool) {
	p.t.Helper()
	query, times := shorten(query)
	path, values := "/api/v1/query", url.Values{"query": {query}, "stats": {"all"}}
	if !instant {
		step := (askedFor / time.Duration(c.steps)).Truncate(time.Millisecond)
		now := time.Now()
		path = "/api/v1/query_range"
		values.Set("start", now.Add(-step*time.Duration(c.steps-1)).Format(time.RFC3339Nano))
		values.Set("end", now.Format(time.RFC3339Nano))
		values.Set("step", strconv.FormatFloat(step.Seconds(), 'f', -1, 64))
	}
	begun := time.Now()
	path += "?" + values.Encode()
	body, err := p.get(path)
	if err != nil { // without the query, which is long
		err = errors.New(strings.TrimPrefix(err.Error(), "GET "+path+": "))
	}
	c.seconds += times * time.Since(begun).Seconds()
	c.queries++
	var answer struct {
		Data struct {
			Result []json.RawMessage `json:"result"`
			Stats  queryStats        `json:"stats"`
		} `json:"data"`
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &answer)
	}
	read := answer.Data.Stats.Samples
	c.err = cmp.Or(c.err, err)
	c.samples += int(times * float64(read.Total))
	c.peak = max(c.peak, int(times*float64(read.Peak)))
	c.series += len(answer.Data.Result)
}

var rangeInQuery = regexp.MustCompile(`\[(\w+)\]`)

// shorten cuts ranges for which there are no samples yet. It also returns how many times the cost
// is higher without that.
func shorten(query string) (string, float64) {
	times := 1.0
	return rangeInQuery.ReplaceAllStringFunc(query, func(text string) string {
		d, err := model.ParseDuration(strings.Trim(text, "[]"))
		if err != nil || time.Duration(d) <= askedFor {
			return text
		}
		times = max(times, float64(d)/float64(askedFor))
		return "[" + askedFor.String() + "]"
	}), times
}

// steps has Grafana's steps, each with the lengths that are rounded to it.
var steps = []struct{ below, step time.Duration }{
	{90 * time.Second, time.Minute},
	{210 * time.Second, 2 * time.Minute},
	{450 * time.Second, 5 * time.Minute},
	{750 * time.Second, 10 * time.Minute},
	{1050 * time.Second, 15 * time.Minute},
	{25 * time.Minute, 20 * time.Minute},
	{45 * time.Minute, 30 * time.Minute},
	{90 * time.Minute, time.Hour},
	{150 * time.Minute, 2 * time.Hour},
	{270 * time.Minute, 3 * time.Hour},
	{9 * time.Hour, 6 * time.Hour},
	{24 * time.Hour, 12 * time.Hour},
}

// step returns the step of a panel's range queries: that of one point for each pixel, rounded.
func (p drawnPanel) step(length time.Duration) time.Duration {
	const gap = 8
	points := cmp.Or(p.MaxDataPoints, (windowPixels+gap)*p.GridPos.W/24-gap)
	least, _ := model.ParseDuration(p.Interval) // 0 if there is none
	step := 24 * time.Hour
	for _, s := range slices.Backward(steps) {
		if length/time.Duration(points) < s.below {
			step = s.step
		}
	}
	return max(step, time.Duration(least))
}

func TestBoardSteps(t *testing.T) {
	const month = 30 * 24 * time.Hour
	for _, test := range []struct {
		length time.Duration
		panel  string
		want   time.Duration
	}{
		{month, `{"gridPos": {"w": 24}}`, 30 * time.Minute},
		{month, `{"gridPos": {"w": 12}}`, time.Hour},
		{month, `{"gridPos": {"w": 24}, "maxDataPoints": 100}`, 6 * time.Hour},
		{month, `{"gridPos": {"w": 24}, "interval": "1h"}`, time.Hour},
		{6 * time.Hour, `{"gridPos": {"w": 12}}`, time.Minute},
		{6 * time.Hour, `{"gridPos": {"w": 12}, "interval": "2m"}`, 2 * time.Minute},
		{5 * 12 * month, `{"gridPos": {"w": 4}}`, 24 * time.Hour},
	} {
		var panel drawnPanel
		if err := json.Unmarshal([]byte(test.panel), &panel); err != nil {
			t.Fatal(err)
		}
		if got := panel.step(test.length); got != test.want {
			t.Errorf("%s over %s: step %s, want %s", test.panel, test.length, got, test.want)
		}
	}
}

func TestShorten(t *testing.T) {
	for _, test := range []struct {
		query, want string
		times       float64
	}{
		{`sum(rate(a[4m0s]))`, `sum(rate(a[4m0s]))`, 1},
		{`sum(increase(a[1d])) / sum(increase(b{c=~"[ab]"}[10m]))`, `sum(increase(a[5m0s])) / sum(increase(b{c=~"[ab]"}[5m0s]))`, 288},
	} {
		if got, times := shorten(test.query); got != test.want || times != test.times {
			t.Errorf("%s: %s, %v times, want %s, %v times", test.query, got, times, test.want, test.times)
		}
	}
}
