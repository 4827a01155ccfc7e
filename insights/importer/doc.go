// Package importer turns CSV files and a mapping into an insights.Batch and the
// rows that could not be used. It knows nothing of what is stored: whether a
// reference leads anywhere is for the store to say.
//
// The way of a row: a scanner cuts the file into records (csv.go), a mapping
// says which column fills which field of which kind of record (mapping.go), a
// cursor reads the typed fields of one record (record.go, value.go), and the
// collection refuses what contradicts an earlier row (collect.go). The product's
// own layout is a mapping too, so there is one way through.
package importer
