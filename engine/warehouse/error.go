package warehouse

// Error is a trouble of the database that a person can mend: what is wrong, and what to do.
type Error struct {
	message string
	hint    string
	err     error
}

// Error says what is wrong.
func (e *Error) Error() string { return e.message }

// Hint says what to do about it.
func (e *Error) Hint() string { return e.hint }

// Unwrap is the engine's own error, or nil.
func (e *Error) Unwrap() error { return e.err }

func explain(err error) error { return err }
