package handlers

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
)

func TestWhatIsSaidOfFiles(t *testing.T) {
	cases := map[string]struct {
		want Said
		ok   bool
	}{
		"dates dmy":                              {Said{Dates: "dmy"}, true},
		"Dates MDY":                              {Said{Dates: "mdy"}, true},
		"--dates dmy --decimal , --currency eur": {Said{Dates: "dmy", Decimal: ",", Currency: "EUR"}, true},
		"decimal comma":                          {Said{Decimal: ","}, true},
		"decimal point":                          {Said{Decimal: "."}, true},
		"dates":                                  {},
		"dates ymd":                              {},
		"won revenue":                            {},
		"dates dmy please":                       {},
		"currency euros":                         {},
		"which dates have the most deals closing": {},
		"": {},
	}
	for text, c := range cases {
		if got, ok := readSaid(text); !cmp.Equal(got, c.want) || ok != c.ok {
			t.Errorf("%q says %+v, %v; want %+v, %v", text, got, ok, c.want, c.ok)
		}
	}
}

func TestWhatIsNotDecidedIsAskedWithButtonsThatAnswerIt(t *testing.T) {
	cases := map[string]struct {
		hint string
		want []string
	}{
		"the order of dates": {"Import it with --dates dmy if the day comes first, --dates mdy if the month does.", []string{"dates dmy", "dates mdy"}},
		"both":               {"Import it with --dates dmy …; and with --decimal . …", []string{"dates dmy decimal ,", "dates dmy decimal .", "dates mdy decimal ,", "dates mdy decimal ."}},
		"a currency":         {"Import it with --currency EUR.", nil},
	}
	for name, c := range cases {
		var got []string
		for _, choice := range undecidedChoices(&insights.Error{Hint: c.hint}) {
			if _, ok := readSaid(choice.Command); !ok {
				t.Errorf("%s: %q is not understood when it is pressed", name, choice.Command)
			}
			got = append(got, choice.Command)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}
