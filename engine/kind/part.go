package kind

import (
	"context"
	"errors"
	"sync/atomic"

	"rollcall/engine/hubspot"
	"rollcall/engine/plan"
)

// Part is a part of a batch that goes with a call of its own. T is what HubSpot refuses or takes as one: a record, a pair of records.
type Part[T any] struct {
	Items []T
	// Ambiguous: this call, or a larger one with these items, ended without an answer, so that they may have been applied.
	Ambiguous bool
}

// Unanswered is the state of the part's changes when nothing more is sent of them: the given one, or unknown where they may have been applied. A
// change that may have been applied must never be called failed or planned: the next run reconciles unknown ones alone.
func (p Part[T]) Unanswered(state string) string {
	if p.Ambiguous {
		return plan.StateUnknown
	}
	return state
}

// Parts sends batches of one sync's run, whole where HubSpot takes them and in ever smaller parts where it does not. Every item gets exactly one
// outcome, also when an error ends it, by Account, Refused or Mark.
type Parts[T any] struct {
	Refusals *Refusals // of all batches of the run
	// Write makes the call that carries the part, and returns what gives its items their outcomes by HubSpot's answer.
	Write func(ctx context.Context, p Part[T]) (account func(), err error)
	// Refused gives an outcome to the one item of a part that HubSpot refused, or did not answer for.
	Refused func(p Part[T], err error)
	// Mark gives all items of the part one outcome.
	Mark func(p Part[T], state, reason string)
}

// Send sends a batch. When HubSpot refuses a part as a whole, each half is sent on its own, the large ones first, until each refused item is on its
// own. A refused item is no error. An error means that nothing more should be sent for the sync: ctx has ended, a call failed otherwise than by a
// refusal, or more than MaxRefusals calls were refused.
func (s Parts[T]) Send(ctx context.Context, items []T) error {
	for open := []Part[T]{{Items: items}}; len(open) > 0; {
		if err := context.Cause(ctx); err != nil {
			return s.abandon(open, err)
		}
		next := open[0]
		open = open[1:]
		account, err := s.Write(ctx, next)
		next.Ambiguous = next.Ambiguous || errors.Is(err, hubspot.ErrAmbiguous)
		switch {
		case err == nil:
			account()
		case hubspot.IsSplittable(err) && len(next.Items) == 1:
			s.Refused(next, err)
		case hubspot.IsSplittable(err) && s.Refusals.another():
			half := len(next.Items) / 2
			open = append(open, Part[T]{next.Items[:half], next.Ambiguous}, Part[T]{next.Items[half:], next.Ambiguous})
		case ctx.Err() != nil && errors.Is(err, ctx.Err()):
			s.Mark(next, next.Unanswered(plan.StatePlanned), "not sent: "+err.Error())
			return s.abandon(open, err)
		default:
			s.Mark(next, next.Unanswered(plan.StateFailed), err.Error())
			return s.abandon(open, err)
		}
	}
	return nil
}

// abandon gives outcomes to the items that are still open when sending ends early, and returns err.
func (s Parts[T]) abandon(open []Part[T], err error) error {
	for _, p := range open {
		s.Mark(p, p.Unanswered(plan.StatePlanned), "not sent: "+err.Error())
	}
	return err
}

// Refusals counts the calls of a run that HubSpot refused as a whole. The calls of a wave share it.
type Refusals struct{ n atomic.Int64 }

// another counts one more, and reports whether its halves are to be sent.
func (r *Refusals) another() bool { return r.n.Add(1) <= MaxRefusals }
