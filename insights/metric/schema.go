package metric

import (
	"encoding/json"
	"reflect"
	"strings"
)

// Schema is the JSON Schema (draft 2020-12) of a catalogue, for editors that
// complete and check YAML. It is made of the very structs that the catalogue is
// read into, so it cannot promise another key than is read. What a schema
// cannot say, such as that a name is used once, ParseCatalog alone checks.
func Schema() ([]byte, error) {
	root := schemaOf(reflect.TypeFor[catalogYAML](), "")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Salesbot metric catalogue: a strict subset of dbt MetricFlow's metric specification"
	return json.MarshalIndent(root, "", "  ")
}

// schemaOf describes one part of the catalogue; words is the list its value is
// chosen from, empty for any.
func schemaOf(t reflect.Type, words string) map[string]any {
	switch {
	case t == reflect.TypeFor[word]():
		return scalarSchema(words)
	case t.Kind() == reflect.Pointer:
		return schemaOf(t.Elem(), words)
	case t.Kind() == reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem(), words)}
	}
	properties := map[string]any{}
	for i := range t.NumField() {
		field := t.Field(i)
		properties[field.Tag.Get("yaml")] = schemaOf(field.Type, field.Tag.Get("enum"))
	}
	return map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
}

func scalarSchema(words string) map[string]any {
	if words == "" {
		return map[string]any{"type": []string{"string", "number", "boolean"}}
	}
	return map[string]any{"type": "string", "enum": strings.Split(words, ",")}
}
