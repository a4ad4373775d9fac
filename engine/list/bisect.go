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
func (d *delivery) sendBisecting(ctx context.Context, c changes) error {
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
		if err == nil && d.sent.taken == 0 && d.sent.refusals >= kind.BlindRefusals && !d.sent.probed {
			err = d.probe(ctx, open)
		}
		if err != nil {
			return d.abandon(open, err)
		}
	}
	return nil
}

// try sends changes in one call, and accounts for them if they are taken. A refusal that fewer changes may escape is no error, and they
// have no outcome yet.
func (d *delivery) try(ctx context.Context, c *changes) (refusal, err error) {
	if c.size() == 0 {
		return nil, nil
	}
	d.writes.begin(*c)
	answer, err := d.Writer.AddAndRemove(ctx, d.listID, c.add, c.remove)
	if err == nil {
		d.account(*c, answer)
		return nil, nil
	}
	c.ambiguous = c.ambiguous || errors.Is(err, hubspot.ErrAmbiguous)
	switch {
	case hubspot.IsSplittable(err):
		d.sent.refusals++
		return err, nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return nil, d.abandon([]changes{*c}, err)
	}
	d.markAll(*c, c.unanswered(plan.StateFailed), err.Error())
	return nil, err
}

// probe tries changes one by one until one is taken, each from the largest part that is open, which loses it. The error is that none was.
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

// abandon notes the outcomes of the changes that are still open when sending ends early, and returns err.
func (d *delivery) abandon(open []changes, err error) error {
	for _, part := range open {
		d.markAll(part, part.unanswered(plan.StatePlanned), "not sent: "+err.Error())
	}
	return err
}
