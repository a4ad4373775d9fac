package hubspot

import (
	"context"
	"net/http"
)

// Categories of association types (HubSpot's OpenAPI file associations-v4, which has INTEGRATOR_DEFINED and WORK, too).
const (
	HubSpotDefined = "HUBSPOT_DEFINED"
	UserDefined    = "USER_DEFINED"
)

// AssociationType says how one record is associated with another, in one direction: the other direction is another type. IDs are unique
// within a category only.
type AssociationType struct {
	Category string
	ID       int
}

// AssociationLabel is an association type and what it is called.
type AssociationLabel struct {
	AssociationType
	// Label is empty for the default type, which records that are associated by any other have, too.
	Label string
}

// IsDefault reports whether it is the type without a label.
func (l AssociationLabel) IsDefault() bool { return l.Label == "" }

type wireLabel struct {
	Category string `json:"category"`
	TypeID   count  `json:"typeId"`
	Label    text   `json:"label"`
}

func (w wireLabel) label() AssociationLabel {
	return AssociationLabel{AssociationType{w.Category, int(w.TypeID)}, string(w.Label)}
}

func labels(wire []wireLabel) []AssociationLabel {
	out := make([]AssociationLabel, len(wire))
	for i, one := range wire {
		out[i] = one.label()
	}
	return out
}

type labelsAnswer struct {
	Results *[]wireLabel `json:"results"`
}

func (a labelsAnswer) complete() bool { return a.Results != nil && areLabels(*a.Results) }

func areLabels(wire []wireLabel) bool {
	for _, one := range wire {
		if one.Category == "" || one.TypeID == 0 {
			return false
		}
	}
	return true
}

// AssociationLabels reads the association types from one object type to another (names or type IDs), the default type among them.
func (c *Client) AssociationLabels(ctx context.Context, from, to string) ([]AssociationLabel, error) {
	if err := checkTypes(from, to); err != nil {
		return nil, err
	}
	answer, _, err := fetch[labelsAnswer](ctx, c, request{
		operation: "associations.labels", method: http.MethodGet, path: c.core.routes.associationLabels(from, to),
	})
	if err != nil {
		return nil, err
	}
	return labels(*answer.Results), nil
}

func checkTypes(from, to string) error {
	if err := checkID("object type", from); err != nil {
		return err
	}
	return checkID("object type", to)
}
