// Package importer turns CSV files and a mapping into records, row by row, and
// says why a row makes none. It knows nothing of what is stored: whether a
// reference leads anywhere is for the store to say.
//
// The way of a row: a scanner cuts the file into records (csv.go), a mapping
// says which column fills which field of which kind of record (mapping.go), a
// cursor reads the typed fields of one record (record.go, value.go), and a sink
// takes all records of the row. What contradicts another row, or refers to
// nothing, is for the sink to find. The product's own layout is a mapping too,
// so there is one way through.
package importer
