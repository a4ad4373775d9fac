package association

import (
	"context"
	"slices"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/pool"
	"rollcall/engine/warehouse"
)

// read reads the associations of records to the last page, into rollcall_link_read, and notes them in rollcall_link_asked. An error means that they
// are not known of some of them: nothing may be unlinked, or linked again, for want of an answer.
func (s *linkSync) read(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	size := hubspot.MaxAssociationRead
	if err := s.env.Guards.CheckQuota(int64((len(ids) + size - 1) / size)); err != nil {
		return err
	}
	r := &reading{linkSync: s, pool: pool.New(s.env.Limits.Concurrency), total: len(ids)}
	for batch := range slices.Chunk(ids, size) {
		r.pool.Add(r.ask(batch))
	}
	if err := r.pool.Run(ctx); err != nil {
		return err
	}
	s.unrecorded = true
	if err := s.links.Flush(); err != nil {
		return err
	}
	return s.asked.Flush()
}

// reread reads all that was read for the sync again, where another sync of the execution has written associations between the same object types since.
func (s *linkSync) reread(ctx context.Context) error {
	wrote := s.wrote[s.target()]
	if wrote == 0 || wrote == s.Number {
		return nil
	}
	ids, err := s.readIDs(ctx, queries.ReadAsked, s.subject())
	if err != nil {
		return err
	}
	if err := s.exec(ctx, nil, queries.ForgetRead, queries.ForgetAsked); err != nil {
		return err
	}
	return s.read(ctx, ids)
}

// reading is a set of reads under way.
type reading struct {
	*linkSync
	pool        *pool.Pool
	total, done int
}

// ask is the task that reads the associations of some records. When HubSpot refuses it, each half is read on its own.
func (r *reading) ask(ids []int64) pool.Task {
	return func(ctx context.Context) func() error {
		records, err := r.Client.ReadAssociations(ctx, r.from.Path(), r.to.Path(), ids)
		return func() error {
			if hubspot.IsRefused(err) && len(ids) > 1 && r.refusals < kind.MaxRefusals {
				r.refusals++
				half := len(ids) / 2
				r.pool.Add(r.ask(ids[:half]))
				r.pool.Add(r.ask(ids[half:]))
				return nil
			}
			if err != nil {
				return err
			}
			r.done += len(ids)
			r.env.Progress(r.Spec.Name, "current", int64(r.done), int64(r.total))
			return r.put(records)
		}
	}
}

// put stores what was read.
func (r *reading) put(records []hubspot.RecordAssociations) error {
	for _, record := range records {
		if record.State != hubspot.AssociationsFound && record.State != hubspot.AssociationsNone {
			why := "its answer does not mention it"
			if record.Category != "" {
				why = record.Category + ": " + record.Message
			}
			return hint.New("run it again: nothing was unlinked for want of an answer", "HubSpot did not answer what record %d is associated with: %s", record.ID, why)
		}
		if err := r.asked.Add(r.Number, record.ID); err != nil {
			return err
		}
		for _, link := range record.Links {
			if err := r.putLink(record.ID, link); err != nil {
				return err
			}
		}
	}
	return nil
}

// putLink stores the types of one association. The default one is stored where HubSpot does not name it, too: a label comes with it.
func (r *reading) putLink(from int64, link hubspot.AssociatedRecord) error {
	if err := r.links.Add(r.Number, from, link.ID, defaultType, nil); err != nil {
		return err
	}
	for _, l := range link.Labels {
		if l.IsDefault() {
			continue
		}
		if err := r.links.Add(r.Number, from, link.ID, typeName(l), warehouse.NullText(l.Label)); err != nil {
			return err
		}
	}
	return nil
}
