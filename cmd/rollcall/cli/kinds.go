package cli

import (
	"slices"

	"rollcall/syncspec"
)

// kinds are the kinds of the syncs of a table, each once: by them a column has its name, and is there at all.
type kinds []syncspec.Kind

// kindsOf returns the kinds of what a table shows.
func kindsOf[T any](all []T, kind func(T) string) (k kinds) {
	for _, one := range all {
		if name := syncspec.Kind(kind(one)); !slices.Contains(k, name) {
			k = append(k, name)
		}
	}
	return k
}

// lists reports whether all of them are lists.
func (k kinds) lists() bool {
	return !slices.ContainsFunc(k, func(name syncspec.Kind) bool { return name != syncspec.List })
}

// target is the name of the column that says where the results go.
func (k kinds) target() string {
	if k.lists() {
		return "list"
	}
	return "list or type"
}

// size is the name of the column that says how many there are after a run.
func (k kinds) size() string {
	if len(k) > 1 {
		return "size"
	}
	if k.lists() {
		return noun(syncspec.List, 0)
	}
	return noun(k[0], 0)
}

// show formats the size of a set of the kind, with its noun where the table has several kinds.
func (k kinds) show(kind string, n *int64) string {
	if n == nil || len(k) == 1 {
		return count(n)
	}
	return count(n) + " " + noun(syncspec.Kind(kind), *n)
}

// unused are the columns that none of the kinds has.
func (k kinds) unused() []string {
	if slices.Contains(k, syncspec.Object) {
		return nil
	}
	return []string{"updated"}
}

// noun is what a set of the kind holds.
func noun(kind syncspec.Kind, n int64) string {
	one, many := "member", "members"
	switch kind {
	case syncspec.Object:
		one, many = "record", "records"
	case syncspec.Association:
		one, many = "link", "links"
	}
	if n == 1 {
		return one
	}
	return many
}
