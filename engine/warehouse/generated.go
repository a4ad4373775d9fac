package warehouse

import "strings"

// generatedAs stands before the expression of a generated column in the text that the engine itself writes of a table.
const generatedAs = "GENERATED ALWAYS AS("

// generated are the expressions of a table's generated columns, or none where the text can't be parsed.
func generated(definition string) (found []string) {
	for i := 0; i < len(definition); i++ {
		switch {
		case definition[i] == '\'' || definition[i] == '"':
			i = quoteEnd(definition, i)
		case strings.HasPrefix(definition[i:], generatedAs):
			start := i + len(generatedAs)
			end := bracketEnd(definition, start)
			if end < 0 {
				return nil
			}
			found = append(found, definition[start:end])
			i = end
		}
	}
	return found
}

// quoteEnd is where the text or the name ends whose opening quote is at i. A doubled quote within begins the next one at once, which
// comes to the same.
func quoteEnd(s string, i int) int {
	end := strings.IndexByte(s[i+1:], s[i])
	if end < 0 {
		return len(s)
	}
	return i + 1 + end
}

// bracketEnd is where the bracket is closed within which i is, or -1.
func bracketEnd(s string, i int) int {
	for depth := 1; i < len(s); i++ {
		switch s[i] {
		case '\'', '"':
			i = quoteEnd(s, i)
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
