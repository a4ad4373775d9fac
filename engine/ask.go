package engine

import (
	"context"
	"errors"
	"fmt"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/pool"
	"rollcall/engine/warehouse"
)

// question is a key that is not in the cache.
type question struct {
	objectTypeID, idProperty, key string
	session                       *session // the first that wants to know
}

// questions looks up the keys of the temp table rollcall_questions in batches, and stores the answers. Every question ends with an
// answer or an error: a key whose lookup failed must never look like one without a record.
type questions struct {
	*round
	pool    *pool.Pool
	total   int64 // -1: the table is still to be made
	longest int64 // the bytes of the longest key
	from    int64
	page    []question
	done    int64
	stopped error  // why no more is asked
	over    func() // called when every question has its answer; may be nil
}

// next is the task that asks for the next batch, nil when all have been asked for.
func (q *questions) next(ctx context.Context) (pool.Task, error) {
	for {
		if err := q.ready(ctx); err != nil {
			return nil, err
		}
		if len(q.page) == 0 || q.stopped != nil {
			return nil, nil
		}
		a := q.of(q.page[0])
		if a.pending || a.probing {
			return nil, nil // what comes of that decides
		}
		if a.stop != nil {
			if err := q.fail(q.batch(), a.stop); err != nil {
				return nil, err
			}
			continue
		}
		waiting := q.pool.Waiting()
		if err := q.checkQuota(waiting + 1); err != nil {
			if waiting == 0 {
				q.stopped = err
			}
			return nil, nil // the answers under way may already be counted
		}
		if one := q.page[0]; !a.checked && !one.session.list.ObjectType.IsIdentifiedBy(one.idProperty) {
			return q.check(q.page[0], a), nil
		}
		return q.ask(q.batch(), nil), nil
	}
}

// batch takes the questions off the page that fit into the next call.
func (q *questions) batch() []question {
	n := 1
	for n < min(q.engine.config.ReadSize, len(q.page)) && q.page[n].kind() == q.page[0].kind() {
		n++
	}
	batch := q.page[:n]
	q.page = q.page[n:]
	return batch
}

// ready makes the table of questions where it is not made, and reads the next page of it where that is due.
func (q *questions) ready(ctx context.Context) error {
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

// stage makes the table of questions of the sessions that go on.
func (q *questions) stage(ctx context.Context) error {
	q.from, q.page = 0, nil
	failed := []int32{}
	for _, s := range q.sessions {
		if s.err != nil {
			failed = append(failed, int32(s.number))
		}
	}
	if _, err := q.conn.Exec(ctx, queries.StageQuestions, warehouse.Args{"failed": failed}); err != nil {
		return err
	}
	return q.count(ctx)
}

func (q *questions) count(ctx context.Context) error {
	q.total = 0
	return q.conn.ReadRow(ctx, queries.CountQuestions, nil, &q.total, &q.longest)
}

// nextPage reads the next page of the table.
func (q *questions) nextPage(ctx context.Context) error {
	rows := warehouse.RowsPerPage(q.longest)
	q.page = make([]question, 0, min(rows, q.total-q.from))
	err := q.conn.ReadRows(ctx, queries.PageQuestions, warehouse.Args{"from": q.from, "until": q.from + rows}, func(scan func(...any) error) error {
		var one question
		var sync int
		err := scan(&one.objectTypeID, &one.idProperty, &one.key, &sync)
		if err == nil {
			one.session = q.sessions[sync-1]
		}
		q.page = append(q.page, one)
		return err
	})
	q.from += rows
	return err
}

// ask is the task that asks for a batch; first is what was answered the first time, nil where this is it.
func (q *questions) ask(batch []question, first *hubspot.BatchRead) pool.Task {
	one := batch[0]
	keys := make([]string, len(batch))
	for i, one := range batch {
		keys[i] = one.key
	}
	properties := hubspot.KeyProperties(one.idProperty)
	return func(ctx context.Context) func() error {
		read, err := one.session.client.BatchRead(ctx, one.session.list.ObjectType.Path(), one.idProperty, keys, properties)
		return func() error {
			switch {
			case hubspot.IsRefused(err):
				return q.refused(batch, first, err)
			case err != nil:
				if isFatal(err) {
					q.stopped = err
				}
				return errors.Join(q.fail(batch, err), q.unprobed(batch, err))
			}
			return errors.Join(q.took(q.of(one)), q.put(batch, read, first))
		}
	}
}

// put stores the answers to a batch. Keys that are missing from the answer, and that no error of the batch names, are requested once more,
// together. If they are missing again, and both answers say that some records were not found, they have no record; else they fail.
func (q *questions) put(batch []question, read hubspot.BatchRead, first *hubspot.BatchRead) error {
	normalize := func(key string) string { return hubspot.NormalizeKey(batch[0].idProperty, key) }
	found := hubspot.RecordsByKey(read.Records, batch[0].idProperty)
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

// unread fails the keys that could not be read according to an answer, or that it does not mention.
func (q *questions) unread(keys []question, read hubspot.BatchRead) error {
	const advice = "run it again: no one was removed for want of an answer"
	switch {
	case len(keys) == 0:
		return nil
	case len(read.Problems) > 0:
		return q.fail(keys, hint.New(advice, "HubSpot could not read some records: %s: %s", read.Problems[0].Category, read.Problems[0].Message))
	}
	return q.fail(keys, hint.New(advice, "HubSpot said nothing about %d of the keys that it was asked for", len(keys)))
}

// fail stores an error for every key of a batch.
func (q *questions) fail(batch []question, err error) error {
	number := q.lookupError(fmt.Errorf("resolve: %w", err))
	for _, one := range batch {
		if err := q.answer(one, nil, nil, number); err != nil {
			return err
		}
	}
	return nil
}

func (q *questions) answer(one question, id, primary, lookupErr any) error {
	q.done++
	one.session.progress("resolve", q.done, q.total)
	if q.done == q.total && q.over != nil {
		q.over()
	}
	return q.answers.Add(one.objectTypeID, one.idProperty, one.key, id, false, lookupErr, primary)
}

// failRest fails the questions that were not asked.
func (q *questions) failRest(ctx context.Context) error {
	if q.total <= q.done {
		return nil
	}
	why := q.stopped
	if why == nil {
		why = hint.New("run it again", "not every key was asked for")
	}
	_, err := q.conn.Exec(ctx, queries.FailUnanswered, warehouse.Args{"lookup_error": q.lookupError(fmt.Errorf("resolve: %w", why))})
	return err
}

// rejectContradictions fails the answers that contradict each other: a record has one value of a property, so a record that was given for
// several keys, each as its own value, is not accepted. The answers must have been flushed.
func (r *round) rejectContradictions(ctx context.Context) error {
	number := r.lookupError(hint.New("nobody was added or removed; run it again, and if it comes again, look at whether hubspot_url is HubSpot",
		"resolve: HubSpot's answers contradict each other: they give one record for several keys, with another value of the id_property each"))
	_, err := r.conn.Exec(ctx, queries.FailContradictions, warehouse.Args{"lookup_error": number})
	return err
}

// askAgain looks up the keys of the temp table rollcall_questions again and replaces their answers.
func (r *round) askAgain(ctx context.Context) (asked int64, err error) {
	workers := pool.New(r.engine.config.Concurrency)
	q := &questions{round: r, pool: workers}
	if err := q.count(ctx); err != nil || q.total == 0 {
		return 0, err
	}
	if err := r.conn.ExecAll(ctx, queries.DeleteAnswers); err != nil {
		return 0, err
	}
	r.asked = true
	workers.Refill(func() (pool.Task, error) { return q.next(ctx) })
	if err := workers.Run(ctx); err != nil {
		return 0, err
	}
	if err := r.answers.Flush(); err != nil {
		return 0, err
	}
	if err := r.rejectContradictions(ctx); err != nil {
		return 0, err
	}
	return q.total, q.failRest(ctx)
}
