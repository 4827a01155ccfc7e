package importer

import "strings"

// Why values cannot be used, in words that follow the column and the value. A
// reason never repeats the value, so that equal reasons can be counted
// together.
const (
	reasonNotADay         = "is not a day written %s"
	reasonNotAMoment      = "is not a day or moment written %s"
	reasonNoWayOfDays     = "is not a day or moment in any way of writing that is known"
	reasonNoSuchDay       = "is no day of the calendar"
	reasonNotDayFirst     = "is no day of the calendar, if the day stands before the month"
	reasonNotMonthFirst   = "is no day of the calendar, if the month stands before the day"
	reasonTwoOrders       = "can be read as two different days; --dates dmy (day first) or --dates mdy (month first) says which is meant"
	reasonTwoDays         = "can be read as two different days, because more than one date format fits"
	reasonTwoMoments      = "can be read as two different moments, because more than one date format fits"
	reasonSerialDay       = "is a number, as spreadsheets count days, and not a day"
	reasonEpoch           = "is a number, as programs count milliseconds, and nothing says that it is a moment"
	reasonOutsideYears    = "lies outside the years %d to %d"
	reasonNotAnAmount     = "is not an amount written like %s"
	reasonNoWayOfMoney    = "is not an amount in any way of writing that is known"
	reasonTwoAmounts      = "can be read as two different amounts; --decimal . or --decimal , says which is meant"
	reasonDecimals        = "has more decimals than %s (%d)"
	reasonTooLarge        = "is larger than any amount that can be stored"
	reasonSharedSign      = "has a sign that several currencies share (%s); --currency, such as --currency %s, says which is meant"
	reasonOtherCurrency   = "is not in the currency that its row or file names (%s)"
	reasonTwoCurrencies   = "names two currencies"
	reasonUnknownCode     = "has letters that are no currency of ISO 4217"
	reasonNotBySign       = "is no number, if the decimal sign is %s"
	reasonNotACurrency    = "is not a currency code of ISO 4217, such as EUR"
	reasonDamagedID       = "is a damaged Salesforce id: its last three letters do not fit the rest"
	reasonLongName        = "is longer than a name can be (%d letters)"
	reasonLongText        = "is longer than a text can be (%d letters)"
	reasonNotAnAddress    = "is not an e-mail address"
	reasonNotOneOf        = "is not one of %s"
	reasonIsEmpty         = "is empty, and every %s needs its %s"
	reasonOwnManager      = "is the person themselves"
	reasonNoAssignment    = "the row names neither a manager nor a territory"
	reasonItself          = "refers to the %s itself"
	reasonNotAPosition    = "is not a position, which is a whole number such as 1"
	reasonNotDays         = "is not a whole number of days, such as 14"
	reasonNotAShare       = "is not a decimal from 0 to 1, such as 0.25, nor a percentage such as 25 %"
	reasonNotACategory    = "is not one of omitted, pipeline, best_case, commit, closed"
	reasonOmittedForecast = "is what no forecast counts"
	reasonNobodys         = "is empty, and so is the territory; the row needs one of them"
	reasonBoths           = "stands beside a person, but the row is either the person's or the territory's"
	reasonFirstDay        = "lies before the first day"
	reasonPlannedFrom     = "is a day in force, but the model is still planned"
	reasonNotArchived     = "is a last day in force, but the model is not archived"
	reasonBeforeLead      = "lies before the lead was created"
	reasonAboutNothing    = "is empty, and so is the account; the row needs one of them"
	reasonNegative        = "is negative, but the kind says already which way it goes"
	reasonNotANumber      = "is not a number, such as 12%s5"
	reasonNotAboveZero    = "is not above 0"
	reasonIntoItself      = "is exchanged into itself"
	reasonNULByte         = "holds a NUL byte, which no text has; the file may be damaged"
)

// remedies say what to do about each reason, in the order of the documentation,
// which is checked against them.
var remedies = []struct{ about, reason, remedy string }{
	{"dates", reasonNotADay, "Write it so, or declare the format under `dates` in a mapping; `dates: auto` there reads every way that is clear."},
	{"dates", reasonNotAMoment, "Write it so, or declare the format under `dates` in a mapping; `dates: auto` there reads every way that is clear."},
	{"dates", reasonNoWayOfDays, "Correct the value, or declare its format under `dates` in a mapping. If it means that nobody knows, list it under `blanks`."},
	{"dates", reasonNoSuchDay, "Correct the value: the month has no such day."},
	{"dates", reasonNotDayFirst, "If the file has the month first, import it with `--dates mdy`, or say `dates: {order: mdy}`."},
	{"dates", reasonNotMonthFirst, "If the file has the day first, import it with `--dates dmy`, or say `dates: {order: dmy}`."},
	{"dates", reasonTwoOrders, "Import the file with `--dates dmy` or `--dates mdy`. If both orders occur in it, correct the value or write it YYYY-MM-DD."},
	{"dates", reasonTwoDays, "Leave one of the formats out of `dates`."},
	{"dates", reasonTwoMoments, "Leave one of the formats out of `dates`."},
	{"dates", reasonSerialDay, "Format the column as a date (yyyy-mm-dd) in the spreadsheet, and save it as CSV again."},
	{"dates", reasonEpoch, "If it is a moment, say `dates: {epoch: milliseconds}` in the mapping."},
	{"dates", reasonOutsideYears, "Correct the year. If it stands for never, or for a day that nobody knows, list it under `blanks`."},
	{"amounts", reasonNotAnAmount, "Write it so, or declare `decimal`, `thousands` and `symbol` under `money` in a mapping; `money: auto` there reads every way that is clear."},
	{"amounts", reasonNoWayOfMoney, "Correct the value. If it means that nobody knows, list it under `blanks`."},
	{"amounts", reasonTwoAmounts, "Import the file with `--decimal .` or `--decimal ,`. If both signs occur in it, correct the value."},
	{"amounts", reasonDecimals, "Round the value where it comes from, or name its currency: nothing is rounded here."},
	{"amounts", reasonTooLarge, "Correct the value."},
	{"amounts", reasonSharedSign, "Import the file with `--currency`, such as `--currency USD`, or feed the field currency."},
	{"amounts", reasonOtherCurrency, "Correct the sign or the currency of the row, which contradict each other."},
	{"amounts", reasonTwoCurrencies, "Correct the value."},
	{"amounts", reasonNotBySign, "If the other sign is the decimal one, declare it: `--decimal`, or `money: {auto: true, decimal: …}`. Else correct the value."},
	{"amounts", reasonUnknownCode, "Correct the code, or take the letters out of the column."},
	{"amounts", reasonNotACurrency, "Rename it in the mapping: `currency: {column: …, rename: {Euro: EUR}}`."},
	{"ids", reasonDamagedID, "Export the file again and keep spreadsheets away from it: they change the case of letters, and that is part of the id."},
	{"text", reasonLongName, "Look whether the row is shifted or a quote is missing; else shorten the name."},
	{"text", reasonLongText, "Look whether a quote is missing; else shorten the text."},
	{"text", reasonNULByte, "Export the file again."},
	{"text", reasonNotAnAddress, "Correct the address, or leave it blank."},
	{"facts", reasonIsEmpty, "Fill it in, or say in the mapping where the value is found."},
	{"people", reasonOwnManager, "Correct the manager. Who reports to nobody has a blank there."},
	{"people", reasonNoAssignment, "Name what the person has from that day on, or leave the row out."},
	{"people, territories, accounts", reasonItself, "Correct the reference. What stands at the top has a blank there."},
	{"stages", reasonNotAPosition, "Number the stages in the order of the process."},
	{"stages", reasonNotDays, "Round it, or leave it blank."},
	{"stages, splits", reasonNotAShare, "Write percentages with their sign; in a mapping, `template: \"{Percent} %\"`."},
	{"forecasts", reasonNotACategory, "Rename the category in the mapping: `rename: {Most Likely: best_case}`."},
	{"forecasts", reasonOmittedForecast, "Leave the row out."},
	{"quotas, forecasts", reasonNobodys, "Name the person or the territory whose it is."},
	{"quotas, forecasts", reasonBoths, "Make two rows of it, one for each."},
	{"periods", reasonFirstDay, "Exchange the two days, or correct one."},
	{"territory models", reasonPlannedFrom, "Leave it blank, or say active."},
	{"territory models", reasonNotArchived, "Leave it blank, or say archived."},
	{"leads", reasonBeforeLead, "Correct one of the two moments; see that both are written in the same zone."},
	{"activities", reasonAboutNothing, "Name the deal it is about, or at least the account."},
	{"subscriptions", reasonNegative, "Write the amount without its sign."},
	{"line items, exchange rates", reasonNotANumber, "Write it with digits and the decimal sign only."},
	{"exchange rates", reasonNotAboveZero, "Correct the rate: how much of `into` one of `currency` is worth."},
	{"exchange rates", reasonIntoItself, "Leave the row out, or name the other currency under `into`."},
	{"text", reasonNotOneOf, "Rename the value in the mapping (`rename`), or correct it."},
	{"text", "is not written in %s; %s", "Do so, and import the file again."},
	{"rows", faultInnerQuote, "Export the file again with all cells quoted, or mend the row."},
	{"rows", faultTextBehind, "Export the file again with the quotes in cells doubled, or mend the row."},
	{"rows", faultBackslash, "Declare it, or double the quotes."},
	{"rows", faultEndsInQuotes, "Export the file again. If it is whole, look for the quote that opens the cell and is not closed."},
	{"rows", "the row is longer than %d MB; most likely a closing quote is missing", "Look for the quote that opens a cell and is not closed."},
	{"rows", "the row has %s, but the header has %s", "Quote the values that hold the delimiter or a line break, or export the file again."},
	{"rows", "the file ends in the middle of the row", "Export the file again."},
	{"rows", "the row has no key, so it names nothing", "Fill in the column that tells the records apart."},
	// What only shows beside the other rows, or beside what is stored, is found
	// there; the words are those of the store.
	{"references", "names a%s that is neither stored nor in these files", "Import the file that has it, together with this one or before it, or correct the reference."},
	{"references", "is the %s of more than one %s%s", "Name the record by its id, which is its own."},
	{"references", "leads back here, going up from one to the next", "Correct one of the references on the way."},
	{"duplicates", "is a duplicate of %s, with different content; the first is kept", "Remove one of the rows, or give them ids of their own."},
	{"people", "is the e-mail address of another person, too", "Correct one of the two addresses."},
	{"processes", "is the name of another process, too", "Rename one of the two."},
	{"stages", "is the name of another stage of this process, too", "Rename one of the two."},
	{"processes, stages", "is the id of another %s, too", "Correct the id of one of the two."},
	{"opportunities", "is empty, and every deal needs its stage", "Fill it in."},
	{"opportunities", "is not a known stage; %s", "Add it to the stages (`stages.csv`, or `stages` in the mapping), or rename it in the mapping."},
	{"opportunities", "has no close date, and without one a deal that is %s falls into no period", "Fill in the day on which it was closed."},
	{"history", "lies in the future", "Correct the moment; see that its zone is that of the file."},
	{"history", "is not said, neither here nor of the deal", "Name the currency of the amount."},
	{"history", "is not the currency of the deal", "Correct the currency of the row or of the deal."},
	{"history", "another change of the %s of this deal cannot be used", "Mend that one: a past with a hole would be told wrongly."},
	{"quotas", "begins a period of which some days have another quota of this %s", "Set one quota for each day, in periods that do not overlap."},
	{"splits", "is one of the revenue splits of a deal that %s", "Make the shares of the deal add up to 1."},
	{"territory models", "is said of another map, too, and one is in force at a time; say archived of the other", "Say `archived` of one of them."},
	{"territory models", "begins a time in force of which another map has some days; give the first and the last day of both", "Give both maps days that do not overlap."},
}

// Remedy says what to do about a reason for which a value was rejected; empty:
// nothing is known.
func Remedy(reason string) string {
	for _, r := range remedies {
		if isWritten(reason, r.reason) {
			return strings.ReplaceAll(r.remedy, "`", "")
		}
	}
	return ""
}

// isWritten reports whether a text could be written by a format.
func isWritten(text, format string) bool {
	parts := strings.Split(strings.ReplaceAll(format, "%d", "%s"), "%s")
	text, fits := strings.CutPrefix(text, parts[0])
	if len(parts) == 1 {
		return fits && text == ""
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		_, behind, found := strings.Cut(text, part)
		text, fits = behind, fits && found
	}
	return fits && strings.HasSuffix(text, parts[last])
}
