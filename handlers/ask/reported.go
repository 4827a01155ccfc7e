package ask

import "salesbot/insights/metric"

// reportedThen takes "as reported", without a day, for the one on which a period
// that is over could be reported first, which is the one after it; or for that as
// of which it is asked.
func (s *sentence) reportedThen(query *metric.Query, q *question) {
	if q.reportedAt == 0 || !query.Reported.IsZero() && q.reported != nil {
		return
	}
	to := query.Period.To
	switch {
	case !query.AsOf.IsZero():
		query.Reported = query.AsOf
	case !to.IsZero() && !to.After(s.calendar.today):
		query.Reported = s.calendar.endOfDay(to)
	}
}
