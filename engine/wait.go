package engine

import (
	"context"
	"time"
)

// waitStep is how long to wait before looking again whether the other one is done. Neither a file's lock nor the lease
// tells when it is free.
const waitStep = 200 * time.Millisecond

// waitWhile calls try until isBusy does not hold for its error, or Config.Wait is over. It returns the last error, or the
// cause of ctx's end. It tells once that it waits, and for whom.
func (c Config) waitWhile(ctx context.Context, isBusy func(error) bool, try func() error) error {
	until := time.Now().Add(c.Wait)
	for told := false; ; told = true {
		err := try()
		if err == nil || !isBusy(err) || time.Now().After(until) {
			return err
		}
		if !told && c.Wait > 0 {
			c.Events(Waiting{For: err})
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(min(waitStep, time.Until(until)+time.Millisecond)):
		}
	}
}
