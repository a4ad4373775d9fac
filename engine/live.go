package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rollcall/engine/hubspot"
)

// liveMemory is the engine's memory limit while it is tried how data is spilled.
const liveMemory = "100MB"

// live asks what documents don't tell, on the user's own database and account. It holds the lease, so that no runner is at work meanwhile.
type live struct {
	*examination
	pause time.Duration // between two looks at something that lags
}

// expected tells an answer that is as Rollcall takes it.
func (x *live) expected(subject, format string, args ...any) {
	x.tell(Diagnosis{Subject: subject, State: DiagnosisExpected, Found: fmt.Sprintf(format, args...)})
}

// different tells an answer that is not, what Rollcall does about it, and the setting that it proposes, if there is one.
func (x *live) different(subject, does, setting, format string, args ...any) {
	hint := does
	if setting != "" {
		hint += "; put " + setting + " into rollcall.toml"
	}
	x.tell(Diagnosis{Subject: subject, State: DiagnosisDifferent, Found: fmt.Sprintf(format, args...), Hint: hint, Setting: setting})
}

// ExamineLive asks the control database and HubSpot what documents don't tell of them, and tells each answer as soon as there is one. On the database
// it makes the table rollcall.doctor_probe and drops it; in HubSpot it makes a list, adds to it contacts that are known already and IDs that no record has, and
// deletes it; it makes, changes and merges no record. A table and a list that an earlier one left, because it was killed, go too. The error is ctx's,
// or says why nothing could be asked.
func ExamineLive(ctx context.Context, c Config, tell func(Diagnosis)) error {
	c.Warehouse.MemoryLimit = liveMemory
	e, err := Open(ctx, c)
	if err != nil {
		return err
	}
	defer e.Close()
	conn, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	l, err := e.takeLease(ctx, conn)
	if err != nil {
		return err
	}
	r := &runner{engine: e, conn: conn, ledger: &ledger{lease: l}}
	held, release, err := r.hold(ctx)
	if err == nil {
		x := &live{examination: &examination{config: e.config, engine: e, conn: conn, tell: func(d Diagnosis) {
			d.Found, d.Hint = hubspot.WithoutAddresses(d.Found), hubspot.WithoutAddresses(d.Hint)
			tell(d)
		}}, pause: e.config.VerifyWait / 6}
		x.askDatabase(held)
		x.askHubSpot(held)
		err = context.Cause(held)
		release()
	}
	return errors.Join(err, e.release(ctx, l, conn))
}
