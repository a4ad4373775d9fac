package control

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Claim is the claim of a row to a list. Two rows that claim one list are sound only while neither mirrors it.
type Claim struct {
	List    string // the list's ID, or, within this package, claimOf its row where that is not known
	Spec    syncspec.Spec
	Created time.Time // when the row was made; zero: not known
}

// clashes reports whether two rows can't share one list: each run of a mirror would undo what the other one did.
func (c Claim) clashes(other Claim) bool {
	return c.Spec.Mode == syncspec.Mirror || other.Spec.Mode == syncspec.Mirror
}

// tenures is what the ledger knows of lists: their names, and which syncs had them.
type tenures struct {
	lists []KnownList                 // that the ledger knows
	left  map[string]string           // list: the sync that left it last
	ran   map[string]map[string]int64 // list, sync: the later its last run there that ended well, the higher; 0: it had none
}

// readTenures reads the lists that the ledger knows, and which syncs have had runs on them.
func readTenures(ctx context.Context, conn *warehouse.Conn) (t tenures, err error) {
	t = tenures{left: map[string]string{}, ran: map[string]map[string]int64{}}
	err = conn.ReadRows(ctx, queries.ReadKnownLists, nil, func(scan func(...any) error) error {
		var l KnownList
		var readAt warehouse.NullTime
		var sync string
		err := scan(&l.ID, &l.Name, &l.KnownAs, &l.ObjectTypeID, &readAt, &sync)
		l.FullReadAt = readAt.Time
		t.lists, t.left[l.ID] = append(t.lists, l), sync
		return err
	})
	if err != nil {
		return t, err
	}
	return t, conn.ReadRows(ctx, queries.ReadTenures, nil, func(scan func(...any) error) error {
		var id, sync string
		var place int64
		err := scan(&id, &sync, &place)
		if t.ran[id] == nil {
			t.ran[id] = map[string]int64{}
		}
		t.ran[id][sync] = place
		return err
	})
}

// refuseClashes marks the rows that claim a list together with others while one of them mirrors. The one that had the
// list continues: a row that is added by mistake must not stop the one that is at work, nor take its list over. A name
// means the list that is cached under it; an ID and a name that HubSpot alone knows to be one list are found out by
// Clashes, after the lists were looked up.
func refuseClashes(ctx context.Context, conn *warehouse.Conn, all []Selection) error {
	var claims []Claim
	ids, names := false, false
	for _, s := range all {
		if s.Err != nil || !s.Spec.Enabled || s.Spec.Kind != syncspec.List {
			continue
		}
		ids, names = ids || s.Spec.ListID != "", names || s.Spec.ListID == ""
		claims = append(claims, Claim{List: claimOf(s.Spec), Spec: s.Spec, Created: s.Created})
	}
	// What the rows say already tells that no two of them claim one list, as is the rule: the ledger need not be read.
	if !(ids && names) && !anyClash(claims) {
		return nil
	}
	t, err := readTenures(ctx, conn)
	if err != nil {
		return err
	}
	for i, c := range claims {
		if id := t.listOf(c.Spec); id != "" {
			claims[i].List = id
		}
	}
	refused := t.refuse(claims)
	for i, s := range all {
		if err, ok := refused[s.Name]; ok {
			all[i].Err = err
		}
	}
	return nil
}

// claimOf tells the lists that rows claim apart by what the rows say: a list's ID has no blank in it.
func claimOf(spec syncspec.Spec) string {
	return cmp.Or(spec.ListID, "name "+strings.ToLower(spec.ListName))
}

// listOf returns the ID of the list that a row claims; "": it is not known yet.
func (t tenures) listOf(spec syncspec.Spec) string {
	if spec.ListID != "" {
		return spec.ListID
	}
	return ListCalled(slices.Values(t.lists), spec.ListName, func(objectTypeID string) bool { return hubspot.MayBeType(spec.ObjectType, objectTypeID) })
}

// Clashes returns, by the sync's name, why a claim to a list, which must be known by its ID, can't be combined with
// others that had the list earlier, or as early, as syncspec.Problems. No two claims may be of one name. err is of the
// database. Kinds call it when they have looked up their lists.
func Clashes(ctx context.Context, conn *warehouse.Conn, claims []Claim) (refused map[string]error, err error) {
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
func byList(claims []Claim) map[string][]Claim {
	lists := map[string][]Claim{}
	for _, c := range claims {
		lists[c.List] = append(lists[c.List], c)
	}
	return lists
}

// anyClash reports whether a list is claimed by several rows, one of which mirrors.
func anyClash(claims []Claim) bool {
	for _, same := range byList(claims) {
		if len(same) > 1 && slices.ContainsFunc(same, func(c Claim) bool { return c.Spec.Mode == syncspec.Mirror }) {
			return true
		}
	}
	return false
}

// refuse returns, by the sync's name, why a claim can't share its list with one that had it earlier, or as early. Of
// claims of one age that clash none stays: nothing tells which was meant.
func (t tenures) refuse(claims []Claim) map[string]error {
	refused := map[string]error{}
	for listID, same := range byList(claims) {
		var stay []Claim
		for _, peers := range t.byAge(listID, same) {
			var fit []Claim
			for i, c := range peers {
				var others []string
				for _, other := range slices.Concat(stay, peers[:i], peers[i+1:]) {
					if c.clashes(other) {
						others = append(others, other.Spec.Name)
					}
				}
				if len(others) == 0 {
					fit = append(fit, c)
					continue
				}
				refused[c.Spec.Name] = clash(c.Spec, others)
			}
			stay = append(stay, fit...)
		}
	}
	return refused
}

// byAge puts the rows that claim a list in order, those of one age beside each other: first the one whose sync left the list last, then
// those that have had runs there, the latest first, then the rest by the time when they were made. Where that is not known of one of the
// rest, they are of one age.
func (t tenures) byAge(listID string, claims []Claim) (ages [][]Claim) {
	dated := !slices.ContainsFunc(claims, func(c Claim) bool { return c.Created.IsZero() && t.ran[listID][c.Spec.Name] == 0 })
	older := func(a, b Claim) int {
		left := t.left[listID]
		if is, other := a.Spec.Name == left, b.Spec.Name == left; left != "" && is != other {
			return map[bool]int{true: -1, false: 1}[is]
		}
		if ran := cmp.Compare(t.ran[listID][b.Spec.Name], t.ran[listID][a.Spec.Name]); ran != 0 || !dated {
			return ran
		}
		return a.Created.Compare(b.Created)
	}
	claims = slices.Clone(claims)
	slices.SortStableFunc(claims, older)
	for i, c := range claims {
		if i > 0 && older(claims[i-1], c) == 0 {
			ages[len(ages)-1] = append(ages[len(ages)-1], c)
			continue
		}
		ages = append(ages, []Claim{c})
	}
	return ages
}

// clash returns the problem that a row's list is claimed by others too, on the column by which the row names the list.
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
