package main

import (
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"license_exporter/config"
	"license_exporter/internal/enginetest"
)

// The chart's schema knows the keys of the configuration, from the types that the
// configuration is decoded into. The rest of the file is written by hand.
func TestValuesSchema(t *testing.T) {
	const path = "deploy/helm/license_exporter/values.schema.json"
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var schema, definitions map[string]json.RawMessage // raw, since their keys have an order
	if err := json.Unmarshal(before, &schema); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(schema["definitions"], &definitions); err != nil {
		t.Fatal(err)
	}
	// A vendor that is gone leaves no definition behind.
	maps.DeleteFunc(definitions, func(name string, _ json.RawMessage) bool { return strings.HasPrefix(name, "account_") })
	for name, definition := range config.JSONSchema(vendors) {
		definitions[name] = marshal(t, definition)
	}
	schema["definitions"] = marshal(t, definitions)
	got, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if *enginetest.Update {
		if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(before), string(got)+"\n"); diff != "" {
		t.Errorf("%s is stale, run make generate (-file +types):\n%s", path, diff)
	}
}

func marshal(t *testing.T, value any) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The table in the chart's README has all values, from values.yaml and its comments.
func TestChartReadme(t *testing.T) {
	const (
		path  = "deploy/helm/license_exporter/README.md"
		begin = "<!-- Made by make generate from values.yaml. -->\n"
	)
	values, err := os.ReadFile("deploy/helm/license_exporter/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(values, &document); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, _, found := strings.Cut(string(before), begin)
	if !found {
		t.Fatalf("%s has no table", path)
	}
	got := head + begin + "\n| Key | Default | Description |\n| --- | --- | --- |\n" + strings.Join(valueRows(t, document.Content[0], ""), "")
	if *enginetest.Update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(before), got); diff != "" {
		t.Errorf("%s is stale, run make generate (-file +values):\n%s", path, diff)
	}
}

// valueRows returns a row for each value that has a comment beginning with `# --`.
func valueRows(t *testing.T, mapping *yaml.Node, prefix string) (rows []string) {
	t.Helper()
	for i := 0; i < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		_, comment, described := strings.Cut("\n"+key.HeadComment, "\n# -- ")
		if !described {
			if value.Kind != yaml.MappingNode || len(value.Content) == 0 {
				t.Errorf("values.yaml does not describe %s%s", prefix, key.Value)
			}
			rows = append(rows, valueRows(t, value, prefix+key.Value+".")...)
			continue
		}
		description, byDefault, given := strings.Cut(strings.ReplaceAll(comment, "\n# ", " "), " @default -- ")
		if !given {
			content, err := json.Marshal(plain(t, value))
			if err != nil {
				t.Fatal(err)
			}
			byDefault = "`" + string(content) + "`"
		}
		rows = append(rows, "| `"+prefix+key.Value+"` | "+byDefault+" | "+description+" |\n")
	}
	return rows
}

func plain(t *testing.T, n *yaml.Node) (value any) {
	t.Helper()
	if err := n.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
