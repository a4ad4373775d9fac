package warehouse

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// FuzzCheckReads holds that whatever the gate lets pass reads nothing but what is allowed: on an engine that is not locked, no result holds
// a value of a file, of a database outside of the scope or of a variable, nor the name of a column there.
func FuzzCheckReads(f *testing.F) {
	folder, conn, scope := target(f)
	for query := range attacks(folder, false) {
		f.Add(strings.ReplaceAll(query, folder+"/", ""))
	}
	for _, query := range accepted {
		f.Add(query)
	}
	for _, test := range refused {
		f.Add(test.query)
	}
	script(f, conn, "SET memory_limit = '300MB'")
	f.Fuzz(func(t *testing.T, query string) {
		if strings.Contains(strings.ToUpper(query), "SECRET") {
			return // it need not read it
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if _, err := scope.Check(ctx, conn, query); err != nil {
			return
		}
		if result := result(ctx, t, conn, query); strings.Contains(result, "SECRET") {
			t.Errorf("%q reads what it must not: %s", query, result)
		}
	})
}

// result is the names of the columns and the first values that a query returns.
func result(ctx context.Context, t *testing.T, conn *Conn, query string) string {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		t.Logf("%q does not run: %v", query, err)
		return ""
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Error(err)
	}
	all := fmt.Sprint(names)
	for n := 0; n < 100 && rows.Next(); n++ {
		values, dest := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			t.Logf("%q: %v", query, err)
		}
		all += fmt.Sprint(values)
	}
	return all
}
