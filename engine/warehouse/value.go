package warehouse

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// Errors of these classes quote names and tokens of the statement, or paths. All others may quote values of the data.
var quotesNoData = []duckdb.ErrorType{
	duckdb.ErrorTypeParser, duckdb.ErrorTypeSyntax, duckdb.ErrorTypeBinder, duckdb.ErrorTypeCatalog, duckdb.ErrorTypePermission, duckdb.ErrorTypeIO,
	duckdb.ErrorTypeOutOfMemory, duckdb.ErrorTypeConnection, duckdb.ErrorTypeTransaction, duckdb.ErrorTypeInterrupt, duckdb.ErrorTypeNetwork,
	duckdb.ErrorTypeHTTP, duckdb.ErrorTypeSettings, duckdb.ErrorTypeInvalidConfiguration, duckdb.ErrorTypeMissingExtension, duckdb.ErrorTypeAutoLoad,
	duckdb.ErrorTypeParameterNotResolved, duckdb.ErrorTypeParameterNotAllowed, duckdb.ErrorTypeDependency,
}

// Where DuckDB 1.5.5 puts values into its errors, as measured.
var (
	inQuotes = regexp.MustCompile(`(?s)['"].*['"]`)
	atEnd    = regexp.MustCompile(`(?s)['"\n].*$`)
	named    = regexp.MustCompile(`(?i)(with value|cast value) \S+`)
	operands = regexp.MustCompile(`(Overflow in \w+ of \w+) .*`)
	number   = regexp.MustCompile(`-?\d[\d.]{3,}(?:[eE][+-]?\d+)?`)
	// inPattern are the errors of regular expressions, which end with the expression.
	inPattern = regexp.MustCompile(`(?s)((?:missing [\])]|unexpected \)|invalid (?:escape|character|named|perl|repetition|UTF-8)[\w ]*|bad repetition operator|no argument for repetition operator|trailing [^:]*|pattern too large[^:]*)): .*$`)
	// columnOfFile is where an error about a CSV file names the column, below the line of the file.
	columnOfFile = regexp.MustCompile(`(?m)^Error when converting column "(\w+)"`)
)

// withoutValues is the message of an error of that class without values of the data: not from the first quote to the last, no
// number of four digits or more, no line but the first. It keeps what DuckDB says of types and columns behind a value.
func withoutValues(class duckdb.ErrorType, message string) string {
	if slices.Contains(quotesNoData, class) {
		return withoutAddresses(message)
	}
	column := columnOfFile.FindStringSubmatch(message)
	message = strings.ReplaceAll(message, "can't", "cannot") // its mark would be taken for a quote
	message = inPattern.ReplaceAllString(message, "$1")
	message = inQuotes.ReplaceAllString(message, "…")
	message = atEnd.ReplaceAllString(message, "")
	message = named.ReplaceAllString(message, "$1 …")
	message = operands.ReplaceAllString(message, "$1")
	message = number.ReplaceAllString(message, "…")
	if column != nil {
		message += ", column " + column[1]
	}
	return message
}

// WithoutValues gives an error of the engine's that may quote values of the data a message without them, since messages end up in
// logs and in the ledger. It wraps the engine's own; any other error comes back as it was.
func WithoutValues(err error) error {
	var engine *duckdb.Error
	var known *Error
	var query *QueryError
	if !errors.As(err, &engine) || errors.As(err, &known) || errors.As(err, &query) || slices.Contains(quotesNoData, engine.Type) {
		return err
	}
	return &Error{message: withoutValues(engine.Type, excerpt.ReplaceAllString(engine.Msg, "")), err: err}
}

// valuesHint is how to find values that an error does not show.
const valuesHint = "the value is not shown; to find its row: SELECT * FROM … WHERE TRY_CAST(column AS type) IS NULL AND column IS NOT NULL"

// NullText is the text as a parameter: NULL where it is empty.
func NullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}
