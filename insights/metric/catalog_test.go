package metric

import "testing"

func TestDefault(t *testing.T) {
	c := Default()
	for _, m := range c.Metrics() {
		t.Log(m.Name, m.Label, m.Unit, m.Clock, m.filter)
	}
	for _, d := range c.Dimensions() {
		t.Log(*d)
	}
}
