package list

import (
	"context"
	"fmt"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/pool"
)

// Load loads the cached lists and answers, and reads from HubSpot what the plans need besides.
func (l *lists) Load(ctx context.Context, syncs []*kind.Sync) error {
	if err := l.loadCache(ctx, syncs); err != nil {
		return fmt.Errorf("load cache: %w", err)
	}
	if err := l.fetch(ctx); err != nil {
		return fmt.Errorf("fetch: %w", err)
	}
	return l.refuseLookedUp(ctx)
}

// loadCache loads the cached lists, and the cached answers about keys.
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

// fetch reads the lists' metadata, the pages of those lists that are not cached, and
// the records of the keys that are not cached. The calls run concurrently; lists come first, since the keys of a sync whose list can't
// be used are not looked up.
func (l *lists) fetch(ctx context.Context) error {
	workers := pool.New(l.env.Limits.Concurrency)
	lookups := l.resolver.Lookups(workers)
	looked := 0
	found := func(s *listSync, list hubspot.List, err error) {
		looked++
		if s.found(workers, list, err); s.Err() != nil {
			lookups.Restart()
		}
	}
	live := l.live()
	for _, t := range l.lookUp(workers, found) {
		workers.AddUrgent(t) // the rest waits for these
	}
	for _, s := range live {
		s.startEarly(workers)
	}
	workers.AddIdle(func() error { return lookups.Ready(ctx) })
	lookups.Over = func() { workers.AddIdle(func() error { return l.Save(ctx) }) }
	workers.Refill(func() (pool.Task, error) {
		if looked < len(live) {
			return nil, nil // the questions wait for the lists
		}
		return lookups.Next(ctx)
	})
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
