package main

import (
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
