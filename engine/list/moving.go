package list

import (
	"context"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/engine/pool"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// motion is what a reading shows of changes that others make to the list meanwhile. Pages follow record IDs, so a member
// that joins behind the cursor is not read, and one that leaves after its page still is; the totals and the times of
// joining tell which readings are whole all the same.
type motion struct {
	least, most int64      // of the totals seen
	start       time.Time  // the time of the first answer by HubSpot's clock, to the second; zero: HubSpot did not say
	joined      []newcomer // members of the pages that joined since start, to the second
}

// newcomer is a member that joined after the reading began.
type newcomer struct {
	recordID int64
	at       time.Time
}

// see takes in what a page says of changes; first says that no total was seen before.
func (m *motion) see(page hubspot.MembershipPage, first bool) {
	if page.Total != nil {
		if first {
			m.least, m.most = *page.Total, *page.Total
		}
		m.least, m.most = min(m.least, *page.Total), max(m.most, *page.Total)
	}
	if !page.At.IsZero() && (m.start.IsZero() || page.At.Before(m.start)) {
		m.start = page.At
	}
	if m.start.IsZero() {
		return
	}
	for i, at := range page.Joined {
		if !at.Before(m.start) {
			m.joined = append(m.joined, newcomer{page.RecordIDs[i], at})
		}
	}
}

// moved says whether the totals differ.
func (m *motion) moved() bool { return m.least != m.most }

// accounts says whether so many members are all that were on the list during the reading. Without a change that is the total. With
// changes the members lie between the least and the greatest total, except for those that joined after the reading began: of them any
// number may have been read. The start is known to the second, so each bound leaves out those that are surely, or perhaps, later.
func (m *motion) accounts(members int64) bool {
	surely, perhaps := int64(0), int64(len(m.joined))
	for _, n := range m.joined {
		if !n.at.Before(m.start.Add(time.Second)) {
			surely++
		}
	}
	return members-surely >= m.least && members-perhaps <= m.most
}

// beginLater begins the reading after a pause of Limits.VerifyWait, in which the changes may have ended. The pause is a
// task, so that the goroutine that handles the results continues with those of other lists.
func (r *reading) beginLater(listID string) {
	r.pool.AddUrgent(func(ctx context.Context) func() error {
		err := pool.Wait(ctx, r.sync.env.Limits.VerifyWait)
		return func() error {
			if err != nil {
				r.fail(listID, err)
				return nil
			}
			r.begin(listID)
			return nil
		}
	})
}

// keepNewcomers puts those who joined during a reading that is whole into the temp table rollcall_newcomers. The pages
// may hold any of them or none, so the plan leaves them alone until the next run.
func (r *reading) keepNewcomers() error {
	load := r.sync.conn.Loader("rollcall_newcomers")
	for _, n := range r.motion.joined {
		if err := load.Add(r.sync.Number, n.recordID); err != nil {
			return err
		}
	}
	return load.Flush()
}

// needsPart says whether a part of the list's members is enough. Where members are only added, one that was not read is at worst added
// once more, which changes nothing; but changes whose answer was lost need the whole list, since what it does not show counts as not done.
// A list that is read back shows in part, too, who is on it.
func (s *listSync) needsPart() bool {
	return s.applied || s.Spec.Mode == syncspec.Add && s.Undoes == "" && !s.env.Unanswered[s.list.ID]
}

// takePart ends a reading that is not whole, and keeps the members that it brought. Callers have checked needsPart.
func (r *reading) takePart(ctx context.Context) error {
	s := r.sync
	if err := s.pages.Flush(); err != nil {
		return err
	}
	var repeated int64
	if err := s.conn.ReadRow(ctx, queries.CountPages, warehouse.Args{"sync": s.Number}, &repeated, &s.members); err != nil {
		return err
	}
	r.part = true
	return nil
}

// atRest reports whether current is exactly the list's members: it comes from the cache, or from a reading during which nothing changed.
func (s *listSync) atRest() bool {
	return s.fromCache || s.reading == nil || s.reading.whole && !s.reading.moving
}

// inPart reports whether current may lack members. Such a set must never be the right side of a removal, nor a reason to
// forget a member.
func (s *listSync) inPart() bool { return !s.fromCache && s.reading != nil && s.reading.part }
