package ask

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights/metric"
)

// otherNumberSuites are further suites of numbers, by how their cases are put as
// the amount of a deal in a question. One of ordinals is left out: they are days
// and ranks in a question. Some read a dollar and "43" behind it as cents, "about
// 5" as 5, and "10 rials" as some country's; nothing is promised of them.
var otherNumberSuites = []struct {
	file string
	take func(otherCase) []amountCase
}{
	{"duckling_numeral_en.jsonl", otherCase.numeral},
	{"duckling_money_en.jsonl", otherCase.money},
	{"rt_NumberRangeModel.jsonl", otherCase.ranges},
}

// amountCase is a phrase of an amount, in a company of that currency, and the
// bounds that it sets.
type amountCase struct {
	phrase, currency string
	want             []string
}

// TestOtherNumberSuites keeps how the suites of numbers that nothing is promised of
// are read.
func TestOtherNumberSuites(t *testing.T) {
	var out bytes.Buffer
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "suite\tphrases of numbers\tright\tasked back\tread otherwise\tnot read\t")
	for _, s := range otherNumberSuites {
		counts, all := map[string]int{}, 0
		for _, c := range linesOf[otherCase](t, s.file) {
			for _, a := range s.take(c) {
				counts[a.reading(t)]++
				all++
			}
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t\n", strings.TrimSuffix(s.file, ".jsonl"), all, counts["right"], counts["asked"], counts["otherwise"], counts["not"])
	}
	table.Flush()
	path := filepath.Join("testdata", "other_numbers.golden")
	if *updateSuites {
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("run with -update-suites if this is meant, and -v to see which (-want +got)\n%s", diff)
	}
}

// reading says how a question about deals of the amount is read.
func (a amountCase) reading(t *testing.T) string {
	t.Helper()
	p := testParser()
	p.Company.Currency = a.currency
	r := parse(t, p, Asked{Text: "won revenue amount " + a.phrase, Viewer: admin})
	switch {
	case r.Ask != "":
		t.Logf("%q is asked back: %s", a.phrase, r.Ask)
		return "asked"
	case r.Query == nil:
		t.Logf("%q is not read: %v", a.phrase, r.Unknown)
		return "not"
	}
	var got []string
	for _, f := range r.Query.Where {
		got = append(got, f.Field+" "+string(f.Op)+" "+f.Values[0].Text)
	}
	slices.Sort(got)
	if slices.Equal(got, a.want) && r.Query.Period.IsAll() {
		return "right"
	}
	t.Logf("%q is read as %v, not %v", a.phrase, got, a.want)
	return "otherwise"
}

// bound is one bound of an amount, as it stands in a Query.
func bound(op metric.Op, value string) string {
	v, ok := new(big.Rat).SetString(value)
	if !ok {
		return value
	}
	return metric.FieldAmount + " " + string(op) + " " + decimal(v)
}

func (c otherCase) numeral() []amountCase {
	return []amountCase{{"over " + c.Input, "USD", []string{bound(metric.Gt, string(c.Expected))}}}
}

// suiteCurrencies are the codes of what the suite calls by a word; an amount of no
// currency is the company's.
var suiteCurrencies = map[string]string{"Unnamed": "USD", "Dollar": "USD", "Cent": "USD", "Pound": "GBP", "Dinar": "KWD", "Rial": "IRR"}

func (c otherCase) money() []amountCase {
	var e struct{ Kind, Currency, Value string }
	if json.Unmarshal(c.Expected, &e) != nil {
		return nil
	}
	a := amountCase{phrase: c.Input, currency: e.Currency}
	if code, ok := suiteCurrencies[e.Currency]; ok {
		a.currency = code
	}
	if e.Currency == "Cent" {
		v, _ := new(big.Rat).SetString(e.Value)
		e.Value = decimal(v.Quo(v, big.NewRat(100, 1)))
	}
	switch low, high, _ := strings.Cut(strings.Trim(e.Value, "()"), ", "); e.Kind {
	case "between":
		a.want = []string{bound(metric.Gte, low), bound(metric.Lte, high)}
	case "above":
		op := metric.Gt
		if strings.HasPrefix(c.Input, "at least") {
			op = metric.Gte
		}
		a.want = []string{bound(op, e.Value)}
	default:
		a.phrase, a.want = "over "+c.Input, []string{bound(metric.Gt, e.Value)}
	}
	return []amountCase{a}
}

var intervalForm = regexp.MustCompile(`^([\[(])([^,]*),([^)\]]*)([)\]])$`)

// ranges takes the ranges of numbers of a text. Of one that is quoted with both
// ends, as in "between 20 and 30", the second belongs to it here.
func (c otherCase) ranges() []amountCase {
	var all []struct {
		Text   string
		Values []struct{ Value string }
	}
	if json.Unmarshal(c.Expected, &all) != nil {
		return nil
	}
	var out []amountCase
	for _, e := range all {
		m := intervalForm.FindStringSubmatch(e.Values[0].Value)
		if m == nil {
			continue
		}
		low, high := map[string]metric.Op{"[": metric.Gte, "(": metric.Gt}[m[1]], map[string]metric.Op{"]": metric.Lte, ")": metric.Lt}[m[4]]
		if m[1] == "[" && m[4] == ")" {
			high = metric.Lte
		}
		a := amountCase{phrase: e.Text, currency: "USD"}
		switch {
		case m[2] == m[3]:
			a.want = []string{bound(metric.Eq, m[2])}
		default:
			if m[2] != "" {
				a.want = append(a.want, bound(low, m[2]))
			}
			if m[3] != "" {
				a.want = append(a.want, bound(high, m[3]))
			}
			slices.Sort(a.want)
		}
		out = append(out, a)
	}
	return out
}
