package engine

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"rollcall/engine/hubspot"
)

// metadata is what HubSpot says of a list without its pages: the estimated size, and when members were last added and removed (epoch
// milliseconds). All of it may lag behind the members. Empty: HubSpot did not say.
type metadata struct{ size, lastAdded, lastRemoved string }

func metadataOf(l hubspot.List) metadata {
	return metadata{l.Properties[hubspot.PropertyListSize], l.Properties[hubspot.PropertyLastAdded], l.Properties[hubspot.PropertyLastRemoved]}
}

// memory is what is remembered of a list: its metadata while rollcall.members was right.
type memory struct {
	name, objectTypeID string
	members            int64
	seen               metadata
	fullReadAt         sql.NullTime
	// wroteFrom and wroteUpto bound Rollcall's own write after seen; not valid: it wrote nothing since.
	wroteFrom, wroteUpto sql.NullTime
	added, removed       int64
}

// The times of last change that HubSpot gives a list after a write may be that much before and after the write itself. Wider bounds
// would hide what somebody else does right after it, narrower ones cost a full read now and then.
const (
	stampedBefore = time.Second
	stampedAfter  = time.Second
)

func (r *round) recallLists(ctx context.Context) error {
	return readRows(ctx, r.conn, "04_read_lists", nil, func(scan func(...any) error) error {
		var id string
		var m memory
		err := scan(&id, &m.name, &m.objectTypeID, &m.members, &m.seen.size, &m.seen.lastAdded, &m.seen.lastRemoved,
			&m.fullReadAt, &m.wroteFrom, &m.wroteUpto, &m.added, &m.removed)
		r.memories[id] = m
		return err
	})
}

// holds says whether nobody but Rollcall has touched the list since: its metadata says what it said, but for Rollcall's own write.
//
// After such a write the metadata settles some time later. It has settled, with nobody else's change in it, when the size is the one
// that the write came to, the time of the last addition has moved exactly if the write added, and to the time of the write, and
// likewise for removals. Somebody who exchanges members in one stroke, a second after a write that did both,
// stays hidden until the next full read.
func (m memory) holds(now metadata) bool {
	if now.size == "" {
		return false
	}
	if !m.wroteFrom.Valid {
		return m.seen == now
	}
	if m.added > 0 && m.removed > 0 && now.lastAdded != now.lastRemoved {
		return false // one write that does both stamps both alike; what was stamped apart may be somebody's exchange of members
	}
	return now.size == strconv.FormatInt(m.members, 10) &&
		m.moved(m.seen.lastAdded, now.lastAdded, m.added) &&
		m.moved(m.seen.lastRemoved, now.lastRemoved, m.removed)
}

// moved says whether a time of last change went as n own changes make it go.
func (m memory) moved(before, now string, n int64) bool {
	if n == 0 {
		return before == now
	}
	ms, err := strconv.ParseInt(now, 10, 64)
	if err != nil || before == now {
		return false
	}
	at := time.UnixMilli(ms)
	return at.After(m.wroteFrom.Time.Add(-stampedBefore)) && at.Before(m.wroteUpto.Time.Add(stampedAfter))
}

// remembered says whether current can be taken from memory: the list was not touched, and was read whole lately.
func (s *session) remembered() bool {
	m, ok := s.memories[s.list.ID]
	return ok && s.fresh(m) && m.members >= 0 && m.holds(s.seen)
}

// fresh says whether a full read is not due.
func (s *session) fresh(m memory) bool {
	return m.fullReadAt.Valid && s.engine.now().Sub(m.fullReadAt.Time) < s.engine.config.FullReadEvery
}

// remember writes what is known of the session's list after its run: whatever was sent has been answered. A list that was only
// just made has metadata that nobody has seen; that it was empty is known all the same.
func (l *ledger) remember(ctx context.Context, s *session, run *Run) error {
	fullReadAt := any(run.RunAt)
	if s.recalled {
		fullReadAt = s.memories[s.list.ID].fullReadAt.Time
	}
	from, upto := any(nil), any(nil)
	if *run.Added+*run.Removed > 0 {
		from, upto = s.meter.wroteFrom.UTC(), s.meter.wroteUpto.UTC()
	}
	return l.write(ctx, s.conn, "remember list", func(ctx context.Context) error {
		if _, err := exec(ctx, s.conn, "76_forget_list", params{"list_id": s.list.ID}); err != nil {
			return err
		}
		if _, err := exec(ctx, s.conn, "76_pass_name", params{"list_id": s.list.ID, "list_name": s.list.Name}); err != nil {
			return err
		}
		_, err := exec(ctx, s.conn, "77_remember_list", params{
			"list_id": s.list.ID, "list_name": s.list.Name, "object_type_id": s.list.ObjectType.ID, "n_members": *run.Final,
			"hs_list_size": s.seen.size, "hs_last_record_added_at": s.seen.lastAdded, "hs_last_record_removed_at": s.seen.lastRemoved,
			"full_read_at": fullReadAt, "wrote_from": from, "wrote_upto": upto,
			"n_added": *run.Added, "n_removed": *run.Removed, "run_id": run.RunID,
		})
		return err
	})
}
