package object

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/property"
	"rollcall/engine/kind"
	"rollcall/engine/pool"
	"rollcall/engine/warehouse"
)

// Load loads what is known of the records, and looks up the keys of those of which too little is known, or that was found too long ago.
func (o *objects) Load(ctx context.Context, syncs []*kind.Sync) error {
	live := kind.Live(syncs)
	if len(live) == 0 {
		return nil
	}
	if err := o.loadKnown(ctx, live); err != nil {
		return fmt.Errorf("load known records: %w", err)
	}
	for _, ks := range live {
		s := o.of(ks)
		if err := s.lookUp(ctx); err != nil {
			if ctx.Err() != nil {
				return err
			}
			o.failed[s.objectType.ID] = true
			ks.Fail(fmt.Errorf("look up records: %w", err))
		}
	}
	return nil
}

// loadKnown makes the temp tables of what rollcall.records knows, and of the keys that are to be looked up.
func (o *objects) loadKnown(ctx context.Context, live []*kind.Sync) error {
	if err := o.conn.ExecAll(ctx, queries.StageRound); err != nil {
		return err
	}
	round := o.conn.Loader("rollcall_object_round")
	for _, ks := range live {
		s := o.of(ks)
		if err := round.Add(s.Number, s.Spec.Name, s.objectType.ID, s.Spec.IDProperty, s.target(), warehouse.NullText(s.leaving())); err != nil {
			return err
		}
	}
	if err := round.Flush(); err != nil {
		return err
	}
	o.since = o.env.Now().Add(-o.env.Limits.FoundTTL)
	if o.env.Full {
		o.since = o.env.Now().Add(time.Hour)
	}
	if err := o.conn.ExecAll(ctx, queries.LoadKnown); err != nil {
		return err
	}
	if _, err := o.conn.Exec(ctx, queries.LoadAsked, warehouse.Args{"retry": o.env.RetryRejects}); err != nil {
		return err
	}
	if err := o.stageRetries(ctx); err != nil {
		return err
	}
	_, err := o.conn.Exec(ctx, queries.StageQuestions, warehouse.Args{"since": o.since})
	return err
}

// target is what the ledger calls the records of the sync.
func (s *objectSync) target() string { return s.objectType.Name }

// lookUp asks HubSpot about the sync's questions.
func (s *objectSync) lookUp(ctx context.Context) error {
	if err := s.findPending(ctx); err != nil {
		return err
	}
	s.asked = 0
	keys, err := s.readKeys(ctx, queries.ReadQuestions, warehouse.Args{"sync": s.Number})
	if err != nil || len(keys) == 0 {
		return err
	}
	return s.lookUpKeys(ctx, keys)
}

// readKeys reads keys.
func (s *objectSync) readKeys(ctx context.Context, query warehouse.NamedQuery, args warehouse.Args) (keys []string, err error) {
	err = s.conn.ReadRows(ctx, query, args, func(scan func(...any) error) error {
		var key string
		err := scan(&key)
		keys = append(keys, key)
		return err
	})
	return keys, err
}

// lookUpKeys asks HubSpot about keys.
func (s *objectSync) lookUpKeys(ctx context.Context, keys []string) error {
	size := s.env.Limits.ReadSize
	if err := s.env.Guards.CheckQuota(int64((len(keys) + size - 1) / size)); err != nil {
		return err
	}
	s.asked, s.refusals = s.asked+len(keys), 0
	l := &lookup{objectSync: s, pool: pool.New(s.env.Limits.Concurrency), properties: s.readProperties()}
	for batch := range slices.Chunk(keys, size) {
		l.pool.Add(l.ask(batch, nil))
	}
	if err := l.pool.Run(ctx); err != nil {
		return err
	}
	return s.found.Flush()
}

// findPending finds the properties of the sync's changes whose answer was lost.
func (s *objectSync) findPending(ctx context.Context) error {
	s.pending = nil
	if !s.env.Unanswered[s.target()] {
		return nil
	}
	return s.conn.ReadRows(ctx, queries.ReadPendingProperties, warehouse.Args{"name": s.Spec.Name, "target": s.target()}, func(scan func(...any) error) error {
		var name string
		if err := scan(&name); err != nil {
			return err
		}
		if _, known := s.objectType.properties[name]; known && !slices.Contains(s.names(), name) {
			s.pending = append(s.pending, name)
		}
		return nil
	})
}

// readProperties are the properties that a look-up brings.
func (s *objectSync) readProperties() []string {
	all := append(hubspot.KeyProperties(s.Spec.IDProperty), hubspot.PropertyMergedIDs)
	for _, name := range append(s.names(), s.pending...) {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// lookup asks about keys in batches. Every key ends with an answer, or the look-up with an error: a key whose look-up failed must not look like
// one without a record, which would be created.
type lookup struct {
	*objectSync
	pool       *pool.Pool
	properties []string
	done       int
}

// ask is the task that asks for a batch; first is what was answered the first time, nil where this is it.
func (l *lookup) ask(keys []string, first *hubspot.BatchRead) pool.Task {
	return func(ctx context.Context) func() error {
		read, err := l.Client.BatchRead(ctx, l.objectType.Path(), l.Spec.IDProperty, keys, l.properties)
		return func() error {
			if hubspot.IsRefused(err) && len(keys) > 1 && l.refusals < kind.MaxRefusals {
				l.refusals++
				half := len(keys) / 2
				l.pool.Add(l.ask(keys[:half], first))
				l.pool.Add(l.ask(keys[half:], first))
				return nil
			}
			if err != nil {
				return err
			}
			return l.put(keys, read, first)
		}
	}
}

// put stores the answers to a batch. Keys that the answer does not account for are asked for once more.
func (l *lookup) put(keys []string, read hubspot.BatchRead, first *hubspot.BatchRead) error {
	records := recordsByKey(read.Records, l.Spec.IDProperty)
	normalize := func(key string) string { return hubspot.NormalizeKey(l.Spec.IDProperty, key) }
	absent := map[string]bool{}
	for _, key := range read.NotFound {
		absent[normalize(key)] = true
	}
	nobody := first != nil && first.PassedOver() && read.PassedOver()
	var open []string
	for _, key := range keys {
		record, ok := records[normalize(key)]
		switch {
		case ok:
			if err := l.putRecord(key, record); err != nil {
				return err
			}
		case absent[normalize(key)] || nobody:
			if err := l.found.Add(l.Number, key, nil, nil, nil); err != nil {
				return err
			}
		default:
			open = append(open, key)
			continue
		}
		l.done++
	}
	l.env.Progress(l.Spec.Name, "resolve", int64(l.done), int64(l.asked))
	switch {
	case len(open) == 0:
		return nil
	case first == nil:
		l.pool.Add(l.ask(open, &read))
		return nil
	case len(read.Problems) > 0:
		return hint.New("run it again: nothing was created for want of an answer", "HubSpot could not read some records: %s: %s", read.Problems[0].Category, read.Problems[0].Message)
	}
	return hint.New("run it again: nothing was created for want of an answer", "HubSpot said nothing about %d of the keys that it was asked for", len(open))
}

// putRecord stores the values of a record, in the form in which HubSpot stores those of the query.
func (l *lookup) putRecord(key string, record hubspot.Record) error {
	values, err := document(l.values(record.Properties))
	if err != nil {
		return err
	}
	var merged any
	if ids := record.MergedIDs(); len(ids) > 0 {
		text, err := json.Marshal(ids)
		if err != nil {
			return err
		}
		merged, l.merges = string(text), true
	}
	return l.found.Add(l.Number, key, record.ID, string(values), merged)
}

// values are the sync's properties as they compare with those of the query; those without a value are left out.
func (s *objectSync) values(answered map[string]string) map[string]string {
	values := map[string]string{}
	for _, name := range append(s.names(), s.pending...) {
		if text := s.canonical(name, answered[name]); text != "" {
			values[name] = text
		}
	}
	return values
}

// canonical is the form of a value that HubSpot answered in which it compares with those of the query.
func (s *objectSync) canonical(name, answered string) string {
	d, known := s.objectType.properties[name]
	if !known {
		d = property.Definition{Name: name}
	}
	return d.Canonical(answered)
}

// recordsByKey maps every key of the records, normalized, to its record: a record that others were merged into has their IDs too.
func recordsByKey(records []hubspot.Record, idProperty string) map[string]hubspot.Record {
	byID := map[int64]hubspot.Record{}
	byKey := map[string]hubspot.Record{}
	for _, record := range records {
		byID[record.ID] = record
		if idProperty == hubspot.PropertyRecordID {
			for _, id := range record.MergedIDs() {
				byKey[strconv.FormatInt(id, 10)] = record
			}
			byKey[strconv.FormatInt(record.ID, 10)] = record
		}
	}
	for key, keyed := range hubspot.RecordsByKey(records, idProperty) {
		byKey[key] = byID[keyed.ID]
	}
	return byKey
}
