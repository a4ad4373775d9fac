package warehouse

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"
)

func TestStageKeysKeepsEveryKeyAsText(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, customers+`
CREATE TABLE people AS FROM (VALUES (' Ada@example.com ', 1), ('bob@example.com', 2), ('bob@example.com', 2), (NULL, 3), ('', 4)) t("EMail", id)`)
	for _, test := range []struct {
		query, column string
		want          []string
	}{
		{"SELECT id, EMail FROM people; -- all", "email", []string{"", " Ada@example.com ", "NULL", "bob@example.com", "bob@example.com"}},
		{"SELECT 9007199254740993 AS hs_object_id", "hs_object_id", []string{"9007199254740993"}},
		{"SELECT 12.50::DECIMAL(9,2) AS k", "K", []string{"12.50"}},
		{"SELECT 1.5::DOUBLE AS k", "k", []string{"1.5"}},
		{"SELECT 170141183460469231731687303715884105727::HUGEINT AS k", "k", []string{"170141183460469231731687303715884105727"}},
		{"SELECT '6f1d1b2e-0000-4000-8000-000000000000'::UUID AS k", "k", []string{"6f1d1b2e-0000-4000-8000-000000000000"}},
		{"SELECT 'a'::ENUM('a', 'b') AS k", "k", []string{"a"}},
		{"SELECT 'it''s; \"x\" -- $1' AS \"odd \"\"name; --\"", "odd \"name; --", []string{"it's; \"x\" -- $1"}},
		{"SELECT email AS k FROM buyers WHERE false", "k", []string{}},
		{"FROM pros()", "email", []string{"ada@example.com"}},
	} {
		staged, err := StageKeys(t.Context(), conn, test.query, Key{Column: test.column, Longest: 512})
		if err != nil {
			t.Errorf("%s: %v", test.query, err)
			continue
		}
		got := keys(t, conn)
		if diff := cmp.Diff(test.want, got); diff != "" || staged.Rows != int64(len(test.want)) {
			t.Errorf("%s: %d rows\n%s", test.query, staged.Rows, diff)
		}
	}
}

func TestStageKeysCutsWhatCannotBeAKey(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	const query = `FROM (VALUES (repeat('ä', 12)), (repeat('ä', 13)), (repeat(' ', 900) || 'ann' || repeat(' ', 900)), (repeat(' ', 900)),
		(repeat('x', 1900)), (NULL)) t(k)`
	staged, err := StageKeys(t.Context(), conn, query, Key{Column: "k", Longest: 12})
	if err != nil || staged != (Staged{Rows: 6, Longest: 24}) {
		t.Fatalf("%+v, %v", staged, err)
	}
	var got string
	if err := conn.QueryRowContext(t.Context(), `SELECT string_agg(format('{}/{}', coalesce(key, 'NULL'), coalesce(too_long, 0)), ' ' ORDER BY rowid)
		FROM temp.main.query_keys`).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if want := "ääääääääääää/0 ääääääääääää/13 ann/0 /0 xxxxxxxxxxxx/1900 NULL/0"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestStageKeysSaysWhichColumnIsMeant(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	for _, test := range []struct{ query, column, message, hint string }{
		{"SELECT 1 AS id, 'x' AS e_mail, 'y' AS email_address", "email", "returns no column email; it returns id, e_mail, email_address", "did you mean e_mail?"},
		{"SELECT 1 AS id, 'y' AS email_address, 3 AS entail", "email", "returns no column email", "did you mean email_address?"},
		{"SELECT 1 AS id, 'y' AS emial", "email", "returns no column email", "did you mean emial?"},
		{"SELECT 1 AS id, 2 AS name", "email", "returns no column email", "AS email, or set key_column"},
		{"SELECT 1 AS email, 2 AS EMAIL", "email", "2 columns that are called email", "AS"},
		{"SELECT 'x'::BLOB AS email", "email", "of the type BLOB", "::VARCHAR"},
		{"SELECT {'a': 1} AS email", "email", "of the type STRUCT", "::VARCHAR"},
		{"SELECT ['a'] AS email", "email", "of the type VARCHAR[]", "::VARCHAR"},
		{"SELECT [1.5::DECIMAL(3,1)] AS email", "email", "of the type DECIMAL(3,1)[]", "::VARCHAR"},
		{"SELECT DATE '2026-01-01' AS email", "email", "of the type DATE", "::VARCHAR"},
		{"SELECT true AS email", "email", "of the type BOOLEAN", "::VARCHAR"},
		{"DELETE FROM t", "email", "not a SELECT", "SELECT"},
		{"SELECT CAST('x' AS INTEGER) AS email", "email", "could not convert string … to INT32", "TRY_CAST"},
	} {
		_, err := StageKeys(t.Context(), conn, test.query, Key{Column: test.column, Longest: 512})
		var problem *QueryError
		if !errors.As(err, &problem) {
			t.Errorf("%s: %v", test.query, err)
			continue
		}
		if !strings.Contains(strings.ToLower(problem.Message), strings.ToLower(test.message)) || !strings.Contains(problem.Hint, test.hint) {
			t.Errorf("%s:\n\t%s\n\t%s", test.query, problem.Message, problem.Hint)
		}
	}
}

func TestStageKeysLeavesNothingAfterAnError(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, customers)
	if _, err := StageKeys(t.Context(), conn, "SELECT email FROM buyers", emails); err != nil {
		t.Fatal(err)
	}
	// The error comes when the query already runs, so that it ends the transaction.
	if _, err := StageKeys(t.Context(), conn, "SELECT CAST(email AS INTEGER) AS email FROM buyers", emails); err == nil {
		t.Fatal("no error")
	}
	var n int
	if err := conn.QueryRowContext(t.Context(), "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'query_keys'").Scan(&n); err != nil || n != 0 {
		t.Errorf("the keys of the query before are still there: %d, %v", n, err)
	}
	script(t, conn, "DELETE FROM buyers WHERE id = 1") // the connection is in no READ ONLY transaction
	if n := count(t, conn, "buyers"); n != 9 {
		t.Errorf("%d rows", n)
	}
}

func TestStageKeysStopsAtTheTimeLimit(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err := StageKeys(ctx, conn, "SELECT count(*) AS email FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 7", emails)
	var problem *Error
	if !errors.As(err, &problem) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(problem.Error(), "took longer than") || !strings.Contains(problem.Hint(), "query_timeout") {
		t.Errorf("%s\n%s", problem, problem.Hint())
	}
	if _, err := StageKeys(t.Context(), conn, "SELECT 1 AS email", emails); err != nil {
		t.Errorf("the connection is of no more use: %v", err)
	}
}

func TestStageKeysReadsAnAnalystsOwnTableOfThatName(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, "CREATE TABLE query_keys AS SELECT 'own@example.com' AS email")
	for range 2 {
		if _, err := StageKeys(t.Context(), conn, "SELECT email FROM query_keys", emails); err != nil {
			t.Fatal(err)
		}
		if got := keys(t, conn); !slices.Equal(got, []string{"own@example.com"}) {
			t.Errorf("got %v", got)
		}
	}
}

func keys(t testing.TB, conn *Conn) []string {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), "SELECT coalesce(key, 'NULL') FROM temp.main.query_keys ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := []string{}
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			t.Fatal(err)
		}
		found = append(found, key)
	}
	return found
}

// StageKeys is Scope.StageKeys without bounds.
func StageKeys(ctx context.Context, conn *Conn, query string, key Key) (Staged, error) {
	return Scope{}.StageKeys(ctx, conn, query, key)
}

// However the driver puts it, a query that its time limit has stopped has a TimeoutError; one that a person has stopped has not.
func TestTimeLimitIsNamed(t *testing.T) {
	t.Parallel()
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	bare := &duckdb.Error{Type: duckdb.ErrorTypeInterrupt, Msg: "INTERRUPT Error: Interrupted!"}
	for name, test := range map[string]struct {
		ctx  context.Context
		err  error
		late bool
	}{
		"bare":       {late, bare, true},
		"joined":     {late, errors.Join(context.DeadlineExceeded, bare), true},
		"by hand":    {stopped, errors.Join(context.Canceled, bare), false},
		"not at all": {late, &duckdb.Error{Type: duckdb.ErrorTypeBinder}, false},
	} {
		err := limit(time.Second).explain(test.ctx, test.err)
		var known *Error
		if errors.As(err, &known) != test.late || errors.Is(err, context.DeadlineExceeded) != test.late {
			t.Errorf("%s: %v", name, err)
		}
	}
}
