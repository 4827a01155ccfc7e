package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"salesbot/insights/store/storetest"
)

// One set of deals, written in every layout there is, must give the same
// figures from each. It is made here, and counted here, without any code of
// the product.
type plainDeal struct {
	n       int
	account int
	owner   int
	cents   int64 // below zero: unknown
	created time.Time
	closing time.Time
	stays   []plainStay // the first begins when the deal was created
}

type plainStay struct {
	stage int
	from  time.Time
}

func (d plainDeal) stage() int { return d.stays[len(d.stays)-1].stage }

func (d plainDeal) amount() string {
	if d.cents < 0 {
		return ""
	}
	return fmt.Sprintf("%d.%02d", d.cents/100, d.cents%100)
}

var plainStages = []struct {
	name, outcome string
	percent       int
}{
	{"Discovery", "open", 10},
	{"Demo", "open", 40},
	{"Negotiation", "open", 80},
	{"Closed Won", "won", 100},
	{"Closed Lost", "lost", 0},
}

const (
	plainWon  = 3
	plainLost = 4
)

var (
	plainOwners   = []string{"Ada Brook", "Zoë Straß", "Cy O'Neil", "Dana Fox"}
	plainAccounts = []string{"Nimbus Mills", "Café Orée", "Acorn, Oak & Sons", "Brass \"Bell\" Ltd", "Lumen Works", "Tide Trading"}
)

// plainDeals are few enough to read and many enough to differ. All moments are
// midnights, so that layouts which write only days lose nothing.
func plainDeals() []plainDeal {
	random := rand.New(rand.NewPCG(4, 4))
	deals := make([]plainDeal, 240)
	for i := range deals {
		d := plainDeal{
			n: i, account: random.IntN(len(plainAccounts)), owner: random.IntN(len(plainOwners)),
			cents:   int64(random.IntN(9_000_000)) + 100,
			created: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, random.IntN(500)),
		}
		day := d.created
		enter := func(stage int) {
			d.stays = append(d.stays, plainStay{stage, day})
			day = day.AddDate(0, 0, 1+random.IntN(40))
		}
		for stage := range 1 + random.IntN(plainWon) {
			enter(stage)
		}
		switch random.IntN(4) {
		case 0, 1:
			enter(plainWon)
		case 2:
			enter(plainLost)
		}
		if d.closing = d.stays[len(d.stays)-1].from; d.stage() < plainWon {
			d.closing = day
			if random.IntN(5) == 0 {
				d.cents = -1
			}
		}
		deals[i] = d
	}
	return deals
}

// salesforceID is an id of 18 characters, the last three of which Salesforce
// computes from the case of the others.
func salesforceID(prefix string, n int) string {
	id := fmt.Sprintf("%s5f00000%04dAbC", prefix, n)[:15]
	for i := range 3 {
		bits := 0
		for j := range 5 {
			if c := id[i*5+j]; c >= 'A' && c <= 'Z' {
				bits |= 1 << j
			}
		}
		id += string("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits])
	}
	return id
}

func (d plainDeal) salesforceID() string { return salesforceID("006", d.n) }

func day(t time.Time) string        { return t.Format(time.DateOnly) }
func american(t time.Time) string   { return t.Format("1/2/2006") }
func warehouse(t time.Time) string  { return t.Format("2006-01-02 15:04:05") }
func salesforce(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z") }

func table(header string) [][]string { return [][]string{strings.Split(header, ",")} }

// plainLayouts write the deals as other systems do: by file name, rows of
// cells.
var plainLayouts = map[string]func([]plainDeal) map[string][][]string{
	"native":               nativeFiles,
	"salesforce objects":   salesforceFiles,
	"salesforce reports":   reportFiles,
	"hubspot export":       hubspotFiles,
	"fivetran salesforce":  fivetranSalesforceFiles,
	"fivetran hubspot":     fivetranHubspotFiles,
	"zip with an encoding": salesforceFiles,
}

func nativeFiles(deals []plainDeal) map[string][][]string {
	stages, people := table("name,position,outcome,probability"), table("external_id,name,email")
	accounts := table("external_id,name")
	for i, s := range plainStages {
		stages = append(stages, []string{s.name, strconv.Itoa(i + 1), s.outcome, fmt.Sprintf("%.2f", float64(s.percent)/100)})
	}
	for i, name := range plainOwners {
		people = append(people, []string{fmt.Sprint("p", i), name, fmt.Sprintf("p%d@plain.example", i)})
	}
	for i, name := range plainAccounts {
		accounts = append(accounts, []string{fmt.Sprint("a", i), name})
	}
	opportunities, history := table("external_id,account,owner,stage,amount,created_on,close_on"), table("opportunity,field,old,new,at")
	for _, d := range deals {
		id := fmt.Sprint("d", d.n)
		opportunities = append(opportunities, []string{
			id, fmt.Sprint("a", d.account), fmt.Sprint("p", d.owner), plainStages[d.stage()].name, d.amount(), day(d.created), day(d.closing),
		})
		for i, s := range d.stays {
			old := ""
			if i > 0 {
				old = plainStages[d.stays[i-1].stage].name
			}
			history = append(history, []string{id, "stage", old, plainStages[s.stage].name, day(s.from)})
		}
	}
	return map[string][][]string{
		"stages.csv": stages, "people.csv": people, "accounts.csv": accounts, "opportunities.csv": opportunities, "history.csv": history,
	}
}

func salesforceFiles(deals []plainDeal) map[string][][]string {
	stages := table("Id,MasterLabel,ApiName,IsActive,SortOrder,IsClosed,IsWon,ForecastCategoryName,DefaultProbability")
	for i, s := range plainStages {
		stages = append(stages, []string{
			salesforceID("01J", i), s.name, s.name, "true", strconv.Itoa(i + 1), strconv.FormatBool(s.outcome != "open"), strconv.FormatBool(s.outcome == "won"),
			"Pipeline", strconv.Itoa(s.percent),
		})
	}
	users, accounts := table("Id,Username,Name,Email,IsActive,ManagerId"), table("Id,IsDeleted,Name,Industry,ParentId")
	for i, name := range plainOwners {
		users = append(users, []string{salesforceID("005", i), fmt.Sprintf("u%d@plain.example", i), name, fmt.Sprintf("p%d@plain.example", i), "true", "000000000000000AAA"})
	}
	for i, name := range plainAccounts {
		accounts = append(accounts, []string{salesforceID("001", i), "false", name, "", "000000000000000AAA"})
	}
	opportunities := table("Id,IsDeleted,AccountId,Name,StageName,Amount,Probability,CloseDate,IsClosed,IsWon,OwnerId,CreatedDate,LastModifiedDate")
	history := table("Id,OpportunityId,CreatedById,CreatedDate,StageName,Amount,CloseDate,Probability,ForecastCategory,IsDeleted")
	for _, d := range deals {
		now := plainStages[d.stage()]
		opportunities = append(opportunities, []string{
			d.salesforceID(), "false", salesforceID("001", d.account), fmt.Sprint("Deal ", d.n), now.name, d.amount(), strconv.Itoa(now.percent), day(d.closing),
			strconv.FormatBool(now.outcome != "open"), strconv.FormatBool(now.outcome == "won"), salesforceID("005", d.owner),
			salesforce(d.created), salesforce(d.stays[len(d.stays)-1].from),
		})
		for i, s := range d.stays {
			history = append(history, []string{
				salesforceID("008", d.n*10+i), d.salesforceID(), salesforceID("005", d.owner), salesforce(s.from), plainStages[s.stage].name,
				d.amount(), day(d.closing), strconv.Itoa(plainStages[s.stage].percent), "Pipeline", "false",
			})
		}
	}
	return map[string][][]string{
		"OpportunityStage.csv": stages, "User.csv": users, "Account.csv": accounts, "Opportunity.csv": opportunities, "OpportunityHistory.csv": history,
	}
}

func reportFiles(deals []plainDeal) map[string][][]string {
	report := table("Opportunity Owner,Account Name,Opportunity Name,Stage,Amount,Probability (%),Close Date,Created Date,Opportunity ID")
	history := table("Opportunity ID,Opportunity Name,From Stage,To Stage,Last Modified,Amount,Close Date,Stage,Created Date")
	for _, d := range deals {
		id, name, now := d.salesforceID()[:15], fmt.Sprint("Deal ", d.n), plainStages[d.stage()]
		report = append(report, []string{
			plainOwners[d.owner], plainAccounts[d.account], name, now.name, d.amount(), fmt.Sprint(now.percent, "%"), american(d.closing), american(d.created), id,
		})
		for i, s := range d.stays {
			from := ""
			if i > 0 {
				from = plainStages[d.stays[i-1].stage].name
			}
			history = append(history, []string{
				id, name, from, plainStages[s.stage].name, american(s.from), d.amount(), american(d.closing), now.name, american(d.created),
			})
		}
	}
	return map[string][][]string{"report1763800000.csv": report, "report1763800001.csv": history}
}

func hubspotFiles(deals []plainDeal) map[string][][]string {
	header := []string{"Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Create Date", "Close Date", "Deal owner", "Associated Company"}
	for _, s := range plainStages {
		header = append(header, fmt.Sprintf("Date entered %q", s.name+" (Sales Pipeline)"))
	}
	rows := [][]string{header}
	for _, d := range deals {
		row := []string{
			strconv.Itoa(40100000 + d.n), fmt.Sprint("Deal ", d.n), "Sales Pipeline", plainStages[d.stage()].name, d.amount(),
			d.created.Format("2006-01-02 15:04"), d.closing.Format("2006-01-02 15:04"), plainOwners[d.owner], plainAccounts[d.account],
		}
		entered := make([]string, len(plainStages))
		for _, s := range d.stays {
			entered[s.stage] = s.from.Format("2006-01-02 15:04")
		}
		rows = append(rows, append(row, entered...))
	}
	return map[string][][]string{"hubspot-crm-exports-all-deals-2026-11-20.csv": rows}
}

func fivetranSalesforceFiles(deals []plainDeal) map[string][][]string {
	users := table("_fivetran_synced,id,name,email,is_active,manager_id,_fivetran_active")
	for i, name := range plainOwners {
		users = append(users, []string{"2026-11-19 04:00:00", salesforceID("005", i), name, fmt.Sprintf("p%d@plain.example", i), "true", "", "true"})
	}
	accounts := table("_fivetran_synced,id,name,industry,parent_id,is_deleted,_fivetran_active")
	for i, name := range plainAccounts {
		accounts = append(accounts, []string{"2026-11-19 04:00:00", salesforceID("001", i), name, "", "", "false", "true"})
	}
	opportunities := table("_fivetran_synced,account_id,amount,close_date,created_date,id,is_closed,is_deleted,is_won,name,owner_id,probability,stage_name,_fivetran_active")
	history := table("_fivetran_active,_fivetran_start,_fivetran_end,_fivetran_synced,account_id,amount,close_date,created_date,id,is_closed,is_deleted,is_won,name,owner_id,probability,stage_name")
	for _, d := range deals {
		row := func(stage int) []string {
			s := plainStages[stage]
			return []string{
				"2026-11-19 04:00:00", salesforceID("001", d.account), d.amount(), warehouse(d.closing), warehouse(d.created), d.salesforceID(),
				strconv.FormatBool(s.outcome != "open"), "false", strconv.FormatBool(s.outcome == "won"), fmt.Sprint("Deal ", d.n),
				salesforceID("005", d.owner), strconv.Itoa(s.percent), s.name,
			}
		}
		opportunities = append(opportunities, append(row(d.stage()), "true"))
		for i, s := range d.stays {
			until, active := "9999-12-31 23:59:59", "true"
			if i+1 < len(d.stays) {
				until, active = warehouse(d.stays[i+1].from), "false"
			}
			history = append(history, append([]string{active, warehouse(s.from), until}, row(s.stage)...))
		}
	}
	return map[string][][]string{
		"sf_user_data.csv": users, "sf_account_data.csv": accounts, "sf_opportunity_data.csv": opportunities, "sf_opportunity_history_data.csv": history,
	}
}

func fivetranHubspotFiles(deals []plainDeal) map[string][][]string {
	const synced = "2026-11-19 04:00:00"
	pipelines := table("pipeline_id,_fivetran_deleted,_fivetran_synced,active,display_order,label")
	pipelines = append(pipelines, []string{"default", "FALSE", synced, "TRUE", "0", "Sales Pipeline"})
	stages := table("_fivetran_deleted,_fivetran_synced,active,closed_won,is_closed,display_order,probability,stage_id,label,pipeline_id")
	stageID := func(stage int) string { return strconv.Itoa(7001 + stage) }
	for i, s := range plainStages {
		stages = append(stages, []string{
			"FALSE", synced, "TRUE", strings.ToUpper(strconv.FormatBool(s.outcome == "won")), strings.ToUpper(strconv.FormatBool(s.outcome != "open")),
			strconv.Itoa(i), fmt.Sprintf("%.1f", float64(s.percent)/100), stageID(i), s.name, "default",
		})
	}
	owners := table("owner_id,_fivetran_synced,created_at,email,first_name,last_name,portal_id,type,updated_at")
	for i, name := range plainOwners {
		first, last, _ := strings.Cut(name, " ")
		owners = append(owners, []string{fmt.Sprint(880 + i), synced, synced, fmt.Sprintf("p%d@plain.example", i), first, last, "1", "PERSON", synced})
	}
	companies, links := table("id,is_deleted,_fivetran_synced,property_name,property_createdate,property_industry,property_country"), table("company_id,deal_id,type_id,category")
	for i, name := range plainAccounts {
		companies = append(companies, []string{fmt.Sprint(550 + i), "false", synced, name, synced, "", ""})
	}
	opportunities := table("deal_id,is_deleted,deal_pipeline_id,deal_pipeline_stage_id,owner_id,portal_id,property_dealname,property_description,property_amount,property_closedate,property_createdate")
	entered := table("_fivetran_start,deal_id,_fivetran_active,_fivetran_end,_fivetran_synced,date_entered,source,source_id,value")
	for _, d := range deals {
		id := strconv.Itoa(40100000 + d.n)
		opportunities = append(opportunities, []string{
			id, "false", "default", stageID(d.stage()), fmt.Sprint(880 + d.owner), "1", fmt.Sprint("Deal ", d.n), "", d.amount(), warehouse(d.closing), warehouse(d.created),
		})
		links = append(links, []string{fmt.Sprint(550 + d.account), id, "5", "HUBSPOT_DEFINED"})
		for i, s := range d.stays {
			until, active := "9999-12-31 23:59:59", "TRUE"
			if i+1 < len(d.stays) {
				until, active = warehouse(d.stays[i+1].from), "FALSE"
			}
			entered = append(entered, []string{warehouse(s.from), id, active, until, synced, warehouse(s.from), "CRM_UI", "", stageID(s.stage)})
		}
	}
	return map[string][][]string{
		"deal_pipeline_data.csv": pipelines, "deal_pipeline_stage_data.csv": stages, "owner_data.csv": owners, "company_data.csv": companies,
		"deal_company_data.csv": links, "deal_data.csv": opportunities, "deal_stage_data.csv": entered,
	}
}

// writePlain writes the files of a layout and says what to import.
func writePlain(t *testing.T, layout string, deals []plainDeal) string {
	t.Helper()
	dir := openDir(t)
	var archive bytes.Buffer
	packed := zip.NewWriter(&archive)
	files := plainLayouts[layout](deals)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		var text bytes.Buffer
		if err := csv.NewWriter(&text).WriteAll(files[name]); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		old, err := charmap.Windows1252.NewEncoder().Bytes(text.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		entry, err := packed.Create("weekly/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write(old); err != nil {
			t.Fatal(err)
		}
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(layout, "zip") {
		return dir
	}
	path := filepath.Join(openDir(t), "weekly.zip")
	if err := os.WriteFile(path, archive.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOneSetOfDealsGivesTheSameFiguresFromEveryLayout(t *testing.T) {
	deals := plainDeals()
	for layout := range plainLayouts {
		t.Run(layout, func(t *testing.T) {
			t.Parallel()
			dsn := storetest.DSN(t)
			_, environ := testProgram(t, dsn)
			out, errOut, code := salesbot(t, environ, "import", writePlain(t, layout, deals))
			if code != 0 || !strings.Contains(out, " 0 rejected") {
				t.Fatalf("the import says (%d):\n%s%s", code, out, errOut)
			}
			checkPlain(t, environ, dsn, deals)
		})
	}
}

// checkPlain asks the product for its figures, looks at the facts behind those
// that no metric has yet, and counts the deals again.
func checkPlain(t *testing.T, environ []string, dsn string, deals []plainDeal) {
	t.Helper()
	ask := func(question string) answerJSON {
		out, errOut, code := salesbot(t, environ, "ask", "--json", "--at", "2027-01-15T12:00:00Z", question)
		var answer answerJSON
		if err := json.Unmarshal([]byte(out), &answer); err != nil || code != 0 || answer.Status != "answered" {
			t.Fatalf("asking %q ends with %d: %s%s", question, code, out, errOut)
		}
		return answer
	}
	number := func(keep func(plainDeal) bool) int64 {
		return int64(len(slices.DeleteFunc(slices.Clone(deals), func(d plainDeal) bool { return !keep(d) })))
	}
	is := func(stages ...int) func(plainDeal) bool {
		return func(d plainDeal) bool { return slices.Contains(stages, d.stage()) }
	}
	money := func(keep func(plainDeal) bool) (total int64) {
		for _, d := range deals {
			if keep(d) && d.cents > 0 {
				total += d.cents
			}
		}
		return total
	}
	won, open := is(plainWon), is(0, 1, 2)
	ask("won deals").figure(t, strconv.FormatInt(number(won), 10))
	ask("lost deals").figure(t, strconv.FormatInt(number(is(plainLost)), 10))
	ask("open deals").figure(t, strconv.FormatInt(number(open), 10))
	ask("win rate").figure(t, rounded(number(won), number(is(plainWon, plainLost))))
	ask("won revenue").figure(t, rounded(money(won), 100))
	ask("open pipeline").figure(t, rounded(money(open), 100))
	for by, name := range map[string]func(plainDeal) string{
		"person":  func(d plainDeal) string { return plainOwners[d.owner] },
		"account": func(d plainDeal) string { return plainAccounts[d.account] },
		"month":   func(d plainDeal) string { return d.closing.Format("2006-01") + "-01" },
	} {
		want := map[string]string{}
		for _, d := range deals {
			if won(d) {
				want[name(d)] = rounded(money(func(other plainDeal) bool { return won(other) && name(other) == name(d) }), 100)
			}
		}
		if diff := cmp.Diff(want, ask("won revenue by "+by).rows()); diff != "" {
			t.Errorf("won revenue by %s (-counted +answer)\n%s", by, diff)
		}
	}
	if diff := cmp.Diff(plainStory(deals), storedStory(t, dsn)); diff != "" {
		t.Errorf("how the deals went (-counted +stored)\n%s", diff)
	}
}

// plainStory sums up how the deals went: the median cycle from creation to
// winning, the days spent in each stage that was left, and how many went from
// each stage to which.
func plainStory(deals []plainDeal) map[string]string {
	story := map[string]string{}
	var cycles []int
	days, moves := map[string]int{}, map[string]int{}
	between := func(from, to time.Time) int { return int(to.Sub(from).Hours() / 24) }
	for _, d := range deals {
		if d.stage() == plainWon {
			cycles = append(cycles, between(d.created, d.closing))
		}
		for i := 1; i < len(d.stays); i++ {
			left, entered := d.stays[i-1], d.stays[i]
			days[plainStages[left.stage].name] += between(left.from, entered.from)
			moves[plainStages[left.stage].name+" → "+plainStages[entered.stage].name]++
		}
	}
	slices.Sort(cycles)
	story["median cycle"] = fmt.Sprint(cycles[(len(cycles)-1)/2])
	for stage, n := range days {
		story["days in "+stage] = fmt.Sprint(n)
	}
	for move, n := range moves {
		story[move] = fmt.Sprint(n)
	}
	return story
}

// storedStory reads the same from what is stored. A first stay may be dated
// since ever: then it began when the deal was created.
func storedStory(t *testing.T, dsn string) map[string]string {
	t.Helper()
	db := open(t, dsn)
	story := map[string]string{}
	story["median cycle"] = text(t, db, `
		select coalesce(percentile_disc(0.5) within group (order by o.close_on - o.created_on)::text, '')
		from opportunity o join stage on stage.id = o.stage_id where stage.outcome = 'won'`)
	const moves = `
		with entered as (
			select opportunity_id, (case field when 'deal' then new::jsonb ->> 'stage_id' else new end)::bigint as stage_id, valid_at, step
			from opportunity_change
			where retracted is null and (field = 'stage_id' or field = 'deal' and new::jsonb ? 'stage_id')
		), stay as (
			select e.*, greatest(e.valid_at, o.created_on::timestamp at time zone 'UTC') as began,
			       lag(e.stage_id) over (partition by opportunity_id order by valid_at, step) as before_id,
			       lag(greatest(e.valid_at, o.created_on::timestamp at time zone 'UTC')) over (partition by opportunity_id order by valid_at, step) as began_before
			from entered e join opportunity o on o.id = e.opportunity_id
			where e.stage_id is not null
		)
		select %s from stay join stage here on here.id = stay.stage_id join stage before on before.id = stay.before_id group by 1`
	for kind, columns := range map[string]string{
		"moves": `'' || before.name || ' → ' || here.name || E'\t' || count(*)`,
		"days":  `'days in ' || before.name || E'\t' || round(sum(extract(epoch from began - began_before) / 86400))`,
	} {
		group := map[string]string{"moves": "before.name, here.name", "days": "before.name"}[kind]
		for _, line := range texts(t, db, strings.Replace(fmt.Sprintf(moves, columns), "group by 1", "group by "+group, 1)) {
			name, value, _ := strings.Cut(line, "\t")
			story[name] = value
		}
	}
	return story
}
