package metric

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func dealColumn(name string) (*column, error) {
	c, ok := deals.column(name)
	if !ok {
		return nil, fmt.Errorf("no %s", name)
	}
	return c, nil
}

func TestParseFilter(t *testing.T) {
	for _, tt := range []struct {
		filter, sql string
		args        []any
	}{
		{"{{ Dimension('outcome') }} = 'won'", `stage.outcome = any ($1::text[])`, []any{`{"won"}`}},
		{"{{Dimension('outcome')}}<>'Won'", `stage.outcome <> all ($1::text[])`, []any{`{"won"}`}},
		{"{{ Dimension('outcome') }} in ('won', 'lost')", `stage.outcome = any ($1::text[])`, []any{`{"won","lost"}`}},
		{"{{ Dimension('industry') }} NOT IN ('it''s \\ \"x\"')", `lower(account.industry) <> all (lower($1)::text[])`, []any{`{"it's \\ \"x\""}`}},
		{"{{ Dimension('close_on') }} is not null", `o.close_on is not null`, nil},
		{"not {{ Dimension('close_on') }} is null", `not o.close_on is null`, nil},
		{
			"{{ Dimension('country') }} = 'a' or {{ Dimension('country') }} = 'b' and {{ Dimension('country') }} is null",
			`(lower(account.country) = any (lower($1)::text[]) or (lower(account.country) = any (lower($2)::text[]) and account.country is null))`,
			[]any{`{"a"}`, `{"b"}`},
		},
		{
			"({{ Dimension('country') }} = 'a' or {{ Dimension('country') }} = 'b') and {{ Dimension('country') }} is null",
			`((lower(account.country) = any (lower($1)::text[]) or lower(account.country) = any (lower($2)::text[])) and account.country is null)`,
			[]any{`{"a"}`, `{"b"}`},
		},
	} {
		c, err := parseFilter(tt.filter, dealColumn)
		if err != nil {
			t.Errorf("%s: %v", tt.filter, err)
			continue
		}
		b := &builder{}
		if diff := cmp.Diff(tt.sql, c.sql(b)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.filter, diff)
		}
		if diff := cmp.Diff(tt.args, b.args); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.filter, diff)
		}
	}
}

func TestFaultsOfAFilter(t *testing.T) {
	for _, tt := range []struct{ filter, want, at string }{
		{"", "expected {{ Dimension('…') }}", ""},
		{"outcome = 'won'", "expected {{ Dimension('…') }}", "outcome"},
		{"{{ Metric('x') }} = 'won'", "expected {{ Dimension('…') }}", "Metric"},
		{"{{ Dimension(outcome) }} = 'won'", "expected the dimension's name in quotes", "outcome)"},
		{"{{ Dimension('outcomes') }} = 'won'", "no outcomes", "'outcomes'"},
		{"{{ Dimension('outcome') }} = won", "expected a text in quotes", "won"},
		{"{{ Dimension('outcome') }} = 'won", "the quote is never closed", "'won"},
		{"{{ Dimension('outcome') }} = 'won' {{", "expected and, or, or the end", "{{"},
		{"{{ Dimension('outcome') }} > 'won'", "'>' is not supported in a filter", ">"},
		{"{{ Dimension('outcome') }} like 'won'", "expected =, <>, in, not in, is null or is not null", "like"},
		{"{{ Dimension('close_on') }} = '2024-01-01'", "only texts can be compared", "= '2024"},
		{"{{ Dimension('outcome') }} in ('won'", "expected )", ""},
		{strings.Repeat("(", 60), "the filter nests too deeply", "("},
		{"{{ Dimension('outcome') }} = 'won'; drop table x", "';' is not supported in a filter", ";"},
	} {
		_, err := parseFilter(tt.filter, dealColumn)
		var f *filterError
		if !errors.As(err, &f) || !strings.Contains(f.Message, tt.want) || !strings.HasPrefix(tt.filter[f.At:], tt.at) {
			t.Errorf("%q: %+v, want %q at %q", tt.filter, err, tt.want, tt.at)
		}
	}
}

// FuzzParseFilter: whatever is parsed, what stands in quotes is bound and
// never becomes SQL.
func FuzzParseFilter(f *testing.F) {
	f.Add("{{ Dimension('outcome') }} = 'won' and not ({{ Dimension('industry') }} in ('a', 'b''c') or {{ Dimension('close_on') }} is null)")
	f.Add("{{ Dimension('country') }} <> '\\\"; drop table x --'")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseFilter(text, dealColumn)
		if err != nil {
			var f *filterError
			if !errors.As(err, &f) || f.At < 0 || f.At > len(text) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		b := &builder{}
		sql := c.sql(b)
		if rest := strings.Trim(sql, "abcdefghijklmnopqrstuvwxyz_.,$0123456789()[]:<>= "); rest != "" {
			t.Errorf("%q became %q", text, sql)
		}
		if got := strings.Count(sql, "$"); got != len(b.args) {
			t.Errorf("%q has %d arguments for %q", text, len(b.args), sql)
		}
	})
}
