package ask

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// house is a fixture of names: what the store of a small company would find.
type house []insights.Name

var maven = house{
	{Kind: "territory", ID: 1, Text: "Central"}, {Kind: "territory", ID: 2, Text: "East"}, {Kind: "territory", ID: 3, Text: "West"},
	{Kind: "person", ID: 10, Text: "Dustin Brinkmann"}, {Kind: "person", ID: 11, Text: "Melvin Marxen"}, {Kind: "person", ID: 12, Text: "Summer Sewald"},
	{Kind: "person", ID: 20, Text: "Anna Snelling"}, {Kind: "person", ID: 21, Text: "Moses Frase"}, {Kind: "person", ID: 22, Text: "Mei-Mei Johns"},
	{Kind: "person", ID: 23, Text: "Garret Kinder"}, {Kind: "person", ID: 24, Text: "Anna Central"}, {Kind: "person", ID: 25, Text: "Cecily Lampkin"},
	{Kind: "product", ID: 30, Text: "GTX Pro"}, {Kind: "product", ID: 31, Text: "MG Special"}, {Kind: "product", ID: 32, Text: "GTX Basic"},
	{Kind: "account", ID: 40, Text: "Acme Corporation"}, {Kind: "account", ID: 41, Text: "Cancity"}, {Kind: "account", ID: 42, Text: "Globex"},
	{Kind: "account", ID: 43, Text: "Won Stores"}, {Kind: "account", ID: 44, Text: "Q3 Partners"}, {Kind: "account", ID: 45, Text: "Jordan"},
	{Kind: "person", ID: 26, Text: "Jordan"},
	{Kind: insights.KindMap, ID: 60, Text: "FY18"}, {Kind: insights.KindMap, ID: 61, Text: "By vertical"},
	{Kind: "industry", Text: "technology"}, {Kind: "industry", Text: "retail"}, {Kind: "industry", Text: "medical"},
	{Kind: "competitor", Text: "Gamma Soft"}, {Kind: "country", Text: "Kenya"}, {Kind: "country", Text: "United States"},
	{Kind: "stage", ID: 50, Text: "Prospecting"}, {Kind: "stage", ID: 51, Text: "Engaging"}, {Kind: "stage", ID: 52, Text: "Won"}, {Kind: "stage", ID: 53, Text: "Lost"},
}

// Find answers much as the store does: with what bears the name in any case, and
// else with people by first or last name.
func (h house) Find(_ context.Context, v metric.Viewer, phrases []string) ([]insights.Name, error) {
	return h.matching(phrases, func(asked string, n insights.Name) float64 {
		words := strings.Fields(n.Text)
		partly := n.Kind == "person" && (asked == plain(words[0]) || asked == plain(words[len(words)-1])) &&
			!slices.ContainsFunc(h, func(o insights.Name) bool { return plain(o.Text) == asked })
		switch {
		case n.Kind == insights.KindMap && !v.SeesPlans():
			return 0
		case asked == plain(n.Text), partly, n.Kind == insights.KindMap && asked == insights.AnyPlannedMap:
			return 1
		default:
			return 0
		}
	})
}

// Patch is East for Anna, and Central and West for Dustin.
func (h house) Patch(_ context.Context, person int64, _ time.Time) ([]insights.Name, error) {
	held := map[int64][]string{20: {"East"}, 10: {"Central", "West"}}[person]
	return slices.DeleteFunc(slices.Clone(h), func(n insights.Name) bool {
		return n.Kind != territoryField || !slices.Contains(held, n.Text)
	}), nil
}

// Leads is Dustin for Anna.
func (h house) Leads(_ context.Context, person int64, _ time.Time) ([]insights.Name, error) {
	return slices.DeleteFunc(slices.Clone(h), func(n insights.Name) bool { return person != anna.PersonID || n.ID != dustin.PersonID }), nil
}

// Resemble answers with names that begin as asked for, or that are a typing error
// away.
func (h house) Resemble(_ context.Context, v metric.Viewer, phrases []string) ([]insights.Name, error) {
	return h.matching(phrases, func(asked string, n insights.Name) float64 {
		if n.Kind == insights.KindMap && !v.SeesPlans() {
			return 0
		}
		return alike(asked, plain(n.Text))
	})
}

func (h house) matching(phrases []string, like func(string, insights.Name) float64) ([]insights.Name, error) {
	var out []insights.Name
	for _, phrase := range phrases {
		for _, n := range h {
			if n.Similarity = like(plain(phrase), n); n.Similarity > 0 {
				n.Phrase = phrase
				out = append(out, n)
			}
		}
	}
	return out, nil
}

var plainLetters = strings.NewReplacer("-", " ", "'", "", ".", "", ",", "", "é", "e")

// plain is a name without its accents and signs, as the store compares it.
func plain(name string) string { return plainLetters.Replace(strings.ToLower(name)) }

func alike(asked, name string) float64 {
	begins := func(word string) bool { return strings.HasPrefix(word, asked) }
	switch {
	case len(asked) < 3:
		return 0
	case strings.HasPrefix(name, asked), slices.ContainsFunc(strings.Fields(name), begins):
		return 0.6
	case distance(asked, name) <= len(name)/4:
		return 0.5
	default:
		return 0
	}
}

// The moment the tests ask at: a Tuesday in the third quarter of 2017.
var testNow = time.Date(2017, time.August, 15, 10, 30, 0, 0, time.UTC)

var (
	anna   = metric.Viewer{PersonID: 20, Name: "Anna Snelling", Role: metric.RoleRep, People: []int64{20}}
	dustin = metric.Viewer{PersonID: 10, Name: "Dustin Brinkmann", Role: metric.RoleManager, People: []int64{10, 20, 21}}
	admin  = metric.Viewer{Name: "admin", Role: metric.RoleAdmin, All: true}
)

func testParser() *Parser {
	return &Parser{Catalog: metric.Default(), Names: maven, Company: metric.DefaultCompany()}
}

func parse(t *testing.T, p *Parser, asked Asked) Reading {
	t.Helper()
	if asked.At.IsZero() {
		asked.At = testNow
	}
	r, err := p.Parse(t.Context(), asked)
	if err != nil {
		t.Fatalf("%q: %v", asked.Text, err)
	}
	return r
}
