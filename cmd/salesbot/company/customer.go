package company

import (
	"fmt"
	"strings"
)

type customer struct {
	key, name string
	region    string // the territory above the patches
	scale     float64
}

type product struct {
	key, name, family string
	typical           float64 // typical deal, in dollars
	cost              float64 // of delivering it, as a part of its price
}

var products = []product{
	{"P-100", "Tidal 100", "Pumps", 12000, 0.58},
	{"P-300", "Tidal 300", "Pumps", 34000, 0.61},
	{"P-900", "Tidal 900", "Pumps", 95000, 0.64},
	{"F-10", "Estuary Filter", "Filters", 8000, 0.52},
	{"F-50", "Delta Filter", "Filters", 21000, 0.55},
	{"S-1", "Harbour Care", "Service", 15000, 0.49},
	{"S-2", "Harbour Care Plus", "Service", 42000, 0.51},
}

// segments are the sizes of customers: how common they are, and how much they
// buy.
var segments = []segment{{"Enterprise", 0.2, 1.7}, {"Mid-Market", 0.45, 1}, {"Small Business", 0.35, 0.6}}

type segment struct {
	name          string
	weight, scale float64
}

var countries = []struct{ name, region string }{
	{"United States", "AMER"}, {"Canada", "AMER"}, {"Mexico", "AMER"},
	{"Germany", "EMEA"}, {"Norway", "EMEA"}, {"Spain", "EMEA"}, {"Italy", "EMEA"},
	{"Japan", "APAC"}, {"South Korea", "APAC"}, {"Australia", "APAC"}, {"New Zealand", "APAC"},
}

var (
	nameHeads  = []string{"Amber", "Birch", "Cobalt", "Dune", "Ember", "Fjord", "Granite", "Heron", "Indigo", "Juniper", "Kestrel", "Lumen", "Meridian", "Nimbus", "Onyx", "Pinnacle", "Quarry", "Rowan", "Summit", "Thistle"}
	nameTails  = []string{"Foods", "Water Works", "Chemicals", "Paper Mills", "Breweries", "Mining", "Energy", "Textiles", "Hospitals", "Farms"}
	industries = []string{"food", "utilities", "chemicals", "paper", "beverages", "mining", "energy", "textiles", "healthcare", "agriculture"}
)

func (m *maker) products() {
	out := m.sheet("products.csv", "external_id", "name", "family")
	for _, p := range products {
		out.add(p.key, p.name, p.family)
	}
}

func (m *maker) customers() {
	out := m.sheet("accounts.csv", "external_id", "name", "industry", "segment", "country", "parent")
	for _, head := range nameHeads {
		for j, tail := range nameTails {
			country := pick(m, countries)
			size := weighted(m, segments, func(s segment) float64 { return s.weight })
			c := customer{key: fmt.Sprintf("C%03d", len(m.accounts)+1), name: head + " " + tail, region: country.region, scale: size.scale}
			m.accounts = append(m.accounts, c)
			out.add(c.key, c.name, industries[j], size.name, country.name, "")
		}
	}
}

// customerOf picks a customer of the region that the patch lies in.
func (m *maker) customerOf(territory string) customer {
	region, _, _ := strings.Cut(territory, "-")
	for {
		if c := pick(m, m.accounts); c.region == region {
			return c
		}
	}
}
