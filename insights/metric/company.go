package metric

import "time"

// Company holds the settings by which facts fall into periods and money is
// named. They are part of what a figure means, so they travel with it.
type Company struct {
	Zone        *time.Location
	FiscalStart time.Month // first month of the fiscal year; January by default
	WeekStart   time.Weekday
	Currency    string // ISO 4217, the currency of amounts that name none
}

// DefaultCompany is UTC, fiscal years by the calendar, weeks from Monday, USD.
func DefaultCompany() Company {
	return Company{Zone: time.UTC, FiscalStart: time.January, WeekStart: time.Monday, Currency: "USD"}
}
