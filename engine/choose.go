package engine

import (
	"context"
	"errors"
	"maps"
	glob "path"
	"slices"
	"strings"

	"rollcall/engine/hint"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// fits says whether a sync is the one that a name asks for, or one of those that a pattern does: * stands for any characters, ? for
// one, [...] for one of these.
func fits(asked, name string) bool {
	ok, err := glob.Match(asked, name)
	return asked == name || err == nil && ok
}

// choose reads the rows that names and patterns ask for, disabled ones too: all rows where there are none. What asks for no row, and a second row
// of one name, is refused, and does not stop the others.
func choose(ctx context.Context, conn *warehouse.Conn, names []string) (asked []job, refused []*hint.Error, err error) {
	return chooseInstead(ctx, conn, names, nil)
}

// chooseInstead is choose with rows that replace those of their names in the table. Without names it chooses these rows.
func chooseInstead(ctx context.Context, conn *warehouse.Conn, names []string, instead []syncspec.Row) (asked []job, refused []*hint.Error, err error) {
	rows, err := readSyncs(ctx, conn)
	if err != nil {
		return nil, nil, err
	}
	rows = overrideRows(rows, instead)
	if len(names) == 0 {
		names = namesOf(instead)
	}
	all, twice, err := parseRows(ctx, conn, rows)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(twice)) {
		if len(names) == 0 || slices.ContainsFunc(names, func(asked string) bool { return fits(asked, name) }) {
			refused = append(refused, twice[name])
		}
	}
	if len(names) == 0 {
		return all, refused, nil
	}
	for _, name := range names {
		found := false
		for _, j := range all {
			if !fits(name, j.name) {
				continue
			}
			found = true
			j.named = true
			if !slices.ContainsFunc(asked, func(other job) bool { return other.name == j.name }) {
				asked = append(asked, j)
			}
		}
		if !found {
			refused = append(refused, noSuchSync(name, all))
		}
	}
	return asked, refused, nil
}

// overrideRows replaces rows by those of the same name, and adds those whose name no row has.
func overrideRows(rows, instead []syncspec.Row) []syncspec.Row {
	names := namesOf(instead)
	rows = slices.DeleteFunc(rows, func(r syncspec.Row) bool { return slices.Contains(names, value(r.Name)) })
	return append(rows, instead...)
}

func namesOf(rows []syncspec.Row) []string {
	var names []string
	for _, row := range rows {
		names = append(names, value(row.Name))
	}
	return names
}

// enabled keeps the jobs that are enabled. A name or pattern that asks for disabled ones alone is refused.
func enabled(asked []job, names []string) (kept []job, refused []*hint.Error) {
	for _, name := range names {
		off := ""
		for _, j := range asked {
			if fits(name, j.name) && j.enabled {
				off = ""
				break
			} else if fits(name, j.name) {
				off = j.name
			}
		}
		switch {
		case off == "":
		case off == name:
			refused = append(refused, hint.New("see what it would do: rollcall plan "+syncspec.ShowName(name)+"; enabled = true in its row lets it run", "sync %s is disabled", syncspec.ShowName(name)))
		default:
			refused = append(refused, hint.New("see what they would do: rollcall plan '"+name+"'; enabled = true in their rows lets them run", "every sync that matches %q is disabled", name))
		}
	}
	return slices.DeleteFunc(asked, func(j job) bool { return !j.enabled }), refused
}

// usageOf is one hint.UsageError for all that was refused; nil where nothing was.
func usageOf(refused []*hint.Error) error {
	if len(refused) == 0 {
		return nil
	}
	var messages, hints []string
	for _, e := range refused {
		messages = append(messages, e.Error())
		if !slices.Contains(hints, e.Hint()) {
			hints = append(hints, e.Hint())
		}
	}
	return hint.Usage(strings.Join(hints, "; "), "%w", errors.New(strings.Join(messages, "; ")))
}

// known reads the rows that names and patterns ask for: all where there are none. One that asks for no row is a hint.UsageError.
func known(ctx context.Context, conn *warehouse.Conn, names []string) ([]job, error) {
	asked, refused, err := choose(ctx, conn, names)
	if err != nil {
		return nil, err
	}
	return asked, usageOf(refused)
}
