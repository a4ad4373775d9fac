package list

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
)

// metadata is what HubSpot says of a list without its pages: the estimated size, and when members were last added and removed (epoch
// milliseconds). All of it may lag behind the members. Empty: HubSpot did not say.
type metadata struct{ size, lastAdded, lastRemoved string }

// metadataOf returns the metadata that a search for lists gives. A read by ID or name gives none of the properties: all
// is empty then, and no cache entry is current by it.
func metadataOf(l hubspot.List) metadata {
	return metadata{l.Properties[hubspot.PropertyListSize], l.Properties[hubspot.PropertyLastAdded], l.Properties[hubspot.PropertyLastRemoved]}
}

// cachedList is the cache entry of a list: its metadata as of the time when rollcall.members was right. The entry is what
// permits to plan without reading a page: InvalidateList takes it back before the first write of a run, and only a run
// with an answer to every change writes a new one.
type cachedList struct {
	name, objectTypeID string
	knownAs            string             // the list_name by which rows know it; "": they do not
	members            int64              // how many there are in rollcall.members; -1: the entry can't be used
	seen               metadata           // before Rollcall's own last write
	fullReadAt         warehouse.NullTime // when the list was last read page by page; not valid: the entry was invalidated
	wroteFrom          warehouse.NullTime // when Rollcall's own write after seen began; not valid: it wrote nothing since
	addedIn, removedIn span               // the last calls of that write that added, and that removed
	added, removed     int64              // how many members that write added and removed
}

// span is the time span of a call; zero: there was none.
type span struct{ from, until time.Time }

func (s span) equal(other span) bool { return s.from.Equal(other.from) && s.until.Equal(other.until) }

// widened returns the span extended to another attempt of the same call.
func (s span) widened(from, until time.Time) span {
	if s.from.IsZero() {
		s.from = from
	}
	s.until = until
	return s
}

// times returns the span's bounds as rollcall.lists has them: NULL for a span that is zero.
func (s span) times() (from, until any) {
	if s.from.IsZero() {
		return nil, nil
	}
	return s.from.UTC(), s.until.UTC()
}

// The times of last change that HubSpot gives a list after a write may be that much before and after the write itself. Wider bounds
// would hide what somebody else does right after it, narrower ones cost a full read now and then.
const (
	stampedBefore = time.Second
	stampedAfter  = time.Second
)

// loadCachedLists reads all cached lists, with their metadata. Where all is to be read from HubSpot it keeps only which
// list a name means: members of -1 make the entry unusable, and without it a row that gives a name could mean another
// list than before.
func (l *lists) loadCachedLists(ctx context.Context) error {
	l.loaded = true
	return l.conn.ReadRows(ctx, queries.ReadLists, nil, func(scan func(...any) error) error {
		var id string
		var m cachedList
		var addedFrom, addedUpto, removedFrom, removedUpto warehouse.NullTime
		err := scan(&id, &m.name, &m.knownAs, &m.objectTypeID, &m.members, &m.seen.size, &m.seen.lastAdded, &m.seen.lastRemoved,
			&m.fullReadAt, &m.wroteFrom, &addedFrom, &addedUpto, &removedFrom, &removedUpto, &m.added, &m.removed)
		m.addedIn, m.removedIn = span{addedFrom.Time, addedUpto.Time}, span{removedFrom.Time, removedUpto.Time}
		if l.env.Full { // which list it is stays known
			m = cachedList{name: m.name, knownAs: m.knownAs, objectTypeID: m.objectTypeID, members: -1}
		}
		l.cached[id], l.names[id] = m, listNames{m.name, m.knownAs}
		return err
	})
}

// isCurrent reports whether the list's metadata differs from the cache entry only by Rollcall's own last write.
//
// After such a write the metadata settles some time later. It has settled, with nobody else's change in it, when the size is the one
// that the write came to, the time of the last addition has moved exactly if the write added, and to the time of the last call that
// did, and likewise for removals. Somebody who exchanges members, by one call, within a second of that call stays hidden until the
// next full read; so does who exchanges them while a write of several calls is under way.
func (m cachedList) isCurrent(now metadata) bool {
	if now.size == "" {
		return false
	}
	if !m.wroteFrom.Valid {
		return m.seen == now
	}
	if m.added > 0 && m.removed > 0 && m.addedIn.equal(m.removedIn) && now.lastAdded != now.lastRemoved {
		return false // one call that does both stamps both alike; what was stamped apart may be somebody's exchange of members
	}
	return now.size == strconv.FormatInt(m.members, 10) &&
		moved(m.seen.lastAdded, now.lastAdded, m.added, m.addedIn) &&
		moved(m.seen.lastRemoved, now.lastRemoved, m.removed, m.removedIn)
}

// moved reports whether a time of last change changed as n of Rollcall's own changes make it change, the last of them within a span.
func moved(before, now string, n int64, in span) bool {
	if n == 0 {
		return before == now
	}
	ms, err := strconv.ParseInt(now, 10, 64)
	if err != nil || before == now {
		return false
	}
	at := time.UnixMilli(ms)
	return at.After(in.from.Add(-stampedBefore)) && at.Before(in.until.Add(stampedAfter))
}

// isCacheCurrent reports whether current can be loaded from the cache: the list is cached, with as many members as
// rollcall.members has, it has not changed, and a full read is not due. A full read is due now and then because metadata
// can hide a change; see isCurrent.
func (s *listSync) isCacheCurrent() bool {
	m, ok := s.cached[s.list.ID]
	return ok && s.fresh(m) && m.members >= 0 && m.isCurrent(s.seen)
}

// fresh reports whether a full read is not due.
func (s *listSync) fresh(m cachedList) bool {
	return m.fullReadAt.Valid && s.env.Now().Sub(m.fullReadAt.Time) < s.env.Limits.FullReadEvery
}

// listNames are the names by which the ledger has a list: HubSpot's, and the one that rows know it by.
type listNames struct{ name, knownAs string }

// entry is what is to be cached of a list. It is made when a run ends, and written with the run's end.
type entry struct {
	listID string
	passes string // the name that becomes this list's, where other lists have it; "": none has
	isNew  bool   // the ledger does not know the list
	values []any  // in the order of the columns of rollcall_cached
}

// newEntry returns what is to be cached of the sync's list after a run in which every change was answered. seen is the
// metadata from before the run's writes, with the time spans of the writes beside it: after a write HubSpot's metadata
// settles some time later, so the next run tells by isCurrent whether it differs by these writes alone. The metadata of a
// list that the run made has not been read; that the list was empty is known.
func (s *listSync) newEntry(ended kind.End) *entry {
	// A run that used the cache does not put off the next full read.
	fullReadAt := any(s.RunAt)
	if s.fromCache {
		fullReadAt = s.cached[s.list.ID].fullReadAt.Time
	}
	// A run whose changes were all made already has moved no metadata.
	var wrote, added, removed span
	if *ended.Added+*ended.Removed > 0 {
		wrote, added, removed = s.writes.spans()
	}
	wroteFrom, wroteUpto := wrote.times()
	addedFrom, addedUpto := added.times()
	removedFrom, removedUpto := removed.times()
	_, known := s.names[s.list.ID]
	e := &entry{listID: s.list.ID, isNew: !known}
	if name := cmp.Or(s.Spec.ListName, s.list.Name); s.isAnothers(name) {
		e.passes = name
	}
	names := listNames{s.list.Name, cmp.Or(s.Spec.ListName, s.cached[s.list.ID].knownAs)}
	s.names[s.list.ID] = names
	e.values = []any{
		s.list.ID, names.name, warehouse.NullText(names.knownAs), s.list.ObjectType.ID, *ended.Final, s.seen.size, s.seen.lastAdded, s.seen.lastRemoved,
		fullReadAt, wroteFrom, wroteUpto, addedFrom, addedUpto, removedFrom, removedUpto, *ended.Added, *ended.Removed, s.RunID,
	}
	return e
}

// isAnothers says whether the ledger may have the name for another list than the sync's.
func (s *listSync) isAnothers(name string) bool {
	for id, names := range s.names {
		if id != s.list.ID && (strings.EqualFold(names.name, name) || strings.EqualFold(names.knownAs, name)) {
			return true
		}
	}
	return false
}

// Conclude notes what is to be cached of the sync's list. It does so only where the members are known for certain: the
// run has ended well, every change was answered (Final is set), and current was exactly the list's members. A quiet run
// that came from the cache has nothing new to say, unless the entry still has the marks of an earlier write: the
// metadata has settled since, so that it can be compared without them.
func (l *lists) Conclude(ks *kind.Sync, ended kind.End) {
	s := l.of(ks)
	settled := ended.Err == nil && !ended.DryRun && ended.Final != nil && ended.Plan != nil && s.atRest()
	if settled && (!s.fromCache || !ended.Plan.Empty() || s.cached[s.list.ID].wroteFrom.Valid) {
		s.entry = s.newEntry(ended)
	}
}

// Remember stages what is to be cached of the lists of runs that have ended, and returns what writes it, nil where there
// is nothing. Of several entries about one list the last counts. What a quiet run found of a list does not hold where
// another run has changed the list meanwhile.
//
// Loading is outside of the transaction and writing inside, because the transaction may be run again when it meets a
// conflict: the statements that write are free to be repeated, the loader is not.
func (l *lists) Remember(ctx context.Context, conn *warehouse.Conn, ended []kind.End) (write func(context.Context) error, err error) {
	var entries []*entry
	for _, end := range ended {
		e := l.of(end.Sync).entry
		if e == nil || end.Quiet && l.invalidated[e.listID] {
			continue
		}
		entries = slices.DeleteFunc(entries, func(known *entry) bool { return known.listID == e.listID })
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return nil, nil
	}
	if err := conn.ExecAll(ctx, queries.StageLists); err != nil {
		return nil, err
	}
	load := conn.Loader("rollcall_cached")
	for _, e := range entries {
		if err := load.Add(e.values...); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context) error { return cacheLists(ctx, conn, entries) }, load.Flush()
}

// cacheLists stores the staged entries: it updates the rows that are there and inserts the others, since the ledger's
// tables have no keys that an upsert could use. A name that passes to a list is taken from the others first, so that it
// never names two.
func cacheLists(ctx context.Context, conn *warehouse.Conn, entries []*entry) error {
	isNew := false
	for _, e := range entries {
		isNew = isNew || e.isNew
		if e.passes == "" {
			continue
		}
		if _, err := conn.Exec(ctx, queries.PassName, warehouse.Args{"list_id": e.listID, "name": e.passes}); err != nil {
			return err
		}
	}
	if err := conn.ExecAll(ctx, queries.CacheLists); err != nil || !isNew {
		return err
	}
	return conn.ExecAll(ctx, queries.CacheNewLists)
}
