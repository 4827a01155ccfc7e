package importer

// Salesforce writes an id in 15 characters, in which case counts, or in 18: the
// last three then say which of the others are capitals. Reports have the short
// form and exports the long one, so here all are long.
const (
	shortID = 15
	longID  = 18
)

// idsSalesforce is how a mapping declares ids of Salesforce.
const idsSalesforce = "salesforce"

// salesforceID writes an id in its long form. What does not look like an id, such
// as a name, stays as it is.
func salesforceID(text string) (id, reason string) {
	if len(text) != shortID && len(text) != longID || !looksLikeID(text) {
		return text, ""
	}
	sum := checksum(text[:shortID])
	switch {
	case len(text) == shortID:
		return text + string(sum[:]), ""
	case text[shortID:] != string(sum[:]):
		return text, reasonDamagedID
	}
	return text, ""
}

// looksLikeID reports whether the text is made of letters and digits, with a
// digit among those that tell the kind of record and the server.
func looksLikeID(text string) bool {
	const head = 6
	digit := false
	for i := range len(text) {
		isDigit := text[i] >= '0' && text[i] <= '9'
		if !isDigit && !isLetter(text[i]) {
			return false
		}
		digit = digit || isDigit && i < head
	}
	return digit
}

// checksum returns the letters behind an id of 15 characters: each stands for the
// capitals among five of them.
func checksum(id string) (sum [longID - shortID]byte) {
	const (
		alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
		part     = 5
	)
	for i := range sum {
		capitals := 0
		for j := range part {
			if b := id[i*part+j]; b >= 'A' && b <= 'Z' {
				capitals |= 1 << j
			}
		}
		sum[i] = alphabet[capitals]
	}
	return sum
}
