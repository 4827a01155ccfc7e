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
	WeekStart   time.Weekday
	Currency    string // ISO 4217, the currency of amounts that name none
}

// DefaultCompany is UTC, fiscal years by the calendar, weeks from Monday, USD.
func DefaultCompany() Company {
	return Company{Zone: time.UTC, FiscalStart: time.January, WeekStart: time.Monday, Currency: "USD"}
}

type companyJSON struct {
	Zone        string       `json:"zone"` // IANA name
	FiscalStart time.Month   `json:"fiscal_start"`
	WeekStart   time.Weekday `json:"week_start"` // 0: Sunday
	Currency    string       `json:"currency"`
}

// MarshalJSON writes the settings with the zone by its IANA name.
func (c Company) MarshalJSON() ([]byte, error) {
	return json.Marshal(companyJSON{Zone: c.Zone.String(), FiscalStart: c.FiscalStart, WeekStart: c.WeekStart, Currency: c.Currency})
}

// UnmarshalJSON reads what MarshalJSON wrote. It fails on a zone this machine
// does not know.
func (c *Company) UnmarshalJSON(data []byte) error {
	var in companyJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	zone, err := time.LoadLocation(in.Zone)
	if err != nil {
		return err
	}
	*c = Company{Zone: zone, FiscalStart: in.FiscalStart, WeekStart: in.WeekStart, Currency: in.Currency}
	return nil
}
