package hubspot

import (
	"context"
	"net/http"
	"net/url"

	"rollcall/engine/hubspot/property"
)

// propertyAnswer is the schema Property of HubSpot's OpenAPI file properties.
type propertyAnswer struct {
	Name           text           `json:"name"`
	Label          text           `json:"label"`
	Type           text           `json:"type"`
	FieldType      text           `json:"fieldType"`
	Group          text           `json:"groupName"`
	Description    text           `json:"description"`
	Options        []optionAnswer `json:"options"`
	External       bool           `json:"externalOptions"`
	Reference      text           `json:"referencedObjectType"`
	Unique         bool           `json:"hasUniqueValue"`
	Calculated     bool           `json:"calculated"`
	Hidden         bool           `json:"hidden"`
	Archived       bool           `json:"archived"`
	HubSpotDefined bool           `json:"hubspotDefined"`
	Modification   struct {
		ReadOnlyValue bool `json:"readOnlyValue"`
	} `json:"modificationMetadata"`
}

type optionAnswer struct {
	Value  text `json:"value"`
	Label  text `json:"label"`
	Hidden bool `json:"hidden"`
}

func (a propertyAnswer) complete() bool { return a.Name != "" }

func (a propertyAnswer) definition(objectType string) property.Definition {
	standard, _ := standardType(objectType)
	d := property.Definition{
		Name: string(a.Name), Label: string(a.Label), Type: string(a.Type), FieldType: string(a.FieldType),
		Group: string(a.Group), Description: string(a.Description), External: a.External, Reference: string(a.Reference),
		ReadOnly: a.Modification.ReadOnlyValue, Calculated: a.Calculated, Unique: a.Unique, Hidden: a.Hidden, Archived: a.Archived,
		HubSpotDefined: a.HubSpotDefined, Address: standard.ID == ContactsID && a.Name == PropertyEmail,
	}
	for _, option := range a.Options {
		d.Options = append(d.Options, property.Option{Value: string(option.Value), Label: string(option.Label), Hidden: option.Hidden})
	}
	return d
}

type propertiesAnswer struct {
	Results *[]propertyAnswer `json:"results"`
}

func (a propertiesAnswer) complete() bool { return a.Results != nil }

// sensitivities are the values of HubSpot's parameter for sensitive properties; the first is its default.
func sensitivities() []string { return []string{"", "sensitive", "highly_sensitive"} }

// Property reads the property of that name of an object type (a name or a type ID), of whatever sensitivity. IsNotFound reports that there
// is none that the token may see.
func (c *Client) Property(ctx context.Context, objectType, name string) (property.Definition, error) {
	if err := checkID("object type", objectType); err != nil {
		return property.Definition{}, err
	}
	var first error
	for _, sensitivity := range sensitivities() {
		query := url.Values{"archived": {"false"}}
		if sensitivity != "" {
			query.Set("dataSensitivity", sensitivity)
		}
		answer, _, err := fetch[propertyAnswer](ctx, c, request{
			operation: operationObject(objectType) + ".property", method: http.MethodGet,
			path: c.core.routes.property(objectType, name), query: query,
		})
		switch {
		case err == nil:
			return answer.definition(objectType), nil
		case first == nil && !IsNotFound(err):
			return property.Definition{}, err
		case first == nil:
			first = err // an account without sensitive data refuses to be asked for it
		}
	}
	return property.Definition{}, first
}

// Properties reads the definitions of all properties of an object type (a name or a type ID) that are neither sensitive nor archived, in
// one call.
func (c *Client) Properties(ctx context.Context, objectType string) ([]property.Definition, error) {
	if err := checkID("object type", objectType); err != nil {
		return nil, err
	}
	answer, _, err := fetch[propertiesAnswer](ctx, c, request{
		operation: operationObject(objectType) + ".properties", method: http.MethodGet,
		path: c.core.routes.propertiesOf(objectType), query: url.Values{"archived": {"false"}},
	})
	if err != nil {
		return nil, err
	}
	all := make([]property.Definition, len(*answer.Results))
	for i, one := range *answer.Results {
		all[i] = one.definition(objectType)
	}
	return all, nil
}
