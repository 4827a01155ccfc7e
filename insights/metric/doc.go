// Package metric is the catalogue of KPIs and the compiler that turns a Query
// into SQL under a viewer's rights. It imports nothing of ours: no figure can
// be computed anywhere else, and nobody's rights can be decided elsewhere.
package metric
