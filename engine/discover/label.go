package discover

import "context"

// Label is an association type from one object type to another.
type Label struct {
	// Label is what it is called; empty for the default type, which records that are associated by any other have, too.
	Label    string `json:"label"`
	Category string `json:"category"`
	// TypeID is unique within the category only.
	TypeID int `json:"type_id"`
}

// Labels reads the association types from one object type to another (by name, label or type ID). Those of the other direction have other
// IDs, and perhaps other labels.
func (a *Account) Labels(ctx context.Context, from, to string) ([]Label, error) {
	fromType, err := a.client.ObjectType(ctx, from)
	if err != nil {
		return nil, err
	}
	toType, err := a.client.ObjectType(ctx, to)
	if err != nil {
		return nil, err
	}
	types, err := a.client.AssociationLabels(ctx, fromType.Path(), toType.Path())
	if err != nil {
		return nil, err
	}
	labels := make([]Label, len(types))
	for i, t := range types {
		labels[i] = Label{t.Label, t.Category, t.ID}
	}
	return labels, nil
}
