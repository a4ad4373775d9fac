package discover

import (
	"context"
	"errors"

	"rollcall/engine/hubspot"
)

// List is a HubSpot list.
type List struct {
	ListID   string `json:"list_id"`
	ListName string `json:"list_name"`
	// ObjectType is the name of the type of its records, or its ID where the name can't be read.
	ObjectType string `json:"object_type"`
	// Size is the number of members, as HubSpot's search tells it: an estimate that may lag; nil where it does not say.
	Size *int64 `json:"size"`
	// ProcessingType is HubSpot's word for who fills it: MANUAL, SNAPSHOT, DYNAMIC.
	ProcessingType string `json:"processing_type"`
	// Writable is set where the list takes members by API, so that a sync may name it.
	Writable bool `json:"writable"`
}

// errStuck means that HubSpot's pages lead nowhere.
var errStuck = errors.New("lists.search: the next page of lists begins where this one does")

// Lists reads the lists that are not deleted, or those whose names contain a text in whatever case. HubSpot's search knows a new list some
// time after it was made only.
func (a *Account) Lists(ctx context.Context, name string) ([]List, error) {
	var found []hubspot.List
	var types []string
	search := hubspot.ListSearch{Query: name, Properties: []string{hubspot.PropertyListSize}}
	for {
		page, err := a.client.SearchLists(ctx, search)
		if err != nil {
			return nil, err
		}
		for _, l := range page.Lists {
			found = append(found, l)
			types = append(types, l.ObjectTypeID)
		}
		if !page.More {
			break
		}
		if page.Offset <= search.Offset {
			return nil, errStuck
		}
		search.Offset = page.Offset
	}
	names := a.typeNames(ctx, types)
	lists := make([]List, len(found))
	for i, l := range found {
		lists[i] = List{l.ID, l.Name, names[l.ObjectTypeID], l.Size, l.ProcessingType, l.IsWritable()}
	}
	return lists, nil
}
