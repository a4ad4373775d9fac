package property_test

import (
	"database/sql"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"rollcall/engine/hubspot/property"
)

// The values are those that DuckDB's driver really gives, whatever the type of the column.
func TestStoredValuesOfDuckDB(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), "SET TimeZone = 'Europe/Berlin'"); err != nil {
		t.Fatal(err)
	}
	text, number, day, at := definition("string"), definition("number"), definition("date"), definition("datetime")
	for _, test := range []struct {
		property  property.Definition
		sql, want string
	}{
		{text, "'a'", "a"}, {text, "NULL", ""}, {text, "42::UTINYINT", "42"}, {text, "uuid()", "!invalid_type"}, {text, "left(uuid()::VARCHAR, 0)", ""}, {text, "'x'::BLOB", "!invalid_type"},
		{text, "{'a': 1}", "!invalid_type"}, {text, "MAP {'a': 1}", "!invalid_type"}, {text, "INTERVAL 1 DAY", "!invalid_type"}, {text, "'lead'::ENUM('lead')", "lead"},
		{number, "1::TINYINT", "1"}, {number, "1.50::DECIMAL(10,2)", "1.5"}, {number, "0::DECIMAL(5,2)", "0"}, {number, "-0.05::DECIMAL(5,2)", "-0.05"},
		{number, "123456789012345678901234567890.5::DECIMAL(38,1)", "123456789012345678901234567890.5"}, {number, "170141183460469231731687303715884105727::HUGEINT", "170141183460469231731687303715884105727"},
		{number, "sum(x) FROM (VALUES (1), (2)) t(x)", "3"}, {number, "0.1::DOUBLE + 0.2::DOUBLE", "0.3"}, {number, "0.1::FLOAT", "0.1"}, {number, "'nan'::DOUBLE", "!invalid_number"},
		{number, "18446744073709551615::UBIGINT", "18446744073709551615"}, {number, "TRUE", "!invalid_type"},
		{definition("bool"), "1 = 1", "true"}, {definition("bool"), "0::TINYINT", "false"},
		{day, "DATE '2026-03-29'", "2026-03-29"}, {day, "TIMESTAMP '2026-03-29 00:00:00'", "2026-03-29"}, {day, "TIMESTAMPTZ '2026-03-29 00:00:00'", "!invalid_date"},
		{day, "TIMESTAMPTZ '2026-03-29 00:00:00+00'", "2026-03-29"}, {day, "DATE '1969-12-31'", "1969-12-31"}, {day, "DATE '2026-03-29'::VARCHAR", "2026-03-29"},
		{day, "TIME '12:00:00'", "!invalid_date"}, {day, "'infinity'::DATE", "!invalid_date"},
		{at, "TIMESTAMP '2026-03-29 12:00:00.123456'", "2026-03-29T12:00:00.123Z"}, {at, "TIMESTAMPTZ '2026-03-29 12:00:00'", "2026-03-29T10:00:00.000Z"},
		{at, "TIMESTAMP_NS '2026-03-29 12:00:00.123456789'", "2026-03-29T12:00:00.123Z"}, {at, "TIMESTAMPTZ '2026-03-29 12:00:00'::VARCHAR", "2026-03-29T10:00:00.000Z"},
		{at, "TIMESTAMP '1900-01-01 00:00:00.999999'", "1900-01-01T00:00:00.999Z"}, {at, "TIME '12:00:00'", "!invalid_datetime"}, {at, "epoch_ms(TIMESTAMP '2026-03-29')", "2026-03-29T00:00:00.000Z"},
		{at, "epoch(TIMESTAMP '2026-03-29')", "!invalid_datetime"}, {at, "'infinity'::TIMESTAMP", "!invalid_datetime"},
		{colours, "['r', NULL, 'b']", "b;r"}, {colours, "array_value('r', 'b')", "b;r"}, {colours, "[2]", "2"}, {colours, "[]", ""}, {colours, "NULL::VARCHAR[]", ""}, {colours, "['r', 'b']::VARCHAR", "!invalid_option"},
		{stage, "['lead']", "lead"}, {owner, "51::BIGINT", "51"}, {text, "'[1]'::JSON", "1"}, {text, "'{}'::JSON", "!invalid_type"},
	} {
		var value any
		if err := db.QueryRowContext(t.Context(), "SELECT "+test.sql).Scan(&value); err != nil {
			t.Errorf("%s: %v", test.sql, err)
			continue
		}
		got, reject := test.property.Stored(value)
		if reject != nil {
			got = "!" + string(reject.Reason)
		}
		if got != test.want {
			t.Errorf("%s as %s is %T %v: got %q, want %q", test.sql, test.property.Type, value, value, got, test.want)
		}
	}
}
