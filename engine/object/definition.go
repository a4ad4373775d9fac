package object

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/property"
	"rollcall/engine/warehouse"
)

// Definitions of properties are remembered in rollcall.properties for found_ttl, so that a quiet run makes no call for them. They are read anew
// before a row or a value is refused by what was remembered.

// objectType is an object type with the definitions of its properties.
type objectType struct {
	hubspot.ObjectType
	properties map[string]property.Definition // nil: not known yet
	owners     bool                           // the definitions have the account's owners
	fresh      bool                           // they were read in this execution
	readAt     time.Time                      // when they were read
	unsaved    bool                           // the ledger does not have them all
	wrote      int32
	denied     error // why the owners could not be read in this execution; nil: they were not asked for, or could be
}

// put adds a definition.
func (t *objectType) put(d property.Definition) {
	t.properties[d.Name], t.unsaved = d, true
}

// define gets the definitions of the type's properties: those that are remembered, or else HubSpot's.
func (s *objectSync) define(ctx context.Context) error {
	if s.objectType.properties != nil {
		return nil
	}
	if s.remembers() {
		if err := s.recall(ctx); err != nil || s.objectType.properties != nil {
			return err
		}
	}
	return s.defineAnew(ctx)
}

// defineAnew reads the definitions from HubSpot, once an execution.
func (s *objectSync) defineAnew(ctx context.Context) error {
	t := s.objectType
	if t.fresh {
		return nil
	}
	all, err := s.Client.Properties(ctx, t.Path())
	if err != nil {
		return fmt.Errorf("properties: %w", err)
	}
	t.properties = map[string]property.Definition{}
	for _, d := range all {
		t.put(d)
	}
	t.fresh, t.owners, t.readAt = true, false, s.env.Now()
	return nil
}

// recall gets the definitions that are remembered, unless they are too old.
func (s *objectSync) recall(ctx context.Context) error {
	t, known := s.objectType, map[string]property.Definition{}
	since := s.env.Now().Add(-s.env.Limits.FoundTTL)
	err := s.conn.ReadRows(ctx, queries.ReadProperties, warehouse.Args{"object_type_id": t.ID, "since": since}, func(scan func(...any) error) error {
		var d property.Definition
		var options string
		if err := scan(&d.Name, &d.Label, &d.Type, &d.FieldType, &options, &d.External, &d.Reference, &d.ReadOnly, &d.Calculated, &d.Unique, &d.Hidden, &t.readAt); err != nil {
			return err
		}
		d.Address = t.ID == hubspot.ContactsID && d.Name == hubspot.PropertyEmail
		known[d.Name] = d
		if options == "" {
			return nil
		}
		var stored []option
		if err := json.Unmarshal([]byte(options), &stored); err != nil {
			return fmt.Errorf("options of the property %s: %w", d.Name, err)
		}
		d.Options = []property.Option{} // not nil: the owners can't be read
		for _, o := range stored {
			d.Options = append(d.Options, property.Option(o))
		}
		known[d.Name] = d
		return nil
	})
	if err == nil && len(known) > 0 {
		t.properties = known
	}
	return err
}

// option is an option as the ledger has it.
type option struct {
	Value  string `json:"value"`
	Label  string `json:"label"`
	Hidden bool   `json:"hidden,omitempty"`
}

// saveDefinitions remembers the definitions that were read. It writes in a transaction of its own.
func (o *objects) saveDefinitions(ctx context.Context) error {
	if o.env.Ledger == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	for _, t := range o.types {
		if !t.unsaved || t.properties == nil {
			continue
		}
		if err := o.stageDefinitions(ctx, t); err != nil {
			return fmt.Errorf("stage properties: %w", err)
		}
		about := warehouse.Args{"object_type_id": t.ID}
		err := o.env.Ledger.Write(ctx, "remember properties", nil, func(ctx context.Context) error {
			if _, err := o.conn.Exec(ctx, queries.ForgetProperties, about); err != nil {
				return err
			}
			_, err := o.conn.Exec(ctx, queries.RememberProperties, warehouse.Args{"object_type_id": t.ID, "read_at": t.readAt})
			return err
		})
		if err != nil {
			return err
		}
		t.unsaved = false
	}
	return nil
}

// stageDefinitions fills the temp table from which the definitions are written.
func (o *objects) stageDefinitions(ctx context.Context, t *objectType) error {
	if err := o.conn.ExecAll(ctx, queries.StageProperties); err != nil {
		return err
	}
	load := o.conn.Loader("rollcall_object_properties")
	for _, d := range t.properties {
		var options any
		if d.Options != nil {
			stored := make([]option, len(d.Options))
			for i, one := range d.Options {
				stored[i] = option(one)
			}
			document, err := json.Marshal(stored)
			if err != nil {
				return err
			}
			options = string(document)
		}
		if err := load.Add(d.Name, d.Label, d.Type, d.FieldType, options, d.External, warehouse.NullText(d.Reference), d.ReadOnly, d.Calculated, d.Unique, d.Hidden); err != nil {
			return err
		}
	}
	return load.Flush()
}

// refuted reports whether values were rejected by remembered definitions that HubSpot has to be asked about: the ledger does not have them as rejects, or
// they are to be tried again.
func (s *objectSync) refuted(ctx context.Context) (bool, error) {
	if s.objectType.fresh || s.refusedValues == 0 {
		return false, nil
	}
	var n int64
	err := s.conn.ReadRow(ctx, queries.CountUntried, warehouse.Args{"sync": s.Number, "name": s.Spec.Name, "now": s.env.Now()}, &n)
	return n > 0, err
}

// forgetDefinitions lets the next run read the definitions of the sync's type: HubSpot has refused what they allow.
func (s *objectSync) forgetDefinitions(ctx context.Context) error {
	_, err := s.conn.Exec(ctx, queries.ForgetProperties, warehouse.Args{"object_type_id": s.objectType.ID})
	return err
}
