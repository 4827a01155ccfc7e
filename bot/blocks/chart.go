package blocks

import (
	"github.com/slack-go/slack"

	"salesbot/handlers"
	"salesbot/insights/metric"
)

// A chart of fewer bars says no more than the table, and of more than Slack
// takes it says less.
const (
	minPoints     = 3
	maxPoints     = 20
	maxChartTitle = 50
	maxChartLabel = 20
	maxCharts     = 2
)

// chart draws the one figure of a one-way breakdown, beside its table: it never
// carries the only copy of a number. A table with gaps is not drawn, because a
// gap is not a nought; nor are only some of the steps of time.
func chart(t handlers.Table) slack.Block {
	value := onlyQuantity(t)
	if value < 1 || len(t.Rows) < minPoints || len(t.Rows) > maxPoints || len(t.Rows) < t.Total {
		return nil
	}
	labels, points := make([]string, len(t.Rows)), make([]slack.DataVisualizationDataPoint, len(t.Rows))
	taken := map[string]bool{}
	for i, row := range t.Rows {
		quantity := row[value].Quantity
		labels[i] = cut(handlers.CellWords(row[0]), maxChartLabel)
		if quantity == nil || quantity.Value == nil || taken[labels[i]] {
			return nil
		}
		taken[labels[i]] = true
		points[i] = slack.NewDataVisualizationDataPoint(labels[i], drawn(*quantity))
	}
	column := t.Columns[value]
	axis := slack.NewDataVisualizationAxisConfig(labels...).WithYLabel(cut(axisWords(column), maxChartTitle))
	series := slack.NewDataVisualizationDataSeries(cut(column.Label, maxChartLabel), points...)
	title := cut(orElse(t.Title, column.Label), maxChartTitle)
	if t.Kept && overTime(t.Columns[0].Name) {
		return nil
	}
	if overTime(t.Columns[0].Name) {
		return slack.NewDataVisualizationBlock(title, slack.NewDataVisualizationLineChart(axis, series), slack.DataVisualizationBlockOptionBlockID("chart"))
	}
	return slack.NewDataVisualizationBlock(title, slack.NewDataVisualizationBarChart(axis, series), slack.DataVisualizationBlockOptionBlockID("chart"))
}

// onlyQuantity is the column of the figure in a table of one name and one
// figure, or -1.
func onlyQuantity(t handlers.Table) int {
	if len(t.Columns) != 2 || t.Columns[0].Unit != "" || t.Columns[1].Unit == "" {
		return -1
	}
	return 1
}

// drawn is the height of a value: money in major units, rates in percent. The
// table has the exact value.
func drawn(q metric.Quantity) float64 {
	height, _ := q.Value.Float64()
	if q.Unit == metric.UnitRatio {
		return 100 * height
	}
	return height
}

func axisWords(c handlers.Column) string {
	switch c.Unit {
	case metric.UnitRatio:
		return "%"
	case metric.UnitMoney:
		return orElse(c.Currency, c.Label)
	case metric.UnitDays:
		return "days"
	case metric.UnitHours:
		return "hours"
	default:
		return c.Label
	}
}

func overTime(column string) bool {
	switch metric.Granularity(column) {
	case metric.Day, metric.Week, metric.Month, metric.Quarter, metric.Year:
		return true
	}
	return false
}
