package engine

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"

	"rollcall/engine/hubspot"

	"rollcall/engine/plan"
)

// maxRefusals is how many calls may be refused while batches are halved to find the culprits, before the rest of the plan is given
// up. Ten culprits among 10,000 changes take about 140.
const maxRefusals = 200

// blindRefusals is how many calls may be refused, with no change ever taken, until single changes are tried: either there is a culprit
// in each of those calls, or it is not the changes that are refused but the request as such.
const blindRefusals = 3

// probes is how many single changes are tried then. They are chosen at random, so that the same few refused changes do not come before
// the rest in every run.
const probes = 16

// split cuts the changes in two.
func (c changes) split() (first, second changes) {
	half := c.size() / 2
	cut := min(half, len(c.add))
	first = changes{c.add[:cut], c.remove[:half-cut], c.ambiguous}
	second = changes{c.add[cut:], c.remove[half-cut:], c.ambiguous}
	return first, second
}

// without takes one change out.
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

// sendBisecting sends the changes. When HubSpot refuses them, each half is sent on its own, the large ones first, until each refused
// change is on its own. Every change gets exactly one outcome, also when an error ends it.
func (a *application) sendBisecting(ctx context.Context, c changes) error {
	for open := []changes{c}; len(open) > 0; {
		if err := context.Cause(ctx); err != nil {
			return a.abandon(open, err)
		}
		next := open[0]
		open = open[1:]
		refusal, err := a.try(ctx, &next)
		switch {
		case err != nil:
			return a.abandon(open, err)
		case refusal == nil:
			continue
		case next.size() == 1:
			a.log.Warn().Err(refusal).Msg("a change was refused")
			err = a.markAll(next, next.unanswered(plan.StateFailed), refusal.Error())
		case a.refusals > maxRefusals:
			return a.abandon(open, errors.Join(refusal, a.markAll(next, next.unanswered(plan.StateFailed), refusal.Error())))
		default:
			first, second := next.split()
			open = append(open, first, second)
		}
		if err == nil && a.taken == 0 && a.refusals >= blindRefusals && !a.probed {
			err = a.probe(ctx, open)
		}
		if err != nil {
			return a.abandon(open, err)
		}
	}
	return nil
}

// try sends changes in one call, and accounts for them if they are taken. A refusal that fewer changes may escape is no error, and they
// have no outcome yet.
func (a *application) try(ctx context.Context, c *changes) (refusal, err error) {
	if c.size() == 0 {
		return nil, nil
	}
	a.callLog.write(*c)
	answer, err := a.writer.AddAndRemove(ctx, a.plan.ListID, c.add, c.remove)
	if err == nil {
		return nil, a.account(*c, answer)
	}
	c.ambiguous = c.ambiguous || errors.Is(err, hubspot.ErrAmbiguous)
	switch {
	case hubspot.IsSplittable(err):
		a.refusals++
		return err, nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return nil, a.abandon([]changes{*c}, err)
	}
	return nil, errors.Join(err, a.markAll(*c, c.unanswered(plan.StateFailed), err.Error()))
}

// probe tries changes one by one until one is taken, each from the largest part that is open, which loses it. The error is that none was.
func (a *application) probe(ctx context.Context, open []changes) (last error) {
	a.probed = true
	for range probes {
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
		refusal, err := a.try(ctx, &one)
		if err != nil || refusal == nil {
			return err
		}
		if err := a.markAll(one, one.unanswered(plan.StateFailed), refusal.Error()); err != nil {
			return err
		}
		last = refusal
	}
	return last
}

// abandon writes the outcomes of the changes that are still open when sending ends early.
func (a *application) abandon(open []changes, err error) error {
	all := []error{err}
	for _, part := range open {
		all = append(all, a.markAll(part, part.unanswered(plan.StatePlanned), "not sent: "+err.Error()))
	}
	return errors.Join(all...)
}
