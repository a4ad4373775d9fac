package engine

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"rollcall/engine/warehouse"
	"rollcall/engine/warehouse/querytest"
)

// memoryDatabase connects to a database of its own, in memory.
func memoryDatabase(t *testing.T, makes ...string) *warehouse.Conn {
	t.Helper()
	conn := querytest.Empty(t)
	for _, statement := range makes {
		querytest.Run(t, conn, statement)
	}
	return conn
}

// A page holds no more of the longest texts than its bytes allow, and at least one row.
func TestPagesAreBoundedInBytes(t *testing.T) {
	t.Parallel()
	half := warehouse.PageBytes/2 - 16
	for name, c := range map[string]struct {
		rows  int
		text  string
		pages []int
	}{
		"short texts":          {warehouse.PageRows + 1, "'a'", []int{warehouse.PageRows, 1}},
		"two fill a page":      {5, fmt.Sprintf("repeat('a', %d)", half), []int{2, 2, 1}},
		"one is longer":        {3, fmt.Sprintf("repeat('a', %d)", warehouse.PageBytes+1), []int{1, 1, 1}},
		"only one of them is":  {4, fmt.Sprintf("CASE i WHEN 2 THEN repeat('ä', %d) ELSE 'a' END", half), []int{1, 1, 1, 1}},
		"as long as keys are":  {warehouse.PageRows, "repeat('a', 512)", []int{warehouse.PageRows}},
		"no rows, so no pages": {0, "'a'", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := memoryDatabase(t, fmt.Sprintf("CREATE TEMP TABLE desired AS SELECT %s AS key FROM range(%d) t(i)", c.text, c.rows))
			var rows, longest int64
			if err := conn.ReadRow(t.Context(), queries.MeasureDesired, nil, &rows, &longest); err != nil {
				t.Fatal(err)
			}
			var pages []int
			err := conn.ReadPages(t.Context(), queries.PageDesired, warehouse.Extent{Rows: rows, Longest: longest}, func(page []warehouse.NullString) error {
				pages = append(pages, len(page))
				return nil
			})
			if err != nil || fmt.Sprint(pages) != fmt.Sprint(c.pages) {
				t.Errorf("pages of %v rows, %v; want %v", pages, err, c.pages)
			}
		})
	}
}

// A plan is saved a page at a time, whatever set has the long texts.
func TestSavedTablesAreBoundedInBytes(t *testing.T) {
	t.Parallel()
	sets := map[string]string{
		"desired": "(key VARCHAR)", "resolved": "(key VARCHAR, record_id BIGINT)", "current": "(record_id BIGINT)", "applied": "(record_id BIGINT, key VARCHAR)",
		"plan": "(batch BIGINT, n BIGINT, action VARCHAR, record_id BIGINT, key VARCHAR, cause VARCHAR)", "rejected": "(key VARCHAR, reason VARCHAR, detail VARCHAR)",
	}
	const rows = 5
	for _, table := range savedTables() {
		conn := memoryDatabase(t, "CREATE TEMP TABLE "+table.name+" "+sets[table.name])
		value := fmt.Sprintf("repeat('a', %d)", warehouse.PageBytes/2-64)
		if table.name == "current" {
			value = "i"
		}
		columns := strings.Count(sets[table.name], ",") + 1
		values := make([]string, columns)
		for i := range values {
			values[i] = "NULL"
		}
		for i, column := range strings.Split(strings.Trim(sets[table.name], "()"), ", ") {
			if strings.HasPrefix(column, "key") || column == "record_id BIGINT" && table.name == "current" {
				values[i] = value
			}
		}
		querytest.Run(t, conn, fmt.Sprintf("INSERT INTO temp.main.%s SELECT %s FROM range(%d) t(i)", table.name, strings.Join(values, ", "), rows))
		into := memoryDatabase(t, queries.MakeSavedPlan.Text())
		var log bytes.Buffer
		logger := zerolog.New(&log).Level(zerolog.TraceLevel)
		ctx := logger.WithContext(context.WithoutCancel(t.Context()))
		if err := (&Console{conn: conn}).copyTable(ctx, into, table); err != nil {
			t.Fatal(err)
		}
		want := 3
		if table.name == "current" {
			want = 1
		}
		if n := strings.Count(log.String(), `"`+table.page.Name()+`"`); n != want {
			t.Errorf("%s: %d pages, want %d", table.name, n, want)
		}
		var saved int64
		if err := into.ScanRow(t.Context(), "SELECT count(*) FROM "+table.name, &saved); err != nil || saved != rows {
			t.Errorf("%s: %d rows, %v; want %d", table.name, saved, err, rows)
		}
	}
}
