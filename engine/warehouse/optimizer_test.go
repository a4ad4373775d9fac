package warehouse

import (
	"context"
	"database/sql/driver"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// counted is a function that counts its calls. The optimizer calls it where its argument is a constant.
type counted struct{ n atomic.Int64 }

func (c *counted) Config() duckdb.ScalarFuncConfig {
	number, err := duckdb.NewTypeInfo(duckdb.TYPE_INTEGER)
	if err != nil {
		panic(err)
	}
	return duckdb.ScalarFuncConfig{InputTypeInfos: []duckdb.TypeInfo{number}, ResultTypeInfo: number}
}

func (c *counted) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: func(values []driver.Value) (any, error) {
		c.n.Add(1)
		return values[0], nil
	}}
}

// explains is how the connection plans an addition of constants.
func explains(t *testing.T, conn *Conn) string {
	t.Helper()
	var key, plan string
	if err := conn.ScanRow(t.Context(), "EXPLAIN SELECT i FROM range(3) t(i) WHERE 1 + 1 = 3", &key, &plan); err != nil {
		t.Fatal(err)
	}
	return plan
}

// The check computes nothing that is constant, and leaves the optimizer on, whatever came of it.
func TestCheckBindsWithoutComputing(t *testing.T) {
	t.Parallel()
	_, conn := setup(t, Config{})
	script(t, conn, customers)
	optimized := explains(t, conn)
	if !strings.Contains(optimized, "EMPTY_RESULT") {
		t.Fatalf("the optimizer is off to begin with:\n%s", optimized)
	}
	calls := &counted{}
	if err := duckdb.RegisterScalarUDF(conn.conn, "counted", calls); err != nil {
		t.Fatal(err)
	}
	if _, err := columns(t.Context(), conn, "SELECT counted(1) AS email"); err != nil || calls.n.Load() != 0 {
		t.Errorf("a constant was computed %d times, %v", calls.n.Load(), err)
	}
	over, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	for _, query := range []string{"SELECT email FROM crm.customers", "SELECT nothing FROM nowhere", "SELECT 1 + 'x' AS email"} {
		for _, ctx := range []context.Context{t.Context(), over} {
			_, _ = Check(ctx, conn, query)
			_, _ = StageKeys(ctx, conn, query, emails)
			if got := explains(t, conn); got != optimized {
				t.Fatalf("%s\n\tleaves the optimizer off:\n%s", query, got)
			}
		}
	}
}
