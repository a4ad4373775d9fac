package discover

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/property"
)

// Property is a property of an object type.
type Property struct {
	// Name is the internal name, as the columns of a query and id_property take it, Label what people see.
	Name  string `json:"name"`
	Label string `json:"label"`
	// Type is HubSpot's type of its values. FieldType is how its pages show them.
	Type      string `json:"type"`
	FieldType string `json:"field_type"`
	// Unique is set where a value identifies a record, so that id_property may name the property.
	Unique bool `json:"unique"`
	// ReadOnly is set where the API takes no value for it.
	ReadOnly bool `json:"read_only"`
	// Hidden is set where HubSpot's pages don't show it.
	Hidden      bool   `json:"hidden,omitempty"`
	Description string `json:"description,omitempty"`
	// Options are the values that an enumeration takes; empty where they come from elsewhere, such as from the owners.
	Options []Option `json:"options,omitempty"`
}

// Option is a value of an enumeration: Value is what a query returns, Label what people see.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
	// Hidden is set where HubSpot's pages don't offer it.
	Hidden bool `json:"hidden,omitempty"`
}

// UnknownPropertyError means that an object type has no property of a name.
type UnknownPropertyError struct {
	ObjectType, Name string
	near             string
}

// Error says which.
func (e *UnknownPropertyError) Error() string {
	return fmt.Sprintf("%s have no property %q that is neither sensitive nor archived", e.ObjectType, e.Name)
}

// Hint names a property that may be meant.
func (e *UnknownPropertyError) Hint() string {
	if e.near != "" {
		return "did you mean " + e.near + "?"
	}
	return "see rollcall discover properties " + e.ObjectType
}

// Properties reads the properties of an object type (by name, label or type ID) that are neither sensitive nor archived, in the order of their
// names, or only those of the names given. The error is an UnknownPropertyError where there is none of a name.
func (a *Account) Properties(ctx context.Context, objectType string, names []string) ([]Property, error) {
	t, err := a.client.ObjectType(ctx, objectType)
	if err != nil {
		return nil, err
	}
	definitions, err := a.client.Properties(ctx, t.Path())
	if err != nil {
		return nil, err
	}
	slices.SortFunc(definitions, func(x, y property.Definition) int { return strings.Compare(x.Name, y.Name) })
	if len(names) > 0 {
		if definitions, err = chosen(definitions, t, names); err != nil {
			return nil, err
		}
	}
	properties := make([]Property, len(definitions))
	for i, d := range definitions {
		properties[i] = newProperty(t, d)
	}
	return properties, nil
}

func newProperty(t hubspot.ObjectType, d property.Definition) Property {
	p := Property{
		Name: d.Name, Label: d.Label, Type: d.Type, FieldType: d.FieldType, Unique: d.Unique || t.IsIdentifiedBy(d.Name),
		ReadOnly: !d.IsWritable(), Hidden: d.Hidden, Description: d.Description,
	}
	for _, o := range d.Options {
		p.Options = append(p.Options, Option{o.Value, o.Label, o.Hidden})
	}
	return p
}

// chosen returns the definitions of the names, in their order.
func chosen(all []property.Definition, t hubspot.ObjectType, names []string) ([]property.Definition, error) {
	var out []property.Definition
	for _, name := range names {
		at := slices.IndexFunc(all, func(d property.Definition) bool { return d.Name == name })
		if at < 0 {
			e := &UnknownPropertyError{ObjectType: t.Name, Name: name}
			if near := slices.IndexFunc(all, func(d property.Definition) bool {
				return strings.EqualFold(d.Name, name) || strings.EqualFold(d.Label, name)
			}); near >= 0 {
				e.near = all[near].Name
			}
			return nil, e
		}
		out = append(out, all[at])
	}
	return out, nil
}
