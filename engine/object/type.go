package object

import (
	"context"
	"fmt"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/engine/resolve"
	"rollcall/engine/warehouse"
)

// Which custom object type a row names is remembered in rollcall.object_types for found_ttl, as the definitions of properties are, so that a quiet run
// makes no call for it. After a call about the type has failed it is forgotten: the type may be gone, and another may have its name.

// namedType is the custom object type that rows name so.
type namedType struct {
	hubspot.ObjectType
	readAt  time.Time
	unsaved bool // the ledger does not have it
}

// remembers says whether what the ledger remembers of types and properties counts in this execution.
func (o *objects) remembers() bool { return !o.env.Full && !o.env.RetryRejects }

// findType finds the object type of the sync's records: one that is known without a call, or remembered, or else HubSpot's answer.
func (s *objectSync) findType(ctx context.Context) error {
	t, known := hubspot.KnownType(s.Spec.ObjectType)
	if known {
		s.useType(t)
		return nil
	}
	if found, ok := s.named[s.Spec.ObjectType]; ok {
		s.useType(found.ObjectType)
		return nil
	}
	if !s.remembers() {
		return s.findTypeAnew(ctx)
	}
	since := s.env.Now().Add(-s.env.Limits.FoundTTL)
	err := s.conn.ReadRows(ctx, queries.ReadType, warehouse.Args{"asked": s.Spec.ObjectType, "since": since}, func(scan func(...any) error) error {
		known = true
		return scan(&t.ID, &t.Name)
	})
	switch {
	case err != nil:
		return err
	case !known:
		return s.findTypeAnew(ctx)
	}
	s.named[s.Spec.ObjectType] = namedType{ObjectType: t}
	s.useType(t)
	return nil
}

// findTypeAnew asks HubSpot for the object type.
func (s *objectSync) findTypeAnew(ctx context.Context) error {
	t, err := s.Client.ObjectType(ctx, s.Spec.ObjectType)
	if err != nil {
		return resolve.UnknownType(s.Spec, err)
	}
	if _, known := hubspot.KnownType(s.Spec.ObjectType); !known {
		s.named[s.Spec.ObjectType] = namedType{t, s.env.Now(), true}
	}
	s.useType(t)
	return nil
}

func (s *objectSync) useType(t hubspot.ObjectType) {
	if s.types[t.ID] == nil {
		s.types[t.ID] = &objectType{ObjectType: t}
	}
	s.objectType = s.types[t.ID]
}

// saveTypes remembers which custom types rows name, and forgets those about which a call has failed. It writes in a transaction of its own.
func (o *objects) saveTypes(ctx context.Context) error {
	if o.env.Ledger == nil {
		return nil
	}
	for asked, t := range o.named {
		failed := o.failed[t.ID]
		if !t.unsaved && !failed {
			continue
		}
		err := o.env.Ledger.Write(context.WithoutCancel(ctx), "remember object types", nil, func(ctx context.Context) error {
			if _, err := o.conn.Exec(ctx, queries.ForgetType, warehouse.Args{"asked": asked}); err != nil || failed {
				return err
			}
			_, err := o.conn.Exec(ctx, queries.RememberType, warehouse.Args{"asked": asked, "object_type_id": t.ID, "name": t.Name, "read_at": t.readAt})
			return err
		})
		if err != nil {
			return fmt.Errorf("object type %s: %w", asked, err)
		}
		t.unsaved = false
		o.named[asked] = t
	}
	return nil
}
