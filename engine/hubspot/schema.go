package hubspot

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

type schemasAnswer struct {
	Results *[]schema `json:"results"`
}

func (a schemasAnswer) complete() bool { return a.Results != nil }

// schema describes a custom object type.
type schema struct {
	ObjectTypeID       string `json:"objectTypeId"`
	FullyQualifiedName string `json:"fullyQualifiedName"`
	Name               string `json:"name"`
	Labels             struct {
		Singular string `json:"singular"`
		Plural   string `json:"plural"`
	} `json:"labels"`
}

func (s schema) called(name string) bool {
	names := []string{s.ObjectTypeID, s.FullyQualifiedName, s.Name, s.Labels.Singular, s.Labels.Plural}
	return slices.ContainsFunc(names, func(n string) bool { return n != "" && strings.EqualFold(n, name) })
}

// schemaCache holds the account's schemas, as last read. Its place is taken, by sending to the channel, for as long as it
// is looked at or read anew, so that callers at the same time share one call; unlike a mutex, waiting for it can be ended.
type schemaCache struct {
	place  chan struct{}
	latest *[]schema
}

func newSchemaCache() schemaCache { return schemaCache{place: make(chan struct{}, 1)} }

// schemaCalled finds the schema of that name or ID: nil, with all the account has, when there is none.
func (c *Client) schemaCalled(ctx context.Context, name string) (*schema, []schema, error) {
	cache := &c.core.schemas
	select {
	case cache.place <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	defer func() { <-cache.place }()
	if cache.latest != nil {
		if s := find(*cache.latest, name); s != nil {
			return s, nil, nil
		}
	}
	schemas, err := c.readSchemas(ctx)
	if err != nil {
		return nil, nil, err
	}
	cache.latest = &schemas
	return find(schemas, name), schemas, nil
}

func (c *Client) readSchemas(ctx context.Context) ([]schema, error) {
	answer, _, err := fetch[schemasAnswer](ctx, c, request{
		operation: "schemas.list", method: http.MethodGet, path: c.core.routes.schemas,
	})
	if err != nil {
		return nil, err
	}
	return *answer.Results, nil
}

// CustomType is an object type of the account's own, with what people call one of its records and several.
type CustomType struct {
	ObjectType
	Singular, Plural string
}

// CustomTypes reads the account's own object types, in one call.
func (c *Client) CustomTypes(ctx context.Context) ([]CustomType, error) {
	schemas, err := c.readSchemas(ctx)
	if err != nil {
		return nil, err
	}
	types := make([]CustomType, len(schemas))
	for i, s := range schemas {
		types[i] = CustomType{ObjectType{ID: s.ObjectTypeID, Name: s.Name}, s.Labels.Singular, s.Labels.Plural}
	}
	return types, nil
}

func find(schemas []schema, name string) *schema {
	for _, s := range schemas {
		if s.called(name) {
			return &s
		}
	}
	return nil
}
