package main

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"salesbot/bot"
	"salesbot/bot/workspace/workspacetest"
	"salesbot/handlers"
)

// office is the program with a clock that the test moves, so that Mondays come
// when they are wanted. Nothing runs by itself: the test lets digests fall due.
type office struct {
	*workspacetest.Workspace
	t     *testing.T
	house *house
	bots  []*bot.Bot
	sql   *sql.DB

	mu  sync.Mutex
	now time.Time
}

// sunday is when these tests begin: the 22nd of November 2026, in the evening.
var sunday = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

func startOffice(t *testing.T, processes int, env ...string) *office {
	t.Helper()
	dsn := loaded(t, "company")
	// The facts of these tests are as old as the day they were loaded on.
	p, environ := testProgram(t, dsn, append([]string{"SALESBOT_STALE_AFTER=0"}, env...)...)
	s, err := readSettings(environ)
	if err != nil {
		t.Fatal(err)
	}
	s.Admins = append(s.Admins, demoAdmin.Email)
	o := &office{t: t, now: sunday, sql: open(t, dsn)}
	db, err := p.openDatabase(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	people, err := db.People(t.Context(), sunday)
	if err != nil {
		t.Fatal(err)
	}
	cfg := demoWorkspace(people)
	cfg.Now = o.clock
	for i := range cfg.Users {
		cfg.Users[i].TZ = "Europe/Berlin"
	}
	o.Workspace = workspacetest.Start(t, cfg)
	s.AppToken, s.BotToken, s.SlackAPI = "xapp-test", "xoxb-test", o.URL+"/api/"
	o.house = &house{workspace: o.Workspace, users: cfg.Users, desk: p.desk(s, db), db: db, settings: s}
	for range processes {
		o.connect(p)
	}
	return o
}

// connect runs one more process of the bot.
func (o *office) connect(p program) {
	o.t.Helper()
	s := o.house.settings
	b, err := bot.New(bot.Config{
		AppToken: s.AppToken, BotToken: s.BotToken, APIURL: s.SlackAPI, Store: o.house.db,
		Handle: p.desk(s, o.house.db).Handle, Company: s.Company, Logger: p.logger(s), Now: o.clock, SocketStagger: time.Millisecond,
	})
	if err != nil {
		o.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(o.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	o.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			o.t.Errorf("the bot ended with: %v", err)
		}
	})
	o.bots = append(o.bots, b)
	o.WaitForConnections(2 * len(o.bots))
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

// at moves the clock on to a moment in Berlin.
func (o *office) at(moment string) {
	o.t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		o.t.Fatal(err)
	}
	now, err := time.ParseInLocation("2006-01-02 15:04", moment, zone)
	if err != nil {
		o.t.Fatal(err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = now
}

// passes moves the clock on. People take their time, and so does the bot: it
// says about one thing a second.
func (o *office) passes(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

// exec changes what is stored behind the program's back.
func (o *office) exec(statement string, args ...any) {
	o.t.Helper()
	if _, err := o.sql.ExecContext(o.t.Context(), statement, args...); err != nil {
		o.t.Fatal(err)
	}
}

// talk is one person's direct message with the bot.
type talk struct {
	*office
	person *workspacetest.Person
}

func (o *office) talk(name string) talk {
	o.t.Helper()
	return talk{o, o.house.person(o.t, name)}
}

func (c talk) messages() []workspacetest.Message {
	return slices.DeleteFunc(c.person.See("dm"), func(m workspacetest.Message) bool { return !m.Bot })
}

// hears waits for a message that was not there before.
func (c talk) hears(known int, what string) workspacetest.Message {
	c.t.Helper()
	c.person.WaitFor("dm", what, func(workspacetest.Message) bool { return len(c.messages()) > known })
	return c.messages()[known]
}

func (c talk) asks(text string) workspacetest.Message {
	c.t.Helper()
	c.passes(2 * time.Second)
	known := len(c.messages())
	c.person.Say("dm", text)
	return c.hears(known, "an answer to "+text)
}

func (c talk) presses(m workspacetest.Message, label string) workspacetest.Message {
	c.t.Helper()
	action := actionLabelled(m.Blocks, label)
	if action == "" {
		c.t.Fatalf("no button %q in:\n%s", label, m.Words())
	}
	known := len(c.messages())
	c.person.Act(m, action, nil)
	return c.hears(known, "an answer to the button "+label)
}

// looks lets every process look at the person's digests, at once, and returns
// what was said because of it.
func (c talk) looks() []workspacetest.Message {
	c.t.Helper()
	known := len(c.messages())
	ids := texts(c.t, c.sql, `select id::text from digest order by id`)
	var all sync.WaitGroup
	for _, b := range c.bots {
		for _, id := range ids {
			all.Go(func() {
				n, _ := strconv.ParseInt(id, 10, 64)
				if err := b.Digest(c.t.Context(), n); err != nil {
					c.t.Errorf("digest %s: %v", id, err)
				}
			})
		}
	}
	all.Wait()
	return c.messages()[known:]
}

func says(t *testing.T, m workspacetest.Message, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(m.Text, part) {
			t.Errorf("it does not say %q:\n%s", part, m.Text)
		}
	}
}

func one(t *testing.T, said []workspacetest.Message) workspacetest.Message {
	t.Helper()
	if len(said) != 1 {
		for _, m := range said {
			t.Log(m.Text)
		}
		t.Fatalf("%d messages, want one", len(said))
	}
	return said[0]
}

func TestADigestIsSentOnTimeAndOnce(t *testing.T) {
	o := startOffice(t, 2)
	ingrid := o.talk("Ingrid Solheim")
	ingrid.asks("won revenue by territory this month")
	made := ingrid.asks("send me this every monday 8am")
	says(t, made, "won revenue by territory, this month", "every Monday at 08:00 (Europe/Berlin)", "direct message",
		"Mon 23 Nov 2026 08:00, Mon 30 Nov 2026 08:00, Mon 7 Dec 2026 08:00", "your time zone in Slack", "worked out anew")

	o.at("2026-11-23 07:59")
	if said := ingrid.looks(); len(said) != 0 {
		t.Errorf("too early: %s", said[0].Text)
	}
	o.at("2026-11-23 08:00")
	first := one(t, ingrid.looks())
	says(t, first, "Your digest, as of Mon 23 Nov 2026 08:00 (Europe/Berlin)", "1 Nov 2026 – 30 Nov 2026", "Next: Mon 30 Nov 2026 08:00")
	if said := ingrid.looks(); len(said) != 0 {
		t.Errorf("twice: %s", said[0].Text)
	}
	o.at("2026-11-30 08:00")
	second := one(t, ingrid.looks())
	says(t, second, "Since the last one, of Mon 23 Nov 2026 08:00: unchanged ($")
	o.at("2026-12-07 08:00")
	third := one(t, ingrid.looks())
	says(t, third, "1 Dec 2026 – 31 Dec 2026", "The last one, of Mon 30 Nov 2026 08:00, said $", "for 1 Nov 2026 – 30 Nov 2026")

	says(t, ingrid.asks("by product"), "Changed: breakdown", "1 Dec 2026 – 31 Dec 2026") // a reply goes on from the digest
}

func TestAfterAnOutageOneDigestIsCaughtUpAsOfItsTime(t *testing.T) {
	o := startOffice(t, 2)
	priya := o.talk("Priya Adeyemi")
	priya.asks("send me my won revenue this week every friday at 17:00")
	o.at("2026-12-15 10:00") // a Tuesday, three Fridays later
	m := one(t, priya.looks())
	says(t, m, "as of Fri 11 Dec 2026 17:00", "7 Dec 2026 – 13 Dec 2026", "sent late", "Next: Fri 18 Dec 2026 17:00")
	if said := priya.looks(); len(said) != 0 {
		t.Errorf("another one: %s", said[0].Text)
	}
}

func TestADigestKeepsItsHourWhenTheClocksChange(t *testing.T) {
	o := startOffice(t, 1)
	o.at("2027-03-27 12:00")
	priya := o.talk("Priya Adeyemi")
	says(t, priya.asks("send me won revenue by territory every day at 8:00"), "Sun 28 Mar 2027 08:00, Mon 29 Mar 2027 08:00")
	for _, moment := range []string{"2027-03-28 08:00", "2027-03-29 08:00"} {
		o.at(moment)
		says(t, one(t, priya.looks()), "08:00 (Europe/Berlin)")
	}
	if got := text(t, o.sql, `select string_agg(to_char(at at time zone 'UTC', 'HH24:MI'), ' ' order by at) from digest_run`); got != "06:00 06:00" {
		t.Errorf("sent at %s UTC", got)
	}
}

func TestADigestIsPausedResumedAndDeletedByItsOwner(t *testing.T) {
	o := startOffice(t, 1)
	priya := o.talk("Priya Adeyemi")
	made := priya.asks("send me won revenue this week every monday at 8am")
	paused := priya.presses(made, "Pause")
	says(t, paused, "is paused")
	o.at("2026-11-23 08:00")
	if said := priya.looks(); len(said) != 0 {
		t.Errorf("sent though paused: %s", said[0].Text)
	}
	says(t, priya.asks("my digests"), "You have 1 digest.", "won revenue, this week", "paused")
	resumed := priya.presses(priya.messages()[len(priya.messages())-1], "Resume "+text(t, o.sql, `select id::text from digest`))
	says(t, resumed, "is sent again", "Next: Mon 30 Nov 2026 08:00")
	if said := priya.looks(); len(said) != 0 {
		t.Errorf("what was missed while paused is sent: %s", said[0].Text)
	}
	o.at("2026-11-30 08:00")
	one(t, priya.looks())
	says(t, priya.asks("/digest"), "Mon 30 Nov 2026 08:00: sent")

	number := text(t, o.sql, `select id::text from digest`)
	stranger := o.talk("Odile Marchetti")
	says(t, stranger.asks("/digest delete "+number), "You have no digest “"+number+"”", "You are sent no digests")
	says(t, stranger.asks("/digest all"), "Only administrators")
	boss := o.talk(demoAdmin.RealName)
	says(t, boss.asks("/digest all"), "There are 1 digest in all", "Priya Adeyemi")

	gone := priya.asks("/digest delete " + number)
	says(t, gone, "is deleted")
	o.at("2026-12-07 08:00")
	if said := priya.looks(); len(said) != 0 {
		t.Errorf("sent though deleted: %s", said[0].Text)
	}
	says(t, priya.presses(gone, "Set it up again"), "From now on", "every Monday at 08:00 (Europe/Berlin)")
}

func TestMakeItHalfPastSevenChangesTheDigestThatWasJustMade(t *testing.T) {
	o := startOffice(t, 1)
	priya := o.talk("Priya Adeyemi")
	says(t, priya.asks("make it 7:30"), "I did not understand")
	priya.asks("send me won revenue this week every monday at 8")
	says(t, priya.asks("make it 7:30 and skip holidays"), "every Monday but holidays at 07:30", "No holidays are loaded")
	says(t, priya.asks("make it 7:45"), "Changed", "every Monday but holidays at 07:45 (Europe/Berlin)", "Mon 23 Nov 2026 07:45")
	says(t, priya.asks("make it every weekday at 6pm"), "every weekday at 18:00")
	if n := text(t, o.sql, `select count(*)::text from digest`); n != "1" {
		t.Errorf("there are %s digests", n)
	}
	says(t, priya.asks("send me won revenue this week every weekday at 18:00"), "You have this digest already")
	says(t, priya.asks("make it 7:30"), "every weekday at 07:30")
	o.at("2026-11-22 23:00")
	says(t, priya.asks("make it 9:30"), "I did not understand")
}

func TestWhatADigestLeavesOpenIsAskedBack(t *testing.T) {
	o := startOffice(t, 1)
	priya := o.talk("Priya Adeyemi")
	says(t, priya.asks("send me this every monday 8am"), "Send you what?")
	says(t, priya.asks("send me won revenue of nobody i know every monday 8am"), "I did not understand", "Nothing was set up")
	says(t, priya.asks("send me won revenue every other monday"), "I cannot do “every other monday”")
	says(t, priya.asks("send me what is win rate every monday 8am"), "not definitions")
	when := priya.asks("send me won revenue this week every monday")
	says(t, when, "At what time?")
	says(t, priya.presses(when, "Every Monday at 16:00"), "“won revenue, this week” every Monday at 16:00 (Europe/Berlin)")
	says(t, priya.asks("send me won revenue q3 2025 every monday at 7 europe/london"), "always covers 1 Jul 2025 – 30 Sep 2025", "“7” without am or pm is read as 07:00",
		"every Monday at 07:00 (Europe/London)")
}

func TestADigestIsOfferedAndSetUpFromAChannelAndACommand(t *testing.T) {
	o := startOffice(t, 1)
	priya := o.talk("Priya Adeyemi")
	says(t, priya.presses(priya.asks("won revenue by territory this week"), "Send me this every Monday at 8"), "every Monday at 08:00 (Europe/Berlin)")

	priya.person.Command("general", "/kpi", "win rate this month")
	priya.person.WaitForText("general", "Win rate")
	priya.person.Say("general", "@salesbot send me this every friday 5pm")
	m := priya.person.WaitForText("general", "“win rate, this month” every Friday at 17:00")
	if !m.Ephemeral {
		t.Error("everybody in the channel sees it")
	}
	priya.person.Say("general", "@salesbot make it 4pm")
	priya.person.WaitForText("general", "every Friday at 16:00")
	o.at("2026-11-27 16:00")
	if said := priya.looks(); len(said) != 2 { // Monday's, late, and Friday's
		t.Errorf("%d messages", len(said))
	}
}

func TestRightsAreThoseOfTheMomentOfSending(t *testing.T) {
	o := startOffice(t, 1)
	ingrid := o.talk("Ingrid Solheim")
	report := text(t, o.sql, `
		select min(p.name) from reporting_line line join person p on p.id = line.person_id join person boss on boss.id = line.manager_id
		where boss.name = 'Ingrid Solheim'`)
	says(t, ingrid.asks("send me won revenue for "+report+" this year every monday 8am"), "From now on")
	o.exec(`update person set role = 'rep' where name = 'Ingrid Solheim'`)
	o.at("2026-11-23 08:00")
	m := one(t, ingrid.looks())
	says(t, m, "was not sent, and is paused")
	if strings.Contains(m.Text, "$") {
		t.Errorf("it shows a figure:\n%s", m.Text)
	}
	o.at("2026-11-30 08:00")
	if said := ingrid.looks(); len(said) != 0 {
		t.Errorf("and again: %s", said[0].Text)
	}
}

func TestADigestIsNotSetAgainstOneOfOtherPeople(t *testing.T) {
	o := startOffice(t, 1)
	ingrid := o.talk("Ingrid Solheim")
	says(t, ingrid.asks("send me won revenue by person this year every monday 8am"), "From now on")
	next := func(moment string) workspacetest.Message {
		t.Helper()
		o.at(moment)
		return one(t, ingrid.looks())
	}
	apart := func(m workspacetest.Message, last string) {
		t.Helper()
		says(t, m, "It is not set against the last one, of "+last+" 08:00: whose deals you may see has changed since.")
		if strings.Contains(m.Text, "Since the last one") {
			t.Errorf("it subtracts:\n%s", m.Text)
		}
	}
	next("2026-11-23 08:00")
	o.exec(`update reporting_line set known = int8range(lower(known), 1000) where person_id = (
		select min(line.person_id) from reporting_line line join person boss on boss.id = line.manager_id
		where boss.name = 'Ingrid Solheim' and upper_inf(line.known) and upper_inf(line.valid))`)
	apart(next("2026-11-30 08:00"), "Mon 23 Nov 2026")
	says(t, next("2026-12-07 08:00"), "Since the last one, of Mon 30 Nov 2026 08:00")
	o.exec(`update person set role = 'analyst' where name = 'Ingrid Solheim'`)
	apart(next("2026-12-14 08:00"), "Mon 7 Dec 2026")
	says(t, next("2026-12-21 08:00"), "Since the last one, of Mon 14 Dec 2026 08:00")
}

func TestADigestOfSomebodyUnknownIsPaused(t *testing.T) {
	o := startOffice(t, 1)
	ingrid := o.talk("Ingrid Solheim")
	ingrid.asks("send me won revenue by territory every monday 8am")
	o.exec(`update person set active = false where name = 'Ingrid Solheim'`)
	o.at("2026-11-23 08:00")
	m := one(t, ingrid.looks())
	says(t, m, "was not sent, and is paused", "I do not know you yet")
	if status := text(t, o.sql, `select status || ' ' || origin from audit order by id desc limit 1`); status != "refused digest" {
		t.Errorf("the audit log says %s", status)
	}
}

func TestADigestWhoseWordsMeanSomethingElseAsksItsOwner(t *testing.T) {
	o := startOffice(t, 1)
	boss := o.talk(demoAdmin.RealName)
	says(t, boss.asks("send me won revenue for Priya Adeyemi this year every monday 8am"), "From now on")
	o.exec(`update person set name = 'Priya Adeyemi-Holt' where name = 'Priya Adeyemi'`)
	o.exec(`update person set name = 'Priya Adeyemi' where name = 'Odile Marchetti'`)
	o.at("2026-11-23 08:00")
	m := one(t, boss.looks())
	says(t, m, "was not sent, and is paused")
	if strings.Contains(m.Text, "$") {
		t.Errorf("it shows a figure:\n%s", m.Text)
	}
}

func TestADigestIsHeldWhileTheDataIsStale(t *testing.T) {
	o := startOffice(t, 2, "SALESBOT_STALE_AFTER=36h")
	o.exec(`update head set confirmed_at = '2026-11-21T12:00:00Z'`)
	priya := o.talk("Priya Adeyemi")
	priya.asks("send me won revenue this week every weekday at 8:00")
	o.at("2026-11-23 08:00")
	says(t, one(t, priya.looks()), "is held", "last confirmed on Sat 21 Nov 2026 13:00", "next one is due on Tue 24 Nov 2026 08:00")
	says(t, priya.asks("my digests"), "held")
	o.at("2026-11-23 08:15")
	if said := priya.looks(); len(said) != 0 {
		t.Errorf("it says so again: %s", said[0].Text)
	}
	o.exec(`update head set confirmed_at = '2026-11-23T07:20:00Z'`)
	o.at("2026-11-23 08:30")
	says(t, one(t, priya.looks()), "as of Mon 23 Nov 2026 08:00", "It was held until fresh data was loaded")
	if said := priya.looks(); len(said) != 0 {
		t.Errorf("twice: %s", said[0].Text)
	}
	o.at("2026-11-25 08:00") // stale again, and Tuesday's was never looked at
	says(t, one(t, priya.looks()), "Wed 25 Nov 2026 08:00", "is held")
	o.at("2026-11-26 08:00")
	says(t, one(t, priya.looks()), "Thu 26 Nov 2026 08:00", "is held")
}

func TestADigestThatFailsIsTriedAgainAndThenSaidToHaveFailed(t *testing.T) {
	o := startOffice(t, 1)
	priya := o.talk("Priya Adeyemi")
	priya.asks("send me won revenue this week every monday at 8:00")
	o.exec(`alter table opportunity rename to opportunity_away`)
	o.at("2026-11-23 08:00")
	for range 4 {
		if said := priya.looks(); len(said) != 0 {
			t.Errorf("it says so at once: %s", said[0].Text)
		}
		o.passes(5 * time.Minute)
	}
	says(t, one(t, priya.looks()), "could not be made", "Next: Mon 30 Nov 2026 08:00")
	o.exec(`alter table opportunity_away rename to opportunity`)
	if said := priya.looks(); len(said) != 0 {
		t.Errorf("it is sent all the same: %s", said[0].Text)
	}
	o.at("2026-11-30 08:00")
	says(t, one(t, priya.looks()), "Your digest, as of Mon 30 Nov 2026 08:00")
}

func TestThePreviousDigestMayNotHaveArrived(t *testing.T) {
	o := startOffice(t, 1)
	priya := o.talk("Priya Adeyemi")
	priya.asks("send me won revenue this week every monday at 8:00")
	o.at("2026-11-23 08:00")
	o.Fault(map[string]any{"method": "chat.postMessage", "error": "restricted_action"})
	if said := priya.looks(); len(said) != 0 {
		t.Fatalf("it arrived: %s", said[0].Text)
	}
	o.at("2026-11-30 08:00")
	says(t, one(t, priya.looks()), "The one before, Mon 23 Nov 2026 08:00: could not be delivered.")
}

func TestTheTerminalListsDigestsAndMakesNone(t *testing.T) {
	o := startOffice(t, 1)
	o.talk("Priya Adeyemi").asks("send me won revenue this week every monday at 8:00")
	viewer, person, err := o.house.db.PersonBy(t.Context(), "Priya Adeyemi", sunday)
	if err != nil {
		t.Fatal(err)
	}
	actor := handlers.Actor{ID: "person:1", Name: person.Name, Team: "T0LOCAL", Matched: &handlers.Matched{Viewer: viewer, Person: person}}
	for text, want := range map[string]string{"/digest": "You have 1 digest.", "send me win rate every monday at 8": "set up there", "/digest purge 3": "I did not understand"} {
		answer, turn := o.house.desk.Handle(t.Context(), handlers.Request{Origin: handlers.FromTerminal, Actor: actor, Text: text, At: sunday})
		if !strings.Contains(answer.Headline, want) || turn.Digest != nil {
			t.Errorf("%q: %s", text, answer.Headline)
		}
	}
}

// due lets the digests fall due as the clock would: each has its latest moment
// just behind it, and its job is woken.
func (c *conversation) due() {
	c.t.Helper()
	known := len(talk{&office{t: c.t}, c.person}.messages())
	db := open(c.t, c.house.settings.DatabaseURL)
	_, err1 := db.ExecContext(c.t.Context(), `
		update digest set next_run_at = next_run_at - interval '7 days', look_at = next_run_at - interval '7 days' where state = 'active'`)
	_, err2 := db.ExecContext(c.t.Context(), `
		update river_job set scheduled_at = now(), state = 'available' where kind = 'digest' and state = 'scheduled'`)
	if err := errors.Join(err1, err2); err != nil {
		c.t.Fatal(err)
	}
	c.channel = "dm"
	c.reply = talk{&office{t: c.t}, c.person}.hears(known, "a digest")
}

func TestTheDaysThatADigestIsComparedWithGoAlongWithTime(t *testing.T) {
	o := startOffice(t, 1)
	ingrid := o.talk("Ingrid Solheim")
	made := ingrid.asks("send me open pipeline vs a week ago every monday 8am")
	says(t, made, "“open pipeline vs a week ago”", "The days in it are worked out anew each time.")
	made = ingrid.asks("send me won revenue this quarter vs same time last year every monday 8am")
	says(t, made, "“won revenue this quarter vs same time last year”")
	for _, sent := range []struct{ at, then, against string }{
		{"2026-11-23 08:00", "as of Mon 16 Nov 2026, end of day", "compared with 1 Oct 2025 – 31 Dec 2025"},
		{"2026-11-30 08:00", "as of Mon 23 Nov 2026, end of day", "compared with 1 Oct 2025 – 31 Dec 2025"},
		{"2027-01-18 08:00", "as of Mon 11 Jan 2027, end of day", "compared with 1 Jan 2026 – 31 Mar 2026"},
	} {
		o.at(sent.at)
		said := ingrid.looks()
		if len(said) != 2 {
			t.Fatalf("%d messages, want two", len(said))
		}
		both := workspacetest.Message{Text: said[0].Text + "\n" + said[1].Text}
		says(t, both, sent.then, sent.against)
	}
}

func TestWhetherTheDaysOfAnAnswerGoAlongIsAskedBeforeItBecomesADigest(t *testing.T) {
	o := startOffice(t, 1)
	ingrid := o.talk("Ingrid Solheim")
	ingrid.asks("open pipeline vs a week ago")
	which := ingrid.asks("send me this every monday 8am")
	says(t, which, "Shall the days in it move on with time, or stay as they are?", "Nothing was set up yet.")
	says(t, ingrid.presses(which, "Open pipeline, vs 7 days ago"), "The days in it are worked out anew each time.")
	says(t, ingrid.presses(which, "Open pipeline, vs as of 15 Nov 2026"), "The days in it stay as they are.")
	o.at("2026-11-30 08:00")
	said := ingrid.looks()
	if len(said) != 2 {
		t.Fatalf("%d messages, want two", len(said))
	}
	says(t, workspacetest.Message{Text: said[0].Text + said[1].Text}, "as of Mon 23 Nov 2026", "as of Sun 15 Nov 2026")

	ingrid.asks("what changed in open pipeline last week")
	says(t, ingrid.presses(ingrid.asks("send me this every monday 8am"), "What changed in open pipeline, last week"), "“what changed in open pipeline, last week” every Monday")
}

func TestWhatChangedAndListsOfDealsAreSentOnTime(t *testing.T) {
	o := startOffice(t, 1)
	ingrid := o.talk("Ingrid Solheim")
	ingrid.asks("send me what changed in open pipeline this week every friday 4pm")
	ingrid.asks("list overdue deals")
	says(t, ingrid.asks("send me this every friday 4pm"), "“deals behind overdue pipeline”")
	o.at("2026-11-27 16:00")
	said := ingrid.looks()
	if len(said) != 2 {
		t.Fatalf("%d messages, want two", len(said))
	}
	says(t, workspacetest.Message{Text: said[0].Text + said[1].Text}, "Your digest, as of Fri 27 Nov 2026 16:00", "since Sun 22 Nov 2026, end of day", "what Overdue pipeline, now, counts")
	o.at("2026-12-04 16:00")
	for _, m := range ingrid.looks() {
		if strings.Contains(m.Text, "Since the last one") {
			t.Errorf("it is set against the last one:\n%s", m.Text)
		}
	}
}

func TestADigestOfWorkingDaysLeavesHolidaysOut(t *testing.T) {
	holidays := filepath.Join(t.TempDir(), "holidays.csv")
	if err := os.WriteFile(holidays, []byte("day,name\n2026-11-24,Harbour Day\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := startOffice(t, 1, "SALESBOT_HOLIDAYS="+holidays)
	priya := o.talk("Priya Adeyemi")
	says(t, priya.asks("send me my won revenue this week every working day at 8am"), "every weekday but holidays at 08:00 (Europe/Berlin)",
		"Next: Mon 23 Nov 2026 08:00, Wed 25 Nov 2026 08:00, Thu 26 Nov 2026 08:00.")
	o.at("2026-11-23 08:00")
	one(t, priya.looks())
	o.at("2026-11-24 08:00")
	if said := priya.looks(); len(said) != 0 {
		t.Errorf("on a holiday: %s", said[0].Text)
	}
	o.at("2026-11-25 08:00")
	says(t, one(t, priya.looks()), "Next: Thu 26 Nov 2026 08:00")
}

func TestDigestsAreMutedForAWhileAndComeAgain(t *testing.T) {
	o := startOffice(t, 1)
	ingrid := o.talk("Ingrid Solheim")
	says(t, ingrid.asks("mute the stale deal pings till monday"), "You are sent no digests")
	ingrid.asks("send me open pipeline by territory every weekday at 8am")
	ingrid.asks("send me won revenue this week every weekday at 8am")
	says(t, ingrid.asks("mute the pipeline pings till wednesday"), "Muted until Wed 25 Nov 2026 00:00", "comes next on Wed 25 Nov 2026 08:00: open pipeline by territory")
	o.at("2026-11-23 08:00")
	says(t, one(t, ingrid.looks()), "Won revenue")
	says(t, ingrid.asks("/digest"), "Wed 25 Nov 2026 08:00, Thu 26 Nov 2026 08:00, Fri 27 Nov 2026 08:00")

	when := ingrid.asks("mute my digests")
	says(t, when, "Until when?", "Nothing was muted yet.")
	muted := ingrid.presses(when, "For a week")
	says(t, muted, "Muted until Mon 30 Nov 2026 08:00: your 2 digests.")
	o.at("2026-11-27 08:00")
	if said := ingrid.looks(); len(said) != 0 {
		t.Errorf("sent though muted: %s", said[0].Text)
	}
	says(t, ingrid.presses(muted, "Unmute"), "Sent again from now on: your 2 digests.")
	o.at("2026-11-30 08:00")
	if said := ingrid.looks(); len(said) != 2 {
		t.Errorf("%d digests are sent, want two", len(said))
	}
	number := text(t, o.sql, `select min(id)::text from digest`)
	says(t, ingrid.asks("pause digest "+number), "is paused")
	says(t, ingrid.asks("cancel digest #"+number), "is deleted")
	says(t, ingrid.asks("mute digest "+number+" for a week"), "You have no digest")
	says(t, ingrid.asks("mute the attainment pings for a week"), "You are sent no digest about “attainment”")
}

func TestSeveralQuestionsAreSentEach(t *testing.T) {
	o := startOffice(t, 1)
	ingrid := o.talk("Ingrid Solheim")
	which := ingrid.asks("send me win rate this quarter and open pipeline by territory every monday at 8am")
	says(t, which, "These are two questions. Which two?", "Nothing was set up.")
	ingrid.presses(which, "win rate, this quarter; open pipeline by territory")
	if n := text(t, o.sql, `select string_agg(words, '; ' order by id) from digest`); n != "win rate, this quarter; open pipeline by territory" {
		t.Errorf("set up: %s", n)
	}
	ingrid.hears(2, "the second answer")
	ingrid.asks("send me open pipeline vs a week ago; lost deals this week every monday at 8am")
	if n := text(t, o.sql, `select string_agg(words, '; ' order by id) from digest where id > 2`); n != "open pipeline, vs 7 days ago; lost deals, this week" {
		t.Errorf("set up: %s", n)
	}
	o.at("2026-11-23 08:00")
	if said := ingrid.looks(); len(said) != 4 {
		t.Errorf("%d digests are sent, want four", len(said))
	}
}
