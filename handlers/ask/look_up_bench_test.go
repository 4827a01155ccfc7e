package ask_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"salesbot/handlers/ask"
	"salesbot/insights"
	"salesbot/insights/metric"
	"salesbot/insights/store"
	"salesbot/insights/store/storetest"
)

// BenchmarkLookUp reads questions that name an account, spelt right and
// misspelt, in companies of 2,000 people and more and more accounts. Beside it
// stands the reading alone, with what was found given back at once.
func BenchmarkLookUp(b *testing.B) {
	for _, accounts := range []int{1_000, 10_000, 100_000} {
		names := company(b, accounts)
		for _, q := range []struct{ name, text string }{
			{"exact", "won revenue at harbor robotics by rep last quarter"},
			{"misspelt", "won revenue at harbor robotixs by rep last quarter"},
		} {
			kept := &kept{Names: names, found: map[string][]insights.Name{}}
			for name, from := range map[string]ask.Names{"store": names, "alone": kept} {
				p := &ask.Parser{Catalog: metric.Default(), Names: from, Company: metric.DefaultCompany()}
				b.Run(fmt.Sprintf("%s/%s/%d", q.name, name, accounts), func(b *testing.B) { read(b, p, q.text) })
			}
		}
	}
}

func read(b *testing.B, p *ask.Parser, text string) {
	b.Helper()
	asked := ask.Asked{Text: text, At: time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC), Viewer: metric.Viewer{Role: metric.RoleAnalyst, All: true}}
	b.ReportAllocs()
	for b.Loop() {
		r, err := p.Parse(b.Context(), asked)
		if err != nil || r.Query == nil {
			b.Fatalf("%q is not read: %+v %v", text, r, err)
		}
	}
}

// kept gives back what was found before.
type kept struct {
	ask.Names
	found map[string][]insights.Name
}

func (k *kept) Find(ctx context.Context, v metric.Viewer, phrases []string) ([]insights.Name, error) {
	return k.once("find", phrases, func() ([]insights.Name, error) { return k.Names.Find(ctx, v, phrases) })
}

func (k *kept) Resemble(ctx context.Context, v metric.Viewer, phrases []string) ([]insights.Name, error) {
	return k.once("resemble", phrases, func() ([]insights.Name, error) { return k.Names.Resemble(ctx, v, phrases) })
}

func (k *kept) once(how string, phrases []string, look func() ([]insights.Name, error)) ([]insights.Name, error) {
	key := how + fmt.Sprint(phrases)
	if found, ok := k.found[key]; ok {
		return found, nil
	}
	found, err := look()
	k.found[key] = found
	return found, err
}

// company is a store with so many accounts, one of them Harbor Robotics.
func company(b *testing.B, accounts int) *store.Store {
	b.Helper()
	dsn := storetest.DSN(b)
	s, err := store.Open(b.Context(), dsn)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	conn, err := s.DB().Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for _, sql := range []string{
		`set statement_timeout = 0`,
		fmt.Sprintf(`insert into account (external_id, name)
		 select 'a' || n, (array['Nordic', 'Summit', 'Pioneer', 'Cedar', 'Atlas', 'Juniper', 'Falcon'])[1 + n %% 7] || ' ' ||
		        (array['Mining', 'Foods', 'Textiles', 'Freight', 'Optics'])[1 + n %% 5] || ' ' || n
		 from generate_series(2, %d) n union all select 'a1', 'Harbor Robotics'`, accounts),
		`insert into person (external_id, name, role)
		 select 'p' || n, initcap(translate(n::text, '0123456789', 'abelimnors')) || 'a ' || initcap(translate((n * 7)::text, '0123456789', 'tuvrelions')) || 'sen', 'rep'
		 from generate_series(1, 2000) n`,
		`vacuum analyze account`, `vacuum analyze person`,
	} {
		if _, err := conn.ExecContext(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	return s
}
