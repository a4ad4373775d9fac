package migrations

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// DamageError is damage of the control tables that can't be repaired without losing data.
type DamageError struct{ Damage []string }

func (e *DamageError) Error() string {
	return "the control tables are damaged: " + strings.Join(e.Damage, "; ")
}

// Hint returns what to do about it.
func (e *DamageError) Hint() string {
	return "put a backup of the database in its place; or rename the table (ALTER TABLE … RENAME TO …), run `rollcall init`, which makes it anew, and INSERT what is left"
}

// relation is a table or a view of the schema rollcall, as the engine's catalog describes it.
type relation struct {
	Name, SQL, Comment string
	View               bool
	Columns            []column
}

type column struct {
	Name, Type, Comment string
	Default             *string // an expression
	Nullable            bool
}

// readRelations answers with a JSON array of the relations of the schema rollcall.
const readRelations = `
WITH columns AS (
    SELECT table_name, list({'name': column_name, 'type': data_type, 'comment': coalesce(comment, ''), 'default': column_default, 'nullable': is_nullable} ORDER BY column_index) AS columns
    FROM duckdb_columns()
    WHERE database_name = current_database() AND schema_name = 'rollcall'
    GROUP BY table_name
),
relations AS (
    SELECT table_name AS name, sql, coalesce(comment, '') AS comment, false AS view
    FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name = 'rollcall'
    UNION ALL
    SELECT view_name, sql, coalesce(comment, ''), true
    FROM duckdb_views()
    WHERE database_name = current_database() AND schema_name = 'rollcall'
)
SELECT coalesce(CAST(to_json(list({'name': name, 'sql': sql, 'comment': comment, 'view': view, 'columns': coalesce(columns, [])} ORDER BY view, name)) AS VARCHAR), '[]')
FROM relations
LEFT JOIN columns ON table_name = name`

func relations(ctx context.Context, conn Conn) ([]relation, error) {
	var text string
	if err := conn.ScanRow(ctx, readRelations, &text); err != nil {
		return nil, err
	}
	var all []relation
	err := json.Unmarshal([]byte(text), &all)
	return all, err
}

// Repair recreates what is missing of control tables that are at the newest version, and returns what it recreated, for people: tables, which are empty
// then, columns, which are NULL in the rows that are there, and views. scratch is an empty database of the same engine, in which the migrations are
// run to see what there should be. What can't be recreated is a [*DamageError], and nothing is changed. Tables, views and columns beside
// Rollcall's are left alone.
func Repair(ctx context.Context, conn, scratch Conn) (repaired []string, err error) {
	if _, err := Up(ctx, scratch); err != nil {
		return nil, err
	}
	wanted, err := relations(ctx, scratch)
	if err != nil {
		return nil, err
	}
	err = retry(ctx, func() error {
		return conn.Transaction(ctx, func() error {
			found, err := relations(ctx, conn)
			if err != nil {
				return err
			}
			r := repair{}
			for _, w := range wanted {
				r.compare(w, found)
			}
			if len(r.damage) > 0 {
				return &DamageError{r.damage}
			}
			r.statements = append(r.statements, giveLease)
			repaired = r.made
			_, err = conn.ExecContext(ctx, strings.Join(r.statements, ";\n"))
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return repaired, nil
}

// giveLease makes the row of the lease where it is missing. Its epoch continues from that of the last run: runs are ordered by it.
const giveLease = `INSERT INTO rollcall.lease (name, epoch)
SELECT 'runner', coalesce((SELECT max(epoch) FROM rollcall.runs), 0)
WHERE NOT EXISTS (FROM rollcall.lease WHERE name = 'runner')`

// repair is what is to be done.
type repair struct{ damage, made, statements []string }

// compare adds what is to be done for one relation that there should be.
func (r *repair) compare(wanted relation, found []relation) {
	i := slices.IndexFunc(found, func(f relation) bool { return f.Name == wanted.Name })
	switch {
	case i >= 0 && found[i].View != wanted.View:
		r.damage = append(r.damage, fmt.Sprintf("rollcall.%s is a %s and should be a %s", wanted.Name, found[i].kind(), wanted.kind()))
	case wanted.View && (i < 0 || !sameColumns(wanted, found[i])):
		r.make("view "+wanted.Name, "CREATE OR REPLACE "+strings.TrimPrefix(wanted.definition(), "CREATE "))
		r.explain(wanted, wanted.Columns)
	case i < 0 && wanted.Name == "schema_version":
		r.damage = append(r.damage, "rollcall.schema_version is missing")
	case i < 0:
		r.make("table "+wanted.Name+" (empty)", wanted.definition())
		r.explain(wanted, wanted.Columns)
	case !wanted.View:
		r.compareColumns(wanted, found[i])
	}
}

// compareColumns adds what is to be done for the columns of a table that is there.
func (r *repair) compareColumns(wanted, found relation) {
	for _, w := range wanted.Columns {
		i := slices.IndexFunc(found.Columns, func(f column) bool { return f.Name == w.Name })
		name := "rollcall." + wanted.Name + "." + w.Name
		switch {
		case i >= 0 && found.Columns[i].Type != w.Type:
			r.damage = append(r.damage, fmt.Sprintf("%s is of the type %s and should be %s", name, found.Columns[i].Type, w.Type))
		case i >= 0:
		case !w.Nullable, wanted.Name == "syncs": // a row without its limits, or enabled again, is another row
			r.damage = append(r.damage, name+" is missing")
		default:
			table := "ALTER TABLE rollcall." + wanted.Name
			r.make("column "+wanted.Name+"."+w.Name, fmt.Sprintf("%s ADD COLUMN %s %s", table, quoteName(w.Name), w.Type))
			if w.Default != nil { // in one statement the default would hold for the rows that are there, and now() needs an engine that is not locked
				r.statements = append(r.statements, fmt.Sprintf("%s ALTER COLUMN %s SET DEFAULT %s", table, quoteName(w.Name), *w.Default))
			}
			r.explain(relation{Name: wanted.Name}, []column{w})
		}
	}
}

func (r *repair) make(what, statement string) {
	r.made = append(r.made, what)
	r.statements = append(r.statements, statement)
}

// explain adds the comments of a relation and of columns.
func (r *repair) explain(of relation, columns []column) {
	if of.Comment != "" {
		r.statements = append(r.statements, fmt.Sprintf("COMMENT ON %s rollcall.%s IS %s", strings.ToUpper(of.kind()), of.Name, quoteText(of.Comment)))
	}
	for _, c := range columns {
		r.statements = append(r.statements, fmt.Sprintf("COMMENT ON COLUMN rollcall.%s.%s IS %s", of.Name, quoteName(c.Name), quoteText(c.Comment)))
	}
}

// definition is the statement that makes the relation, without a semicolon.
func (r relation) definition() string { return strings.TrimRight(r.SQL, "; \n") }

func (r relation) kind() string {
	if r.View {
		return "view"
	}
	return "table"
}

// sameColumns reports whether both have the same columns in the same order.
func sameColumns(a, b relation) bool {
	return slices.EqualFunc(a.Columns, b.Columns, func(a, b column) bool { return a.Name == b.Name && a.Type == b.Type })
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
