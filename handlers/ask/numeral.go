package ask

import (
	"math/big"
	"slices"
	"strings"
)

// readWords reads a number told in words: "two hundred fifty k", "half a
// million", "one and a half million", "two point five".
func (r numberReader) readWords(at int) (number, int) {
	if n, used := r.readFraction(at); used > at {
		return n, used
	}
	value, used := r.readHundreds(at)
	if used == at {
		return number{}, at
	}
	if value.IsInt() {
		if part, end := r.readAndHalf(used); end > used {
			return r.scaled(new(big.Rat).Add(value, part), end)
		}
		if part, end := r.readPoint(used); end > used {
			return r.scaled(new(big.Rat).Add(value, part), end)
		}
	}
	return r.readLower(value, used)
}

// readFraction reads "half", "half a million", "quarter million", "two thirds of
// a million". Quarters and thirds of nothing are no numbers.
func (r numberReader) readFraction(at int) (number, int) {
	times, start := int64(1), at
	if count, used := r.readBelowHundred(at); used > at {
		times, at = count, used
	} else if r.word(at) == "a" {
		at++
	}
	value, ok := map[string]*big.Rat{
		"half": big.NewRat(times, 2), "halves": big.NewRat(times, 2), "third": big.NewRat(times, 3), "thirds": big.NewRat(times, 3),
		"quarter": big.NewRat(times, 4), "quarters": big.NewRat(times, 4),
	}[r.word(at)]
	if !ok {
		return number{}, start
	}
	end := at + 1
	for slices.Contains([]string{"of", "a"}, r.word(end)) {
		end++
	}
	if n, used := r.scaled(value, end); used > end {
		return n, used
	}
	if r.word(at) == "half" && (times == 1 || start == at) {
		return number{value: value}, at + 1
	}
	return number{}, start
}

// readAndHalf reads the half of "two and a half".
func (r numberReader) readAndHalf(at int) (*big.Rat, int) {
	for _, half := range [][]string{{"and", "a", "half"}, {"and", "half"}, {"½"}} {
		if at+len(half) <= len(r.ts) && words(r.ts[at:at+len(half)]) == strings.Join(half, " ") {
			return big.NewRat(1, 2), at + len(half)
		}
	}
	return nil, at
}

// readPoint reads the digits after "point", one by one.
func (r numberReader) readPoint(at int) (*big.Rat, int) {
	if r.word(at) != "point" {
		return nil, at
	}
	value, place, used := new(big.Rat), big.NewRat(1, 10), at+1
	for digit, ok := r.digit(used); ok; digit, ok = r.digit(used) {
		value.Add(value, new(big.Rat).Mul(place, big.NewRat(digit, 1)))
		place.Quo(place, big.NewRat(10, 1))
		used++
	}
	if used == at+1 {
		return nil, at
	}
	return value, used
}

func (r numberReader) digit(at int) (int64, bool) {
	if isZero(r.word(at)) {
		return 0, true
	}
	i := slices.Index(numerals[:10], r.word(at))
	return int64(i), i > 0
}

func isZero(word string) bool {
	return slices.Contains([]string{"zero", "nought", "naught"}, word)
}

// readLower goes on from a first group with its scale, and the groups below it:
// "twenty-one million three hundred". A group that is not below the one before
// it belongs to another number.
func (r numberReader) readLower(value *big.Rat, at int) (number, int) {
	n, used := r.readScaled(value, at)
	total, limit := n.value, n.scale
	for limit != nil {
		start := used
		if r.word(start) == "and" && !r.single {
			start++
		}
		group, end := r.readHundreds(start)
		if end == start || !r.joins(start) || r.isLone(start, end) && start == used {
			break
		}
		lower, end := r.readScaled(group, end)
		if lower.value.Sign() == 0 || lower.value.Cmp(limit) >= 0 {
			break
		}
		total, limit, used = new(big.Rat).Add(total, lower.value), lower.scale, end
	}
	return number{value: total, scale: n.scale, spelled: n.spelled}, used
}

// isLone reports whether a group is digits alone, which need an "and" to belong
// to what stands before them.
func (r numberReader) isLone(from, to int) bool {
	return to == from+1 && isDigits(r.word(from)) && !r.isScaleWord(to)
}

// readScaled multiplies a group by the scales that follow it, each greater than
// the one before: "three lakh crore". Hundreds have been read by then, unless
// the group was digits.
func (r numberReader) readScaled(value *big.Rat, at int) (number, int) {
	n := number{value: value}
	if h := r.word(at); (h == "hundred" || h == "hundreds") && r.joins(at) {
		n.value, at = r.readAfterHundred(value, at+1)
	}
	last := big.NewRat(1, 1)
	for {
		scale, used := r.readScale(at)
		if used == at || scale.Cmp(last) <= 0 {
			return n, at
		}
		n.value, n.spelled, last, at = new(big.Rat).Mul(n.value, scale), true, scale, used
		if n.scale == nil {
			n.scale = big.NewRat(1, 1)
		}
		n.scale = new(big.Rat).Mul(n.scale, scale)
	}
}

// readHundreds reads a group below a thousand: "two hundred and fifty", "a
// hundred", "fifty-two", "3 hundred and 21", "a" before a scale.
func (r numberReader) readHundreds(at int) (*big.Rat, int) {
	if r.word(at) == "hundred" && r.isScaleWord(at+1) {
		return r.readAfterHundred(big.NewRat(1, 1), at+1)
	}
	value, used := r.readBase(at)
	if used == at {
		return nil, at
	}
	if h := r.word(used); h != "hundred" && h != "hundreds" || !r.joins(used) {
		return value, used
	}
	return r.readAfterHundred(value, used+1)
}

func (r numberReader) readBase(at int) (*big.Rat, int) {
	if count, used := r.readBelowHundred(at); used > at {
		return big.NewRat(count, 1), used
	}
	if at >= len(r.ts) {
		return nil, at
	}
	if value, ok := parseDecimal(r.word(at)); ok {
		return value, at + 1
	}
	switch {
	case isZero(r.word(at)):
		return new(big.Rat), at + 1
	case r.word(at) == "a" && r.isScaleWord(at+1):
		return big.NewRat(1, 1), at + 1
	default:
		return nil, at
	}
}

// readAfterHundred reads what is added to so many hundreds.
func (r numberReader) readAfterHundred(hundreds *big.Rat, at int) (*big.Rat, int) {
	value, start := new(big.Rat).Mul(hundreds, big.NewRat(100, 1)), at
	if r.word(start) == "and" && !r.single {
		start++
	}
	count, used := r.readBelowHundred(start)
	if used == start && start > at && start < len(r.ts) && len(r.word(start)) <= 2 && isDigits(r.word(start)) {
		below, _ := new(big.Rat).SetString(r.word(start))
		count, used = below.Num().Int64(), start+1
	}
	if used == start || count == 0 || !r.joins(start) || r.word(used) == "hundred" {
		return value, at
	}
	return value.Add(value, big.NewRat(count, 1)), used
}

func (r numberReader) readBelowHundred(at int) (int64, int) {
	if at >= len(r.ts) {
		return 0, at
	}
	count, used := readBelowHundred(r.ts[at:])
	return int64(count), at + used
}
