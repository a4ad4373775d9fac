package warehouse

import "testing"

func TestQuoteGivesBackWhatItWasGiven(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	for _, text := range []string{"", "plain", "it's", `say "x"`, `"; DROP TABLE t; --`, "'; SELECT 1; --", `back\slash`, "new\nline", "é;$1", "''", `""`} {
		var asText, asName string
		row := conn.QueryRowContext(t.Context(), "SELECT "+quoteText(text)+", "+quoteTexts([]string{"a", text})+"[2]")
		if err := row.Scan(&asText, &asName); err != nil || asText != text || asName != text {
			t.Errorf("%q became %q and %q: %v", text, asText, asName, err)
		}
		if text == "" {
			continue // no name is empty
		}
		rows, err := conn.QueryContext(t.Context(), "SELECT 1 AS "+quoteName(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if names, _ := rows.Columns(); names[0] != text {
			t.Errorf("%q became the name %q", text, names[0])
		}
		rows.Close()
	}
}
