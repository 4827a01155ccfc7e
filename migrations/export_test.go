package migrations

// The tests bring files of their own.
var (
	UpWith      = up
	PendingWith = pending
	HashOf      = hash
	Files       = files
)
