package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// claim is the claim of a row to a list.
type claim struct {
	list    string // the list's ID, or claimOf its row where that is not known
	spec    syncspec.Spec
	created time.Time // when the row was made; zero: not known
}

// clashes reports whether two rows can't share one list: each run of a mirror would undo what the other one did.
func (c claim) clashes(other claim) bool {
	return c.spec.Mode == syncspec.Mirror || other.spec.Mode == syncspec.Mirror
}

// tenures is what the ledger knows of lists: their names, and which syncs had them.
type tenures struct {
	lists []knownList
	left  map[string]string            // list: the sync that left it last
	ran   map[string]map[string]string // list, sync: its last run there that ended well
}

func readTenures(ctx context.Context, conn *warehouse.Conn) (t tenures, err error) {
	t = tenures{left: map[string]string{}, ran: map[string]map[string]string{}}
	err = conn.ReadRows(ctx, queries.ReadKnownLists, nil, func(scan func(...any) error) error {
		var l knownList
		var readAt warehouse.NullTime
		var sync string
		err := scan(&l.id, &l.name, &l.knownAs, &l.objectTypeID, &readAt, &sync)
		l.fullReadAt = readAt.Time
		t.lists, t.left[l.id] = append(t.lists, l), sync
		return err
	})
	if err != nil {
		return t, err
	}
	return t, conn.ReadRows(ctx, queries.ReadTenures, nil, func(scan func(...any) error) error {
		var id, sync, runID string
		err := scan(&id, &sync, &runID)
		if t.ran[id] == nil {
			t.ran[id] = map[string]string{}
		}
		t.ran[id][sync] = runID
		return err
	})
}

// refuseClashes marks the rows that claim a list together with others while one of them mirrors. The one that had the list goes on. A name
// means the list that is cached under it.
func refuseClashes(ctx context.Context, conn *warehouse.Conn, all []job) error {
	var claims []claim
	ids, names := false, false
	for _, j := range all {
		if j.err != nil || !j.spec.Enabled {
			continue
		}
		ids, names = ids || j.spec.ListID != "", names || j.spec.ListID == ""
		claims = append(claims, claim{list: claimOf(j.spec), spec: j.spec, created: j.created})
	}
	if !(ids && names) && !anyClash(claims) {
		return nil
	}
	t, err := readTenures(ctx, conn)
	if err != nil {
		return err
	}
	for i, c := range claims {
		if id := t.listOf(c.spec); id != "" {
			claims[i].list = id
		}
	}
	refused := t.refuse(claims)
	for i, j := range all {
		if err, ok := refused[j.name]; ok {
			all[i].err = err
		}
	}
	return nil
}

// claimOf tells the lists that rows claim apart by what the rows say: a list's ID has no blank in it.
func claimOf(spec syncspec.Spec) string {
	return cmp.Or(spec.ListID, "name "+strings.ToLower(spec.ListName))
}

// listOf is the ID of the list that a row claims; "": it is not known yet.
func (t tenures) listOf(spec syncspec.Spec) string {
	if spec.ListID != "" {
		return spec.ListID
	}
	return listCalled(slices.Values(t.lists), spec.ListName, func(objectTypeID string) bool { return hubspot.MayBeType(spec.ObjectType, objectTypeID) })
}

// refuseClaims returns, by the sync's name, why a claim to a list, which must be known by its ID, can't be combined with others that had the
// list earlier, or as early.
func refuseClaims(ctx context.Context, conn *warehouse.Conn, claims []claim) (refused map[string]error, err error) {
	if !anyClash(claims) {
		return nil, nil
	}
	t, err := readTenures(ctx, conn)
	if err != nil {
		return nil, err
	}
	return t.refuse(claims), nil
}

// byList groups claims by their list.
func byList(claims []claim) map[string][]claim {
	lists := map[string][]claim{}
	for _, c := range claims {
		lists[c.list] = append(lists[c.list], c)
	}
	return lists
}

func anyClash(claims []claim) bool {
	for _, same := range byList(claims) {
		if len(same) > 1 && slices.ContainsFunc(same, func(c claim) bool { return c.spec.Mode == syncspec.Mirror }) {
			return true
		}
	}
	return false
}

// refuse returns, by the sync's name, why a claim can't share its list with one that had it earlier, or as early.
func (t tenures) refuse(claims []claim) map[string]error {
	refused := map[string]error{}
	for listID, same := range byList(claims) {
		var stay []claim
		for _, peers := range t.byAge(listID, same) {
			var fit []claim
			for i, c := range peers {
				var others []string
				for _, other := range slices.Concat(stay, peers[:i], peers[i+1:]) {
					if c.clashes(other) {
						others = append(others, other.spec.Name)
					}
				}
				if len(others) == 0 {
					fit = append(fit, c)
					continue
				}
				refused[c.spec.Name] = clash(c.spec, others)
			}
			stay = append(stay, fit...)
		}
	}
	return refused
}

// byAge puts the rows that claim a list in order, those of one age beside each other: first the one whose sync left the list last, then
// those that have had runs there, the latest first, then the rest by the time when they were made. Where that is not known of one of the
// rest, they are of one age.
func (t tenures) byAge(listID string, claims []claim) (ages [][]claim) {
	dated := !slices.ContainsFunc(claims, func(c claim) bool { return c.created.IsZero() && t.ran[listID][c.spec.Name] == "" })
	older := func(a, b claim) int {
		left := t.left[listID]
		if is, other := a.spec.Name == left, b.spec.Name == left; left != "" && is != other {
			return map[bool]int{true: -1, false: 1}[is]
		}
		if ran := cmp.Compare(t.ran[listID][b.spec.Name], t.ran[listID][a.spec.Name]); ran != 0 || !dated {
			return ran
		}
		return a.created.Compare(b.created)
	}
	claims = slices.Clone(claims)
	slices.SortStableFunc(claims, older)
	for i, c := range claims {
		if i > 0 && older(claims[i-1], c) == 0 {
			ages[len(ages)-1] = append(ages[len(ages)-1], c)
			continue
		}
		ages = append(ages, []claim{c})
	}
	return ages
}

// clash says that a row's list is claimed by others too.
func clash(spec syncspec.Spec, others []string) error {
	column := "list_id"
	if spec.ListID == "" {
		column = "list_name"
	}
	return syncspec.Problems{{
		Column:  column,
		Message: "the list is also claimed by " + strings.Join(others, ", "),
		Hint:    "a mirrored list has one row: join the queries with UNION, or set mode = 'add' or 'remove' on all of the list's rows",
	}}
}

// oneOfEachName keeps one job of each name: where several rows have it, the one whose query the sync's last run had, or, where it never ran,
// the one that was made first. Where that can't be told the name's job has an error. refused are the names whose other rows don't run, each
// with the reason.
func oneOfEachName(ctx context.Context, conn *warehouse.Conn, rows []job) (all []job, refused map[string]*hint.Error, err error) {
	named := map[string][]job{}
	for _, j := range rows {
		named[j.name] = append(named[j.name], j)
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
	for _, j := range rows {
		same := named[j.name]
		if len(same) == 0 {
			continue // its name had its turn
		}
		delete(named, j.name)
		first, ok := oldestOf(same, lastQueries)
		if !ok {
			first.enabled = slices.ContainsFunc(same, func(j job) bool { return j.enabled })
			first.refuse(syncspec.Problem{Column: "name", Message: fmt.Sprintf("several rows have the name %q", j.name), Hint: advice})
		} else if len(same) > 1 {
			refused[j.name] = hint.New(advice, "several rows have the name %q: only the one that ran last, or was made first, is taken", j.name)
		}
		all = append(all, first)
	}
	return all, refused, err
}

// oldestOf is the one of several rows of one name that goes on; ok is false where that can't be told.
func oldestOf(same []job, lastQueries map[string]string) (first job, ok bool) {
	if len(same) == 1 {
		return same[0], true
	}
	if query, ran := lastQueries[same[0].name]; ran {
		return only(same, func(j job) bool { return j.query == query })
	}
	first = slices.MinFunc(same, func(a, b job) int { return a.created.Compare(b.created) })
	return only(same, func(j job) bool { return !j.created.IsZero() && j.created.Equal(first.created) })
}

// only is the job that alone meets a condition; ok is false where not exactly one does.
func only(all []job, meets func(job) bool) (_ job, ok bool) {
	met := slices.DeleteFunc(slices.Clone(all), func(j job) bool { return !meets(j) })
	if len(met) != 1 {
		return all[0], false
	}
	return met[0], true
}
