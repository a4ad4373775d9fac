package warehouse

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/duckdb/duckdb-go/v2"
)

// Column is a column that a query returns.
type Column struct {
	// Name as the query gives it.
	Name string
	// Type is DuckDB's name of the type, such as VARCHAR or DECIMAL(18,3).
	Type string
}

// Columns are the columns of a query, in order.
type Columns []Column

// Names are the columns' names, in order.
func (c Columns) Names() []string {
	names := make([]string, len(c))
	for i := range c {
		names[i] = c[i].Name
	}
	return names
}

// QueryError is what is wrong with an analyst's query.
type QueryError struct {
	// Message is what is wrong.
	Message string
	// Hint is what to do about it; it may be empty.
	Hint string
	// Line and Column say where, from 1, the column in characters; 0 where the place is not known.
	Line, Column int

	err error
}

// Error is the message, after the place where it is known.
func (e *QueryError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Message)
}

// Unwrap is the engine's own error, or nil.
func (e *QueryError) Unwrap() error { return e.err }

// missingTable is how the gate and the engine say that a table, or the database or schema before its name, is not there.
var missingTable = regexp.MustCompile(`^(table with name|catalog|schema(?: with name)?) .* does not exist`)

// IsMissingTable reports whether err means that a table which the query reads is not there.
func IsMissingTable(err error) bool {
	var query *QueryError
	return errors.As(err, &query) && missingTable.MatchString(query.Message)
}

// position turns an offset in bytes into a line and a column, or 0 and 0 where it lies outside of the text.
func position(text string, at int) (line, column int) {
	if at < 0 || at > len(text) {
		return 0, 0
	}
	before := text[:at]
	line = strings.Count(before, "\n") + 1
	return line, utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
}

var (
	// excerpt is the piece of the text that the engine shows at the end of an error, with a mark below it.
	excerpt = regexp.MustCompile(`(?s)\n+LINE (\d+): ([^\n]*)(?:\n( *)\^)?.*$`)
	prefix  = regexp.MustCompile(`^[A-Z][\w ]*? Error: `)
	// valueWithAddress is a value in quotes that the engine could not convert; shownAgain is the same with a mark below it.
	valueWithAddress = regexp.MustCompile(`'[^'\n]*@[^'\n]*'|"[^"\n]*@[^"\n]*"`)
	shownAgain       = regexp.MustCompile(`(?s)\n[^\n]*\n *\^\n.*$`)
	advice           = regexp.MustCompile(`(?s)\n*(Did you mean .*|Candidate bindings: .*|Candidate functions:.*)$`)
)

// queryError turns the engine's error about a query into ours: message, hint and place. An error that
// is no fault of the query's comes back explained.
func queryError(query string, err error) error {
	var already *QueryError
	if errors.As(err, &already) {
		return err
	}
	var engine *duckdb.Error
	if !errors.As(err, &engine) {
		return Explain(err)
	}
	switch engine.Type {
	case duckdb.ErrorTypeConnection, duckdb.ErrorTypeTransaction, duckdb.ErrorTypeInterrupt, duckdb.ErrorTypeNetwork:
		return Explain(err)
	}
	var known *Error
	if errors.As(err, &known) {
		return err
	}
	if known = explanation(err); known != nil {
		return known
	}
	e := &QueryError{err: err}
	message := engine.Msg
	if m := excerpt.FindStringSubmatchIndex(message); m != nil {
		e.Line, _ = strconv.Atoi(message[m[2]:m[3]])
		if m[6] >= 0 {
			e.Column = markColumn(query, e.Line, message[m[4]:m[5]], m[7]-m[6]-len("LINE : ")-(m[3]-m[2]))
		}
		message = message[:m[0]]
	}
	if m := advice.FindStringSubmatchIndex(message); m != nil {
		e.Hint = usefulAdvice(message[m[2]:m[3]])
		message = message[:m[0]]
	}
	e.Message = lowerFirst(prefix.ReplaceAllString(withoutValues(engine.Type, message), ""))
	switch {
	case engine.Type == duckdb.ErrorTypePermission:
		e.Hint = "queries read tables, and the Parquet and CSV files below data_folders"
	case engine.Type == duckdb.ErrorTypeConversion:
		e.Hint = valuesHint
	case !slices.Contains(quotesNoData, engine.Type):
		e.Hint = "" // the engine's advice may quote the value
	}
	return e
}

// withoutAddresses takes out of a message the values that hold an address, blanks and all: messages end up in logs.
func withoutAddresses(message string) string {
	return valueWithAddress.ReplaceAllString(shownAgain.ReplaceAllString(message, ""), "'[email]'")
}

// markColumn finds the column that the engine's mark points at; of a long line it shows only a piece.
func markColumn(query string, line int, shown string, mark int) int {
	lines := strings.Split(query, "\n")
	if line < 1 || line > len(lines) || mark < 0 {
		return 0
	}
	cut := strings.TrimSuffix(shown, "...")
	mark -= len(cut) - len(strings.TrimPrefix(cut, "..."))
	cut = strings.TrimPrefix(cut, "...")
	start := strings.Index(lines[line-1], cut)
	if start < 0 || mark < 0 {
		return 0
	}
	return utf8.RuneCountInString(lines[line-1][:start]) + mark + 1
}

// usefulAdvice is the engine's advice, unless it leads to its own catalog, which the gate keeps shut.
func usefulAdvice(s string) string {
	for _, own := range []string{`"pg_`, `"duckdb_`, `"sqlite_`, `"pragma_`} {
		if strings.Contains(s, own) {
			return ""
		}
	}
	return lowerFirst(strings.Join(strings.Fields(s), " "))
}

// typeName is DuckDB's name of a column's type.
func typeName(info duckdb.TypeInfo) string {
	switch d := info.Details().(type) {
	case *duckdb.DecimalDetails:
		return fmt.Sprintf("DECIMAL(%d,%d)", d.Width, d.Scale)
	case *duckdb.ListDetails:
		return typeName(d.Child) + "[]"
	case *duckdb.ArrayDetails:
		return fmt.Sprintf("%s[%d]", typeName(d.Child), d.Size)
	}
	return typeNames[info.InternalType()]
}

var typeNames = map[duckdb.Type]string{
	duckdb.TYPE_BOOLEAN: "BOOLEAN", duckdb.TYPE_TINYINT: "TINYINT", duckdb.TYPE_SMALLINT: "SMALLINT",
	duckdb.TYPE_INTEGER: "INTEGER", duckdb.TYPE_BIGINT: "BIGINT", duckdb.TYPE_UTINYINT: "UTINYINT",
	duckdb.TYPE_USMALLINT: "USMALLINT", duckdb.TYPE_UINTEGER: "UINTEGER", duckdb.TYPE_UBIGINT: "UBIGINT",
	duckdb.TYPE_FLOAT: "FLOAT", duckdb.TYPE_DOUBLE: "DOUBLE", duckdb.TYPE_TIMESTAMP: "TIMESTAMP",
	duckdb.TYPE_DATE: "DATE", duckdb.TYPE_TIME: "TIME", duckdb.TYPE_INTERVAL: "INTERVAL",
	duckdb.TYPE_HUGEINT: "HUGEINT", duckdb.TYPE_UHUGEINT: "UHUGEINT", duckdb.TYPE_VARCHAR: "VARCHAR",
	duckdb.TYPE_BLOB: "BLOB", duckdb.TYPE_TIMESTAMP_S: "TIMESTAMP_S", duckdb.TYPE_TIMESTAMP_MS: "TIMESTAMP_MS",
	duckdb.TYPE_TIMESTAMP_NS: "TIMESTAMP_NS", duckdb.TYPE_ENUM: "ENUM", duckdb.TYPE_STRUCT: "STRUCT",
	duckdb.TYPE_MAP: "MAP", duckdb.TYPE_UUID: "UUID", duckdb.TYPE_UNION: "UNION", duckdb.TYPE_BIT: "BIT",
	duckdb.TYPE_TIME_TZ: "TIMETZ", duckdb.TYPE_TIMESTAMP_TZ: "TIMESTAMPTZ", duckdb.TYPE_BIGNUM: "BIGNUM",
	duckdb.TYPE_SQLNULL: "NULL",
}
