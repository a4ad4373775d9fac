package resolve

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/pool"
	"rollcall/engine/warehouse"
)

// question is a key that is not in the cache. One question stands for all syncs that desire the key.
type question struct {
	subject
	key  string
	sync *kind.Sync // the first that wants to know
}

// Lookups looks up the keys of the temp table rollcall_questions in batches, and stores the answers. Every question ends with an
// answer or an error: a key whose lookup failed must never look like one without a record.
//
// It is a source of tasks for a pool (pool.Refill with Next): it hands out a task when a worker is free, so that of many
// keys one page at a time is in memory. Everything but the calls themselves runs on the goroutine that runs the pool.
type Lookups struct {
	*Resolver
	// Over is called when every question has its answer; may be nil.
	Over func()

	pool    *pool.Pool
	total   int64      // -1: the table is still to be made
	longest int64      // the bytes of the longest key
	from    int64      // the row of the table with which the next page begins
	page    []question // questions that were read and not asked yet
	done    int64      // how many have an answer or an error
	stopped error      // why no more is asked
}

// Lookups returns what looks up the keys of all syncs that continue, with calls in workers: Next hands them out.
func (r *Resolver) Lookups(workers *pool.Pool) *Lookups {
	return &Lookups{Resolver: r, pool: workers, total: -1}
}

// Restart makes the questions anew, without those of syncs that have failed since. It is for the time before the first
// question is asked: later, answers would be counted against another number of questions.
func (q *Lookups) Restart() { q.total = -1 }

// Next returns the task that asks for the next batch, nil where there is none now: all have been asked for, or what is
// under way decides about the rest. The error is of the database.
func (q *Lookups) Next(ctx context.Context) (pool.Task, error) {
	for {
		if err := q.Ready(ctx); err != nil {
			return nil, err
		}
		if len(q.page) == 0 || q.stopped != nil {
			return nil, nil
		}
		a := q.of(q.page[0])
		if a.pending || a.probing {
			return nil, nil // the result decides
		}
		// HubSpot refuses questions about this property as such: the rest fails without a call.
		if a.stop != nil {
			if err := q.fail(q.batch(), a.stop); err != nil {
				return nil, err
			}
			continue
		}
		// Calls that are queued or under way are not in HubSpot's figures yet.
		waiting := q.pool.Waiting()
		if err := q.env.Guards.CheckQuota(waiting + 1); err != nil {
			if waiting == 0 {
				q.stopped = err
			}
			return nil, nil // the answers under way may already be counted
		}
		if one := q.page[0]; !a.checked && !q.Type(one.sync).IsIdentifiedBy(one.idProperty) {
			return q.check(q.page[0], a), nil
		}
		return q.ask(q.batch(), nil), nil
	}
}

// batch takes the questions off the page that fit into the next call: of one object type and property, and at most
// Limits.ReadSize. The table is in the order of these.
func (q *Lookups) batch() []question {
	n := 1
	for n < min(q.env.Limits.ReadSize, len(q.page)) && q.page[n].subject == q.page[0].subject {
		n++
	}
	batch := q.page[:n]
	q.page = q.page[n:]
	return batch
}

// Ready makes the table of questions where it is not made, and reads the next page of it where that is due. It is called
// early, while the pool waits for calls, so that Next need not.
func (q *Lookups) Ready(ctx context.Context) error {
	if q.total < 0 {
		if err := q.stage(ctx); err != nil {
			return err
		}
	}
	if len(q.page) == 0 && q.from < q.total {
		return q.nextPage(ctx)
	}
	return nil
}

// stage makes the table of questions of the syncs that continue, each key once.
func (q *Lookups) stage(ctx context.Context) error {
	q.from, q.page = 0, nil
	failed := []int32{}
	for n, s := range q.syncs {
		if s.Err() != nil {
			failed = append(failed, n)
		}
	}
	if _, err := q.env.Conn.Exec(ctx, queries.StageQuestions, warehouse.Args{"failed": failed, "record_ids": q.RecordIDs}); err != nil {
		return err
	}
	return q.count(ctx)
}

// count reads how many questions there are, and how long the longest is.
func (q *Lookups) count(ctx context.Context) error {
	q.total = 0
	return q.env.Conn.ReadRow(ctx, queries.CountQuestions, nil, &q.total, &q.longest)
}

// nextPage reads the next page of the table, as many rows as memory allows by the longest key.
func (q *Lookups) nextPage(ctx context.Context) error {
	rows := warehouse.RowsPerPage(q.longest)
	q.page = make([]question, 0, min(rows, q.total-q.from))
	err := q.env.Conn.ReadRows(ctx, queries.PageQuestions, warehouse.Args{"from": q.from, "until": q.from + rows}, func(scan func(...any) error) error {
		var one question
		var sync int32
		err := scan(&one.objectTypeID, &one.idProperty, &one.key, &sync)
		if err == nil {
			one.sync = q.syncs[sync]
		}
		q.page = append(q.page, one)
		return err
	})
	q.from += rows
	return err
}

// ask returns the task that asks for a batch by the client of the first sync that wants it; first is what was answered
// the first time, nil where this is it. It asks for the properties from which the keys of a record can be told, because
// HubSpot's results do not name the key that was asked for, and come in another order.
func (q *Lookups) ask(batch []question, first *hubspot.BatchRead) pool.Task {
	one := batch[0]
	keys := make([]string, len(batch))
	for i, one := range batch {
		keys[i] = one.key
	}
	properties := hubspot.KeyProperties(one.idProperty)
	if one.idProperty == hubspot.PropertyRecordID {
		properties = append(properties, hubspot.PropertyMergedIDs)
	}
	return func(ctx context.Context) func() error {
		read, err := one.sync.Client.BatchRead(ctx, q.Type(one.sync).Path(), one.idProperty, keys, properties)
		return func() error {
			switch {
			case hubspot.IsRefused(err):
				return q.refused(batch, first, err)
			case err != nil:
				if q.env.Guards.IsFatal(err) {
					q.stopped = err
				}
				return errors.Join(q.fail(batch, err), q.unprobed(batch, err))
			}
			return errors.Join(q.took(q.of(one)), q.put(batch, read, first))
		}
	}
}

// put stores the answers to a batch. Keys that are missing from the answer, and that no error of the batch names, are
// requested once more, together. If they are missing again, and both answers say that some records were not found, they
// have no record; else they fail.
//
// HubSpot answers 207 with one error for all records that it does not find, whose context should name them, but may not.
// A key that is only absent is therefore no proof that there is no record.
func (q *Lookups) put(batch []question, read hubspot.BatchRead, first *hubspot.BatchRead) error {
	normalize := func(key string) string { return hubspot.NormalizeKey(batch[0].idProperty, key) }
	// A contact is found by each of its addresses, whichever was asked for, and a record by the IDs of those that were merged into it.
	found := hubspot.RecordsByKey(read.Records, batch[0].idProperty)
	if batch[0].idProperty == hubspot.PropertyRecordID {
		found = recordsByID(read.Records)
	}
	absent := make(map[string]bool, len(read.NotFound))
	for _, key := range read.NotFound {
		absent[normalize(key)] = true
	}
	unreadable := make(map[string]bool)
	for _, problem := range read.Problems {
		for _, key := range problem.IDs {
			unreadable[normalize(key)] = true
		}
	}
	nobody := first != nil && first.PassedOver() && read.PassedOver()
	var open, named []question
	for _, one := range batch {
		var err error
		key := normalize(one.key)
		if record, ok := found[key]; ok {
			err = q.answer(one, record.ID, record.Primary, nil)
		} else if absent[key] || nobody && !unreadable[key] {
			err = q.answer(one, nil, nil, nil)
		} else if unreadable[key] {
			named = append(named, one)
		} else {
			open = append(open, one)
		}
		if err != nil {
			return err
		}
	}
	if first == nil && len(open) > 0 {
		q.pool.Add(q.ask(open, &read))
		open = nil
	}
	return q.unread(append(named, open...), read)
}

// recordsByID maps the IDs of the records, and of those that were merged into them, to the records. Whether HubSpot answers a batch read with the record
// that a merged one lives on in is not documented; where it does not, the ID has no record unless the other one is read by the same call.
func recordsByID(records []hubspot.Record) map[string]hubspot.KeyedRecord {
	found := make(map[string]hubspot.KeyedRecord, len(records))
	for _, record := range records {
		for _, id := range record.MergedIDs() {
			found[strconv.FormatInt(id, 10)] = hubspot.KeyedRecord{ID: record.ID}
		}
	}
	for _, record := range records {
		found[strconv.FormatInt(record.ID, 10)] = hubspot.KeyedRecord{ID: record.ID, Primary: true}
	}
	return found
}

// unread fails the keys that could not be read according to an answer, or that it does not mention.
func (q *Lookups) unread(keys []question, read hubspot.BatchRead) error {
	const advice = "run it again: no one was removed for want of an answer"
	switch {
	case len(keys) == 0:
		return nil
	case len(read.Problems) > 0:
		return q.fail(keys, hint.New(advice, "HubSpot could not read some records: %s: %s", read.Problems[0].Category, read.Problems[0].Message))
	}
	return q.fail(keys, hint.New(advice, "HubSpot said nothing about %d of the keys that it was asked for", len(keys)))
}

// fail stores an error for every key of a batch. Syncs that desire one of them fail in Resolve, and the others continue. The
// error returned is of the database.
func (q *Lookups) fail(batch []question, err error) error {
	number := q.lookupError(fmt.Errorf("resolve: %w", err))
	for _, one := range batch {
		if err := q.answer(one, nil, nil, number); err != nil {
			return err
		}
	}
	return nil
}

// answer stores the answer to one question: id is a record ID or nil, primary whether the key is the record's own value,
// lookupErr the number of an error or nil. Every question comes here exactly once.
func (q *Lookups) answer(one question, id, primary, lookupErr any) error {
	q.done++
	q.unsaved = true
	q.env.Progress(one.sync.Spec.Name, "resolve", q.done, q.total)
	if q.done == q.total && q.Over != nil {
		q.Over()
	}
	return q.answers.Add(one.objectTypeID, one.idProperty, one.key, id, false, lookupErr, primary)
}

// Finish stores the answers, and fails the questions that were not asked, such as where the day's calls are used up. It
// is called once, when the pool has run.
func (q *Lookups) Finish(ctx context.Context) error {
	if err := q.settle(ctx); err != nil {
		return err
	}
	if q.total <= q.done {
		return nil
	}
	why := q.stopped
	if why == nil {
		why = hint.New("run it again", "not every key was asked for")
	}
	_, err := q.env.Conn.Exec(ctx, queries.FailUnanswered, warehouse.Args{"lookup_error": q.lookupError(fmt.Errorf("resolve: %w", why))})
	return err
}

// rejectContradictions fails the answers that contradict each other: a record has one value of a property, so a record that was given for
// several keys, each as its own value, is not accepted. The answers must have been flushed.
func (r *Resolver) rejectContradictions(ctx context.Context) error {
	number := r.lookupError(hint.New("nobody was added or removed; run it again, and if it comes again, look at whether hubspot_url is HubSpot",
		"resolve: HubSpot's answers contradict each other: they give one record for several keys, with another value of the id_property each"))
	_, err := r.env.Conn.Exec(ctx, queries.FailContradictions, warehouse.Args{"lookup_error": number})
	return err
}

// AskAgain looks up the keys of the temp table rollcall_questions again, which the caller has staged, and replaces their
// answers. It returns how many keys there were. Resolve then makes the sets of the new answers.
func (r *Resolver) AskAgain(ctx context.Context) (asked int64, err error) {
	workers := pool.New(r.env.Limits.Concurrency)
	q := &Lookups{Resolver: r, pool: workers}
	if err := q.count(ctx); err != nil || q.total == 0 {
		return 0, err
	}
	// If the call fails, the keys have no answer and the sync fails: an old one must not be relied on.
	if err := r.env.Conn.ExecAll(ctx, queries.DeleteAnswers); err != nil {
		return 0, err
	}
	r.unsaved = true
	workers.Refill(func() (pool.Task, error) { return q.Next(ctx) })
	if err := workers.Run(ctx); err != nil {
		return 0, err
	}
	return q.total, q.Finish(ctx)
}

// lookupError returns the number of an error of key look-ups; equal errors have one number. Temp tables hold the number,
// since one error may concern a million keys.
func (r *Resolver) lookupError(err error) int32 {
	for i, known := range r.errors {
		if known.Error() == err.Error() {
			return int32(i + 1)
		}
	}
	r.errors = append(r.errors, err)
	return int32(len(r.errors))
}
