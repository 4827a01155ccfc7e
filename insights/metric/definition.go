package metric

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Definition is what decides a metric's figures, in a form of which two are
// equal where they say the same. Words for people are no part of it: a label, a
// description or a synonym can be bettered without another version, and so can
// who may see the metric. What it is made of is named with its version, because
// another numerator makes another ratio.
type Definition struct {
	Metric   string
	Version  int
	Text     string // a key and what it says a line, in the order of the format
	Hash     string // SHA-256 of Text, in hex
	Embedded bool   // of the catalogue that comes with Salesbot
}

// entry is a key of a metric and what the catalogue says under it.
type entry struct{ key, text string }

// wording are the keys that decide no figure.
var wording = []string{
	"name", "label", "description", "version", "direction", "clearance", "unranked_by", "owner",
	"source", "above", "below", "synonyms", "not_the_same_as", "companions", "examples",
}

// Definition is what decides the metric's figures.
func (m *Metric) Definition() Definition {
	var text strings.Builder
	for _, e := range m.written {
		if !slices.Contains(wording, e.key) {
			fmt.Fprintf(&text, "%s: %s\n", e.key, e.text)
		}
	}
	sum := sha256.Sum256([]byte(text.String()))
	return Definition{Metric: m.Name, Version: m.Version, Text: text.String(), Hash: hex.EncodeToString(sum[:]), Embedded: m.embedded}
}

// Differing names the keys under which two definitions say another thing.
func (d Definition) Differing(other string) []string {
	mine, theirs := keysOf(d.Text), keysOf(other)
	var keys []string
	for key := range mine {
		if mine[key] != theirs[key] {
			keys = append(keys, key)
		}
	}
	for key := range theirs {
		if _, ok := mine[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// keysOf reads the text of a definition.
func keysOf(text string) map[string]string {
	keys := map[string]string{}
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(line, ": ")
		keys[key] += value // of each of several inputs
	}
	return keys
}

// Fault says what is wrong with the version of the metric: where the catalogue
// says it, with the line and a caret. Of the embedded catalogue, which nobody
// can edit, there is nothing to show.
func (m *Metric) Fault(message string) string {
	if m.embedded {
		return message
	}
	return m.place.say(message)
}

// place is a word of a catalogue.
type place struct {
	file         string
	line, column int
	source       string // the line
}

func (p place) say(message string) string {
	return fmt.Sprintf("%s:%d:%d: %s\n    %s\n    %s^", p.file, p.line, p.column, message, p.source, strings.Repeat(" ", p.column-1))
}

func (p *catalogParser) place(line, column int) place {
	return place{file: p.file, line: line, column: column, source: string(p.source(line))}
}

// define keeps what the catalogue says of a metric.
func (p *catalogParser) define(c *Catalog, m *Metric) {
	y := p.listed[m.Name]
	m.embedded = p.embedded || p.inherited[m.Name]
	if at := y.Config.Meta.Salesbot.Version.at; at != nil {
		m.place = p.place(at.Line, at.Column)
	}
	if m.Type == TypeSimple {
		m.written = append(m.written, entry{"model", m.facts.model})
	}
	if m.Clock != "" { // its own, or that of its model
		m.written = append(m.written, entry{"agg_time_dimension", m.Clock})
	}
	for _, e := range gather(reflect.ValueOf(*y), "") {
		if other := c.metric[e.text]; other != nil && slices.Contains(parts, e.key) {
			e.text = fmt.Sprintf("%s (version %d)", e.text, other.Version)
		}
		if e.key != "agg_time_dimension" {
			m.written = append(m.written, e)
		}
	}
}

// parts are the keys that name the metrics of which one is made.
var parts = []string{"numerator", "denominator", "base_metric", "conversion_metric", "input_metrics.name", "input_metric.name"}

// gather lists the keys of a part of the catalogue that something is said
// under, and what. Those that MetricFlow does not know go by their last word.
func gather(v reflect.Value, key string) []entry {
	switch said := v.Interface().(type) {
	case word:
		return saying(key, said)
	case []word:
		return saying(key, said...)
	}
	var out []entry
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			out = gather(v.Elem(), key)
		}
	case reflect.Slice:
		for i := range v.Len() {
			out = append(out, gather(v.Index(i), key)...)
		}
	default:
		for i := range v.NumField() {
			below := key + "." + v.Type().Field(i).Tag.Get("yaml")
			out = append(out, gather(v.Field(i), strings.TrimPrefix(below, "."))...)
		}
	}
	return out
}

// saying is what stands under a key, on one line; nothing, if nobody wrote it.
func saying(key string, words ...word) []entry {
	if len(words) == 0 || words[0].at == nil {
		return nil
	}
	text := strings.ReplaceAll(strings.Join(texts(words), ", "), "\n", `\n`)
	return []entry{{strings.TrimPrefix(key, "config.meta.salesbot."), text}}
}
