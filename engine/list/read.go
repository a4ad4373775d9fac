package list

import (
	"context"
	"fmt"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/pool"
	"rollcall/engine/warehouse"
)

// readings is how often a list is read before it is given up: others may change it while its pages are read, so that they
// do not fit together.
const readings = 3

// reading is one reading of a list, from both ends at once until they meet: HubSpot gives pages in ascending order of record IDs
// after a cursor, and in descending order before one.
// A list that is read from both ends takes half the time, because each page waits for the cursor of the one before. That
// the sides have met shows that nothing between them is missing; the total, where HubSpot gives it, has to fit too. A
// list that could not be read whole is not diffed.
type reading struct {
	sync    *listSync
	pool    *pool.Pool
	client  *hubspot.Client // whose calls belong to the chain of pages
	release func()          // ends the chain that the pages are
	times   int             // 1 for the first reading
	total   int64           // how many members HubSpot counts, by the latest page; -1: it has not said
	read    int64           // members so far
	pages   int64           // so far
	asked   int64           // members that the calls under way can bring
	low     side            // the pages in ascending order
	high    side            // the pages in descending order; not open where lists are read forward alone
	over    bool            // it has ended
	whole   bool            // every member has been read, but for some of those that came or went meanwhile
	moving  bool            // it is whole, and the list changed meanwhile
	part    bool            // it is not whole, and enough for a sync that only adds
	motion  motion          // what others change meanwhile
}

// side is one end of a list, and how far its pages have come. A call under way belongs to one side: no second one is made
// before its answer.
type side struct {
	number int32           // 1: low, ascending; 2: high, descending
	cursor string          // of the next page; "" before the first one and after the last
	begun  bool            // a page of it was asked for, or taken
	asking bool            // a page of it is under way
	open   bool            // there are pages to ask for
	last   int64           // the record ID that came last; 0: none did
	blank  map[string]bool // cursors that pages without members led to
}

// startEarly begins to read a list that is not cached, before its metadata is there. The metadata can only say that the
// list can't be used, which ends the sync, and what was read is not used.
func (s *listSync) startEarly(workers *pool.Pool) {
	if m := s.cached[s.Spec.ListID]; m.fullReadAt.Valid || s.Spec.ListID == "" {
		return
	}
	s.reading = s.newReading(workers, 1)
	s.reading.begin(s.Spec.ListID)
}

// readMembers reads the list's members, unless they are cached.
func (s *listSync) readMembers(workers *pool.Pool) {
	switch {
	case s.reading != nil: // under way
	case s.isCacheCurrent():
		s.fromCache = true
	default:
		s.reading = s.newReading(workers, 1)
		s.reading.begin(s.list.ID)
	}
}

// newReading makes a reading, and opens a chain in the client: calls that do not belong to a chain then leave it half of
// HubSpot's rolling window. end releases it. times is 1 for a first reading. total begins at -1: not told.
func (s *listSync) newReading(workers *pool.Pool, times int) *reading {
	client, release := s.Client.Chain()
	return &reading{
		sync: s, pool: workers, client: client, release: release, times: times, total: -1,
		low: side{number: 1, open: true}, high: side{number: 2},
	}
}

// begin asks for the last page, unless lists are read forward alone, and at once for the first one where the list is likely to hold more than one. A server that does not
// know how to read from the end answers with the first page, or with something else, or refuses; then the list is read from the low end
// alone.
func (r *reading) begin(listID string) {
	if r.sync.env.Limits.ReadForward {
		r.page(listID, &r.low)
		return
	}
	if r.sync.expects() > r.pageSize() {
		r.page(listID, &r.low)
	}
	r.call(listID, hubspot.PageQuery{FromEnd: true}, func(ctx context.Context, page hubspot.MembershipPage, err error) error {
		// In descending order a page without a cursor to what is before it has reached the low end.
		first := err == nil && page.Before == "" // it is what the low end begins with, or all there is
		switch {
		case r.over:
			return nil
		case err != nil && !hubspot.IsRefused(err):
			r.fail(listID, err)
			return nil
		case err == nil && page.Descending():
			r.high.open = true
			if first {
				r.low.open = false // it is the whole list
			}
			return r.take(ctx, listID, page, &r.high)
		case first && !r.low.begun:
			return r.take(ctx, listID, page, &r.low)
		}
		if r.low.open && !r.low.asking {
			r.page(listID, &r.low)
		}
		return nil
	})
}

// expects returns how many members the list is likely to hold: as many as it held, or else as there are desired. A wrong
// guess costs a page or the time of one.
func (s *listSync) expects() int64 {
	if m, ok := s.cached[s.list.ID]; ok && m.members >= 0 {
		return m.members
	}
	return s.Desired.Rows
}

// page asks for the next page of one side, whose cursor is empty for the first one. The caller has checked that no other
// is under way.
func (r *reading) page(listID string, from *side) {
	query := hubspot.PageQuery{After: from.cursor}
	if from.number == 2 {
		query = hubspot.PageQuery{Before: from.cursor}
	}
	from.begun, from.asking = true, true
	r.call(listID, query, func(ctx context.Context, page hubspot.MembershipPage, err error) error {
		from.asking = false
		if err != nil {
			r.fail(listID, err)
			return nil
		}
		return r.take(ctx, listID, page, from)
	})
}

// call has a page read, unless that would leave the account's other apps too few calls, and hands it to then on the
// goroutine of the results. asked counts what the calls under way can bring at the most, so that no page is asked for
// that those make needless.
func (r *reading) call(listID string, query hubspot.PageQuery, then func(context.Context, hubspot.MembershipPage, error) error) {
	if err := r.sync.env.Guards.CheckQuota(r.pool.Waiting() + 1); err != nil {
		r.fail(listID, err)
		return
	}
	query.Limit = r.sync.env.Limits.PageSize
	r.asked += r.pageSize()
	r.pool.AddUrgent(func(ctx context.Context) func() error {
		page, err := r.client.MembershipPage(ctx, listID, query)
		return func() error {
			r.asked -= r.pageSize()
			return then(ctx, page, err)
		}
	})
}

// take keeps a page and asks for what is still missing. It is the only place where a reading continues, is completed,
// begins again or is abandoned. Pages that arrive after its end are dropped.
func (r *reading) take(ctx context.Context, listID string, page hubspot.MembershipPage, from *side) error {
	if r.over {
		return nil
	}
	why, err := r.keep(page, from)
	if err != nil {
		return err
	}
	if why != "" {
		return r.again(ctx, listID, why)
	}
	from.cursor = page.After
	if from.number == 2 {
		from.cursor = page.Before
	}
	from.open = from.cursor != ""
	if len(page.RecordIDs) == 0 && from.open && from.circles() {
		return r.again(ctx, listID, "its pages lead round in a circle")
	}
	r.sync.env.Progress(r.sync.Spec.Name, "current", r.read, max(r.total, 0))
	if r.pages++; r.pages > r.mostPages() || len(from.blank) > sparePages {
		r.abandon(listID)
		return nil
	}
	if r.complete() {
		return r.finish(ctx, listID)
	}
	for _, next := range []*side{&r.low, &r.high} {
		if next.open && !next.asking && (next == from || !next.begun) && (r.total < 0 || r.motion.moved() || r.read+r.asked < r.total) {
			r.page(listID, next)
		}
	}
	return nil
}

// circles says whether a page without members leads to where one led before; pages with members show it by their order.
func (s *side) circles() bool {
	if s.blank[s.cursor] {
		return true
	}
	if s.blank == nil {
		s.blank = map[string]bool{}
	}
	s.blank[s.cursor] = true
	return false
}

// keep puts a page's record IDs into rollcall_pages, and returns why the reading can't be whole, or "". Within a side the
// IDs have to go up, or down: one that comes again, or out of order, shows that the list changed under the cursor, or
// that the server ignores the cursor.
func (r *reading) keep(page hubspot.MembershipPage, from *side) (why string, err error) {
	r.motion.see(page, r.total < 0)
	if page.Total != nil {
		r.total = *page.Total
	}
	for _, id := range page.RecordIDs {
		if from.begun && from.last != 0 && (id > from.last) != (from.number == 1) {
			return fmt.Sprintf("record %d came twice or out of order", id), nil
		}
		from.last, from.begun = id, true
		if err := r.sync.pages.Add(r.sync.Number, from.number, id); err != nil {
			return "", err
		}
	}
	from.begun = true
	r.read += int64(len(page.RecordIDs))
	return "", nil
}

// complete says whether every member has been read, as far as the pages tell: all that HubSpot counts, as long as the count does not change,
// or up to where the sides meet, or to the end of either.
func (r *reading) complete() bool {
	switch {
	case r.total >= 0 && r.read >= r.total && !r.motion.moved():
		return true
	case r.low.begun && !r.low.open, r.high.begun && !r.high.open:
		return true
	}
	return r.low.last != 0 && r.high.last != 0 && r.low.last >= r.high.last
}

// looksEmpty reports whether a list was read without members and without a total. A truncated answer looks the same, so
// callers must not trust it where another figure says that there are members.
func (r *reading) looksEmpty() bool { return r.whole && r.total < 0 && r.read == 0 }

// noMembers returns the error for such a list when another figure, counted, says that it has members.
func noMembers(listID, counted string) error {
	return hint.New("nothing was taken for gone; run it again in some minutes", "HubSpot shows no members of list %s, which should have %s", listID, counted)
}

// finish holds the pages against each other and against HubSpot's own count. A reading that fits is whole; else the list
// is read again. It is moving where the list changed meanwhile: its members can be diffed then, but are not cached.
func (r *reading) finish(ctx context.Context, listID string) error {
	s := r.sync
	if err := s.pages.Flush(); err != nil {
		return err
	}
	var repeated, members int64
	if err := s.conn.ReadRow(ctx, queries.CountPages, warehouse.Args{"sync": s.Number}, &repeated, &members); err != nil {
		return err
	}
	switch {
	case repeated > 0:
		return r.again(ctx, listID, fmt.Sprintf("%d members came twice", repeated))
	case r.total >= 0 && !r.motion.accounts(members):
		return r.again(ctx, listID, fmt.Sprintf("its pages held %d members, HubSpot counts %d", members, r.total))
	}
	r.end()
	r.whole, r.moving = true, r.total >= 0 && (r.motion.moved() || members != r.total)
	if r.moving {
		if err := r.keepNewcomers(); err != nil {
			return err
		}
	}
	s.members = members
	s.Log.Info().Str("list_id", listID).Int64("members", members).Msg("read current")
	return nil
}

// end takes no more pages and releases the chain; calling it twice does no harm.
func (r *reading) end() {
	r.over = true
	r.release()
}

// again reads the list anew after a pause, or gives it up: a sync for which a part is enough keeps what the last reading
// brought, others fail.
func (r *reading) again(ctx context.Context, listID, why string) error {
	r.end()
	s := r.sync
	s.Log.Warn().Str("list_id", listID).Int("reading", r.times).Str("reason", why).Msg("list not read whole")
	if r.times == readings && s.needsPart() {
		return r.takePart(ctx)
	}
	if r.times == readings {
		s.Fail(hint.New("nothing was sent; run it again when fewer changes are made to the list", "list %s could not be read whole in %d readings: %s", listID, readings, why))
		return nil
	}
	if err := s.pages.Flush(); err != nil {
		return err
	}
	if _, err := s.conn.Exec(ctx, queries.DropPages, warehouse.Args{"sync": s.Number}); err != nil {
		return err
	}
	// The pages of the given-up reading that are still under way find it over, and are dropped.
	s.reading = s.newReading(r.pool, r.times+1)
	s.reading.beginLater(listID)
	return nil
}

// fail ends the reading and its sync. A list that was begun early and turns out not to be there is told by its metadata:
// the error that says more, from found, takes the place of this one.
func (r *reading) fail(listID string, err error) {
	if r.over {
		return
	}
	r.end()
	if r.sync.Err() == nil {
		r.sync.Fail(fmt.Errorf("read list %s: %w", listID, err))
	}
}
