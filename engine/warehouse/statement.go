package warehouse

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// Script runs SQL of our own, such as a migration, which may hold several statements, one after
// another. It is never for an analyst's text. It begins no transaction.
func Script(ctx context.Context, conn *Conn, script string) error {
	if _, err := conn.ExecContext(ctx, script); err != nil {
		return fmt.Errorf("run script: %w", Explain(err))
	}
	return nil
}

// Query runs one statement of a person with a SQL console, which may write, over the control
// database. Anything but one statement is a [*QueryError], before any of it runs. The caller closes the rows.
func Query(ctx context.Context, conn *Conn, statement string) (*Rows, error) {
	statements, err := Statements(ctx, conn, statement)
	if err != nil {
		return nil, err
	}
	if len(statements) != 1 {
		return nil, &QueryError{
			Message: fmt.Sprintf("there are %d statements where one is expected", len(statements)),
			Hint:    "run them one by one, or from a file",
		}
	}
	rows, err := conn.QueryContext(withoutLimit(ctx), statements[0].Text) // the person ends it
	if err != nil {
		return nil, queryError(statements[0].Text, err)
	}
	return rows, nil
}

// Writes reports whether a statement returns no rows of its own but, at most, a row that counts those it changed. Nothing
// is executed. What can't be prepared, such as a statement over a table that is not there, counts as returning rows.
func Writes(conn *Conn, statement string) bool {
	writes := false
	_ = conn.Raw(func(driverConn any) error { // its running will bring the error to light
		prepared, err := driverConn.(*duckdb.Conn).Prepare(statement)
		if err != nil {
			return err
		}
		stmt := prepared.(*duckdb.Stmt)
		kind, err := stmt.StatementType()
		name, nameErr := stmt.ColumnName(0)
		writes = err == nil && nameErr == nil && !returnsRows(kind) && (name == "Count" || name == "Success") && !returning.MatchString(literal.ReplaceAllString(statement, "''"))
		return stmt.Close()
	})
	return writes
}

// Reads reports whether a statement is a SELECT, in whichever form, or an EXPLAIN. Nothing is executed. What can't be prepared is said to
// read: its running will bring the error to light.
func Reads(conn *Conn, statement string) bool {
	reads := true
	_ = conn.Raw(func(driverConn any) error {
		prepared, err := driverConn.(*duckdb.Conn).Prepare(statement)
		if err != nil {
			return err
		}
		kind, err := prepared.(*duckdb.Stmt).StatementType()
		reads = err == nil && (kind == duckdb.STATEMENT_TYPE_SELECT || kind == duckdb.STATEMENT_TYPE_EXPLAIN)
		return prepared.Close()
	})
	return reads
}

var (
	// returning is the word that makes a statement which writes return rows too; in a comment it is taken for the same.
	returning = regexp.MustCompile(`(?i)\breturning\b`)
	literal   = regexp.MustCompile(`'(?:[^']|'')*'`)
)

// returnsRows reports whether statements of a kind return rows, whatever their columns are called.
func returnsRows(kind duckdb.StmtType) bool {
	return slices.Contains([]duckdb.StmtType{
		duckdb.STATEMENT_TYPE_INVALID, duckdb.STATEMENT_TYPE_SELECT, duckdb.STATEMENT_TYPE_EXPLAIN, duckdb.STATEMENT_TYPE_EXECUTE,
		duckdb.STATEMENT_TYPE_PRAGMA, duckdb.STATEMENT_TYPE_CALL, duckdb.STATEMENT_TYPE_RELATION,
	}, kind)
}

// Statement is one statement of a script.
type Statement struct {
	// Text is the statement without its semicolon.
	Text string
	// Line is where it starts in the script, from 1.
	Line int
}

// Statements splits a script into its statements. Nothing is executed. A script that can't be read as
// SQL is a [*QueryError].
//
// The driver reports how many statements a text contains, not where each ends, so the engine's own parser is
// asked at every semicolon: one ends a statement if what is before it can be read, and can't be any more
// with a bracket too many behind it. Within quotes or a block comment the former is not so, and in
// a line comment the latter.
func Statements(ctx context.Context, conn *Conn, script string) ([]Statement, error) {
	if strings.ContainsRune(script, 0) {
		return nil, &QueryError{Message: "the script is not text"}
	}
	var found []Statement
	start := 0
	for i := 0; i < len(script); i++ {
		if script[i] != ';' {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		piece := script[start:i]
		if isParserError(parseOnly(conn, piece)) || !isParserError(parseOnly(conn, piece+")")) {
			continue
		}
		found = appendStatement(found, conn, script, start, i)
		start = i + 1
	}
	rest := script[start:]
	if err := parseOnly(conn, rest); isParserError(err) {
		err = queryError(rest, err)
		var e *QueryError
		if errors.As(err, &e) && e.Line > 0 {
			e.Line += strings.Count(script[:start], "\n")
		}
		return nil, err
	}
	return appendStatement(found, conn, script, start, len(script)), nil
}

// appendStatement adds the piece of the script, unless there is nothing in it but comments.
func appendStatement(found []Statement, conn *Conn, script string, start, end int) []Statement {
	piece := script[start:end]
	if isEmpty(parseOnly(conn, piece)) {
		return found
	}
	trimmed := strings.TrimLeft(piece, " \t\r\n\f\v")
	line := 1 + strings.Count(script[:end-len(trimmed)], "\n")
	return append(found, Statement{Text: strings.TrimRight(trimmed, " \t\r\n\f\v"), Line: line})
}

// isEmpty knows the driver's own error for a text without a statement, for which it has no type.
func isEmpty(err error) bool { return err != nil && err.Error() == "empty query" }

// parseOnly makes the driver prepare a text. It executes nothing, and an error of the parser's comes
// before any other; that there is no such table yet is another.
func parseOnly(conn *Conn, text string) error {
	return conn.Raw(func(driverConn any) error {
		prepared, err := driverConn.(*duckdb.Conn).Prepare(text)
		if err != nil {
			return err
		}
		return prepared.Close()
	})
}
