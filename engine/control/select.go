package control

import (
	"context"
	"errors"
	"fmt"
	"maps"
	glob "path"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"rollcall/engine/hint"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Refused are the names and patterns that select nothing, or nothing that can run, and the names of rows that do not run since another row
// has the same name; each says what to do.
type Refused []*hint.Error

// Err is one hint.UsageError for all that was refused; nil where nothing was.
func (r Refused) Err() error {
	if len(r) == 0 {
		return nil
	}
	var messages, hints []string
	for _, e := range r {
		messages = append(messages, e.Error())
		if !slices.Contains(hints, e.Hint()) {
			hints = append(hints, e.Hint())
		}
	}
	return hint.Usage(strings.Join(hints, "; "), "%w", errors.New(strings.Join(messages, "; ")))
}

// Matches reports whether a sync is the one that a name asks for, or one of those that a pattern does: * stands for any characters, ? for
// one, [...] for one of these.
func Matches(asked, name string) bool {
	ok, err := glob.Match(asked, name)
	return asked == name || err == nil && ok
}

// Select reads the rows that names and patterns ask for, disabled ones too: all rows where there are none. What asks for no row, and a second
// row of one name, is refused, and does not stop the others. Rows may be given that replace those of their names in the table; without names
// it selects these. err is of the database.
func Select(ctx context.Context, conn *warehouse.Conn, names []string, instead ...syncspec.Row) (selected []Selection, refused Refused, err error) {
	rows, err := Rows(ctx, conn)
	if err != nil {
		return nil, nil, err
	}
	rows = overrideRows(rows, instead)
	if len(names) == 0 {
		// From here on names are what is asked for, also where nobody gave any.
		names = namesOf(instead)
	}
	all, twice, err := parseRows(ctx, conn, rows)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(twice)) {
		if len(names) == 0 || slices.ContainsFunc(names, func(asked string) bool { return Matches(asked, name) }) {
			refused = append(refused, twice[name])
		}
	}
	if len(names) == 0 {
		return all, refused, nil
	}
	for _, name := range names {
		found := false
		for _, s := range all {
			if !Matches(name, s.Name) {
				continue
			}
			found = true
			s.Named = true
			if !slices.ContainsFunc(selected, func(other Selection) bool { return other.Name == s.Name }) {
				selected = append(selected, s)
			}
		}
		if !found {
			refused = append(refused, noSuchSync(name, all))
		}
	}
	return selected, refused, nil
}

// overrideRows replaces rows by those of the same name, and adds those whose name no row has. So rows of files are
// checked among those of the table, with which they may clash.
func overrideRows(rows, instead []syncspec.Row) []syncspec.Row {
	names := namesOf(instead)
	rows = slices.DeleteFunc(rows, func(r syncspec.Row) bool { return slices.Contains(names, value(r.Name)) })
	return append(rows, instead...)
}

// namesOf returns the names of rows.
func namesOf(rows []syncspec.Row) []string {
	var names []string
	for _, row := range rows {
		names = append(names, value(row.Name))
	}
	return names
}

// parseRows parses every row, and finds the rows that can't share a name or a list. refused are the names of which a row
// does not run because another one has it. All rows are needed for that, whichever are asked for.
func parseRows(ctx context.Context, conn *warehouse.Conn, rows []syncspec.Row) (all []Selection, refused map[string]*hint.Error, err error) {
	for _, row := range rows {
		s := Read(row)
		if !s.Flawed("name") && s.Draft.Name != s.Name { // the ledger and its views know it as it is written
			s.refuse(syncspec.Problem{Column: "name", Message: fmt.Sprintf("%q has blanks around it", s.Name), Hint: "UPDATE rollcall.syncs SET name = trim(name)"})
		}
		all = append(all, s)
	}
	if all, refused, err = oneOfEachName(ctx, conn, all); err != nil {
		return nil, nil, err
	}
	return all, refused, refuseClashes(ctx, conn, all)
}

// noSuchSync returns the error for a name that no row has, with a hint that names the row that was likeliest meant.
func noSuchSync(name string, all []Selection) *hint.Error {
	advice := "see what there is: rollcall status"
	best := 4 // further off is no likeness
	for _, s := range all {
		if d := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(s.Name)); d < best {
			best, advice = d, fmt.Sprintf("did you mean %s?", syncspec.ShowName(s.Name))
		}
	}
	if strings.ContainsAny(name, "*?[") {
		return hint.New("see what there is: rollcall status", "no sync matches %q", name)
	}
	return hint.New(advice, "no sync is named %q", name)
}

// Enabled keeps the rows that are enabled. A name or pattern that asks for disabled ones alone is refused.
func Enabled(selected []Selection, names []string) (kept []Selection, refused Refused) {
	for _, name := range names {
		off := ""
		for _, s := range selected {
			if Matches(name, s.Name) && s.Enabled {
				off = ""
				break
			} else if Matches(name, s.Name) {
				off = s.Name
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
	return slices.DeleteFunc(selected, func(s Selection) bool { return !s.Enabled }), refused
}
