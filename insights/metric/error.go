package metric

// The codes a Query can be refused with; they are part of the JSON contract.
const (
	CodeNotAllowed   = "not_allowed"   // outside the viewer's scope
	CodeNotAvailable = "not_available" // the feature or the data is not there
	CodeOutOfScope   = "out_of_scope"  // nothing Salesbot answers
	CodeInvalid      = "invalid"       // the Query contradicts the catalogue
)

// Refusal says why a Query is not answered: which rule, who can change that,
// and what can be asked instead (commands in the asker's own words).
type Refusal struct {
	Code    string
	Message string
	Hint    string
	Instead []string
}

// Error returns the refusal in words.
func (r *Refusal) Error() string {
	if r.Hint == "" {
		return r.Message
	}
	return r.Message + " " + r.Hint
}
