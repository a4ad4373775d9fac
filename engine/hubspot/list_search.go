package hubspot

import (
	"context"
	"net/http"
)

// MaxListSearch is how many lists one search returns at most (HubSpot's lists spec).
const MaxListSearch = 500

// ListSearch is the filter of a list search; empty fields do not narrow it.
type ListSearch struct {
	// IDs are ILS list IDs, up to MaxListSearch.
	IDs []string
	// Query is matched against names.
	Query        string
	ObjectTypeID string
	// ProcessingTypes are MANUAL, SNAPSHOT, DYNAMIC.
	ProcessingTypes []string
	// Properties are the additional list properties to return, such as PropertyListSize.
	Properties []string
	// Offset is ListSearchPage.Offset of the page before; Count is MaxListSearch unless set.
	Offset int
	Count  int
}

// ListSearchPage is one page of lists. HubSpot's index lags behind the making of lists, so absence proves nothing.
type ListSearchPage struct {
	Lists []List
	// More is set when Offset leads to another page.
	More   bool
	Offset int
	Total  int
}

type searchAnswer struct {
	Lists   *[]wireList `json:"lists"`
	HasMore bool        `json:"hasMore"`
	Offset  int         `json:"offset"`
	Total   int         `json:"total"`
}

func (a searchAnswer) complete() bool { return a.Lists != nil }

// SearchLists reads a page of the lists that match, with the properties asked for: one call returns size, last addition
// and last removal of up to MaxListSearch lists.
func (c *Client) SearchLists(ctx context.Context, search ListSearch) (ListSearchPage, error) {
	if search.Count <= 0 {
		search.Count = MaxListSearch
	}
	// The spec requires these arrays; HubSpot takes an empty one for no restriction.
	body := struct {
		Query           string   `json:"query,omitempty"`
		ObjectTypeID    string   `json:"objectTypeId,omitempty"`
		ListIDs         []string `json:"listIds"`
		ProcessingTypes []string `json:"processingTypes"`
		Properties      []string `json:"additionalProperties"`
		Offset          int      `json:"offset"`
		Count           int      `json:"count"`
	}{
		search.Query, search.ObjectTypeID, notNil(search.IDs), notNil(search.ProcessingTypes),
		notNil(search.Properties), search.Offset, search.Count,
	}
	answer, _, err := fetch[searchAnswer](ctx, c, request{
		operation: "lists.search", method: http.MethodPost, path: c.core.routes.lists + "/search",
		body: body, items: len(search.IDs), search: true,
	})
	if err != nil {
		return ListSearchPage{}, err
	}
	page := ListSearchPage{More: answer.HasMore, Offset: answer.Offset, Total: answer.Total}
	for _, wire := range *answer.Lists {
		page.Lists = append(page.Lists, wire.list())
	}
	return page, nil
}

// notNil makes JSON show an empty array for none.
func notNil(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}
