package metric

import (
	"encoding/json"
	"time"
)

// Company holds the settings by which facts fall into periods and money is
// named. They are part of what a figure means, so they travel with it.
type Company struct {
	Zone        *time.Location
	FiscalStart time.Month // first month of the fiscal year; January by default
	Calendar    Calendar   // how the fiscal year is cut; empty: into the calendar's months
	WeekStart   time.Weekday
	WorkingDays [7]bool   // by weekday, from Sunday; none set: all are worked on
	Holidays    []Holiday // days on which nobody works
	Currency    string    // ISO 4217, the currency of amounts that name none
}

// DefaultCompany is UTC, fiscal years by the calendar, weeks from Monday, work
// until Friday, no holidays, USD.
func DefaultCompany() Company {
	return Company{
		Zone: time.UTC, FiscalStart: time.January, Calendar: Gregorian, WeekStart: time.Monday,
		WorkingDays: mondayToFriday, Currency: "USD",
	}
}

type companyJSON struct {
	Zone        string         `json:"zone"` // IANA name
	FiscalStart time.Month     `json:"fiscal_start"`
	Calendar    Calendar       `json:"calendar,omitempty"` // absent: gregorian
	WeekStart   time.Weekday   `json:"week_start"`         // 0: Sunday
	WorkingDays []time.Weekday `json:"working_days"`       // absent: Monday to Friday
	Holidays    []holidayJSON  `json:"holidays,omitempty"`
	Currency    string         `json:"currency"`
}

type holidayJSON struct {
	Day  string `json:"day"` // ISO
	Name string `json:"name"`
}

// MarshalJSON writes the settings with the zone by its IANA name.
func (c Company) MarshalJSON() ([]byte, error) {
	out := companyJSON{
		Zone: c.Zone.String(), FiscalStart: c.FiscalStart, Calendar: c.Calendar, WeekStart: c.WeekStart,
		WorkingDays: []time.Weekday{}, Currency: c.Currency,
	}
	for weekday, working := range c.WorkingDays {
		if working {
			out.WorkingDays = append(out.WorkingDays, time.Weekday(weekday))
		}
	}
	for _, h := range c.Holidays {
		out.Holidays = append(out.Holidays, holidayJSON{Day: h.Day.Format(time.DateOnly), Name: h.Name})
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote, and what it wrote before it knew
// of all these settings. It fails on a zone this machine does not know.
func (c *Company) UnmarshalJSON(data []byte) error {
	in := companyJSON{Calendar: Gregorian}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	zone, err := time.LoadLocation(in.Zone)
	if err != nil {
		return err
	}
	out := Company{Zone: zone, FiscalStart: in.FiscalStart, Calendar: in.Calendar, WeekStart: in.WeekStart, Currency: in.Currency}
	if in.WorkingDays == nil {
		out.WorkingDays = mondayToFriday
	}
	for _, weekday := range in.WorkingDays {
		out.WorkingDays[(weekday%7+7)%7] = true
	}
	for _, h := range in.Holidays {
		day, err := time.Parse(time.DateOnly, h.Day)
		if err != nil {
			return err
		}
		out.Holidays = append(out.Holidays, Holiday{Day: day, Name: h.Name})
	}
	*c = out
	return nil
}
