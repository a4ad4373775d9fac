package resolve

import (
	"context"
	"errors"
	"math/rand/v2"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/pool"
)

// reception is how HubSpot takes the questions about one property of an object type. A refusal may concern one key of a
// batch or every request of that kind; which one is found out with few calls, however many keys there are.
type reception struct {
	checked  bool         // the property is being read, or was
	pending  bool         // it is being read
	stop     error        // why nothing more is asked
	taken    bool         // a call has been answered
	refusals int          // how many calls were refused
	probing  bool         // a single key is asked for, to see whether it is the request as such that is refused
	probes   int          // how many single keys were asked for
	held     [][]question // refused batches that wait for the probe
}

// subject is what the keys of questions are values of that fit into one call: HubSpot's batch read takes one object type
// and one property.
type subject struct{ objectTypeID, idProperty string }

// of returns how HubSpot takes the questions about that subject.
func (r *Resolver) of(one question) *reception {
	if r.subjects[one.subject] == nil {
		r.subjects[one.subject] = &reception{}
	}
	return r.subjects[one.subject]
}

// check returns the task that reads the property of a question, before the first question about it is asked. Where that
// fails for other reasons than the property, HubSpot's answers to the questions themselves decide.
func (q *Lookups) check(one question, a *reception) pool.Task {
	a.checked, a.pending = true, true
	return func(ctx context.Context) func() error {
		err := CheckProperty(ctx, one.sync.Client, q.Type(one.sync), one.idProperty)
		return func() error {
			a.pending = false
			var wrong *PropertyError
			if errors.As(err, &wrong) {
				a.stop = wrong
			}
			return nil
		}
	}
}

// refused handles a batch that HubSpot refused. It is split until each refused key is on its own; but when none of the first calls
// was answered, single keys are asked for first, and if none of them is answered either, nothing more is.
func (q *Lookups) refused(batch []question, first *hubspot.BatchRead, err error) error {
	a := q.of(batch[0])
	a.refusals++
	switch {
	case a.stop != nil:
		return q.fail(batch, a.stop)
	case a.refusals > kind.MaxRefusals || !a.taken && a.refusals >= kind.BlindRefusals+kind.Probes:
		a.stop = err
		return errors.Join(q.fail(batch, err), q.release(a))
	// The key that is refused, or a probe without a result yet: try another.
	case len(batch) == 1:
		a.probing = false
		return errors.Join(q.fail(batch, err), q.probe(a, err))
	// Nothing was answered yet: halving all batches would cost a call for each key if it is the request that is refused.
	case !a.taken && a.refusals >= kind.BlindRefusals:
		a.held = append(a.held, batch)
		return q.probe(a, err)
	}
	q.halve(batch, first)
	return nil
}

// took notes that HubSpot has answered a call, so that what was refused is halved after all.
func (q *Lookups) took(a *reception) error {
	a.taken, a.probing = true, false
	return q.release(a)
}

// unprobed continues after a call that failed otherwise than by a refusal: a probe that got no answer has found nothing
// out.
func (q *Lookups) unprobed(batch []question, err error) error {
	a := q.of(batch[0])
	if a.probing && len(batch) == 1 {
		a.probing = false
	}
	return q.probe(a, err)
}

// probe asks for one key, whichever, of those that wait, unless one is being asked for. After kind.Probes of them err,
// the last refusal, stands for all.
func (q *Lookups) probe(a *reception, err error) error {
	if a.probing || a.taken || len(a.held) == 0 || q.stopped != nil {
		return nil
	}
	if a.probes == kind.Probes {
		a.stop = err
		return q.release(a)
	}
	a.probes++
	a.probing = true
	batch := a.held[0]
	i := rand.IntN(len(batch))
	batch[0], batch[i] = batch[i], batch[0]
	if a.held[0] = batch[1:]; len(batch) == 1 {
		a.held = a.held[1:]
	}
	q.pool.Add(q.ask(batch[:1], nil))
	return nil
}

// release halves the batches that wait, or fails them where nothing more is asked.
func (q *Lookups) release(a *reception) error {
	held := a.held
	a.held = nil
	for _, batch := range held {
		if a.stop == nil {
			q.halve(batch, nil)
		} else if err := q.fail(batch, a.stop); err != nil {
			return err
		}
	}
	return nil
}

// halve asks for each half of a refused batch on its own.
func (q *Lookups) halve(batch []question, first *hubspot.BatchRead) {
	half := len(batch) / 2
	for _, part := range [][]question{batch[:half], batch[half:]} {
		if len(part) > 0 {
			q.pool.Add(q.ask(part, first))
		}
	}
}
