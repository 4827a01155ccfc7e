package ask

import (
	"slices"

	"salesbot/insights/metric"
)

// Some words make a figure of accounts, and only of them, wherever they stand
// beside "accounts": "accounts in my patch with no open deal", "untouched accounts".

// addAccounts enters those words.
func (l *lexicon) addAccounts() {
	lacks := []string{"with no", "without an", "without a", "without any", "without", "that have no", "which have no", "have no", "have had no"}
	for _, who := range []string{"", "that ", "which "} {
		for _, not := range []string{"dont have", "do not have", "dont have any", "do not have any", "dont have an", "do not have an", "dont have a", "do not have a", "havent got", "havent got an", "havent got any"} {
			lacks = append(lacks, who+not)
		}
	}
	for _, lack := range lacks {
		for _, deal := range []string{"deal", "deals", "opp", "opps", "opportunity", "opportunities"} {
			l.addOfAccounts(lack+" open "+deal, "unworked_accounts")
			l.addOfAccounts(lack+" "+deal, "unworked_accounts", "whitespace_accounts")
		}
	}
	for _, untouched := range []string{
		"untouched", "not touched", "havent touched", "we havent touched", "i havent touched", "havent been touched", "have not been touched", "nobody touched", "nobody has touched",
		"not contacted", "uncontacted", "havent been contacted", "with no contact", "without contact", "without any contact", "nobody has talked to", "nobody talked to",
	} {
		for _, since := range []string{"", " in 90 days", " for 90 days", " in the last 90 days"} {
			for _, who := range []string{"", "that ", "which "} {
				l.addOfAccounts(who+untouched+since, "uncovered_accounts")
			}
		}
	}
	l.addUnheld()
	for _, churned := range []string{"who churned", "who has churned", "whos churned"} {
		l.add(churned, meaning{key: keyChurned}, false)
	}
}

// addUnheld enters what is said of accounts and territories that nobody holds.
func (l *lexicon) addUnheld() {
	ofNobody := slices.Concat(
		eachOf([]string{"with no", "that have no", "which have no", "have no", "has no", "dont have an", "do not have an", "dont have any", "that dont have an"}, []string{"owner", "owners", "rep", "reps", "holder", "holders"}),
		eachOf([]string{"that", "which", ""}, []string{"nobody owns", "nobody holds", "no one owns", "no one holds", "nobody covers", "nobody is assigned to"}),
		eachOf([]string{"that are", "are", ""}, []string{"unassigned", "unowned", "orphaned", "ownerless", "not assigned"}),
		eachOf([]string{"that are not", "are not", "that arent", "arent", "not"}, []string{"assigned to anyone", "assigned to anybody", "owned by anyone", "owned by anybody", "held by anyone", "held by anybody"}),
		[]string{"belong to nobody", "that belong to nobody", "belong to no one"},
	)
	without := eachOf([]string{"without", "without a", "without an", "without any"}, []string{"owner", "owners", "rep", "reps", "holder"})
	vacant := eachOf([]string{"that are", "are", "which are"}, []string{"vacant", "open", "empty"})
	for _, said := range ofNobody {
		l.addOfAccounts(said, "unassigned_accounts")
	}
	inNone := slices.Concat(
		eachOf([]string{"", "that are", "are"}, []string{"in no territory", "in no patch", "outside any territory"}),
		eachOf([]string{"not", "that are not", "are not", "that arent", "arent"}, []string{"in a territory", "in any territory", "in a patch", "in any patch"}),
		eachOf([]string{"with no", "that have no", "have no", "dont have a", "do not have a"}, []string{"territory", "patch", "region"}),
	)
	for _, said := range inNone {
		l.addOfAccounts(said, "unplaced_accounts")
	}
	for _, account := range []string{"accounts", "customers", "companies", "prospects", "clients"} {
		for _, said := range without {
			l.addMetric(account+" "+said, "unassigned_accounts")
		}
		for _, said := range eachOf([]string{"without", "without a", "without any"}, []string{"territory", "territories", "patch", "region"}) {
			l.addMetric(account+" "+said, "unplaced_accounts")
		}
	}
	for _, territory := range []string{"territories", "patches", "regions"} {
		for _, said := range slices.Concat(ofNobody, without, vacant) {
			l.addMetric(territory+" "+said, "vacant_territories")
		}
		for _, adjective := range []string{"vacant", "empty", "unassigned", "unowned", "unheld", "orphaned", "ownerless"} {
			l.addMetric(adjective+" "+territory, "vacant_territories")
		}
	}
}

func (l *lexicon) addOfAccounts(phrase string, names ...string) {
	if there := l.there(names...); len(there) > 0 {
		l.add(phrase, meaning{key: keyAccounts, metrics: there}, false)
	}
}

// readAccounts reads "accounts" of which it is said beside them what is to be
// counted of them.
func (r *reader) readAccounts(d meaning) bool {
	if d.dimension != accountField || r.q.accounts > 0 || !r.saysOfAccounts(r.pos) {
		return false
	}
	r.pos++
	r.q.accounts = r.pos
	return true
}

// saysOfAccounts reports whether that is said from a piece on.
func (r *reader) saysOfAccounts(from int) bool {
	for i := from; i < len(r.pieces); i++ {
		if r.at(i).is(keyAccounts) || r.at(i).isAny(keyLacks, keyWithout) && r.productAt(i+1) > 0 {
			return true
		}
	}
	return false
}

// lacks are the ways to say of accounts that they never bought what follows;
// "without" is one as well.
func lacks() []string {
	never := eachOf([]string{"never", "have never", "has never", "that never", "that have never", "who never", "which never", "havent", "have not", "that havent", "that have not", "not yet", "havent yet"}, []string{"bought", "purchased", "ordered"})
	never = append(never, eachOf([]string{"didnt", "did not", "dont", "do not", "that dont", "that do not"}, []string{"buy", "have", "own"})...)
	return append(never, "lacking", "lack", "that lack", "missing", "never sold", "not sold", "we never sold", "that we never sold", "we havent sold", "we have not sold")
}

// productAt is where the name of a product stands that begins at a piece, behind
// "a", "the product" and the like; 0: there is none.
func (r *reader) productAt(at int) int {
	for i := at; i < len(r.pieces); i++ {
		if r.kindMatches(productField, i) {
			return i
		}
		if d, ok := r.at(i).dimension(); !r.at(i).is(keyHarmless) && !(ok && d.dimension == productField) {
			break
		}
	}
	return 0
}

// readLacks reads "never bought GTX Pro" behind accounts or customers.
func (r *reader) readLacks(piece) bool {
	at := r.productAt(r.pos + 1)
	if r.q.accounts == 0 || at == 0 {
		return false
	}
	lacking := r.inCatalog([]string{"accounts_lacking_product"})
	noun := r.at(r.q.accounts - 1)
	if said := loose(r.tokens[noun.from].word); said == "customer" || said == "client" {
		lacking = r.inCatalog([]string{"customers_lacking_product"})
	}
	if len(lacking) == 0 {
		return false
	}
	r.mention(lacking)
	r.pos = at
	r.readNames(metric.Eq, productField)
	if r.here().to == r.here().from+1 && r.tokens[r.here().from].word == "to" {
		r.pos++ // "accounts we never sold GTX Pro to"
	}
	for _, f := range r.q.where {
		if f.Field == productField && f.Op == metric.In {
			r.refuse(r.at(at), "What was never sold is told of one product at a time, or by product.")
		}
	}
	return true
}

// readOfAccounts reads what makes a figure of accounts, or one of several.
func (r *reader) readOfAccounts(p piece) bool {
	before := false
	if d, ok := r.at(r.pos + 1).dimension(); r.q.accounts == 0 && ok && d.dimension == accountField {
		r.q.accounts, before = r.pos+1, true
	}
	if r.q.accounts == 0 {
		return false
	}
	names := p.metrics()
	if slices.Contains(names, "uncovered_accounts") || slices.Contains(names, "unassigned_accounts") {
		r.note("“" + r.typed(p) + "” is read as " + r.metricLabel(names[0]))
	}
	r.mention(names)
	if before {
		r.pos++
	}
	return true
}

// whitespaceOf is the whitespace of a product where one is named, or each: the
// accounts that were never sold it, whatever else they bought.
func (r *reader) whitespaceOf(name string) string {
	ofProduct := slices.Contains(r.q.by, productField)
	for _, f := range r.q.where {
		if f.Field == productField && f.Op != metric.Eq {
			return name
		}
		ofProduct = ofProduct || f.Field == productField
	}
	lacking := r.inCatalog([]string{"accounts_lacking_product"})
	if name != "whitespace_accounts" || !ofProduct || len(lacking) == 0 {
		return name
	}
	r.note("of a product, whitespace is the accounts that never bought it")
	return lacking[0]
}

// readWhichCounted reads "which" before what is counted of something: "which
// accounts have no open deal" asks for a list of those, and "which accounts
// churned", of what cannot be listed one by one, for a row of each.
func (r *reader) readWhichCounted() bool {
	next := r.at(r.pos + 1)
	if d, ok := next.dimension(); ok && d.dimension == accountField && r.saysOfAccounts(r.pos+1) {
		r.pos++
		r.q.listing.at = r.pos
		return true
	}
	if len(next.metrics()) != 1 {
		return false
	}
	if next.metrics()[0] == "lead_count" && slices.ContainsFunc(r.pieces[r.pos+1:], func(p piece) bool { return p.is(keyNoAnswer) }) {
		r.pos++
		r.q.listing.at = r.pos // of those that nobody answered
		return true
	}
	things, n := r.lexicon.find(r.tokens[next.from : next.from+1])
	d, ok := piece{meanings: things}.dimension()
	m := r.metric(next.metrics()[0])
	switch {
	case n == 0 || !ok || m.Unit != metric.UnitCount:
		return false
	case m.CountsDeals():
		r.pos++
		r.q.listing.at = r.pos
	default:
		r.breakDown(next, d.dimension)
		r.pos++
	}
	return true
}
