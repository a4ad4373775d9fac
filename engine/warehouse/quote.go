package warehouse

import "strings"

// quote is the only place where SQL is put together in Go: names and settings
// cannot be parameters of ATTACH, USE and SET. mark is the double quote for an
// identifier and the single quote for a text. DuckDB knows no other escape in
// either than the doubled mark (DuckDB documentation, "Literal Types", "Identifiers").
func quote(text string, mark byte) string {
	m := string(mark)
	return m + strings.ReplaceAll(text, m, m+m) + m
}

// quoteName quotes an identifier, such as the name of a database.
func quoteName(name string) string { return quote(name, '"') }

// quoteText quotes a text, such as a path or the value of a setting.
func quoteText(text string) string { return quote(text, '\'') }

// quoteTexts quotes a list of texts as a DuckDB list.
func quoteTexts(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = quoteText(t)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
