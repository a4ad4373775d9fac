package engine_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rollcall/engine"
)

// exec runs SQL on the console.
func (w *world) exec(script string) {
	w.t.Helper()
	w.rows(script)
}

// rows runs SQL and returns the result as text, a line a row, columns separated by a blank.
func (w *world) rows(script string) []string {
	w.t.Helper()
	console, err := w.engine.Console(w.t.Context(), "")
	if err != nil {
		w.t.Fatal(err)
	}
	defer console.Close()
	return consoleRows(w.t, console, script)
}

// row reads the one row of a query, its columns separated by blanks.
func (w *world) row(query string, args ...any) string {
	w.t.Helper()
	rows := w.rows(fmt.Sprintf(query, args...))
	if len(rows) != 1 {
		w.t.Fatalf(query+": %d rows, want 1", append(args, len(rows))...)
	}
	return rows[0]
}

func consoleRows(t testing.TB, console *engine.Console, script string) (lines []string) {
	t.Helper()
	err := console.Run(context.Background(), script, func(result *engine.Result) error {
		return result.Each(func(values []any) error {
			var line []string
			for _, v := range values {
				line = append(line, fmt.Sprint(v))
			}
			lines = append(lines, strings.Join(line, " "))
			return nil
		})
	})
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return lines
}

// people replaces who is in the table that the test's queries read, by the numbers of the sandbox's contacts.
func (w *world) people(numbers ...int) {
	w.t.Helper()
	script := "DELETE FROM people;"
	if len(numbers) > 0 {
		var values []string
		for _, n := range numbers {
			values = append(values, fmt.Sprintf("('%s', 'vip')", address(n)))
		}
		script += "INSERT INTO people VALUES " + strings.Join(values, ", ")
	}
	w.exec(script)
}

// sync writes a row of the control table. It may take over a list that others filled, unless the test's columns say otherwise.
func (w *world) sync(name string, columns map[string]string) {
	w.t.Helper()
	names, values := []string{"name", "query"}, []string{quote(name), quote("SELECT email FROM people WHERE tier = 'vip'")}
	if _, ok := columns["allow_takeover"]; !ok {
		names, values = append(names, "allow_takeover"), append(values, "true")
	}
	for column, value := range columns {
		if column == "query" {
			values[1] = value
			continue
		}
		names, values = append(names, column), append(values, value)
	}
	w.exec("INSERT INTO rollcall.syncs (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")")
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// full makes a world whose list 101 was filled by the sync vip with contacts 1 to n.
func full(t testing.TB, n int, columns map[string]string) *world {
	t.Helper()
	w := newWorld(t, 100)
	all := map[string]string{"list_id": "101"}
	for column, value := range columns {
		all[column] = value
	}
	w.sync("vip", all)
	w.people(numbers(1, n)...)
	w.one("vip", engine.Succeeded)
	w.wantMembers("101", numbers(1, n)...)
	return w
}

// filled makes a world whose list 101 people filled with contacts 1 to 100, and a row that desires 60 of them.
func filled(t testing.TB, columns map[string]string) *world {
	t.Helper()
	w := newWorld(t, 120)
	w.byHand("101", numbers(1, 100), nil)
	all := map[string]string{"list_id": "101", "allow_takeover": "NULL"}
	for column, value := range columns {
		all[column] = value
	}
	w.sync("vip", all)
	w.people(numbers(1, 60)...)
	return w
}

// moved is a world whose list went from contacts 1-10 to 3-12, and that run.
func moved(t *testing.T) (*world, engine.Run) {
	t.Helper()
	w := newWorld(t, 30)
	w.sync("vip", map[string]string{"list_id": "101"})
	w.people(numbers(1, 10)...)
	w.one("vip", engine.Succeeded)
	w.people(numbers(3, 12)...)
	return w, w.one("vip", engine.Succeeded)
}

// blocked makes a world in which the sync vip is blocked, and returns the blocked run.
func blocked(t testing.TB) (*world, engine.Run) {
	t.Helper()
	w := full(t, 20, nil)
	w.people(1, 2, 3)
	return w, w.one("vip", engine.Blocked)
}

func wantRows(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got rows\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// wantWords wants every word in the text.
func wantWords(t testing.TB, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q; want %q in it", cmp.Or(text, "(nothing)"), word)
		}
	}
}

// reject puts these keys into the query, beside the contacts.
func (w *world) reject(keys string, contacts ...int) {
	w.t.Helper()
	w.people(contacts...)
	w.exec("INSERT INTO people SELECT unnest(string_split('" + keys + "', ' ')), 'vip'")
}
