package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/collector"
)

// withLabels returns a configuration with an account for each text of labels.
func withLabels(labels ...string) string {
	var text strings.Builder
	text.WriteString("accounts:\n")
	for i, l := range labels {
		fmt.Fprintf(&text, "  - name: a%d\n    vendor: meraki\n    http_client_config: {authorization: {credentials: k}}\n    labels: %s\n", i, l)
	}
	return text.String()
}

func TestLabels(t *testing.T) {
	content := withLabels(`&l {customer: Äcme "1", team: 12, empty: "", none: }`, "*l", "{<<: *l, team: x}", "{}", "~")
	c, _, err := decode("", []byte(content), vendors)
	if err != nil {
		t.Fatal(err)
	}
	first := collector.Labels{"customer": `Äcme "1"`, "team": "12", "empty": "", "none": ""}
	want := map[string]collector.Labels{
		"a0": first, "a1": first, "a2": {"customer": `Äcme "1"`, "team": "x", "empty": "", "none": ""}, "a3": {}, "a4": nil,
	}
	if diff := cmp.Diff(want, c.Labels()); diff != "" {
		t.Errorf("the labels differ (-want +got):\n%s", diff)
	}
}

func TestLabelsThatAreRefused(t *testing.T) {
	const (
		taken = `f:5:14: account "a0": label %s of labels is reserved, because Prometheus or the exporter sets a label of that name; choose another name`
		name  = `f:5:14: account "a0": labels[0] has a name that labels cannot have; use up to 256 letters, digits and underscores, and begin with a letter, like cost_center`
		value = `f:5:17: account "a0": labels[0] must be text in UTF-8 of at most 256 bytes`
	)
	tests := map[string]string{
		"{a-b: x}": name, "{é: x}": name, "{1a: x}": name, `{"": x}`: name, `{"a b": x}`: name, `{"a:b": x}`: name, "{__name__: x}": name, "{__a: x}": name,
		"{" + strings.Repeat("a", 257) + ": x}": name,
		"{x: " + strings.Repeat("a", 257) + "}": value,
		"{x: !!binary /w==}":                    value,
		"{x: [y]}":                              `f:5:17: account "a0": labels[0] must be text`,
		"{x: y, x: z}":                          `f:5:20: account "a0": a key of labels occurs twice; leave one out`,
		"[x]":                                   `f:5:13: account "a0": labels must be a mapping of keys to values`,
		"x":                                     `f:5:13: account "a0": labels must be a mapping of keys to values`,
		"{<<: {job: x}}":                        strings.Replace(fmt.Sprintf(taken, "job"), ":14:", ":19:", 1),
	}
	for _, label := range []string{"job", "instance", "le", "quantile"} {
		tests["{"+label+": x}"] = fmt.Sprintf(taken, label)
	}
	for _, m := range vendors.Metrics() {
		for _, label := range m.AllLabels() {
			tests["{"+label+": x}"] = fmt.Sprintf(taken, label)
		}
	}
	if len(tests) < 40 {
		t.Errorf("there are only %d tests", len(tests))
	}
	for labels, want := range tests {
		if _, _, err := decode("f", []byte(withLabels(labels)), vendors); err == nil || err.Error() != want {
			t.Errorf("%s: got  %v\nwant %s", labels, err, want)
		}
	}
	for _, labels := range []string{"{Job: x}", "{_a: x}", "{" + strings.Repeat("a", 256) + ": " + strings.Repeat("a", 256) + "}"} {
		if _, _, err := decode("f", []byte(withLabels(labels)), vendors); err != nil {
			t.Errorf("%s: %v", labels, err)
		}
	}
}

// Each account may have other names, but all organizations get all of them.
func TestManyNamesOfLabels(t *testing.T) {
	names := func(from, to int) string {
		var all []string
		for i := from; i < to; i++ {
			all = append(all, fmt.Sprintf("n%d: x", i))
		}
		return "{" + strings.Join(all, ", ") + "}"
	}
	if _, _, err := decode("f", []byte(withLabels(names(0, 20), names(10, 30), names(0, 30))), vendors); err != nil {
		t.Error(err)
	}
	_, _, err := decode("f", []byte(withLabels(names(0, 30), names(0, 20), names(30, 31), names(31, 40))), vendors)
	const want = `f:13:5: account "a2": labels: the accounts have more than 30 names of labels together; give them the same names, or fewer`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
