package hubspot

import (
	"context"
	"net/http"
	"net/url"
)

// Property describes a property of an object type.
type Property struct {
	Name string
	// Type is HubSpot's type of its values: string, number, enumeration, date, …
	Type string
	// Unique is set when no two records have the same value, so that a value identifies a record.
	Unique bool
}

type propertyAnswer struct {
	Name   text `json:"name"`
	Type   text `json:"type"`
	Unique bool `json:"hasUniqueValue"`
}

func (a propertyAnswer) complete() bool { return a.Name != "" }

func (a propertyAnswer) property() Property {
	return Property{Name: string(a.Name), Type: string(a.Type), Unique: a.Unique}
}

type propertiesAnswer struct {
	Results *[]propertyAnswer `json:"results"`
}

func (a propertiesAnswer) complete() bool { return a.Results != nil }

// sensitivities are the values of HubSpot's parameter for sensitive properties; the first is its default.
func sensitivities() []string { return []string{"", "sensitive", "highly_sensitive"} }

// Property reads the property of that name of an object type (a name or a type ID), of whatever sensitivity. IsNotFound reports that there
// is none that the token may see.
func (c *Client) Property(ctx context.Context, objectType, name string) (Property, error) {
	if err := checkID("object type", objectType); err != nil {
		return Property{}, err
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
			return answer.property(), nil
		case first == nil && !IsNotFound(err):
			return Property{}, err
		case first == nil:
			first = err // an account without sensitive data refuses to be asked for it
		}
	}
	return Property{}, first
}

// Properties reads all properties of an object type (a name or a type ID) that are not sensitive.
func (c *Client) Properties(ctx context.Context, objectType string) ([]Property, error) {
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
	all := make([]Property, len(*answer.Results))
	for i, one := range *answer.Results {
		all[i] = one.property()
	}
	return all, nil
}
