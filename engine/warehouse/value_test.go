package warehouse

import (
	"errors"
	"strings"
	"testing"
)

// Errors about the data say what is wrong with it, and show none of it.
func TestErrorsShowNoValues(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, `CREATE TABLE people AS SELECT 'secret ssn-12' AS ssn, 'secret''s "ssn"' AS quoted, 'secret
ada@example.com' AS lines, 123456789012::BIGINT AS id, 300 AS small, '[secret' AS pattern, 'secret(' AS open`)
	for _, test := range []struct{ expression, message string }{
		{"ssn::INT", "could not convert string … to INT32 when casting from source column ssn"},
		{"quoted::INT", "could not convert string … to INT32 when casting from source column quoted"},
		{"lines::INT", "could not convert string … to INT32 when casting from source column lines"},
		{"CAST('secret' AS INT)", "could not convert string … to INT32"},
		{"ssn::DATE", "invalid date field format: …, expected format is (YYYY-MM-DD) when casting from source column ssn"},
		{"ssn::JSON", "malformed JSON at byte 0 of input: unexpected character.  Input: … when casting from source column ssn"},
		{"ssn::INT[]", "type VARCHAR with value … cannot be cast to the destination type INTEGER[] when casting from source column ssn"},
		{"strptime(lines, '%Y')", "could not parse string …"},
		{"date_trunc(ssn, now())", "extract specifier … not recognized"},
		{"now() AT TIME ZONE ssn", "unknown TimeZone …"},
		{"from_base64(ssn)", "could not decode string … as base64: length must be a multiple of 4"},
		{"id::INT", "type INT64 with value … cannot be cast because the value is out of range for the destination type INT32 when casting from source column id"},
		{"small::TINYINT", "type INT32 with value … cannot be cast because the value is out of range for the destination type INT8 when casting from source column small"},
		{"(id * id)::VARCHAR", "overflow in multiplication of INT64"},
		{"chr((id % 2147483647)::INT)", "invalid UTF8 Codepoint …"},
		{"make_timestamp(1234 + small, 13, 1, 0, 0, 0.0)", "date out of range: …-13-1"},
		{"regexp_matches('x', pattern)", "missing ]"},
		{"regexp_matches('x', open)", "missing )"},
	} {
		_, err := StageKeys(t.Context(), conn, "SELECT ("+test.expression+")::VARCHAR AS email FROM people", emails)
		var problem *QueryError
		if !errors.As(err, &problem) {
			t.Errorf("%s: %v", test.expression, err)
			continue
		}
		if problem.Message != test.message {
			t.Errorf("%s:\n\t%s\nwant\n\t%s", test.expression, problem.Message, test.message)
		}
		for _, value := range []string{"secret", "ssn-12", "ada", "1234", "1534", "300"} {
			if strings.Contains(err.Error()+problem.Hint, value) {
				t.Errorf("%s: %v (hint: %s) shows %s", test.expression, err, problem.Hint, value)
			}
		}
	}
}

// A value that a statement of Rollcall's own stumbles over is not shown either; names are.
func TestWithoutValues(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	for statement, want := range map[string]string{
		"SELECT 'secret'::INT":         "Conversion Error: Could not convert string … to INT32",
		"SELECT nothing FROM range(1)": `Binder Error: Referenced column "nothing" not found`,
	} {
		var s string
		err := WithoutValues(conn.QueryRowContext(t.Context(), statement).Scan(&s))
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %s", statement, err, want)
		}
	}
	if other := errors.New("could not convert 'x'"); WithoutValues(other) != other || WithoutValues(nil) != nil {
		t.Error("an error that is not the engine's is changed")
	}
}
