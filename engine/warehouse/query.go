package warehouse

// Column is a column that a query returns.
type Column struct {
	// Name as the query gives it.
	Name string
	// Type is DuckDB's name of the type, such as VARCHAR or DECIMAL(18,3).
	Type string
}

// Columns are the columns of a query, in order.
type Columns []Column

// QueryError says what is wrong with an analyst's query.
type QueryError struct {
	// Message says what is wrong.
	Message string
	// Hint says what to do about it; it may be empty.
	Hint string
	// Line and Column say where, from 1; 0 where the place is not known.
	Line, Column int
}

// Error is the message.
func (e *QueryError) Error() string { return e.Message }
