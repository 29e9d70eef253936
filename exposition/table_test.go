package exposition_test

import (
	"bytes"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

const infoName = "license_organization_info"

// labeled returns an engine with the accounts acme and other, which have fetched their facts.
func labeled(t *testing.T) (*enginetest.Harness, []*engine.Account, *enginetest.Collector) {
	t.Helper()
	c := &enginetest.Collector{Do: enginetest.EndsIn(10)}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock, MaxAge: time.Hour}, enginetest.NewSource("1"), enginetest.Things(c))
	accounts := []*engine.Account{h.Account, enginetest.Account("other", enginetest.NewSource("2"), enginetest.Things(c))}
	h.Reload(accounts)
	h.Refresh(t.Context(), engine.Selection{})
	return h, accounts, c
}

// infos returns the text of license_organization_info. Tests compare names and order exactly.
func infos(t *testing.T, h *enginetest.Harness, s engine.Selection) []string {
	t.Helper()
	var text bytes.Buffer
	if err := h.WriteText(&text, s); err != nil {
		t.Fatal(err)
	}
	enginetest.WantSameLines(t, enginetest.Text(t, h.Gatherer(s)), text.String())
	return strings.Split(strings.ReplaceAll(only(text.String()), infoName+"{", ""), "\n")
}

func TestLabelsOfAccounts(t *testing.T) {
	h, accounts, c := labeled(t)
	one, err := h.One(t.Context(), "other", "2")
	if err != nil {
		t.Fatal(err)
	}
	before := h.Lines()
	for _, test := range []struct {
		labels map[string]collector.Labels
		want   []string
	}{
		{nil, []string{
			`account="acme",api_enabled="true",licensing_model="model",organization_id="1",organization_name="Organization 1",region="",vendor="test"} 1`,
			`account="other",api_enabled="true",licensing_model="model",organization_id="2",organization_name="Organization 2",region="",vendor="test"} 1`,
		}},
		{map[string]collector.Labels{"acme": {"team": "network", "customer": `A "1"`}}, []string{
			`account="acme",api_enabled="true",customer="A \"1\"",licensing_model="model",organization_id="1",organization_name="Organization 1",region="",team="network",vendor="test"} 1`,
			`account="other",api_enabled="true",customer="",licensing_model="model",organization_id="2",organization_name="Organization 2",region="",team="",vendor="test"} 1`,
		}},
		{map[string]collector.Labels{"acme": {"customer": "A"}, "other": {"zone": "z"}}, []string{
			`account="acme",api_enabled="true",customer="A",licensing_model="model",organization_id="1",organization_name="Organization 1",region="",vendor="test",zone=""} 1`,
			`account="other",api_enabled="true",customer="",licensing_model="model",organization_id="2",organization_name="Organization 2",region="",vendor="test",zone="z"} 1`,
		}},
		{map[string]collector.Labels{"acme": {"customer": "B"}, "other": {"zone": "z"}}, []string{ // a value alone
			`account="acme",api_enabled="true",customer="B",licensing_model="model",organization_id="1",organization_name="Organization 1",region="",vendor="test",zone=""} 1`,
			`account="other",api_enabled="true",customer="",licensing_model="model",organization_id="2",organization_name="Organization 2",region="",vendor="test",zone="z"} 1`,
		}},
	} {
		h.Apply(accounts, test.labels)
		for _, account := range []string{"acme", "other", "none"} {
			if got, want := h.Labels(account), map[string]string(test.labels[account]); !maps.Equal(got, want) {
				t.Errorf("labels of %s: %v, want %v", account, got, want)
			}
		}
		got := infos(t, h, engine.Selection{})
		if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
			t.Errorf("%v:\n got %s\nwant %s", test.labels, strings.Join(got, "\n     "), strings.Join(test.want, "\n     "))
		}
		if got := infos(t, h, one); len(got) != 1 || got[0] != test.want[1] {
			t.Errorf("%v: of one organization, there is %v", test.labels, got)
		}
	}
	h.Apply(accounts, nil)
	if after := h.Lines(); after != before {
		t.Errorf("without labels, the series differ from those of the beginning:\n%s", after)
	}
	h.Refresh(t.Context(), engine.Selection{})
	if h.Source.Calls != 1 || c.Called("1") != 1 || c.Called("2") != 1 {
		t.Errorf("%d listings, %d and %d fetches; want one of each", h.Source.Calls, c.Called("1"), c.Called("2"))
	}
}

// A reload makes only the series that it changes again.
func TestLabelsThatStayTheSame(t *testing.T) {
	h, accounts, _ := labeled(t)
	steps := []struct {
		labels      map[string]collector.Labels
		acme, other bool // their series are made again
	}{
		{nil, false, false},
		{map[string]collector.Labels{"acme": {"customer": "A"}}, true, true},
		{map[string]collector.Labels{"acme": {"customer": "A"}, "other": {}}, false, false},
		{map[string]collector.Labels{"acme": {"customer": "A"}, "other": {"customer": "B"}}, false, true},
		{map[string]collector.Labels{"other": {"customer": "B"}}, true, false},
	}
	h.Lines()
	for _, step := range steps {
		acme, other := h.Cached("acme", "1"), h.Cached("other", "2")
		h.Apply(accounts, step.labels)
		h.Lines()
		if got := h.Cached("acme", "1") != acme; got != step.acme {
			t.Errorf("%v: the series of acme are made again: %t", step.labels, got)
		}
		if got := h.Cached("other", "2") != other; got != step.other {
			t.Errorf("%v: the series of other are made again: %t", step.labels, got)
		}
	}
}

// A scrape at the time of a reload shows the labels before it or after it.
func TestLabelsAreNeverMixed(t *testing.T) {
	h, accounts, _ := labeled(t)
	sets := []map[string]collector.Labels{
		{"acme": {"second": "b"}},
		{"acme": {"first": "a"}, "other": {"first": "c"}},
		{"acme": {"first": "d"}, "other": {"first": "e"}},
	}
	page := func() string {
		var text bytes.Buffer
		if err := h.WriteText(&text, engine.Selection{}); err != nil {
			t.Error(err)
		}
		return only(text.String())
	}
	allowed := map[string]bool{}
	for _, labels := range sets {
		h.Apply(accounts, labels)
		allowed[page()] = true
	}
	if len(allowed) != len(sets) {
		t.Fatalf("the pages are %v", allowed)
	}
	stop := make(chan struct{})
	var reloads sync.WaitGroup
	reloads.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				h.Apply(accounts, sets[i%len(sets)])
			}
		}
	})
	for range 300 {
		if got := page(); !allowed[got] {
			t.Errorf("a page is of no configuration:\n%s", got)
			break
		}
		if got := only(enginetest.Text(t, h.Gatherer(engine.Selection{}))); !allowed[got] {
			t.Errorf("gathered series are of no configuration:\n%s", got)
			break
		}
	}
	close(stop)
	reloads.Wait()
}

// only returns the lines of license_organization_info.
func only(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, infoName+"{") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
