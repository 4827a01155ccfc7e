package insights

// Name is a stored thing that a phrase may mean.
type Name struct {
	Kind       string // the dimension it is a value of: person, territory, …
	ID         int64
	Text       string  // as stored
	Phrase     string  // the phrase that found it, as it was asked for
	Similarity float64 // 1 for an exact match, ignoring case
}

// KindMap is the kind of planned territory maps, which are no values of a
// dimension; AnyPlannedMap is a phrase that finds all of them.
const (
	KindMap       = "territory_model"
	AnyPlannedMap = "as planned"
)
