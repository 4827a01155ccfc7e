package importer

import (
	"slices"
	"testing"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// plausible are values that a record can be read from, by field.
var plausible = map[string]string{
	"position": "1", "outcome": "open", "probability": "0.5", "role": "rep", "active": "yes", "currency": "USD", "into": "EUR",
	"measure": "bookings", "share": "0.5", "state": "archived", "allocated_by": "revenue", "status": "new", "two_way": "yes",
	"forecast_category": "commit", "category": "commit", "expected_days": "5", "field": "stage", "deleted": "no",
	"email": "ada@firm.example", "manager": "r2", "parent": "r2", "territory": "r3",
}

// plausibleKinds are the values of the field kind, by the kind of record.
var plausibleKinds = map[insights.Kind]string{insights.KindCostLine: "direct", insights.KindSplit: "revenue", insights.KindSubscription: "new"}

func plausibleValue(k *kind, name string) string {
	if value := plausibleKinds[k.name]; name == "kind" && value != "" {
		return value
	}
	if value := plausible[name]; value != "" {
		return value
	}
	switch k.content(name) {
	case contentDay:
		return "2025-03-14"
	case contentAmount, contentNumber:
		return "5"
	default:
		return "r1"
	}
}

// readFields makes a record of the values of its fields, in any way of writing.
func readFields(k *kind, values map[string]string) *fault {
	r := &rule{kind: k, fields: map[string]*field{}}
	var header []string
	var cells [][]byte
	for _, name := range k.fields {
		r.fields[name] = &field{column: []string{name}}
		header, cells = append(header, name), append(cells, []byte(values[name]))
	}
	bound, _ := bind(r, header)
	c := &cursor{header: header, cells: cells, format: format{money: moneyFormat{auto: true}}, company: metric.DefaultCompany(), bound: bound[0]}
	k.read(c)
	return c.fault
}

// A word for unknown is a blank in every day, amount and number of every kind of
// record: no field is read as one that is not known to be one.
func TestEveryFieldIsKnownForWhatItHolds(t *testing.T) {
	for i := range kinds {
		k := &kinds[i]
		values := map[string]string{}
		for _, name := range k.fields {
			values[name] = plausibleValue(k, name)
		}
		if k.name == insights.KindQuota || k.name == insights.KindForecast {
			values["territory"], values["model"] = "", "" // it is a person's
		}
		if f := readFields(k, values); f != nil {
			t.Errorf("%s cannot be read: %s %s %s", k.section, f.column, f.value, f.reason)
			continue
		}
		for _, name := range k.fields {
			said := values[name]
			values[name] = "TBD"
			f := readFields(k, values)
			values[name] = said
			if f != nil && slices.Contains([]string{reasonNoWayOfDays, reasonNoWayOfMoney}, f.reason) {
				t.Errorf("%s of %s is read as a day or number, but is not known to be one", name, k.section)
			}
		}
	}
}

func TestAReasonIsFoundByWhatItWrote(t *testing.T) {
	for _, test := range []struct {
		text, format string
		want         bool
	}{
		{"has more decimals than USD (2)", reasonDecimals, true},
		{"has more decimals than USD", reasonDecimals, false},
		{reasonTwoOrders, reasonTwoOrders, true},
		{reasonTwoOrders + "!", reasonTwoOrders, false},
		{"is not a day written D/M/YYYY", reasonNotADay, true},
		{"is not one of a, b", reasonNotADay, false},
	} {
		if got := isWritten(test.text, test.format); got != test.want {
			t.Errorf("%q by %q: %t", test.text, test.format, got)
		}
	}
}
