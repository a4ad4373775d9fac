package engine

import (
	"context"
	"errors"
	"slices"

	"rollcall/engine/control"
	"rollcall/engine/doctor"
	"rollcall/engine/hubspot"
	"rollcall/engine/ledger"
	"rollcall/engine/resolve"
	"rollcall/engine/warehouse"
	"rollcall/syncspec"
)

// Examine opens the control database, and lets the doctor look at all that Rollcall depends on (see [doctor.Examine]). It changes nothing. A
// database that can't be opened is a finding; the error is ctx's alone.
// tell gets each finding as soon as it is there.
func Examine(ctx context.Context, c Config, tell func(doctor.Diagnosis)) error {
	c = c.withDefaults()
	d := doctor.Dependencies{
		Database:  warehouse.Shown(c.Warehouse.Database),
		ReadSyncs: readForDoctor, ReadLease: readLeaseForDoctor, MaxSkew: ledger.Skew,
		HubSpot: c.HubSpot, CheckKey: checkKey, MaxDailyShare: c.MaxDailyShare, Now: c.Now,
	}
	e, err := Open(ctx, c)
	if err != nil {
		d.NotOpened = err
		return doctor.Examine(ctx, d, tell)
	}
	defer e.Close()
	d.Warehouse, d.LeaseMargin = e.warehouse, e.skew()
	return doctor.Examine(ctx, d, tell)
}

// ExamineLive takes the lease, and lets the doctor ask the control database and HubSpot what documents don't tell of them (see
// [doctor.ExamineLive]). The error is ctx's, or says why nothing could be asked.
// It writes to the database and makes lists, so it runs under the lease like a run: no run meets what it makes, and it
// stops when the lease is lost.
func ExamineLive(ctx context.Context, c Config, tell func(doctor.Diagnosis)) error {
	c.Warehouse.MemoryLimit = doctor.LiveMemory
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
	r := &runner{engine: e, conn: conn, ledger: &ledger.Ledger{Lease: l}}
	held, release, err := r.hold(ctx)
	if err == nil {
		err = doctor.ExamineLive(held, e.liveDependencies(conn), tell)
		release()
	}
	return errors.Join(err, e.release(ctx, l, conn))
}

// liveDependencies returns what the doctor asks with, on a connection to the control tables.
func (e *Engine) liveDependencies(conn *warehouse.Conn) doctor.LiveDependencies {
	client, err := e.hubspot()
	return doctor.LiveDependencies{
		Warehouse: e.warehouse, Conn: conn, SaaSMode: !e.warehouse.Local() && !e.config.Warehouse.WithoutSaaSMode,
		ReadLease: readLeaseForDoctor, LeaseMargin: e.skew(),
		HubSpot: client, NotHubSpot: err, WriteSize: e.config.ChunkSize, PageSize: e.config.PageSize, VerifyWait: e.config.VerifyWait,
		Now: e.config.Now,
	}
}

// readForDoctor counts the rows of the control table, and collects what the enabled ones find records by and what their changes take, as far as
// they can be read. It is doctor.Dependencies.ReadSyncs: the doctor may not import control.
func readForDoctor(ctx context.Context, conn *warehouse.Conn) (doctor.Syncs, error) {
	all, _, err := control.Select(ctx, conn, nil)
	syncs := doctor.Syncs{Rows: len(all)}
	for _, row := range all {
		if row.Enabled && !row.Flawed("kind", "object_type", "to_object_type") {
			syncs.Scopes = append(syncs.Scopes, writeScope(row.Draft))
		}
		k := doctor.Key{ObjectType: row.Draft.ObjectType, Property: row.Draft.IDProperty}
		if row.Enabled && !row.Flawed("object_type", "id_property") && !slices.Contains(syncs.Keys, k) {
			syncs.Keys = append(syncs.Keys, k)
		}
	}
	return syncs, err
}

// readLeaseForDoctor reads who holds the lease, as the doctor has it.
func readLeaseForDoctor(ctx context.Context, conn *warehouse.Conn) (doctor.Lease, error) {
	h, err := ledger.ReadHolder(ctx, conn)
	return doctor.Lease{Owner: h.Owner, HeartbeatAt: h.HeartbeatAt, ExpiresAt: h.ExpiresAt, ReadAt: h.ReadAt}, err
}

// checkKey looks at the property by which rows find records, as runs do: everywhere says that every account has it, so
// that nothing was asked about it.
func checkKey(ctx context.Context, client *hubspot.Client, k doctor.Key) (everywhere bool, err error) {
	t, err := client.ObjectType(ctx, k.ObjectType)
	if err != nil {
		return false, resolve.UnknownType(syncspec.Spec{ObjectType: k.ObjectType}, err)
	}
	return t.IsIdentifiedBy(k.Property), resolve.CheckProperty(ctx, client, t, k.Property)
}
