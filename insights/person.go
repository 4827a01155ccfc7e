package insights

import "salesbot/insights/metric"

// Person is somebody who sells, manages, analyses or administers.
type Person struct {
	ID         int64
	ExternalID string
	Name       string
	Email      string
	Role       metric.Role
	Manager    string // the manager's name today, empty at the top
	Territory  string // the territory held today, empty for none
	Active     bool
}
