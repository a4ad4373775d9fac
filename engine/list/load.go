package list

import (
	"context"
	"fmt"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/pool"
)

// Load loads the cached lists and answers, and reads from HubSpot what the plans need besides. An error ends all syncs;
// what concerns one alone, such as a list that is gone, is given to kind.Sync.Fail. Nothing is written to the control
// tables but answers about keys.
func (l *lists) Load(ctx context.Context, syncs []*kind.Sync) error {
	if err := l.loadCache(ctx, syncs); err != nil {
		return fmt.Errorf("load cache: %w", err)
	}
	if err := l.fetch(ctx); err != nil {
		return fmt.Errorf("fetch: %w", err)
	}
	return l.refuseLookedUp(ctx)
}

// loadCache loads the cached lists, and the cached answers about keys. The resolver also finds each sync's object type,
// without which no list can be looked up by name.
func (l *lists) loadCache(ctx context.Context, syncs []*kind.Sync) error {
	if err := l.loadCachedLists(ctx); err != nil {
		return err
	}
	if err := l.resolver.Load(ctx, syncs); err != nil {
		return err
	}
	for _, s := range l.live() {
		s.list.ObjectType = l.resolver.Type(s.Sync)
	}
	return nil
}

// fetch reads the lists' metadata, the pages of those lists that are not cached, and the records of the keys that are not
// cached. The calls run concurrently; lists come first, since the keys of a sync whose list can't be used are not looked
// up. Their results are handled on this goroutine alone, one at a time, because there is one connection and its temp
// tables hold what is read.
func (l *lists) fetch(ctx context.Context) error {
	workers := pool.New(l.env.Limits.Concurrency)
	lookups := l.resolver.Lookups(workers)
	looked := 0
	found := func(s *listSync, list hubspot.List, err error) {
		looked++
		// The keys that only this sync wants need not be looked up any more.
		if s.found(workers, list, err); s.Err() != nil {
			lookups.Restart()
		}
	}
	live := l.live()
	for _, t := range l.lookUp(workers, found) {
		workers.AddUrgent(t) // the rest waits for these
	}
	// A list of which nothing is cached is read page by page whatever its metadata says, and pages wait for one another:
	// begin at once.
	for _, s := range live {
		s.startEarly(workers)
	}
	// The table of questions is made while the first calls are under way.
	workers.AddIdle(func() error { return lookups.Ready(ctx) })
	// Answers are cached as soon as the last one is there, while pages are still read: a run that is killed later need
	// not ask again.
	lookups.Over = func() { workers.AddIdle(func() error { return l.Save(ctx) }) }
	workers.Refill(func() (pool.Task, error) {
		if looked < len(live) {
			return nil, nil // the questions wait for the lists
		}
		return lookups.Next(ctx)
	})
	// Readings that an error cut short still hold a chain, which slows down all other calls of the client: release it.
	err := workers.Run(ctx)
	for _, s := range l.syncs {
		if s.reading != nil {
			s.reading.end()
		}
	}
	if err != nil {
		return err
	}
	if err := l.pages.Flush(); err != nil {
		return err
	}
	return lookups.Finish(ctx)
}
