// Package pool runs calls to a server side by side, for one goroutine that handles their results. In: tasks; out: the functions that they
// return, called in order of urgency. It imports nothing of ours.
package pool

import (
	"context"
	"time"
)

// Task is one call. A task runs concurrently with others and must not read or write shared state. The function that it
// returns runs on the goroutine that owns the shared state.
type Task func(ctx context.Context) (done func() error)

// Pool is a worker pool: it runs at most limit tasks at a time. Calls wait on the network and DuckDB has one connection, so many
// goroutines call and one handles the results.
type Pool struct {
	limit         int                  // tasks at a time
	urgent        []Task               // first in, first out, before queue: chains of calls that wait for one another
	queue         []Task               // first in, first out
	source        func() (Task, error) // further tasks when the queues are empty
	idle          []func() error       // work of the owning goroutine for the time while no result is ready
	urgentResults chan func() error    // the results of urgent tasks
	results       chan func() error    // the results of the others
	busy          int
}

// New makes a Pool that runs so many tasks at a time.
func New(limit int) *Pool {
	return &Pool{limit: limit, urgentResults: make(chan func() error, limit), results: make(chan func() error, limit), source: func() (Task, error) { return nil, nil }}
}

// Add queues a task.
func (p *Pool) Add(t Task) { p.queue = append(p.queue, t) }

// AddUrgent queues a task before those of Add.
func (p *Pool) AddUrgent(t Task) { p.urgent = append(p.urgent, t) }

// AddIdle queues work of the owning goroutine for the time while no result is ready.
func (p *Pool) AddIdle(do func() error) { p.idle = append(p.idle, do) }

// Refill sets the source of further tasks when none is queued; it returns nil while it has none.
func (p *Pool) Refill(source func() (Task, error)) { p.source = source }

// Waiting counts the tasks that are running or queued.
func (p *Pool) Waiting() int64 { return int64(p.busy + len(p.urgent) + len(p.queue)) }

// Run runs all tasks, also those that are added meanwhile. An error of a result's function, or of the source, ends Run when the running
// tasks have returned. So does the end of ctx, whose cause is then the error.
func (p *Pool) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for {
		if err := p.start(ctx); err != nil {
			cancel(err)
		}
		if p.busy == 0 && (len(p.idle) == 0 || ctx.Err() != nil) {
			return context.Cause(ctx)
		}
		if err := p.due()(); err != nil {
			cancel(err) // the first cause stays
		}
	}
}

// due returns the next function to call: the result of an urgent task, since the next of its chain waits for it, else another result,
// else idle work.
func (p *Pool) due() (do func() error) {
	select {
	case do = <-p.urgentResults:
		p.busy--
		return do
	default:
	}
	if len(p.idle) > 0 {
		select {
		case do = <-p.results:
			p.busy--
		default:
			do, p.idle = p.idle[0], p.idle[1:]
		}
		return do
	}
	select {
	case do = <-p.urgentResults:
	case do = <-p.results:
	}
	p.busy--
	return do
}

// start starts tasks until limit tasks are running or none is left.
func (p *Pool) start(ctx context.Context) error {
	for p.busy < p.limit && ctx.Err() == nil {
		t, back, err := p.next()
		if t == nil || err != nil {
			return err
		}
		p.busy++
		go func() { back <- t(ctx) }()
	}
	return nil
}

// next returns the next task and the channel for its result.
func (p *Pool) next() (t Task, back chan<- func() error, err error) {
	back = p.results
	switch {
	case len(p.urgent) > 0:
		t, p.urgent = p.urgent[0], p.urgent[1:]
		back = p.urgentResults
	case len(p.queue) > 0:
		t, p.queue = p.queue[0], p.queue[1:]
	default:
		t, err = p.source()
	}
	return t, back, err
}

// Wait waits so long, or until ctx ends, which is then the error.
func Wait(ctx context.Context, long time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(long):
		return nil
	}
}
