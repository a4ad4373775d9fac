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

// claimant is a row that claims a list.
type claimant struct {
	spec    syncspec.Spec
	created time.Time // zero: not known
	refuse  func(error)
}

// clashes reports whether two rows can't share one list: each run of a mirror would undo what the other one did.
func (c claimant) clashes(other claimant) bool {
	return c.spec.Mode == syncspec.Mirror || other.spec.Mode == syncspec.Mirror
}

// tenures is what the ledger knows of lists: their names, and which syncs had them.
type tenures struct {
	lists map[string]cachedList        // by ID; only with the fields that say which list a name means
	left  map[string]string            // the sync that left each list last
	ran   map[string]map[string]string // list, sync: its last run there that ended well
}

func readTenures(ctx context.Context, conn *warehouse.Conn) (t tenures, err error) {
	t = tenures{lists: map[string]cachedList{}, left: map[string]string{}, ran: map[string]map[string]string{}}
	err = conn.ReadRows(ctx, queries.ReadKnownLists, nil, func(scan func(...any) error) error {
		var id, sync string
		var m cachedList
		err := scan(&id, &m.name, &m.knownAs, &m.objectTypeID, &m.fullReadAt, &sync)
		t.lists[id], t.left[id] = m, sync
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
	claims := map[string][]claimant{}
	ids, names := false, false
	for i, j := range all {
		if j.err != nil || !j.spec.Enabled {
			continue
		}
		ids, names = ids || j.spec.ListID != "", names || j.spec.ListID == ""
		claims[claimOf(j.spec)] = append(claims[claimOf(j.spec)], claimant{j.spec, j.created, func(err error) { all[i].err = err }})
	}
	if !(ids && names) && !anyClash(claims) {
		return nil
	}
	t, err := readTenures(ctx, conn)
	if err != nil {
		return err
	}
	known := map[string][]claimant{}
	for key, claim := range claims {
		for _, c := range claim {
			if id := t.listOf(c.spec); id != "" {
				key = id
			}
			known[key] = append(known[key], c)
		}
	}
	t.refuse(known)
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
	return listCalled(t.lists, spec.ListName, func(objectTypeID string) bool { return hubspot.MayBeType(spec.ObjectType, objectTypeID) })
}

// refuseLookedUp ends the sessions whose lists, now that they were looked up, are one that others claim too.
func (r *round) refuseLookedUp(ctx context.Context) error {
	claims := map[string][]claimant{}
	for _, s := range r.live() {
		if s.list.ID != "" {
			claims[s.list.ID] = append(claims[s.list.ID], claimant{s.spec, s.created, func(err error) { s.err = err }})
		}
	}
	return refuseClaims(ctx, r.conn, claims)
}

// refuseClaims refuses the claims, by list ID, that can't be combined with others.
func refuseClaims(ctx context.Context, conn *warehouse.Conn, claims map[string][]claimant) error {
	if !anyClash(claims) {
		return nil
	}
	t, err := readTenures(ctx, conn)
	if err != nil {
		return err
	}
	t.refuse(claims)
	return nil
}

func anyClash(claims map[string][]claimant) bool {
	for _, claim := range claims {
		if len(claim) > 1 && slices.ContainsFunc(claim, func(c claimant) bool { return c.spec.Mode == syncspec.Mirror }) {
			return true
		}
	}
	return false
}

// refuse refuses, of the rows that claim one list, those that can't share it with one that had it earlier, or as early.
func (t tenures) refuse(claims map[string][]claimant) {
	for listID, claim := range claims {
		var stay []claimant
		for _, peers := range t.byAge(listID, claim) {
			var fit []claimant
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
				c.refuse(clash(c.spec, others))
			}
			stay = append(stay, fit...)
		}
	}
}

// byAge puts the rows that claim a list in order, those of one age beside each other: first the one whose sync left the list last, then
// those that have had runs there, the latest first, then the rest by the time when they were made. Where that is not known of one of the
// rest, they are of one age.
func (t tenures) byAge(listID string, claim []claimant) (ages [][]claimant) {
	dated := !slices.ContainsFunc(claim, func(c claimant) bool { return c.created.IsZero() && t.ran[listID][c.spec.Name] == "" })
	older := func(a, b claimant) int {
		left := t.left[listID]
		if is, other := a.spec.Name == left, b.spec.Name == left; left != "" && is != other {
			return map[bool]int{true: -1, false: 1}[is]
		}
		if ran := cmp.Compare(t.ran[listID][b.spec.Name], t.ran[listID][a.spec.Name]); ran != 0 || !dated {
			return ran
		}
		return a.created.Compare(b.created)
	}
	claim = slices.Clone(claim)
	slices.SortStableFunc(claim, older)
	for i, c := range claim {
		if i > 0 && older(claim[i-1], c) == 0 {
			ages[len(ages)-1] = append(ages[len(ages)-1], c)
			continue
		}
		ages = append(ages, []claimant{c})
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
