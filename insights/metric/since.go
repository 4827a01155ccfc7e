package metric

import "math/big"

// Since sets a quantity against an earlier one of the same metric. What cannot
// be subtracted (another currency, an unknown) has no change.
func Since(now, previous Quantity) Figure {
	f := Figure{Quantity: now, Previous: &previous}
	if now.Value == nil || previous.Value == nil || now.Unit != previous.Unit || now.Currency != previous.Currency {
		return f
	}
	f.Change = new(big.Rat).Sub(now.Value, previous.Value)
	// A rate moves by points: its growth in per cent would be mistaken for
	// them.
	if previous.Value.Sign() > 0 && now.Unit != UnitRatio {
		f.Growth = new(big.Rat).Quo(f.Change, previous.Value)
	}
	return f
}
