package store_test

import (
	"fmt"
	"testing"

	"salesbot/insights"
	"salesbot/insights/store"
)

// BenchmarkImport sets an import beside COPY of the same deals into a bare
// table: the cost of comparing, of history and of indexes is the ratio.
func BenchmarkImport(b *testing.B) {
	for _, deals := range []int{10_000, 100_000} {
		batch := manyDeals(deals)
		b.Run(fmt.Sprintf("first/%d", deals), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := open(b)
				b.StartTimer()
				importAgain(b, s, batch)
			}
			perSecond(b, deals)
		})
		b.Run(fmt.Sprintf("same/%d", deals), func(b *testing.B) {
			s := open(b)
			importAgain(b, s, batch)
			for b.Loop() {
				importAgain(b, s, batch)
			}
			perSecond(b, deals)
		})
		b.Run(fmt.Sprintf("copy/%d", deals), func(b *testing.B) {
			s := open(b)
			for b.Loop() {
				copyDeals(b, s, batch.Deals)
			}
			perSecond(b, deals)
		})
	}
}

// BenchmarkHistory tells the past of deals, and then tells it again with one
// more change of each.
func BenchmarkHistory(b *testing.B) {
	const deals, changes = 20_000, 5
	first, more := manyDeals(deals), batch{TakenAt: noon}
	stages := []string{"Engaging", "Lost", "Won"}
	for _, d := range first.Deals {
		for n := range changes {
			first.History = append(first.History, insights.Change{
				Opportunity: d.Key, Field: insights.ChangeStage, Old: stages[n%3], New: stages[(n+1)%3], At: noon.AddDate(0, 0, n-30),
			})
		}
		more.History = append(more.History, insights.Change{
			Opportunity: d.Key, Field: insights.ChangeStage, Old: stages[changes%3], New: "Won", At: noon.AddDate(0, 0, changes-30),
		})
	}
	more.History = append(more.History, first.History...)
	for b.Loop() {
		s := open(b)
		importAgain(b, s, first)
		importAgain(b, s, more)
	}
	b.ReportMetric(float64(2*changes+1)*deals*float64(b.N)/b.Elapsed().Seconds(), "changes/s")
}

func perSecond(b *testing.B, deals int) {
	b.Helper()
	b.ReportMetric(float64(deals)*float64(b.N)/b.Elapsed().Seconds(), "deals/s")
}

func manyDeals(n int) batch {
	batch := acme()
	batch.Deals = make([]insights.Opportunity, n)
	for i := range batch.Deals {
		batch.Deals[i] = insights.Opportunity{
			Key: fmt.Sprint("deal-", i), Account: "A1", Product: "P1", Owner: "carol", Stage: "Won",
			Amount: usd(int64(i)), CreatedOn: date("2026-01-05"), EngagedOn: date("2026-01-06"), CloseOn: date("2026-03-31"),
		}
	}
	return batch
}

func importAgain(b *testing.B, s *store.Store, batch batch) {
	b.Helper()
	if _, err := batch.apply(b.Context(), s, store.ImportOptions{Actor: "bench", Now: noon}); err != nil {
		b.Fatal(err)
	}
}

func copyDeals(b *testing.B, s *store.Store, deals []insights.Opportunity) {
	b.Helper()
	tx, err := s.DB().BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Exec(`create table bare (key text, account text, product text, owner text, stage text,
		amount_minor bigint, currency text, created_on text, engaged_on text, close_on text)`); err != nil {
		b.Fatal(err)
	}
	stmt, err := tx.Prepare(`copy bare from stdin`)
	if err != nil {
		b.Fatal(err)
	}
	for _, d := range deals {
		_, err := stmt.Exec(d.Key, d.Account, d.Product, d.Owner, d.Stage, d.Amount.Minor, d.Amount.Currency,
			"2026-01-05", "2026-01-06", "2026-03-31")
		if err != nil {
			b.Fatal(err)
		}
	}
	if _, err := stmt.Exec(); err != nil {
		b.Fatal(err)
	}
}
