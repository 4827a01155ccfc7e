package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
	"salesbot/insights/store/pgserver"
	"salesbot/insights/store/storetest"
)

var update = flag.Bool("update", false, "write the golden files")

// secret is part of every password and token of these tests, so that no text
// may contain it.
const secret = "s3cr3t"

// mishap is a command line that cannot be obeyed, or not wholly. What the
// person at the terminal reads stands in testdata/faults.
type mishap struct {
	name  string
	files map[string]string // in the folder that args call $DIR
	env   []string          // besides DATABASE_URL
	args  []string
	code  int
}

const peopleHeader = "external_id,name,email,role,manager,territory,since\n"

// goodAccounts are rows that nothing is wrong with.
const goodAccounts = "external_id,name,industry,country,parent\nA-1,Harbour Works,shipping,NL,\nA-2,Quay Supplies,retail,BE,A-1\n"

// unusable are the command lines of which nothing can be used, so that nothing
// may be changed.
var unusable = []mishap{
	{name: "mapping with an unknown key", args: []string{"import", "--mapping", "$DIR/map.yaml", "$DIR"}, code: 1,
		files: map[string]string{"deals.csv": "Id\n1\n", "map.yaml": "name: erp\nfiles:\n  - match: deals.csv\n    opportunities:\n      key: Id\n      stage: Phase\n      ammount: Value\n"}},
	{name: "mapping naming no file", args: []string{"import", "--mapping", "$DIR/none.yaml", "$DIR"}, code: 1},
	{name: "mapping that is a folder", args: []string{"import", "--mapping", "$DIR", "$DIR"}, code: 1},
	{name: "mapping that is not YAML", args: []string{"import", "--mapping", "$DIR/map.yaml", "$DIR"}, code: 1,
		files: map[string]string{"map.yaml": "name: erp\nfiles: [{match: deals.csv\nopportunities\n\t- key\n"}},
	{name: "mapping that is a picture", args: []string{"import", "--mapping", "$DIR/map.yaml", "$DIR"}, code: 1,
		files: map[string]string{"map.yaml": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"}},

	{name: "file that is missing", args: []string{"import", "$DIR/accounts.csv", "$DIR/people.csv"}, code: 1},
	{name: "file that is a folder", args: []string{"import", "$DIR"}, code: 1, files: map[string]string{"accounts.csv/": ""}},
	{name: "file that is a dangling link", args: []string{"import", "$DIR"}, code: 1, files: map[string]string{"accounts.csv": "-> nowhere.csv"}},
	{name: "file of another layout", args: []string{"import", "$DIR/export.csv"}, code: 1, files: map[string]string{"export.csv": "a,b\n1,2\n"}},
	{name: "folder with no known files", args: []string{"import", "$DIR"}, code: 1, files: map[string]string{"notes.txt": "hello"}},
	{name: "empty file", args: []string{"import", "$DIR"}, code: 1, files: map[string]string{"accounts.csv": ""}},
	{name: "file in UTF-16 without a mark", args: []string{"import", "$DIR"}, code: 1, files: map[string]string{"accounts.csv": "e\x00x\x00t\x00e\x00r\x00n\x00"}},
	{name: "half an archive", args: []string{"import", "$DIR"}, code: 1, files: map[string]string{"accounts.csv": "PK\x03\x04\x14\x00"}},
	{name: "missing columns in two files", args: []string{"import", "$DIR"}, code: 1,
		files: map[string]string{"accounts.csv": "id,name\n1,Harbour Works\n", "opportunities.csv": "external_id,owner,amount\nD-1,P-1,10\n"}},

	{name: "configuration", args: []string{"ask", "won revenue"}, code: 1, env: []string{
		"SALESBOT_TIMEZONE=Mars/Olympus", "SALESBOT_FISCAL_START=January", "SALESBOT_CURRENCY=EURO",
		"SALESBOT_CALENDAR=365", "SALESBOT_WEEK_START=0", "SALESBOT_WORKING_DAYS=mon-fri,some", "SALESBOT_HOLIDAYS=$DIR/holidays.csv",
		"SALESBOT_CATALOG=$DIR/none.yaml", "SALESBOT_STALE_AFTER=soon", "SALESBOT_READ_WITHIN=1m", "SALESBOT_LOG=loud"},
		files: map[string]string{"holidays.csv": "day,name\n2026-02-30,Never\n2026-12-25,Christmas\n2026-12-25,Christmas again\n2026-12-26\n2026-12-31, \n"}},
	{name: "catalogue with an unknown key", args: []string{"ask", "won revenue"}, code: 1, env: []string{"SALESBOT_CATALOG=$DIR/catalog.yaml"},
		files: map[string]string{"catalog.yaml": "metrics:\n  - name: won_amount\n    colour: red\n"}},

	{name: "a moment that is none", args: []string{"ask", "--at", "next Tuesday", "won revenue"}, code: 2},
	{name: "a day that is none", args: []string{"ask", "--at", "2026-02-30", "won revenue"}, code: 2},
	{name: "an unknown person", args: []string{"ask", "--as", "Nobody Atall", "won revenue"}, code: 1},
	{name: "an ambiguous name", args: []string{"ask", "--as", "Sam Double", "won revenue"}, code: 1},
	{name: "no question", args: []string{"ask"}, code: 2},
	{name: "nothing to import", args: []string{"import"}, code: 2},
	{name: "an unknown command", args: []string{"improt", "$DIR"}, code: 2},
	{name: "an unknown flag", args: []string{"import", "--force", "$DIR"}, code: 2},
	{name: "a word too many", args: []string{"serve", "now"}, code: 2},

	{name: "no Slack tokens", args: []string{"serve"}, code: 1},
	{name: "Slack tokens of the wrong kinds", args: []string{"serve"}, code: 1,
		env: []string{"SLACK_APP_TOKEN=xoxb-" + secret, "SLACK_BOT_TOKEN=xoxp-" + secret}},
}

func TestWhatCannotBeUsedIsRefusedInWordsAndChangesNothing(t *testing.T) {
	dsn := loaded(t, "company")
	importText(t, dsn, "people.csv", peopleHeader+"S-1,Sam Double,sam.1@tidewater.example,,,,\nS-2,Sam Double,sam.2@tidewater.example,,,,\n")
	before := rowsOf(t, dsn)
	for _, m := range unusable {
		t.Run(m.name, func(t *testing.T) {
			m.run(t, dsn)
			unchanged(t, before, rowsOf(t, dsn))
		})
	}
}

// partly are imports of which some rows can be used. They go in together; the
// others are reported.
var partly = []mishap{
	{name: "Latin-1 in a UTF-8 file", args: []string{"import", "$DIR"}, files: map[string]string{
		"accounts.csv": "external_id,name,industry,country,parent\nA-1,Harbour Works,shipping,NL,\nA-2,Caf\xe9 Quay,retail,BE,\nA-3,Zoë's,retail,BE,\n"}},
	{name: "impossible dates and amounts", args: []string{"import", "$DIR"}, files: map[string]string{
		"accounts.csv": goodAccounts,
		"opportunities.csv": "external_id,owner,stage,amount,close_on,account,currency\n" +
			"D-1,,Won,1000.50,2026-02-28,A-1,USD\n" +
			"D-2,,Won,1000.50,2026-02-30,A-1,USD\n" +
			"D-3,,Won,1000.50,02/28/2026,A-1,USD\n" +
			"D-4,,Won,1000.50,0202-02-28,A-1,USD\n" +
			"D-5,,Won,\"1,000.50\",2026-02-28,A-1,USD\n" +
			"D-6,,Won,12.345,2026-02-28,A-1,USD\n" +
			"D-7,,Won,99999999999999999999,2026-02-28,A-1,USD\n" +
			"D-8,,Won,1000.50,2026-02-28,A-1,DOUBLOONS\n" +
			"D-9,,Won,1e3,2026-02-28,A-1,USD\n" +
			"D-10,,Won,1000.50,,A-1,USD\n" +
			"D-11,,Nearly,1000.50,2026-02-28,A-1,USD\n" +
			"D-12,,Won,1000.50,2026-02-28,A-9,USD\n" +
			"D-13,,Won,,2026-02-28,A-2,\n"}},
	{name: "truncated file", args: []string{"import", "$DIR"}, files: map[string]string{
		"accounts.csv": "external_id,name,industry,country,parent\nA-1,Harbour Works,shipping,NL,\nA-2,\"Quay Supp"}},
	{name: "rows that are not CSV", args: []string{"import", "$DIR"}, files: map[string]string{
		"accounts.csv": "external_id,name,industry,country,parent\nA-1,Harbour Works,shipping,NL,\nA-2,Quay \"Supplies\",retail,BE,\nA-3,too,few\nA-4,Ferry,shipping,NL,\n"}},
	{name: "the same key twice", args: []string{"import", "$DIR"}, files: map[string]string{
		"accounts.csv": "external_id,name,industry,country,parent\nA-1,Harbour Works,shipping,NL,\nA-1,Harbour Works,shipping,NL,\nA-1,Harbor Works,shipping,US,\n"}},
	{name: "references to nothing and to themselves", args: []string{"import", "$DIR"}, files: map[string]string{
		"accounts.csv": "external_id,name,industry,country,parent\nA-1,Harbour Works,shipping,NL,\nA-2,Quay Supplies,retail,BE,A-2\nA-3,Ferry,shipping,NL,A-9\nA-4,Lock,shipping,NL,A-5\nA-5,Key,shipping,NL,A-4\n"}},
}

func TestWhatCanBeUsedOfAFileGoesInAndTheRestIsReported(t *testing.T) {
	for _, m := range partly {
		t.Run(m.name, func(t *testing.T) {
			dsn := loaded(t, "company")
			before := rowsOf(t, dsn)
			dir := m.lay(t)
			trial := m
			trial.args = append([]string{"import", "--dry-run"}, m.args[1:]...)

			foretold := trial.runIn(t, dir, dsn)
			unchanged(t, before, rowsOf(t, dsn))

			told := m.runIn(t, dir, dsn)
			m.golden(t, told)
			after := rowsOf(t, dsn)
			if before["import"] == after["import"] || before["account"] == after["account"] {
				t.Error("the rows that can be used did not go in")
			}
			if diff := cmp.Diff(counts(foretold.out), counts(told.out)); diff != "" {
				t.Errorf("the dry run foretold otherwise (-foretold +done)\n%s", diff)
			}

			if again := m.runIn(t, dir, dsn); !strings.Contains(again.out, "Nothing is new") {
				t.Errorf("the second time it says:\n%s", again.out)
			}
			unchanged(t, facts(after), facts(rowsOf(t, dsn)))
		})
	}
}

// counts leaves out the line that says whether it was done.
func counts(out string) string {
	out = strings.Replace(out, "Dry run, nothing was changed. It would have made this difference:\n", "", 1)
	return strings.Replace(out, "Imported as revision 2:\n", "", 1)
}

func TestManyRecordsLeftOutForOneReasonAreToldTogether(t *testing.T) {
	dsn := loaded(t, "company")
	var deals strings.Builder
	deals.WriteString("external_id,owner,stage,amount,close_on,account\n")
	for i := range 1000 {
		fmt.Fprintf(&deals, "D-%d,,Won,10,2026-02-03,NOBODY-%d\n", i, max(i-900, 0))
	}
	m := mishap{name: "many records left out", args: []string{"import", "$DIR"}, files: map[string]string{"opportunities.csv": deals.String()}}
	m.run(t, dsn)
}

// An import that waits to be numbered has written everything. Whatever ends it
// there, nothing is kept, and it says so.
func TestAnImportThatIsBrokenOffSaysWhatWasLoaded(t *testing.T) {
	dsn := loaded(t, "company")
	before := rowsOf(t, dsn)
	db := open(t, dsn)
	cases := map[string]func(context.CancelFunc){
		"import that is interrupted": func(interrupt context.CancelFunc) { interrupt() },
		"database that goes away during an import": func(context.CancelFunc) {
			text(t, db, `select bool_and(pg_terminate_backend(pid))::text from pg_stat_activity
				where datname = current_database() and pid <> pg_backend_pid() and query like '%insert into import %'`)
		},
	}
	for name, end := range cases {
		t.Run(name, func(t *testing.T) {
			m := mishap{name: name, args: []string{"import", "$DIR"}, files: map[string]string{"accounts.csv": goodAccounts}, code: 1}
			dir := m.lay(t)
			release := locked(t, db, lockNumbering)
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			var out, errOut bytes.Buffer
			ended := make(chan int, 1)
			go func() {
				p := program{Environ: []string{"DATABASE_URL=" + dsn}, Out: &out, Err: &errOut, Now: clock}
				ended <- p.run(ctx, []string{"import", dir})
			}()
			await(t, db, "the import to wait for its number", seenNumbering, "1")
			end(interrupt)
			if code := <-ended; code != m.code {
				t.Errorf("exit code %d, want %d", code, m.code)
			}
			release()
			m.golden(t, said{out.String(), errOut.String()})
			unchanged(t, before, rowsOf(t, dsn))
		})
	}
}

func TestADatabaseThatCannotBeUsedIsNamed(t *testing.T) {
	dsn := loaded(t, "company")
	before := rowsOf(t, dsn)
	unused := unusedAddress(t)
	cases := []mishap{
		{name: "address that is none", env: []string{"DATABASE_URL=postgres://sales:" + secret + "@db.example:five/sales"}},
		{name: "address with a space", env: []string{"DATABASE_URL=postgres://sales:" + secret + " @db.example:5432/sales"}},
		{name: "address of something else", env: []string{"DATABASE_URL=mysql://sales:" + secret + "@db.example:3306/sales"}},
		{name: "settings that are unknown", env: []string{"DATABASE_URL=host=127.0.0.1 password=" + secret + " colour=red sslmode=perhaps"}},
		{name: "nobody listening", env: []string{"DATABASE_URL=postgres://sales:" + secret + "@" + unused + "/sales"}},
		{name: "host that does not exist", env: []string{"DATABASE_URL=postgres://sales:" + secret + "@db.invalid/sales"}},
		{name: "unknown database", env: []string{"DATABASE_URL=" + dsn + " dbname=nowhere password=" + secret}},
		{name: "tables that are missing", env: []string{"DATABASE_URL=" + withoutTables(t)}},
		{name: "tables of an older version", env: []string{"DATABASE_URL=" + withOlderTables(t)}},
	}
	for _, m := range cases {
		t.Run(m.name, func(t *testing.T) {
			m.args, m.code = []string{"ask", "won revenue"}, 1
			m.run(t, dsn, unused, "$ADDRESS", socketDir(dsn), "$SOCKET")
		})
	}
	unchanged(t, before, rowsOf(t, dsn))
}

func TestADataFolderThatCannotBeUsedIsLeftAsItIs(t *testing.T) {
	cases := []mishap{
		{name: "data folder that is a file", files: map[string]string{"data": "mine"}, env: []string{"SALESBOT_DATA=$DIR/data"}},
		{name: "data folder with something else in it", files: map[string]string{"postgres/": "", "postgres/data/": "", "postgres/data/novel.txt": "mine"},
			env: []string{"SALESBOT_DATA=$DIR"}},
	}
	for _, m := range cases {
		t.Run(m.name, func(t *testing.T) {
			m.args, m.code = []string{"ask", "won revenue"}, 1
			dir := openDir(t)
			m.layIn(t, dir)
			m.golden(t, m.runIn(t, dir, ""))
		})
	}
	t.Run("no Postgres", func(t *testing.T) {
		t.Setenv("SALESBOT_POSTGRES_BIN", "/nowhere/bin")
		m := mishap{name: "no Postgres", args: []string{"ask", "won revenue"}, code: 1, env: []string{"SALESBOT_DATA=$DIR"}}
		m.golden(t, m.runIn(t, openDir(t), ""))
	})
}

func TestAWrongPasswordIsNamed(t *testing.T) {
	// Only a server that listens on the loopback address asks for a password:
	// one in a folder whose path is too long for a socket.
	dir := filepath.Join(openDir(t), strings.Repeat("long", 25))
	server, err := pgserver.Start(t.Context(), pgserver.Config{Dir: dir, Fast: true, Offline: true})
	if errors.Is(err, pgserver.ErrNoPostgres) {
		t.Skipf("this test needs Postgres: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stopWithin(server.Stop) })
	_, port, _ := strings.Cut(server.DSN(), "port=")
	port, _, _ = strings.Cut(port, " ")
	m := mishap{name: "wrong password", args: []string{"ask", "won revenue"}, code: 1}
	m.run(t, "postgres://salesbot:"+secret+"@127.0.0.1:"+port+"/salesbot", port, "$PORT")
}

func TestSlackTokensThatAreRefusedEndTheProgram(t *testing.T) {
	dsn := loaded(t, "company")
	_, environ := testProgram(t, dsn)
	if _, errOut, code := salesbot(t, environ, "ask", "won revenue"); code != 0 { // so that the catalogue is in force already
		t.Fatal(errOut)
	}
	before := rowsOf(t, dsn)
	w := workspacetest.Start(t, workspace.Config{BotToken: "xoxb-right", AppToken: "xapp-right"})
	cases := []mishap{
		{name: "bot token that Slack refuses", env: []string{"SLACK_APP_TOKEN=xapp-right", "SLACK_BOT_TOKEN=xoxb-" + secret}},
		{name: "app token that Slack refuses", env: []string{"SLACK_APP_TOKEN=xapp-" + secret, "SLACK_BOT_TOKEN=xoxb-right"}},
		{name: "address that is not Slack", env: []string{"SLACK_APP_TOKEN=xapp-right", "SLACK_BOT_TOKEN=xoxb-right", "SLACK_API_URL=" + w.URL + "/nowhere/"}},
	}
	for _, m := range cases {
		t.Run(m.name, func(t *testing.T) {
			w.Reset()
			m.args, m.code = []string{"serve"}, 1
			m.env = append([]string{"SLACK_API_URL=" + w.URL + "/api/", "SALESBOT_LOG=error"}, m.env...)
			m.run(t, dsn, w.URL, "$WORKSPACE")
			if calls := len(w.Calls("auth.test")) + len(w.Calls("apps.connections.open")); calls > 4 {
				t.Errorf("asked Slack %d times before giving up", calls)
			}
			unchanged(t, before, rowsOf(t, dsn))

			m.env = append(m.env, "SALESBOT_LOG=debug")
			m.runIn(t, t.TempDir(), dsn) // says more, but no secret either
		})
	}
}

func TestAnAddressInUseIsNamedBeforeAnythingIsStarted(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	data := t.TempDir()
	for _, command := range []string{"demo", "workspace"} {
		m := mishap{name: command + " on an address in use", code: 1, args: []string{command, "--listen", taken.Addr().String()}, env: []string{"SALESBOT_DATA=" + data}}
		m.run(t, "", taken.Addr().String(), "$ADDRESS")
	}
	if left, err := os.ReadDir(data); err != nil || len(left) > 0 {
		t.Errorf("left %v (%v)", left, err)
	}
}

// run runs the command line and compares what it says with the golden file;
// replace holds pairs of what differs between runs and what stands for it.
func (m mishap) run(t *testing.T, dsn string, replace ...string) {
	t.Helper()
	m.golden(t, m.runIn(t, m.lay(t), dsn), replace...)
}

// said is what a command line printed.
type said struct{ out, err string }

// runIn runs the command line with its files in dir.
func (m mishap) runIn(t *testing.T, dir, dsn string) said {
	t.Helper()
	in := strings.NewReplacer("$DIR", dir)
	environ := []string{"DATABASE_URL=" + dsn}
	for _, e := range m.env {
		environ = append(environ, in.Replace(e))
	}
	args := make([]string, len(m.args))
	for i, arg := range m.args {
		args[i] = in.Replace(arg)
	}
	out, errOut, code := salesbot(t, environ, args...)
	if code != m.code {
		t.Errorf("exit code %d, want %d", code, m.code)
	}
	if strings.Contains(out+errOut, secret) {
		t.Errorf("a secret is told:\n%s%s", out, errOut)
	}
	return said{strings.ReplaceAll(out, dir, "$DIR"), strings.ReplaceAll(errOut, dir, "$DIR")}
}

// growing are lists that become longer with what salesbot can do.
var growing = []*regexp.Regexp{
	regexp.MustCompile(`(opportunities has) .*`),
}

func (m mishap) golden(t *testing.T, got said, replace ...string) {
	t.Helper()
	text := fmt.Sprintf("$ salesbot %s\n%s%s[exit code %d]\n", strings.Join(m.args, " "), got.out, got.err, m.code)
	text = strings.NewReplacer(replace...).Replace(text)
	for _, list := range growing {
		text = list.ReplaceAllString(text, "$1 …")
	}
	path := filepath.Join("testdata", "faults", strings.ReplaceAll(m.name, " ", "-")+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s says otherwise (-want +got)\n%s", m.name, diff)
	}
}

// lay puts the files of the mishap into a folder. A name that ends in a slash
// is a folder, and content that begins with an arrow a link.
func (m mishap) lay(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	m.layIn(t, dir)
	return dir
}

func (m mishap) layIn(t *testing.T, dir string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		path, content := filepath.Join(dir, name), m.files[name]
		var err error
		if target, link := strings.CutPrefix(content, "-> "); link {
			err = os.Symlink(filepath.Join(dir, target), path)
		} else if strings.HasSuffix(name, "/") {
			err = os.Mkdir(path, 0o755)
		} else {
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// importText imports one file with this content.
func importText(t *testing.T, dsn, name, content string) {
	t.Helper()
	m := mishap{args: []string{"import", "$DIR"}, files: map[string]string{name: content}}
	m.runIn(t, m.lay(t), dsn)
}

// unusedAddress is one that nobody listens on.
func unusedAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// socketDir is the folder of the tests' server, as its DSN names it.
func socketDir(dsn string) string {
	_, dir, _ := strings.Cut(dsn, "host='")
	dir, _, _ = strings.Cut(dir, "'")
	return dir
}

// withoutTables is a database in which nothing was ever made.
func withoutTables(t *testing.T) string {
	t.Helper()
	dsn := storetest.DSN(t)
	if _, err := open(t, dsn).ExecContext(t.Context(), `drop schema public cascade; create schema public`); err != nil {
		t.Fatal(err)
	}
	return dsn
}

// withOlderTables is a database that lacks the last migration.
func withOlderTables(t *testing.T) string {
	t.Helper()
	dsn := storetest.DSN(t)
	_, err := open(t, dsn).ExecContext(t.Context(), `delete from goose_db_version where version_id = (select max(version_id) from goose_db_version)`)
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// sampled is a line of a report that shows a reject, or counts those not shown.
var sampled = regexp.MustCompile(`^(\S.* line \d+: ".*"|and [\d,]+ more)$`)

// TestEveryRejectSaysWhatToDo looks at what people are shown: behind the
// samples of each reason there is a remedy.
func TestEveryRejectSaysWhatToDo(t *testing.T) {
	goldens, err := filepath.Glob(filepath.Join("testdata", "faults", "*.golden"))
	if err != nil || len(goldens) == 0 {
		t.Fatalf("%d goldens, %v", len(goldens), err)
	}
	groups := 0
	for _, golden := range goldens {
		text, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq(string(text), "\n\n") {
			first, samples, _ := strings.Cut(part, "\n")
			_, why, found := strings.Cut(first, " rejected: ")
			if !found {
				continue
			}
			groups++
			lines := strings.Split(strings.TrimSpace(samples), "\n")
			if last := strings.TrimSpace(lines[len(lines)-1]); sampled.MatchString(last) {
				t.Errorf("%s: nothing is said to do about %q", filepath.Base(golden), why)
			}
		}
	}
	if groups < 10 {
		t.Errorf("only %d reasons were looked at", groups)
	}
}
