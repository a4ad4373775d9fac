package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Processing types of lists, as HubSpot spells them.
const (
	Manual   = "MANUAL"
	Snapshot = "SNAPSHOT"
	Dynamic  = "DYNAMIC"
)

// list is one list and its members. Instants are milliseconds since 1970.
type list struct {
	id             int64
	name           string
	objectTypeID   string
	processingType string
	version        int
	created        int64
	byAPI          bool // the API made it, not a person
	updated        int64
	deleted        int64 // 0 unless the list was deleted
	filter         []byte
	members        memberSet
	metas          []listMeta
}

// listMeta is what list search returns about a list's members. It may trail the
// writes (Options.MetadataLag), so the recent ones are kept, oldest first.
type listMeta struct {
	at          int64
	size        int
	lastAdded   int64 // 0: never
	lastRemoved int64
}

// note stores the list's counts after a write.
func (l *list) note(now time.Time, lag time.Duration, added, removed int) {
	meta := l.metas[len(l.metas)-1]
	meta.at = now.UnixMilli()
	meta.size = len(l.members.byID)
	if added > 0 {
		meta.lastAdded = meta.at
	}
	if removed > 0 {
		meta.lastRemoved = meta.at
	}
	l.metas = append(l.metas, meta)
	horizon := now.Add(-lag).UnixMilli()
	for len(l.metas) > 1 && l.metas[1].at <= horizon {
		l.metas = l.metas[1:]
	}
}

// meta returns the figures as they were lag ago.
func (l *list) meta(now time.Time, lag time.Duration) listMeta {
	horizon := now.Add(-lag).UnixMilli()
	seen := l.metas[0]
	for _, m := range l.metas[1:] {
		if m.at <= horizon {
			seen = m
		}
	}
	return seen
}

// change adds and removes ids, which may repeat, name members already and
// name records that do not exist. It returns their outcome: members
// that were there already, and IDs to remove that were not, appear nowhere.
func (l *list) change(t *objectType, add, remove []int64, now time.Time, lag time.Duration) changed {
	var c changed
	for _, id := range distinct(add) {
		switch {
		case t.live(id) == nil:
			c.missing = append(c.missing, id)
		case !l.members.has(id):
			c.added = append(c.added, id)
		}
	}
	for _, id := range distinct(remove) {
		switch {
		case l.members.has(id):
			c.removed = append(c.removed, id)
		case t.live(id) == nil:
			c.missing = append(c.missing, id)
		}
	}
	c.missing = distinct(c.missing)
	l.members.add(c.added, now.UnixMilli())
	l.members.remove(c.removed)
	if len(c.added)+len(c.removed) > 0 {
		l.note(now, lag, len(c.added), len(c.removed))
	}
	return c
}

type changed struct{ added, removed, missing []int64 }

func distinct(ids []int64) []int64 {
	sorted := slices.Clone(ids)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// replace turns the membership of one record into that of another; into 0
// only takes it out.
func (l *list) replace(id, into int64, now time.Time, lag time.Duration) {
	if !l.members.has(id) {
		return
	}
	added := 0
	l.members.remove([]int64{id})
	if into != 0 && !l.members.has(into) {
		l.members.add([]int64{into}, now.UnixMilli())
		added = 1
	}
	l.note(now, lag, added, 1)
}

// store is everything that a portal holds.
type store struct {
	types        []*objectType
	lists        []*list // by id
	nextListID   int64
	owners       []Owner // by id
	associations associations
}

func newStore() *store {
	st := &store{types: standardTypes(), nextListID: 101, associations: newAssociations()}
	st.addDefaults()
	return st
}

// objectType finds a type by objectTypeId, plural, singular or fully
// qualified name, in any case.
func (st *store) objectType(name string) *objectType {
	for _, t := range st.types {
		for _, known := range []string{t.id, t.name, t.singular, t.portalName} {
			if known != "" && strings.EqualFold(known, name) {
				return t
			}
		}
	}
	return nil
}

// list finds a list, deleted or not.
func (st *store) list(id string) *list {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	at, found := slices.BinarySearchFunc(st.lists, n, func(l *list, id int64) int { return cmp.Compare(l.id, id) })
	if !found {
		return nil
	}
	return st.lists[at]
}

func (st *store) liveList(id string) *list {
	if l := st.list(id); l != nil && l.deleted == 0 {
		return l
	}
	return nil
}

// listByName finds a live list by its name in any case: names are unique
// across the portal, whatever the object type.
func (st *store) listByName(name string) *list {
	for _, l := range st.lists {
		if l.deleted == 0 && strings.EqualFold(l.name, name) {
			return l
		}
	}
	return nil
}

func (st *store) createList(id int64, name string, t *objectType, processingType string, now time.Time) (*list, error) {
	if id == 0 {
		id = st.nextListID
	}
	if st.list(strconv.FormatInt(id, 10)) != nil {
		return nil, fmt.Errorf("list %d exists", id)
	}
	ms := now.UnixMilli()
	l := &list{
		id: id, name: name, objectTypeID: t.id, processingType: processingType,
		version: 1, created: ms, updated: ms, metas: []listMeta{{at: ms}},
	}
	st.lists = append(st.lists, l)
	slices.SortFunc(st.lists, func(a, b *list) int { return cmp.Compare(a.id, b.id) })
	st.nextListID = max(st.nextListID, id+1)
	return l, nil
}

func (l *list) touch(now time.Time) {
	l.updated = now.UnixMilli()
	l.version++
}

// archive takes a record out of the portal, out of every list and out of every association.
func (st *store) archive(t *objectType, r *record, now time.Time, lag time.Duration) {
	t.archive(r)
	r.updated = now.UnixMilli()
	st.associations.dissolve(t.id, r.id)
	for _, l := range st.lists {
		if l.objectTypeID == t.id {
			l.replace(r.id, 0, now, lag)
		}
	}
}
