package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"golang.org/x/text/currency"

	"salesbot/handlers"
	"salesbot/handlers/ask"
	"salesbot/handlers/ask/llm"
	"salesbot/insights"
	"salesbot/insights/metric"
)

// config is what the environment says, unread: a value that is no number is
// reported with all other faults. Secrets are only ever handed on; a config is
// never printed.
type config struct {
	DatabaseURL string   `env:"DATABASE_URL"`
	Data        string   `env:"SALESBOT_DATA"`
	Catalog     string   `env:"SALESBOT_CATALOG"`
	Timezone    string   `env:"SALESBOT_TIMEZONE" envDefault:"UTC"`
	FiscalStart string   `env:"SALESBOT_FISCAL_START" envDefault:"1"`
	Calendar    string   `env:"SALESBOT_CALENDAR" envDefault:"gregorian"`
	DateOrder   string   `env:"SALESBOT_DATE_ORDER"`
	WeekStart   string   `env:"SALESBOT_WEEK_START" envDefault:"mon"`
	WorkingDays string   `env:"SALESBOT_WORKING_DAYS" envDefault:"mon-fri"`
	Holidays    string   `env:"SALESBOT_HOLIDAYS"`
	Currency    string   `env:"SALESBOT_CURRENCY" envDefault:"USD"`
	Admins      []string `env:"SALESBOT_ADMINS"`
	AppToken    string   `env:"SLACK_APP_TOKEN"`
	BotToken    string   `env:"SLACK_BOT_TOKEN"`
	SlackAPI    string   `env:"SLACK_API_URL"`
	StaleAfter  string   `env:"SALESBOT_STALE_AFTER" envDefault:"36h"`
	ReadWithin  string   `env:"SALESBOT_READ_WITHIN" envDefault:"10s"`
	Watch       string   `env:"SALESBOT_WATCH"`
	LogLevel    string   `env:"SALESBOT_LOG" envDefault:"info"`

	// A language model that reads what the grammar does not; none is asked
	// unless one is named.
	Model                string `env:"SALESBOT_MODEL"`
	ModelURL             string `env:"SALESBOT_MODEL_URL" envDefault:"https://api.openai.com/v1"`
	ModelKey             string `env:"SALESBOT_MODEL_KEY"`
	ModelTimeout         string `env:"SALESBOT_MODEL_TIMEOUT" envDefault:"10s"`
	ModelTokensPerDay    string `env:"SALESBOT_MODEL_TOKENS_PER_DAY" envDefault:"1000000"`
	ModelTokensPerPerson string `env:"SALESBOT_MODEL_TOKENS_PER_PERSON" envDefault:"100000"`
	ModelPromptPrice     string `env:"SALESBOT_MODEL_PROMPT_PRICE" envDefault:"0"`
	ModelAnswerPrice     string `env:"SALESBOT_MODEL_ANSWER_PRICE" envDefault:"0"`
}

// settings is a config that has been checked and resolved.
type settings struct {
	config
	Company metric.Company
	Metrics *metric.Catalog
	Stale   time.Duration // the data of a digest may be as old as this; 0: any age
	Patient time.Duration // a figure is counted within this, or not at all
	Reader  *llm.Config   // nil: no model is asked
	Budget  handlers.ModelBudget
}

// readSettings reads the environment and reports all its faults at once.
func readSettings(environ []string) (settings, error) {
	var cfg config
	if err := env.ParseWithOptions(&cfg, env.Options{Environment: env.ToMap(environ)}); err != nil {
		return settings{}, configFault([]string{err.Error()})
	}
	s := settings{config: cfg, Company: metric.DefaultCompany(), Metrics: metric.Default()}
	var faults []string
	for _, check := range []func(*settings) error{
		checkZone, checkFiscalStart, checkCalendar, checkWeekStart, checkWorkingDays, checkHolidays, checkCurrency,
		checkAdmins, checkCatalog, checkStaleAfter, checkReadWithin, checkWatch, checkLogLevel, checkDateOrder, checkModel,
	} {
		if err := check(&s); err != nil {
			faults = append(faults, err.Error())
		}
	}
	if len(faults) > 0 {
		return settings{}, configFault(faults)
	}
	return s, nil
}

func configFault(faults []string) error {
	return &insights.Error{
		Code:    "config",
		Message: "The configuration cannot be used:\n  - " + strings.Join(faults, "\n  - "),
		Hint:    "Correct these environment variables and start again; nothing was changed.",
	}
}

func checkZone(s *settings) error {
	zone, err := time.LoadLocation(s.Timezone)
	if err != nil {
		return fmt.Errorf("SALESBOT_TIMEZONE %q is no time zone of the IANA list; one is, for example, Europe/Berlin", s.Timezone)
	}
	s.Company.Zone = zone
	return nil
}

func checkFiscalStart(s *settings) error {
	month, err := strconv.Atoi(s.FiscalStart)
	if err != nil || month < 1 || month > 12 {
		return fmt.Errorf("SALESBOT_FISCAL_START %q is no month; give 1 to 12", s.FiscalStart)
	}
	s.Company.FiscalStart = time.Month(month)
	return nil
}

func checkCalendar(s *settings) error {
	calendar := metric.Calendar(strings.ReplaceAll(s.config.Calendar, "-", ""))
	if !calendar.Known() || calendar == "" {
		return fmt.Errorf("SALESBOT_CALENDAR %q is none of gregorian, 445, 454, 544", s.config.Calendar)
	}
	s.Company.Calendar = calendar
	return nil
}

func checkDateOrder(s *settings) error {
	switch ask.DateOrder(s.DateOrder) {
	case "", ask.MonthFirst, ask.DayFirst:
		return nil
	default:
		return fmt.Errorf("SALESBOT_DATE_ORDER %q is neither mdy nor dmy; without it, dates such as 3/4/2026 are asked about", s.DateOrder)
	}
}

func checkWeekStart(s *settings) error {
	weekday, ok := weekdayNamed(s.config.WeekStart)
	if !ok {
		return fmt.Errorf("SALESBOT_WEEK_START %q is no weekday; one is, for example, sun", s.config.WeekStart)
	}
	s.Company.WeekStart = weekday
	return nil
}

// weekdayNamed reads a weekday by its English name or the first three letters of
// that.
func weekdayNamed(name string) (time.Weekday, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
		if whole := strings.ToLower(weekday.String()); name == whole || name == whole[:3] {
			return weekday, true
		}
	}
	return 0, false
}

// checkWorkingDays reads a list of weekdays and of ranges of them: mon-thu, sat.
func checkWorkingDays(s *settings) error {
	var days [7]bool
	for part := range strings.SplitSeq(s.config.WorkingDays, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, ok1 := weekdayNamed(from)
		last, ok2 := weekdayNamed(to)
		if !ok1 || !ok2 {
			return fmt.Errorf("SALESBOT_WORKING_DAYS has %q, which is neither a weekday nor a range of them; a list is, for example, mon-thu,sat", strings.TrimSpace(part))
		}
		for day := first; ; day = (day + 1) % 7 {
			days[day] = true
			if day == last {
				break
			}
		}
	}
	s.Company.WorkingDays = days
	return nil
}

func checkCurrency(s *settings) error {
	unit, err := currency.ParseISO(s.Currency)
	if err != nil {
		return fmt.Errorf("SALESBOT_CURRENCY %q is no ISO 4217 code; one is, for example, EUR", s.Currency)
	}
	s.Company.Currency = unit.String()
	return nil
}

// checkAdmins takes the spaces out of a list that people wrote: an address with
// one before it is nobody's.
func checkAdmins(s *settings) error {
	admins := s.Admins
	s.Admins = nil
	for _, admin := range admins {
		admin = strings.TrimSpace(admin)
		if admin == "" {
			continue
		}
		if strings.Count(admin, "@") != 1 || strings.ContainsAny(admin, " ;") {
			return fmt.Errorf("SALESBOT_ADMINS names %q, which is no e-mail address; addresses stand with commas between", admin)
		}
		s.Admins = append(s.Admins, admin)
	}
	return nil
}

func checkCatalog(s *settings) error {
	if s.Catalog == "" {
		return nil
	}
	data, err := os.ReadFile(s.Catalog)
	if err != nil {
		return fmt.Errorf("SALESBOT_CATALOG cannot be read: %w", err)
	}
	s.Metrics, err = metric.ParseCatalog(s.Catalog, data)
	if err != nil {
		return fmt.Errorf("SALESBOT_CATALOG: %w", err)
	}
	return nil
}

func checkStaleAfter(s *settings) error {
	age, err := time.ParseDuration(s.StaleAfter)
	if err != nil || age < 0 {
		return fmt.Errorf("SALESBOT_STALE_AFTER %q is no length of time; one is, for example, 36h, and 0 means any", s.StaleAfter)
	}
	s.Stale = age
	return nil
}

// longestRead is what an answer in Slack has time for beside the rest, and what
// the store allows for one statement.
const longestRead = 20 * time.Second

func checkReadWithin(s *settings) error {
	within, err := time.ParseDuration(s.config.ReadWithin)
	if err != nil || within < time.Millisecond || within > longestRead {
		return fmt.Errorf("SALESBOT_READ_WITHIN %q is no length of time up to %s; one is, for example, 10s", s.config.ReadWithin, longestRead)
	}
	s.Patient = within
	return nil
}

func checkWatch(s *settings) error {
	if s.Watch == "" {
		return nil
	}
	info, err := os.Stat(s.Watch)
	switch {
	case err != nil:
		return fmt.Errorf("SALESBOT_WATCH cannot be watched: %w", err)
	case !info.IsDir():
		return fmt.Errorf("SALESBOT_WATCH %q is no folder", s.Watch)
	}
	return nil
}

func checkLogLevel(s *settings) error {
	switch s.LogLevel {
	case "debug", "info", "warn", "error":
		return nil
	}
	return fmt.Errorf("SALESBOT_LOG %q is none of debug, info, warn, error", s.LogLevel)
}

// needSlack checks what only `serve` needs.
func (s settings) needSlack() error {
	var faults []error
	if !strings.HasPrefix(s.AppToken, "xapp-") {
		faults = append(faults, errors.New("SLACK_APP_TOKEN must be an app-level token (xapp-…) with the scope connections:write"))
	}
	if !strings.HasPrefix(s.BotToken, "xoxb-") {
		faults = append(faults, errors.New("SLACK_BOT_TOKEN must be a bot token (xoxb-…)"))
	}
	if len(faults) == 0 {
		return nil
	}
	texts := make([]string, len(faults))
	for i, f := range faults {
		texts[i] = f.Error()
	}
	return configFault(texts)
}
