package importer

import (
	"strings"
	"testing"
)

func TestIDsOfSalesforceAreWrittenLong(t *testing.T) {
	tests := []struct{ in, want string }{
		{"006bm00000LKJNN", "006bm00000LKJNNAA5"},
		{"006bm00000LKJNNAA5", "006bm00000LKJNNAA5"},
		{"0051G0000060rqh", "0051G0000060rqhQAA"},
		{"006q000000HddohAAB", "006q000000HddohAAB"},
		{"006bm00000lkjnnaa5", reasonDamagedID}, // as spreadsheets look things up
		{"006BM00000LKJNNAA5", reasonDamagedID},
		{"006bm00000LKJNNAA4", reasonDamagedID},
		{"Christopherson", "Christopherson"},
		{"Christophersons", "Christophersons"}, // as long as an id
		{"InternationalSales", "InternationalSales"},
		{"ada@firm.example", "ada@firm.example"},
		{"006bm00000-KJNN", "006bm00000-KJNN"},
		{"1100390922", "1100390922"},
		{"", ""},
	}
	for _, test := range tests {
		got, reason := salesforceID(test.in)
		if reason != "" {
			got = reason
		}
		if got != test.want {
			t.Errorf("%s became %q, want %q", test.in, got, test.want)
		}
	}
}

func FuzzSalesforceID(f *testing.F) {
	for _, seed := range []string{"006bm00000LKJNN", "006bm00000LKJNNAA5", "006bm00000lkjnnaa5", "Christophersons", "000000000000000AAA", "00é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, reason := salesforceID(text)
		if reason != "" {
			return
		}
		if again, reason := salesforceID(id); again != id || reason != "" || !strings.HasPrefix(id, text) {
			t.Fatalf("%q became %q, and that %q %q", text, id, again, reason)
		}
	})
}
