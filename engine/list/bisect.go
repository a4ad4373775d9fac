package list

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/plan"
)

// split cuts the changes in two of about the same size, additions first. Both halves keep the mark of an answer that was
// lost.
func (c changes) split() (first, second changes) {
	half := c.size() / 2
	cut := min(half, len(c.add))
	first = changes{c.add[:cut], c.remove[:half-cut], c.ambiguous}
	second = changes{c.add[cut:], c.remove[half-cut:], c.ambiguous}
	return first, second
}

// without takes one change out, counted over the additions and then the removals. It clones the slice that it cuts, since
// other parts of the same batch share its array.
func (c changes) without(i int) (one, rest changes) {
	one, rest = changes{ambiguous: c.ambiguous}, c
	if i < len(c.add) {
		one.add, rest.add = c.add[i:i+1], slices.Delete(slices.Clone(c.add), i, i+1)
		return one, rest
	}
	i -= len(c.add)
	one.remove, rest.remove = c.remove[i:i+1], slices.Delete(slices.Clone(c.remove), i, i+1)
	return one, rest
}

// sendBisecting sends the changes. When HubSpot refuses them, each half is sent on its own, the large ones first, until
// each refused change is on its own: HubSpot refuses a whole call for one record, and does not say which. Every change
// gets exactly one outcome, also when an error ends it.
//
// A refused change is an outcome (failed) and no error. An error means that nothing more should be sent for the sync: ctx
// has ended, a call failed otherwise than by a refusal, more than kind.MaxRefusals calls were refused, or none of the
// changes that were tried alone was taken.
func (d *delivery) sendBisecting(ctx context.Context, c changes) error {
	// A queue and not a recursion: the parts of one size are sent before smaller ones, so that most of the changes are
	// made before the search for the refused changes begins, and all that is still open can be given an outcome where it ends
	// early.
	for open := []changes{c}; len(open) > 0; {
		if err := context.Cause(ctx); err != nil {
			return d.abandon(open, err)
		}
		next := open[0]
		open = open[1:]
		refusal, err := d.try(ctx, &next)
		switch {
		case err != nil:
			return d.abandon(open, err)
		case refusal == nil:
			continue
		case next.size() == 1:
			d.Log.Warn().Err(refusal).Msg("a change was refused")
			d.markAll(next, next.unanswered(plan.StateFailed), refusal.Error())
		case d.sent.refusals > kind.MaxRefusals:
			d.markAll(next, next.unanswered(plan.StateFailed), refusal.Error())
			return d.abandon(open, refusal)
		default:
			first, second := next.split()
			open = append(open, first, second)
		}
		// Nothing was ever taken: rather than halve on, find out whether single changes are refused, or the request as such.
		if err == nil && d.sent.taken == 0 && d.sent.refusals >= kind.BlindRefusals && !d.sent.probed {
			err = d.probe(ctx, open)
		}
		if err != nil {
			return d.abandon(open, err)
		}
	}
	return nil
}

// try sends changes in one call, and accounts for them if they are taken. A refusal that fewer changes may escape is no
// error, and they have no outcome yet. With an error each of them has its outcome, and no later call may be made.
func (d *delivery) try(ctx context.Context, c *changes) (refusal, err error) {
	if c.size() == 0 {
		return nil, nil
	}
	// The call log, which sees each attempt of the call, has to know what the call does.
	d.writes.begin(*c)
	answer, err := d.Writer.AddAndRemove(ctx, d.listID, c.add, c.remove)
	if err == nil {
		d.account(*c, answer)
		return nil, nil
	}
	// Where the answer was lost, the parts may have been applied by this call: what a smaller call finds in place counts
	// as done by it.
	c.ambiguous = c.ambiguous || errors.Is(err, hubspot.ErrAmbiguous)
	switch {
	case hubspot.IsSplittable(err):
		d.sent.refusals++
		return err, nil
	// The call was not made, or was given up, for the end of ctx: the changes stay planned, or are unknown.
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return nil, d.abandon([]changes{*c}, err)
	}
	d.markAll(*c, c.unanswered(plan.StateFailed), err.Error())
	return nil, err
}

// probe tries changes one by one until one is taken, each from the largest part that is open, which loses it. It returns
// nil as soon as one is taken, and else the last refusal: then the request as such is refused, and sending the rest would
// only repeat that.
func (d *delivery) probe(ctx context.Context, open []changes) (last error) {
	d.sent.probed = true
	for range kind.Probes {
		at, size := 0, 0
		for i, part := range open {
			if part.size() > size {
				at, size = i, part.size()
			}
		}
		if size == 0 {
			return last
		}
		var one changes
		one, open[at] = open[at].without(rand.IntN(size))
		refusal, err := d.try(ctx, &one)
		if err != nil || refusal == nil {
			return err
		}
		d.markAll(one, one.unanswered(plan.StateFailed), refusal.Error())
		last = refusal
	}
	return last
}

// abandon notes the outcomes of the changes that are still open when sending ends early, and returns err. Those that may
// have been applied are unknown, and the next run settles them; the others stay planned, and the next run plans them
// anew.
func (d *delivery) abandon(open []changes, err error) error {
	for _, part := range open {
		d.markAll(part, part.unanswered(plan.StatePlanned), "not sent: "+err.Error())
	}
	return err
}
