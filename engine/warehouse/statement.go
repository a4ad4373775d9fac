package warehouse

import (
	"context"
	"database/sql"
	"errors"
)

// Script runs SQL of our own, such as a migration, which may hold several statements, one after
// another. It is never for an analyst's text. It begins no transaction.
func Script(ctx context.Context, conn *sql.Conn, script string) error {
	return errors.New("not built yet")
}

// Query runs one statement that a person wrote at their own desk, which may write, over the
// control database. More than one statement is refused before any of them runs. The caller closes the rows.
func Query(ctx context.Context, conn *sql.Conn, statement string) (*sql.Rows, error) {
	return nil, errors.New("not built yet")
}

// Statement is one statement of a script.
type Statement struct {
	// Text is the statement without its semicolon.
	Text string
	// Line is where it starts in the script, from 1.
	Line int
}

// Statements splits a script into its statements by the engine's own parser. Nothing is executed.
func Statements(ctx context.Context, conn *sql.Conn, script string) ([]Statement, error) {
	return nil, errors.New("not built yet")
}
