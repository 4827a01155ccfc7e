package metric

import "slices"

// Change is a metric that two catalogues define differently.
type Change struct {
	Old, New *Metric // nil: there is none of that name
	Keys     []KeyChange
	Figures  bool // whether its figures may differ, and not only the words for it
}

// KeyChange is what is said under a key; empty: nothing.
type KeyChange struct{ Key, Old, New string }

// Changes lists the metrics that another catalogue defines differently, in the
// order of this one, then those that only the other has.
func (c *Catalog) Changes(next *Catalog) []Change {
	var out []Change
	for _, m := range c.metrics {
		other := next.metric[m.Name]
		if other == nil {
			out = append(out, Change{Old: m})
			continue
		}
		change := Change{Old: m, New: other, Keys: keyChanges(m, other), Figures: !sameFigures(m, other)}
		if len(change.Keys) > 0 || change.Figures {
			out = append(out, change)
		}
	}
	for _, m := range next.metrics {
		if c.metric[m.Name] == nil {
			out = append(out, Change{New: m})
		}
	}
	return out
}

func keyChanges(before, after *Metric) []KeyChange {
	var keys []string
	for _, e := range slices.Concat(before.written, after.written) {
		if !slices.Contains(keys, e.key) {
			keys = append(keys, e.key)
		}
	}
	var out []KeyChange
	for _, key := range keys {
		if was, is := before.says(key), after.says(key); was != is {
			out = append(out, KeyChange{key, was, is})
		}
	}
	return out
}

// says is what the catalogue says of the metric under a key; of several inputs,
// one after the other.
func (m *Metric) says(key string) string {
	text := ""
	for _, e := range m.written {
		switch {
		case e.key != key:
		case text == "":
			text = e.text
		default:
			text += ", " + e.text
		}
	}
	return text
}

// sameFigures reports whether two metrics, and all that they are made of, are
// defined alike.
func sameFigures(a, b *Metric) bool {
	return a.Definition().Text == b.Definition().Text && slices.EqualFunc(a.madeOf(), b.madeOf(), sameFigures)
}

// madeOf lists the metrics of which one is made.
func (m *Metric) madeOf() []*Metric {
	switch {
	case m.conversion != nil:
		return []*Metric{m.conversion.base, m.conversion.to}
	case m.isShare():
		return []*Metric{m.numerator, m.denominator}
	}
	return m.inputs
}
