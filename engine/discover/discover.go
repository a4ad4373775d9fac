// Package discover reads what a HubSpot account has for syncs to name: object types, their properties, the labels of their associations,
// and lists. In: a HubSpot client; out: plain data, with the names of a sync row's columns where there are such. It changes nothing, and
// imports the HubSpot client alone.
package discover

import (
	"context"
	"strings"

	"rollcall/engine/hubspot"
)

// Account is the HubSpot account that is read.
type Account struct {
	client *hubspot.Client
}

// New returns the account of a client.
func New(client *hubspot.Client) *Account { return &Account{client} }

// Close closes idle connections to HubSpot.
func (a *Account) Close() { a.client.Close() }

// ObjectType is a type of records.
type ObjectType struct {
	// ObjectType is the name, as the column object_type of a row takes it; so it does TypeID.
	ObjectType string `json:"object_type"`
	TypeID     string `json:"type_id"`
	// Singular and Plural are what people call the records; empty for HubSpot's own types, where the name says it.
	Singular string `json:"singular,omitempty"`
	Plural   string `json:"plural,omitempty"`
	// Custom is set for a type of the account's own.
	Custom bool `json:"custom"`
}

// ObjectTypes reads the object types that the account has: HubSpot's own that every account has, and then those of the account's own.
// Where these can't be read, the error says why, and the first come all the same.
func (a *Account) ObjectTypes(ctx context.Context) ([]ObjectType, error) {
	var types []ObjectType
	for _, t := range hubspot.StandardTypes() {
		types = append(types, ObjectType{ObjectType: t.Name, TypeID: t.ID})
	}
	custom, err := a.client.CustomTypes(ctx)
	for _, t := range custom {
		types = append(types, ObjectType{t.Name, t.ID, t.Singular, t.Plural, true})
	}
	return types, err
}

// typeNames returns the name of each object type of the IDs. Those of the account's own are read only where one is among them; where they
// can't be read, their IDs stand for them.
func (a *Account) typeNames(ctx context.Context, ids []string) map[string]string {
	names := map[string]string{}
	for _, t := range hubspot.StandardTypes() {
		names[t.ID] = t.Name
	}
	read := false
	for _, id := range ids {
		if names[id] == "" && !read && strings.HasPrefix(id, "2-") {
			read = true
			custom, _ := a.client.CustomTypes(ctx) // the lists are there without the names
			for _, t := range custom {
				names[t.ID] = t.Name
			}
		}
		if names[id] == "" {
			names[id] = id
		}
	}
	return names
}
