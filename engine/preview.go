package engine

import (
	"context"
	"errors"
	"fmt"
)

// Preview is the plan of one sync, or why there is none.
type Preview struct {
	Sync     string `json:"sync"`
	Plan     *Plan  `json:"plan,omitempty"`
	APICalls int64  `json:"api_calls"` // calls that making the plan took
	Error    string `json:"error,omitempty"`
	Hint     string `json:"hint,omitempty"`
	// Invalid says that the row itself has to be mended.
	Invalid bool `json:"invalid,omitempty"`
}

// Plan makes the plans of the syncs that names ask for, all enabled ones where there are none, whether due or not. It reads
// HubSpot and writes nothing, neither there nor to the ledger. each is told every plan; while it runs, and is given a desk,
// the sets are there to be queried and saved.
func (e *Engine) Plan(ctx context.Context, names []string, each func(Preview, *Desk) error) error {
	conn, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	asked, err := jobs(ctx, conn, names)
	if err != nil {
		return err
	}
	for _, j := range asked {
		if err := e.preview(ctx, j, each); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) preview(ctx context.Context, j job, each func(Preview, *Desk) error) error {
	if j.err != nil {
		return each(failedPreview(j.name, 0, j.err), nil)
	}
	s, err := e.open(ctx, j.spec)
	if err != nil {
		return err
	}
	defer s.close()
	plan, err := s.prepare(ctx, unsettled)
	calls, _ := s.meter.counts()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return each(failedPreview(j.name, calls, err), nil)
	}
	return each(Preview{Sync: j.name, Plan: plan, APICalls: calls}, &Desk{engine: e, conn: s.conn, plan: plan})
}

func failedPreview(name string, calls int64, err error) Preview {
	return Preview{Sync: name, APICalls: calls, Error: oneLine(err), Hint: HintOf(err), Invalid: invalid(err)}
}

// Desk opens the control database to SQL. With a sync's name the sets of its plan, desired, resolved, current, applied, plan
// and rejects, are tables there. The caller closes it.
func (e *Engine) Desk(ctx context.Context, sync string) (*Desk, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	if sync == "" {
		return &Desk{engine: e, conn: conn, close: conn.Close}, nil
	}
	defer conn.Close()
	asked, err := jobs(ctx, conn, []string{sync})
	if err != nil {
		return nil, err
	}
	if asked[0].err != nil {
		return nil, fmt.Errorf("%s: %w", sync, asked[0].err)
	}
	s, err := e.open(ctx, asked[0].spec)
	if err != nil {
		return nil, err
	}
	plan, err := s.prepare(ctx, unsettled)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", sync, err), s.close())
	}
	return &Desk{engine: e, conn: s.conn, plan: plan, close: s.close}, nil
}
