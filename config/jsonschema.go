package config

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"license_exporter/collector"
	"license_exporter/policy"
)

// jsonSchema is a JSON Schema, draft 7.
type jsonSchema = map[string]any

// JSONSchema returns the definitions of a JSON Schema. The definition config describes a
// configuration file with accounts of these vendors. Values of keys that are secrets are
// marked as writeOnly.
//
// A value that the schema accepts can still be refused by Load.
func JSONSchema(vendors collector.Vendors) map[string]any {
	s := schemaOf(reflect.TypeFor[content]())
	s["required"] = []string{"accounts"}
	s["type"] = "object"
	s["properties"] = jsonSchema{
		"accounts":     jsonSchema{"type": "array", "minItems": 1, "items": reference("account")},
		"policies":     jsonSchema{"type": []string{"array", "null"}, "items": reference("policy")},
		"policy_files": jsonSchema{"type": []string{"array", "null"}, "items": text(1)},
	}
	all := map[string]any{
		"config":             s,
		"policy":             schemaOf(reflect.TypeFor[policy.Policy]()),
		"http_client_config": schemaOf(reflect.TypeFor[commonconfig.HTTPClientConfig]()),
	}
	var byVendor []jsonSchema
	for _, v := range vendors {
		account := schemaOf(reflect.StructOf(accountFields(v)))
		account["properties"].(jsonSchema)["name"] = text(1)
		all["account_"+v.Name] = account
		is := jsonSchema{"properties": jsonSchema{"vendor": jsonSchema{"const": v.Name}}, "required": []string{"vendor"}}
		then := []jsonSchema{reference("account_" + v.Name)}
		if v.Settings().CheckCredential(&collector.AccountConfig{Settings: v.Settings()}) != nil {
			then = append(then, jsonSchema{"required": []string{"http_client_config"}})
		}
		byVendor = append(byVendor, jsonSchema{"if": is, "then": jsonSchema{"allOf": then}})
	}
	all["account"] = jsonSchema{
		"type": "object", "required": []string{"name", "vendor"},
		"properties": jsonSchema{"vendor": jsonSchema{"enum": vendors.Names()}},
		"allOf":      byVendor,
	}
	return all
}

func reference(definition string) jsonSchema {
	return jsonSchema{"$ref": "#/definitions/" + definition}
}

func text(minLength int) jsonSchema { return jsonSchema{"type": "string", "minLength": minLength} }

// schemaOf returns the schema of the YAML that a type is decoded from. Null is as if the
// key were left out.
func schemaOf(t reflect.Type) jsonSchema {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[commonconfig.Secret]():
		return jsonSchema{"writeOnly": true}
	case reflect.TypeFor[model.Duration]():
		return jsonSchema{
			"type": []string{"string", "integer", "null"}, "minimum": 0, "maximum": 0, // without a unit, only 0
			"pattern": "^(0|([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$", "minLength": 1,
		}
	case reflect.TypeFor[commonconfig.TLSVersion]():
		return jsonSchema{"enum": []any{nil, "TLS10", "TLS11", "TLS12", "TLS13"}}
	case reflect.TypeFor[policy.Renewal]():
		return jsonSchema{"enum": []any{nil, policy.Automatic, policy.Manual}}
	case reflect.TypeFor[policy.Count]():
		return jsonSchema{"type": []string{"number", "null"}, "minimum": 0}
	case reflect.TypeFor[policy.End]():
		return jsonSchema{"type": []string{"string", "null"}, "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?$"}
	case reflect.TypeFor[commonconfig.URL]():
		return jsonSchema{"type": []string{"string", "null"}}
	case reflect.TypeFor[collector.HTTPClientConfig]():
		return reference("http_client_config")
	}
	switch known, rest := keysOf(t); {
	case rest != nil:
		return jsonSchema{"type": []string{"object", "null"}, "additionalProperties": schemaOf(rest)}
	case known != nil:
		properties := jsonSchema{}
		for _, key := range slices.Sorted(maps.Keys(known)) {
			if !strings.HasSuffix(key, "_ref") { // there is no secret manager
				properties[key] = schemaOf(known[key])
			}
		}
		if further, ok := reflect.Zero(t).Interface().(collector.WithJSONTypes); ok {
			for key, name := range further.JSONTypes() {
				properties[key].(jsonSchema)["type"] = []string{"string", name, "null"}
			}
		}
		return jsonSchema{"type": []string{"object", "null"}, "additionalProperties": false, "properties": properties}
	}
	switch t.Kind() {
	case reflect.Slice:
		items := schemaOf(t.Elem())
		if items["type"] != nil {
			items["type"] = items["type"].([]string)[0] // an entry cannot be left out
		}
		return jsonSchema{"type": []string{"array", "null"}, "items": items}
	case reflect.Bool:
		return jsonSchema{"type": []string{"boolean", "null"}}
	case reflect.String:
		return jsonSchema{"type": []string{"string", "null"}}
	case reflect.Int:
		return jsonSchema{"type": []string{"integer", "null"}}
	case reflect.Float64:
		return jsonSchema{"type": []string{"number", "null"}}
	default: // any
		return jsonSchema{}
	}
}
