package engine

import "context"

// task is one call to HubSpot. It runs beside others, so it touches no state; what it returns is done by the one goroutine that
// owns the connection and the round's state.
type task func(ctx context.Context) (done func() error)

// crew carries out tasks, some at a time. Calls wait on the network and DuckDB on one connection, so many goroutines call and
// one writes down.
type crew struct {
	most   int                  // tasks at a time
	urgent []task               // before the others, first come, first served: chains of calls that wait for one another
	queue  []task               // first come, first served
	more   func() (task, error) // further tasks when the queues are empty; nil task: none left, for now
	spare  []func() error       // for the one goroutine to do while calls are under way and none has come back
	first  chan func() error    // what came back from the urgent ones
	ready  chan func() error    // and from the others
	busy   int
}

func newCrew(most int) *crew {
	return &crew{most: most, first: make(chan func() error, most), ready: make(chan func() error, most), more: func() (task, error) { return nil, nil }}
}

// add queues a task.
func (c *crew) add(t task) { c.queue = append(c.queue, t) }

// hurry queues a task before those that were added.
func (c *crew) hurry(t task) { c.urgent = append(c.urgent, t) }

// waiting counts the tasks that are under way or queued.
func (c *crew) waiting() int64 { return int64(c.busy + len(c.urgent) + len(c.queue)) }

// run carries out all tasks, those that are added meanwhile too. An error of a done, or of more, ends it when the tasks under way
// have come back; so does the end of ctx, which is then the error.
func (c *crew) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for {
		if err := c.start(ctx); err != nil {
			cancel(err)
		}
		if c.busy == 0 && (len(c.spare) == 0 || ctx.Err() != nil) {
			return context.Cause(ctx)
		}
		if err := c.due()(); err != nil {
			cancel(err) // the first cause stays
		}
	}
}

// due is what is to be done next: what came back from an urgent call, since the next of its chain waits for it, or from another one,
// or, until something has, spare work.
func (c *crew) due() (do func() error) {
	select {
	case do = <-c.first:
		c.busy--
		return do
	default:
	}
	if len(c.spare) > 0 {
		select {
		case do = <-c.ready:
			c.busy--
		default:
			do, c.spare = c.spare[0], c.spare[1:]
		}
		return do
	}
	select {
	case do = <-c.first:
	case do = <-c.ready:
	}
	c.busy--
	return do
}

// start puts as many tasks under way as may be.
func (c *crew) start(ctx context.Context) error {
	for c.busy < c.most && ctx.Err() == nil {
		t, back, err := c.next()
		if t == nil || err != nil {
			return err
		}
		c.busy++
		go func() { back <- t(ctx) }()
	}
	return nil
}

// next is the task that comes next, and where it is to come back.
func (c *crew) next() (t task, back chan<- func() error, err error) {
	back = c.ready
	switch {
	case len(c.urgent) > 0:
		t, c.urgent = c.urgent[0], c.urgent[1:]
		back = c.first
	case len(c.queue) > 0:
		t, c.queue = c.queue[0], c.queue[1:]
	default:
		t, err = c.more()
	}
	return t, back, err
}
