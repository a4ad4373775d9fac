package engine

import (
	"context"
	"time"
)

// waitStep is how long to wait before looking again whether the other one is done.
const waitStep = 200 * time.Millisecond

// waitFor waits so long, or until ctx ends, which is then the error.
func waitFor(ctx context.Context, long time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(long):
		return nil
	}
}

// patiently tries again as long as another one is in the way and the time to wait is not up; the last error counts.
func (c Config) patiently(ctx context.Context, inTheWay func(error) bool, try func() error) error {
	upto := time.Now().Add(c.Wait)
	for told := false; ; told = true {
		err := try()
		if err == nil || !inTheWay(err) || time.Now().After(upto) {
			return err
		}
		if !told && c.Wait > 0 {
			c.Events(Waiting{For: err})
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(min(waitStep, time.Until(upto)+time.Millisecond)):
		}
	}
}
