package importer

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDatesFollowTheDeclaredFormatsOnly(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ formats, in, want string }{
		{"YYYY-MM-DD", "2017-03-01", "2017-03-01"},
		{"YYYY-MM-DD", "2016-02-29", "2016-02-29"},
		{"YYYY-MM-DD", "2017-02-29", "is not a day written YYYY-MM-DD"},
		{"YYYY-MM-DD", "2017-02-30", "is not a day written YYYY-MM-DD"},
		{"YYYY-MM-DD", "2017-3-1", "is not a day written YYYY-MM-DD"},
		{"YYYY-MM-DD", "2017-03-01 10:00", "is not a day written YYYY-MM-DD"},
		{"YYYY-MM-DD", "03/01/2017", "is not a day written YYYY-MM-DD"},
		{"YYYY-MM-DD", "0217-03-01", "lies outside the years 1900 to 2200"},
		{"YYYY-MM-DD", "9999-12-31", "lies outside the years 1900 to 2200"},
		{"YYYY-MM-DD", "1900-01-01", "1900-01-01"},
		{"YYYY-MM-DD", "2200-12-31", "2200-12-31"},
		{"M/D/YYYY", "3/1/2017", "2017-03-01"},
		{"M/D/YYYY", "03/01/2017", "2017-03-01"},
		{"M/D/YYYY", "13/1/2017", "is not a day written M/D/YYYY"},
		{"DD.MM.YYYY", "01.03.2017", "2017-03-01"},
		{"D-MMM-YYYY", "1-Mar-2017", "2017-03-01"},
		{"MMMM D, YYYY", "March 1, 2017", "2017-03-01"},
		{"M/D/YYYY D/M/YYYY", "3/1/2017", "can be read as two different days, because more than one date format fits"},
		{"M/D/YYYY D/M/YYYY", "3/3/2017", "2017-03-03"},
		{"M/D/YYYY YYYY-MM-DD", "2017/03/01", "is not a day written M/D/YYYY or YYYY-MM-DD"},
		{"YYYY-MM-DD HH:mm:ss", "2017-03-01 23:59:59", "2017-03-01"},
		{"YYYY-MM-DDTHH:mm:ssZ", "2017-03-01T23:30:00Z", "2017-03-02"},
		{"YYYY-MM-DDTHH:mm:ssZ", "2017-03-01T23:30:00+01:00", "2017-03-01"},
	}
	for _, test := range tests {
		t.Run(test.formats+" "+test.in, func(t *testing.T) {
			var formats []dateFormat
			for _, shown := range splitFormats(test.formats) {
				f, err := parseDateFormat(shown)
				if err != nil {
					t.Fatal(err)
				}
				formats = append(formats, f)
			}
			day, got := parseDate(test.in, dates{formats: formats}, berlin)
			if got == "" {
				got = day.Format(time.DateOnly)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// splitFormats splits where a year ends one format and another begins.
func splitFormats(s string) []string {
	if first, second, found := strings.Cut(s, "YYYY "); found && strings.Contains(second, "YYYY") {
		return []string{first + "YYYY", second}
	}
	return []string{s}
}

func TestDateFormatsThatCouldMeanAnythingAreRefused(t *testing.T) {
	for _, shown := range []string{"", "YY-MM-DD", "YYYY-MM", "MM/MM/YYYY", "2006-01-02", "dd/mm/yyyy", "YYYY-MM-DD Jan", "YYYY_MM_DD", "YYYY-MM-DDé"} {
		if f, err := parseDateFormat(shown); err == nil {
			t.Errorf("%q is taken for %q", shown, f.layout)
		}
	}
}

func TestMoneyIsExactToTheMinorUnit(t *testing.T) {
	plain := moneyFormat{decimal: "."}
	us := moneyFormat{decimal: ".", thousands: ",", symbol: "$"}
	german := moneyFormat{decimal: ",", thousands: ".", symbol: "€"}
	swiss := moneyFormat{decimal: ".", thousands: "'"}
	french := moneyFormat{decimal: ",", thousands: " "}
	tests := []struct {
		format   moneyFormat
		in, code string
		want     int64
		reason   string
	}{
		{plain, "1054", "USD", 105400, ""},
		{plain, "1054.5", "USD", 105450, ""},
		{plain, "1054.50", "USD", 105450, ""},
		{plain, "0.07", "USD", 7, ""},
		{plain, ".5", "USD", 50, ""},
		{plain, "-20", "USD", -2000, ""},
		{plain, "0", "USD", 0, ""},
		{plain, "1054.505", "USD", 0, "has more decimals than USD (2)"},
		{plain, "1054.000", "USD", 0, "has more decimals than USD (2)"},
		{plain, "1,054.50", "USD", 0, "is not an amount written like 1054.05"},
		{plain, "1054,50", "USD", 0, "is not an amount written like 1054.05"},
		{plain, "1e5", "USD", 0, "is not an amount written like 1054.05"},
		{plain, "5.", "USD", 0, "is not an amount written like 1054.05"},
		{plain, "$5", "USD", 0, "is not an amount written like 1054.05"},
		{plain, "-", "USD", 0, "is not an amount written like 1054.05"},
		{plain, "--5", "USD", 0, "is not an amount written like 1054.05"},
		{plain, "٣", "USD", 0, "is not an amount written like 1054.05"},
		{plain, "1054", "JPY", 1054, ""},
		{plain, "1054.5", "JPY", 0, "has more decimals than JPY (0)"},
		{plain, "1.054", "KWD", 1054, ""},
		{plain, "92233720368547758.07", "USD", 9223372036854775807, ""},
		{plain, "92233720368547758.08", "USD", 0, "is larger than any amount that can be stored"},
		{us, "1,054.50", "USD", 105450, ""},
		{us, "$1,054.50", "USD", 105450, ""},
		{us, "-$1,054", "USD", -105400, ""},
		{us, "$-1,054", "USD", -105400, ""},
		{us, "1054.50", "USD", 105450, ""},
		{us, "1,0545", "USD", 0, "is not an amount written like 1,054.05"},
		{us, "10,54.50", "USD", 0, "is not an amount written like 1,054.05"},
		{us, ",054", "USD", 0, "is not an amount written like 1,054.05"},
		{us, "1054,50", "USD", 0, "is not an amount written like 1,054.05"},
		{german, "1.054,50 €", "EUR", 105450, ""},
		{german, "1.054.000", "EUR", 105400000, ""},
		{german, "1.054.50", "EUR", 0, "is not an amount written like 1.054,05"},
		{swiss, "1'054.50", "CHF", 105450, ""},
		{french, "1 054,50", "EUR", 105450, ""},
		{french, "1\u202f054\u00a0000,50", "EUR", 105400050, ""},
	}
	for _, test := range tests {
		t.Run(test.in+" "+test.code, func(t *testing.T) {
			got, reason := parseMoney(test.in, test.format, test.code)
			if got != test.want || reason != test.reason {
				t.Errorf("got %d %q, want %d %q", got, reason, test.want, test.reason)
			}
		})
	}
}

// Whatever is accepted is exactly what was written.
func TestMoneyAgreesWithRationalNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{0,20}(\.[0-9]{0,4})?`).Draw(t, "amount")
		code := rapid.SampledFrom([]string{"USD", "JPY", "KWD"}).Draw(t, "currency")
		minor, reason := parseMoney(text, moneyFormat{decimal: "."}, code)
		if reason != "" {
			return
		}
		want, ok := new(big.Rat).SetString(text)
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exponent(code))), nil)
		if got := new(big.Rat).SetFrac(big.NewInt(minor), scale); !ok || got.Cmp(want) != 0 {
			t.Fatalf("%s %s became %d", text, code, minor)
		}
	})
}

func TestSlugs(t *testing.T) {
	for name, want := range map[string]string{
		"Anna Snelling":       "anna.snelling",
		"Mei-Mei Johns":       "mei-mei.johns",
		"Zoë  O'Neil-Straß":   "zoe.oneil-strass",
		" Łukasz, Jr. Nowak ": "lukasz.jr.nowak",
		"李 小龙":                "李.小龙",
		"…":                   "",
	} {
		if got := slug(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
}

func FuzzValues(f *testing.F) {
	f.Add("2017-03-01", "1,054.50", "DD.MM.YYYY", "usd")
	f.Fuzz(func(t *testing.T, date, amount, format, code string) {
		if declared, err := parseDateFormat(format); err == nil {
			if day, reason := parseDate(date, dates{formats: []dateFormat{declared}}, time.UTC); reason == "" && (day.Year() < firstYear || day.Year() > lastYear) {
				t.Fatalf("%q is %v", date, day)
			}
		}
		if known, reason := parseCurrency(code); reason == "" {
			parseMoney(amount, moneyFormat{decimal: ".", thousands: ",", symbol: "$"}, known)
		}
	})
}
