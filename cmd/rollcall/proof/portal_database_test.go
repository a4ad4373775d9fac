package proof

import (
	"database/sql"
	"fmt"
	"strings"
)

// people replaces who is in the table people, by the contacts' numbers.
func (p *portal) people(numbers ...int) {
	p.t.Helper()
	script := "DELETE FROM people;"
	if len(numbers) > 0 {
		var values []string
		for _, n := range numbers {
			values = append(values, fmt.Sprintf("('contact-%05d@example.com')", n))
		}
		script += "INSERT INTO people VALUES " + strings.Join(values, ", ")
	}
	p.rollcall("sql", "--write", "-c", script)
}

// rows reads the control database as another tool would: a line a row, columns parted by blanks. No child may be at work.
func (p *portal) rows(query string, args ...any) (lines []string) {
	p.t.Helper()
	if p.ledger == nil {
		db, err := sql.Open("duckdb", p.file()+"?access_mode=read_only&threads=1")
		if err != nil {
			p.t.Fatal(err)
		}
		p.ledger = db
		p.t.Cleanup(p.closeLedger)
	}
	rows, err := p.ledger.QueryContext(p.t.Context(), fmt.Sprintf(query, args...))
	if err != nil {
		p.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		p.t.Fatal(err)
	}
	values, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			p.t.Fatal(err)
		}
		lines = append(lines, strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	if err := rows.Err(); err != nil {
		p.t.Fatal(err)
	}
	return lines
}

// closeLedger closes the control database, so that a child can open it.
func (p *portal) closeLedger() {
	if p.ledger == nil {
		return
	}
	if err := p.ledger.Close(); err != nil {
		p.t.Error(err)
	}
	p.ledger = nil
}

// between are the numbers from one to another, both included.
func between(from, to int) (all []int) {
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}
