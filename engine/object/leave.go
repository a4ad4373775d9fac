package object

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/plan"
	"rollcall/engine/pool"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// planLeaving makes the plan with the changes of records that have left the query. Only what HubSpot shows of a record now tells whether it has a desired
// key, and which values somebody has changed, so the records are read first, unless the plan is blocked in any case and nobody has let a plan of the sync
// pass: then it has what is last known of them, and p.Unread counts them.
func (s *objectSync) planLeaving(ctx context.Context, p *plan.Plan) error {
	if s.gone == 0 || s.Spec.OnLeave == syncspec.KeepLeft {
		return s.planWith(ctx, p, syncspec.KeepLeft)
	}
	ids, err := s.readIDs(ctx, queries.ReadLeft, nil)
	if err != nil {
		return err
	}
	blocked, err := s.blockedUnread(ctx, p)
	if err != nil {
		return err
	}
	if blocked {
		p.Unread = int64(len(ids))
		return s.planWith(ctx, p, s.Spec.OnLeave)
	}
	if err := s.conn.ExecAll(ctx, queries.StageLive, queries.StageLiveKeys); err != nil {
		return err
	}
	if err := s.readLive(ctx, ids, s.readProperties()); err != nil {
		return err
	}
	return s.planWith(ctx, p, s.Spec.OnLeave)
}

// blockedUnread reports whether the plan stays blocked whatever HubSpot has of the records that leave: by its other changes, or because the query has
// no usable key. What is last known of the records is then staged in place of what HubSpot has.
func (s *objectSync) blockedUnread(ctx context.Context, p *plan.Plan) (bool, error) {
	if err := s.planWith(ctx, p, syncspec.KeepLeft); err != nil {
		return false, err
	}
	blocked := len(p.Violations) > 0
	if !blocked && p.Keys > 0 {
		return false, nil
	}
	if approved, err := s.env.Guards.MayBeApproved(ctx, s.Sync); err != nil || approved {
		return false, err
	}
	if err := s.conn.ExecAll(ctx, queries.StageLive, queries.StageLiveKeys); err != nil {
		return false, err
	}
	known := warehouse.Args{"object_type_id": s.objectType.ID, "properties": s.names()}
	if _, err := s.conn.Exec(ctx, queries.StageLastKnown, known); err != nil || blocked {
		return blocked, err
	}
	err := s.planWith(ctx, p, s.Spec.OnLeave)
	return p.Breaks(plan.Emptied), err
}

// planWith makes the plan, and holds it against the guards. Records that have left the query and were staged are changed as the row says in onLeave.
func (s *objectSync) planWith(ctx context.Context, p *plan.Plan, onLeave syncspec.OnLeave) error {
	action := string(onLeave)
	if onLeave == syncspec.KeepLeft {
		action = ""
	}
	if _, err := s.conn.Exec(ctx, queries.StageLeaving, warehouse.Args{
		"sync": s.Number, "name": s.Spec.Name, "object_type_id": s.objectType.ID,
		"action": warehouse.NullText(action), "takeover": s.Spec.AllowTakeover && !s.env.Limits.ForbidTakeover,
	}); err != nil {
		return err
	}
	if _, err := s.conn.Exec(ctx, queries.Plan, warehouse.Args{
		"creates": s.Spec.Mode != syncspec.Update, "updates": s.Spec.Mode != syncspec.Create, "id_property": s.Spec.IDProperty, "chunk": min(batchSize, s.env.Limits.ChunkSize),
	}); err != nil {
		return err
	}
	if err := s.env.Guards.Count(ctx, s.Sync, p); err != nil {
		return err
	}
	if err := s.countLosses(ctx, p); err != nil {
		return err
	}
	return s.env.Guards.Judge(ctx, s.Sync, p)
}

// readUnanswered reads the records whose changes had no answer and by which they left, to see whether HubSpot has made them. Their keys don't tell: they
// may be other records' by now.
func (s *objectSync) readUnanswered(ctx context.Context) error {
	if err := s.conn.ExecAll(ctx, queries.StageLive, queries.StageLiveKeys); err != nil || !s.env.Unanswered[s.target()] {
		return err
	}
	ids, err := s.readIDs(ctx, queries.ReadUnansweredLeft, warehouse.Args{"name": s.Spec.Name, "target": s.target()})
	if err != nil {
		return err
	}
	return s.readLive(ctx, ids, s.readProperties())
}

// readIDs reads record IDs.
func (s *objectSync) readIDs(ctx context.Context, query warehouse.NamedQuery, args warehouse.Args) (ids []string, err error) {
	err = s.conn.ReadRows(ctx, query, args, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, strconv.FormatInt(id, 10))
		return err
	})
	return ids, err
}

// readLive reads records by their IDs into rollcall_object_live and rollcall_object_live_keys, as HubSpot has them now. Records that are not there
// are left out; the error says that a record could not be read.
func (s *objectSync) readLive(ctx context.Context, ids, properties []string) error {
	size := s.env.Limits.ReadSize
	if err := s.env.Guards.CheckQuota(int64((len(ids) + size - 1) / size)); err != nil {
		return err
	}
	l := &liveRead{
		objectSync: s, pool: pool.New(s.env.Limits.Concurrency), properties: properties,
		records: s.conn.Loader("rollcall_object_live"), keys: s.conn.Loader("rollcall_object_live_keys"),
	}
	for batch := range slices.Chunk(ids, size) {
		l.pool.Add(l.ask(batch))
	}
	if err := l.pool.Run(ctx); err != nil {
		return err
	}
	if err := l.records.Flush(); err != nil {
		return err
	}
	return l.keys.Flush()
}

// liveRead reads records by their IDs.
type liveRead struct {
	*objectSync
	pool          *pool.Pool
	properties    []string
	records, keys *warehouse.Loader
}

// ask is the task that asks for a batch.
func (l *liveRead) ask(ids []string) pool.Task {
	return func(ctx context.Context) func() error {
		read, err := l.Client.BatchRead(ctx, l.objectType.Path(), hubspot.PropertyRecordID, ids, l.properties)
		return func() error {
			if err != nil {
				return err
			}
			return l.put(ids, read)
		}
	}
}

// put stores the answer to a batch, which must account for every record.
func (l *liveRead) put(ids []string, read hubspot.BatchRead) error {
	records := recordsByKey(read.Records, hubspot.PropertyRecordID)
	for _, id := range ids {
		record, found := records[id]
		switch {
		case found:
			document, err := json.Marshal(l.values(record.Properties))
			if err != nil {
				return err
			}
			asked, err := strconv.ParseInt(id, 10, 64)
			if err != nil {
				return err
			}
			if err := l.records.Add(asked, record.ID, string(document)); err != nil {
				return err
			}
		case !slices.Contains(read.NotFound, id) && !read.PassedOver():
			return hint.New("run it again: nothing was sent", "HubSpot said nothing about record %s", id)
		}
	}
	for key, record := range recordsByKey(read.Records, l.Spec.IDProperty) {
		if err := l.keys.Add(record.ID, key); err != nil {
			return err
		}
	}
	return nil
}
