// Package hint holds errors that a user can correct: what is wrong, and what to do next, and how messages are worded. In: a message and an
// advice; out: an error, or an error's line. It may import the warehouse, whose errors advise too, hubspot, which knows addresses in a text, and
// escape.
package hint

import (
	"errors"
	"fmt"

	"rollcall/engine/warehouse"
)

// Error is an error that the user can correct: what is wrong, and what to do.
type Error struct {
	message string
	hint    string
	err     error
}

// New makes an Error of a message, as fmt.Errorf does, and of what to do next.
func New(hint, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{message: err.Error(), hint: hint, err: errors.Unwrap(err)}
}

// Error says what is wrong.
func (e *Error) Error() string { return e.message }

// Hint says what to do about it.
func (e *Error) Hint() string { return e.hint }

// Unwrap is the cause, or nil.
func (e *Error) Unwrap() error { return e.err }

// UsageError is a request that cannot be carried out as it was put: a sync that is not there, or is disabled.
type UsageError struct{ Err *Error }

// Usage makes a UsageError, as New makes an Error.
func Usage(hint, format string, args ...any) *UsageError {
	return &UsageError{New(hint, format, args...)}
}

// Error says what is wrong with it.
func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap is the Error, which knows a hint.
func (e *UsageError) Unwrap() error { return e.Err }

// Of is what err, or the nearest cause of it that knows, advises to do; "" where none does.
func Of(err error) string {
	var h interface{ Hint() string }
	var query *warehouse.QueryError
	switch {
	case errors.As(err, &h):
		return h.Hint()
	case errors.As(err, &query):
		return query.Hint
	case warehouse.IsDatabase(err) && errors.As(warehouse.Explain(err), &h):
		return h.Hint()
	case warehouse.IsCatalog(err):
		return "a control table, or a column or view, is missing: `rollcall init` makes anew what can be"
	}
	return ""
}
