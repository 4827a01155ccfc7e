package metric

// MinorPerMajor lets the tests hold it against what the rest of the house uses.
func MinorPerMajor(currency string) int64 { return minorPerMajor(currency).Num().Int64() }
