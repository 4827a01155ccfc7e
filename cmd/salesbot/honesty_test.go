package main

import (
	"fmt"
	"strings"
	"testing"
)

// The rules that keep figures honest, a test a rule. Each plays a script like those
// of the metrics, with figures worked out by hand, and says what would be told
// without the rule.

func holds(t *testing.T, script string) {
	t.Parallel()
	playScript(t, t.Name(), script)
}

// TestARatioIsOneSumOverAnother: the mean of the territories' rates would be 66.67 %
// of the deals, and of the amounts 55 %; that of the months' 66.67 %.
func TestARatioIsOneSumOverAnother(t *testing.T) {
	holds(t, `
on 2026-03-31
opportunities.csv:
  external_id, owner, stage, amount, close_on
  d1,          ada,   Won,   100,    2026-01-20
  d2,          cleo,  Won,   90,     2026-02-14
  d3,          cleo,  Lost,  800,    2026-02-15
  d4,          cleo,  Lost,  10,     2026-02-16

? win rate this quarter by territory
  0.5, 2 of 4
  | East | 1 |
  | West | 0.3333333333 |
? win rate this quarter by month
  0.5, 2 of 4
  | 2026-01-01 | 1 |
  | 2026-02-01 | 0.3333333333 |
  | 2026-03-01 | unknown |
? win rate by value this quarter by territory
  0.19
  | East | 1 |
  | West | 0.1 |
`)
}

// TestAStockIsNeverAddedOverTime: added up, the same 1,000 that were open at each of
// three ends would be 3,000, and with the other 200 that were open at two 3,400.
func TestAStockIsNeverAddedOverTime(t *testing.T) {
	holds(t, `
on 2026-01-15
opportunities.csv:
  external_id, owner, stage,    amount, created_on, close_on
  d1,          ada,   Proposal, 1000,   2026-01-05, 2026-06-30

import

on 2026-02-15
opportunities.csv:
  external_id, owner, stage,    amount, created_on, close_on
  d2,          ben,   Proposal, 200,    2026-02-10, 2026-06-30

import

on 2026-03-31 18:00
? open pipeline by month this quarter as it stood
  1200 USD
  | 2026-01-01 | 1000 |
  | 2026-02-01 | 1200 |
  | 2026-03-01 | 1200 |
`)
}

// TestARateSaysOfHowManyAndHowSureItIs: three of four alone would be "75 %", and of
// three hundred in four hundred the same.
func TestARateSaysOfHowManyAndHowSureItIs(t *testing.T) {
	holds(t, `
on 2026-03-31
opportunities.csv:
  external_id, owner, stage, amount, close_on
  d1,          ada,   Won,   100,    2026-01-20
  d2,          ben,   Won,   100,    2026-02-14
  d3,          ben,   Won,   100,    2026-02-15
  d4,          cleo,  Lost,  100,    2026-03-10

? win rate this quarter
  0.75, 3 of 4
  headline 75.00 % (3 of 4; 30.1–95.4 % with 95 % confidence)
`)
}

// TestAMeanIsNeverToldWithoutTheMedian: 2,700 alone would be believed to be a usual
// deal, and half of them are of no more than 350.
func TestAMeanIsNeverToldWithoutTheMedian(t *testing.T) {
	holds(t, `
on 2026-03-31
opportunities.csv:
  external_id, owner, stage, amount, engaged_on, close_on
  d1,          ada,   Won,   100,    2026-01-10, 2026-01-20
  d2,          ben,   Won,   300,    2026-02-05, 2026-02-15
  d3,          ben,   Won,   10000,  2026-01-15, 2026-02-16
  d4,          cleo,  Won,   400,    2026-01-08, 2026-02-17

? average deal size this quarter
  2700 USD
  headline (median $350)
? average sales cycle this quarter
  23
  headline (median 21 days)
`)
}

// TestWhatIsNotKnownIsNotNought: the mean of 300 and of what nobody knows would be
// 150, what Cleo has won 0, and 300 all that was won.
func TestWhatIsNotKnownIsNotNought(t *testing.T) {
	holds(t, `
on 2026-03-31
opportunities.csv:
  external_id, owner, stage, amount, close_on
  d1,          ada,   Won,   300,    2026-01-20
  d2,          cleo,  Won,   ,       2026-02-15

? won revenue this quarter by territory
  300 USD (known of 1 of 2)
  headline (amount known for 1 of 2 deals)
  | East | 300 |
  | West | unknown |
? won revenue this quarter for west
  unknown no_amount (known of 0 of 1)
? average deal size this quarter
  300 USD (known of 1 of 2)
? won revenue last quarter
  unknown no_rows
`)
}

// TestFewDealsAreNotRanked: Ben, with one deal won of one, would be the best.
func TestFewDealsAreNotRanked(t *testing.T) {
	holds(t, `
on 2026-03-31
opportunities.csv:
  external_id, owner, stage, amount, close_on
  b1,          ben,   Won,   100,    2026-01-20
`+numbered(15, "  w%d, ada, Won, 100, 2026-02-15\n")+numbered(5, "  l%d, ada, Lost, 100, 2026-02-15\n")+`
? top 1 reps by win rate this quarter
  0.7619047619, 16 of 21
  | Ada Brook | 0.75 |
  note 1 is not ranked, and left out: a rate of so few deals says little.
? reps by win rate this quarter
  0.7619047619, 16 of 21
  | Ada Brook | 0.75 |
  | Ben Larch | 1 |
`)
}

// numbered repeats a line with the numbers from one on.
func numbered(n int, line string) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, line, i+1)
	}
	return out.String()
}

// TestCurrenciesAreKeptApartOrConvertedAtTheRateThatIsNamed: 100 dollars, 1,000 euros
// and 1,000 yen would be 2,100 of something; at the rate of today the euros of January
// would be 1,200 dollars.
func TestCurrenciesAreKeptApartOrConvertedAtTheRateThatIsNamed(t *testing.T) {
	holds(t, `
on 2026-03-31
opportunities.csv:
  external_id, owner, stage, amount, currency, close_on
  d1,          ada,   Won,   100,    USD,      2026-01-20
  d2,          ben,   Won,   1000,   EUR,      2026-01-21
  d3,          ben,   Won,   1000,   JPY,      2026-03-15

exchange_rates.csv:
  currency, since,      rate
  EUR,      2026-01-01, 1.10
  EUR,      2026-03-01, 1.20

? won revenue this quarter
  1000 EUR
  1000 JPY
  100 USD
? won revenue this quarter converted to usd
  1000 JPY
  1200 USD
  note 1 deal converted from EUR at the rate of 1 Jan 2026.
  note What is in JPY stands apart: no rate into USD is loaded that held on the day by which it counts.
`)
}

// TestAMonthThatRunsIsComparedWithAsManyDays: against the whole of February, ten days
// of March would be down from 700 to 100, and are even. Of a month that is shorter
// there are no more days than it has.
func TestAMonthThatRunsIsComparedWithAsManyDays(t *testing.T) {
	holds(t, `
on 2026-03-10
opportunities.csv:
  external_id, owner, stage, amount, close_on
  d1,          ada,   Won,   10,     2026-01-31
  d2,          ada,   Won,   100,    2026-02-10
  d3,          ada,   Won,   200,    2026-02-11
  d4,          ada,   Won,   400,    2026-02-28
  d5,          ada,   Won,   100,    2026-03-10

? won revenue this month vs last month
  100 USD, before 100
? won revenue feb 2026 vs jan 2026
  700 USD, before 10
on 2026-03-30
? won revenue this month vs last month
  100 USD, before 700
`)
}

// TestAQuarterThatRunsIsComparedWithAsManyDays: the 10th of May is the 40th day of its
// quarter, and the 9th of February that of the one before. Against the whole, 50 would
// be down from 700.
func TestAQuarterThatRunsIsComparedWithAsManyDays(t *testing.T) {
	holds(t, `
on 2026-05-10
opportunities.csv:
  external_id, owner, stage, amount, close_on
  d1,          ada,   Won,   100,    2026-02-09
  d2,          ada,   Won,   200,    2026-02-10
  d3,          ada,   Won,   400,    2026-03-31
  d4,          ada,   Won,   50,     2026-05-10

? won revenue this quarter vs last quarter
  50 USD, before 100
  headline in 1 Jan 2026 – 9 Feb 2026
`)
}

// TestAWeekThatRunsIsComparedWithTheSameWeekdays: until Wednesday, not until Sunday.
func TestAWeekThatRunsIsComparedWithTheSameWeekdays(t *testing.T) {
	holds(t, `
on 2026-05-06
opportunities.csv:
  external_id, owner, stage, amount, close_on
  d1,          ada,   Won,   100,    2026-04-29
  d2,          ada,   Won,   200,    2026-04-30
  d3,          ada,   Won,   50,     2026-05-06

? won revenue this week vs last week
  50 USD, before 100
`)
}

// TestAFiscalMonthOfWeeksIsComparedByItsOwnDays: three days of the fourth month, which
// begins on the 30th of March, are compared with the first three of the third, of five
// weeks, and not with days of March; three of the second quarter with those of the
// first, which began on the 29th of December.
func TestAFiscalMonthOfWeeksIsComparedByItsOwnDays(t *testing.T) {
	holds(t, `
SALESBOT_CALENDAR=445
on 2026-04-01
opportunities.csv:
  external_id, owner, stage, amount, close_on
  d1,          ada,   Won,   1,      2025-12-29
  d2,          ada,   Won,   2,      2025-12-31
  d3,          ada,   Won,   4,      2026-01-01
  d4,          ada,   Won,   10,     2026-02-23
  d5,          ada,   Won,   20,     2026-02-25
  d6,          ada,   Won,   40,     2026-02-26
  d7,          ada,   Won,   400,    2026-03-29
  d8,          ada,   Won,   1000,   2026-03-30
  d9,          ada,   Won,   2000,   2026-04-01

? won revenue this month vs last month
  3000 USD, before 30
? won revenue this quarter vs last quarter
  3000 USD, before 3
`)
}

// TestAPeriodThatRunsIsComparedWithTheSameDaysAYearAgo: against the whole quarter of a
// year ago, 50 would be down from 300, and are up from 20.
func TestAPeriodThatRunsIsComparedWithTheSameDaysAYearAgo(t *testing.T) {
	holds(t, `
on 2026-05-10
opportunities.csv:
  external_id, owner, stage, amount, close_on
  d1,          ada,   Won,   20,     2025-05-10
  d2,          ada,   Won,   80,     2025-05-11
  d3,          ada,   Won,   200,    2025-06-30
  d4,          ada,   Won,   50,     2026-05-10

? won revenue this quarter vs same quarter last year
  50 USD, before 20
? won revenue this year vs last year
  50 USD, before 20
`)
}

// TestAClosedPeriodThatWasRestatedIsMarked: the 60 that the board was shown in January
// would be 90 in February without a word.
func TestAClosedPeriodThatWasRestatedIsMarked(t *testing.T) {
	holds(t, `
on 2026-01-01 07:00
opportunities.csv:
  external_id, owner, stage, amount, close_on
  d1,          ada,   Won,   60,     2025-12-10

import
? won revenue last quarter
  60 USD
  without note Restated

on 2026-02-01 07:00
opportunities.csv:
  external_id, owner, stage, amount, close_on
  d1,          ada,   Won,   90,     2025-12-10

import
? won revenue last quarter
  90 USD
  note Restated: it was $60 as known on Thu 1 Jan 2026, end of day (revision 1); 1 deal changed since.
? won revenue last quarter as reported
  60 USD
`)
}
