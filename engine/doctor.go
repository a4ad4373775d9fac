package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/warehouse"
	"rollcall/migrations"
	"rollcall/syncspec"
)

// States of a Diagnosis.
const (
	DiagnosisOK       = "ok"
	DiagnosisWarning  = "warning"
	DiagnosisFailed   = "failed"
	DiagnosisNotAsked = "not asked"
	// Of questions that documents don't answer.
	DiagnosisExpected  = "as expected"
	DiagnosisDifferent = "different"
)

// Diagnosis is what an examination found about one thing.
type Diagnosis struct {
	Subject string `json:"subject"` // such as database, or scopes
	State   string `json:"state"`   // one of the states above
	Found   string `json:"found"`   // in words, without secrets and addresses
	Hint    string `json:"hint,omitempty"`
	Setting string `json:"setting,omitempty"` // that it proposes, as a line of rollcall.toml
}

// Clocks that are further apart than this are told.
const clockTolerance = time.Minute

// examination is one pass over what Rollcall depends on. What was not reached stays nil.
type examination struct {
	config Config
	engine *Engine
	conn   *warehouse.Conn
	client *hubspot.Client
	tell   func(Diagnosis)

	lease holder
	read  time.Duration // how far the database's now() is ahead of this machine's clock
	jobs  []job

	clock serverClock
}

// Examine looks at all that Rollcall depends on: the control database, HubSpot, and the clocks. It changes nothing, and tells each finding as
// soon as there is one. The error is ctx's alone.
func Examine(ctx context.Context, c Config, tell func(Diagnosis)) error {
	if c.Now == nil {
		c.Now = time.Now
	}
	x := &examination{config: c, tell: func(d Diagnosis) {
		d.Found, d.Hint = hubspot.WithoutAddresses(d.Found), hubspot.WithoutAddresses(d.Hint)
		tell(d)
	}}
	defer x.close()
	for _, examine := range []func(context.Context){x.database, x.hubspotAccess, x.clocks, x.properties} {
		examine(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

func (x *examination) close() {
	if x.conn != nil {
		x.conn.Close()
	}
	if x.engine != nil {
		x.engine.Close()
	}
}

func (x *examination) ok(subject, format string, args ...any) {
	x.tell(Diagnosis{Subject: subject, State: DiagnosisOK, Found: fmt.Sprintf(format, args...)})
}

func (x *examination) warn(subject, hint, format string, args ...any) {
	x.tell(Diagnosis{Subject: subject, State: DiagnosisWarning, Found: fmt.Sprintf(format, args...), Hint: hint})
}

func (x *examination) notAsked(subject, why string) {
	x.tell(Diagnosis{Subject: subject, State: DiagnosisNotAsked, Found: why})
}

// fail tells an error with its own hint, or with the given one where it has none.
func (x *examination) fail(subject string, err error, otherwise string) {
	x.tell(Diagnosis{Subject: subject, State: DiagnosisFailed, Found: hint.OneLine(err), Hint: cmp.Or(hint.Of(err), otherwise)})
}

// database opens the control database and reads its tables' version, the lease and the rows.
func (x *examination) database(ctx context.Context) {
	e, err := Open(ctx, x.config)
	switch {
	case warehouse.IsInUse(err):
		x.tell(Diagnosis{Subject: "database", State: DiagnosisWarning, Found: hint.OneLine(err), Hint: hint.Of(err)})
	case err != nil:
		x.fail("database", err, "look whether --database names the one that is meant")
	}
	if err == nil {
		x.engine = e
		x.conn, err = e.warehouse.Conn(ctx)
		if err != nil {
			x.fail("database", err, "look whether the database answers other programs")
		}
	}
	if err != nil {
		x.notAsked("tables", "the database is not open")
		x.notAsked("lease", "the database is not open")
		return
	}
	kind := "a local file"
	if !e.warehouse.Local() {
		kind = "MotherDuck"
	}
	x.ok("database", "%s, %s", warehouse.Shown(x.config.Warehouse.Database), kind)
	if err := migrations.Check(ctx, x.conn); err != nil {
		x.fail("tables", err, "")
		x.notAsked("lease", "the control tables are not at this program's version")
		return
	}
	all, err := migrations.All()
	if err == nil {
		x.jobs, _, err = choose(ctx, x.conn, nil)
	}
	if err != nil {
		x.fail("tables", err, "rollcall init")
	} else {
		x.ok("tables", "version %d, %s of syncs", len(all), hint.Counted(int64(len(x.jobs)), "row", "rows"))
	}
	x.examineLease(ctx)
}

// examineLease tells who holds the lease.
func (x *examination) examineLease(ctx context.Context) {
	before := x.config.Now()
	h, err := readLease(ctx, x.conn)
	if err != nil {
		x.fail("lease", err, "rollcall init")
		return
	}
	x.lease, x.read = h, apart(h.readAt, before, x.config.Now())
	heard := max(0, h.readAt.Sub(h.heartbeatAt)).Round(time.Second)
	lapses := h.expiresAt.Add(x.engine.skew())
	switch {
	case h.owner == "":
		x.ok("lease", "free")
	case h.readAt.Before(lapses) && !x.engine.exclusive:
		x.ok("lease", "held by %s, last heard of %s ago; it lapses at %s unless it is renewed", h.owner, heard, lapses.UTC().Format(time.RFC3339))
	default:
		x.warn("lease", "nothing to do: the next rollcall run takes it, and settles what that one left", "%s held it and is gone, last heard of %s ago", h.owner, heard)
	}
}

// apart is how far a time that was told between two moments is from them: positive where it is later than both, 0 where it lies between.
func apart(told, from, to time.Time) time.Duration {
	switch {
	case told.Before(from):
		return told.Sub(from)
	case told.After(to):
		return told.Sub(to)
	}
	return 0
}

// clocks compares this machine's clock with HubSpot's and with the database's now().
func (x *examination) clocks(context.Context) {
	if x.conn == nil && !x.clock.known {
		x.notAsked("clock", "neither the database nor HubSpot told its time")
		return
	}
	found, off := "this machine's clock", time.Duration(0)
	if x.clock.known {
		found += " and HubSpot's are " + difference(x.clock.ahead)
		off = x.clock.ahead.Abs()
	}
	if !x.lease.readAt.IsZero() {
		if x.clock.known {
			found += "; it"
		}
		found += " and the database's now() are " + difference(x.read)
		off = max(off, x.read.Abs())
	}
	switch {
	case x.engine != nil && x.read.Abs() >= skew:
		x.fail("clock", hint.New("set the clock (NTP): with such a difference two runners may take each other for dead", "%s", found), "")
	case off > clockTolerance:
		x.warn("clock", "set the clock (NTP)", "%s", found)
	default:
		x.ok("clock", "%s", found)
	}
}

func difference(d time.Duration) string {
	if d.Abs() < time.Second {
		return "the same to the second"
	}
	return d.Abs().Round(time.Second).String() + " apart"
}

// keyProperty is what rows find records by.
type keyProperty struct{ objectType, property string }

// keyProperties are those of the rows that are enabled and readable so far, each once.
func (x *examination) keyProperties() []keyProperty {
	var all []keyProperty
	for _, j := range x.jobs {
		k := keyProperty{j.draft.ObjectType, j.draft.IDProperty}
		if j.enabled && !j.flawed("object_type", "id_property") && !slices.Contains(all, k) {
			all = append(all, k)
		}
	}
	return all
}

// properties looks at each property by which rows find records, in the way in which runs do.
func (x *examination) properties(ctx context.Context) {
	if x.conn == nil || x.jobs == nil {
		x.notAsked("properties", "which ones rows use is not known")
		return
	}
	everywhere := true
	for _, k := range x.keyProperties() {
		if k.property == syncspec.RecordIDProperty {
			continue
		}
		subject := fmt.Sprintf("property %s of %s", k.property, k.objectType)
		if x.client == nil {
			x.notAsked(subject, "HubSpot gave no answer")
			everywhere = false
			continue
		}
		t, err := x.client.ObjectType(ctx, k.objectType)
		switch {
		case err != nil:
			err = unknownType(syncspec.Spec{ObjectType: k.objectType}, err)
		case identifies(t, k.property):
			continue
		default:
			err = checkProperty(ctx, x.client, t, k.property)
		}
		everywhere = false
		if err != nil {
			x.fail(subject, err, "rollcall check")
			continue
		}
		x.ok(subject, "is there and unique")
	}
	if everywhere {
		x.ok("properties", "rows find records by email or hs_object_id alone, which every account has")
	}
}
