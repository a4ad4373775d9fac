package control

import (
	"context"
	"fmt"
	"slices"

	"rollcall/engine/hint"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// oneOfEachName keeps one row of each name: where several rows have it, the one whose query the sync's last run had, or,
// where it never ran, the one that was made first. Where that can't be told the row that is kept has an error. refused
// are the names whose other rows don't run, each with the reason. The table can't have a unique name, because not every
// database that holds it enforces keys.
func oneOfEachName(ctx context.Context, conn *warehouse.Conn, rows []Selection) (all []Selection, refused map[string]*hint.Error, err error) {
	named := map[string][]Selection{}
	for _, s := range rows {
		named[s.Name] = append(named[s.Name], s)
	}
	if len(named) == len(rows) {
		return rows, nil, nil
	}
	lastQueries := map[string]string{}
	err = conn.ReadRows(ctx, queries.ReadLastQueries, nil, func(scan func(...any) error) error {
		var name, query string
		err := scan(&name, &query)
		lastQueries[name] = query
		return err
	})
	refused = map[string]*hint.Error{}
	const advice = "give each row a name of its own"
	for _, s := range rows {
		same := named[s.Name]
		if len(same) == 0 {
			continue // its name was handled
		}
		delete(named, s.Name)
		first, ok := oldestOf(same, lastQueries)
		if !ok {
			first.Enabled = slices.ContainsFunc(same, func(s Selection) bool { return s.Enabled })
			first.refuse(syncspec.Problem{Column: "name", Message: fmt.Sprintf("several rows have the name %q", s.Name), Hint: advice})
		} else if len(same) > 1 {
			refused[s.Name] = hint.New(advice, "several rows have the name %q: only the one that ran last, or was made first, is taken", s.Name)
		}
		all = append(all, first)
	}
	return all, refused, err
}

// oldestOf returns the one of several rows of one name that continues; ok is false where that can't be told.
func oldestOf(same []Selection, lastQueries map[string]string) (first Selection, ok bool) {
	if len(same) == 1 {
		return same[0], true
	}
	if query, ran := lastQueries[same[0].Name]; ran {
		return only(same, func(s Selection) bool { return s.Query == query })
	}
	first = slices.MinFunc(same, func(a, b Selection) int { return a.Created.Compare(b.Created) })
	return only(same, func(s Selection) bool { return !s.Created.IsZero() && s.Created.Equal(first.Created) })
}

// only returns the row that alone meets a condition; ok is false where not exactly one does.
func only(all []Selection, meets func(Selection) bool) (_ Selection, ok bool) {
	met := slices.DeleteFunc(slices.Clone(all), func(s Selection) bool { return !meets(s) })
	if len(met) != 1 {
		return all[0], false
	}
	return met[0], true
}
