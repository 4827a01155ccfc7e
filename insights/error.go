package insights

// Error is a fault that a person can mend: what happened and what was kept
// (Message), and what to do (Hint). Its Code is stable.
type Error struct {
	Code    string
	Message string
	Hint    string
	Err     error // the cause, for the log; never shown to people in Slack
}

// Error returns the fault in words, the hint included.
func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + "\n" + e.Hint
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
