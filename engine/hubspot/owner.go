package hubspot

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"rollcall/engine/hubspot/property"
)

// Owner is a user to whom records can be assigned (HubSpot's guide to owners). ID is the value of properties that refer to an owner, such
// as hubspot_owner_id; it is not the user's ID.
type Owner struct {
	ID, Email, FirstName, LastName string
}

// OwnerOptions returns the owners as options of a property that refers to one: each by its address and by its name.
func OwnerOptions(owners []Owner) []property.Option {
	var options []property.Option
	for _, o := range owners {
		for _, label := range []string{o.Email, strings.TrimSpace(o.FirstName + " " + o.LastName)} {
			options = append(options, property.Option{Value: o.ID, Label: label})
		}
	}
	return options
}

type ownersAnswer struct {
	Results *[]struct {
		ID        recordID `json:"id"`
		Email     text     `json:"email"`
		FirstName text     `json:"firstName"`
		LastName  text     `json:"lastName"`
	} `json:"results"`
	Paging struct {
		Next struct {
			After text `json:"after"`
		} `json:"next"`
	} `json:"paging"`
}

func (a ownersAnswer) complete() bool {
	if a.Results == nil {
		return false
	}
	for _, owner := range *a.Results {
		if owner.ID == 0 {
			return false
		}
	}
	return true
}

// maxOwnersPage is how many owners one page holds at most (HubSpot's reference of the owners API).
const maxOwnersPage = 500

var errCursorStandsStill error = &advised{message: "the next page's cursor is this page's own", hint: "run it again; where that does not help, HubSpot's paging is at fault: tell its support"}

// Owners reads all owners of the account that are not archived: a call for every 500. The token needs the scope crm.objects.owners.read.
func (c *Client) Owners(ctx context.Context) ([]Owner, error) {
	req := request{
		operation: "owners.list", method: http.MethodGet, path: c.core.routes.owners,
		query: url.Values{"archived": {"false"}, "limit": {strconv.Itoa(maxOwnersPage)}},
	}
	var all []Owner
	for {
		answer, took, err := fetch[ownersAnswer](ctx, c, req)
		if err != nil {
			return nil, err
		}
		for _, o := range *answer.Results {
			all = append(all, Owner{strconv.FormatInt(int64(o.ID), 10), string(o.Email), string(o.FirstName), string(o.LastName)})
		}
		next := string(answer.Paging.Next.After)
		switch next {
		case "":
			return all, nil
		case req.query.Get("after"):
			return nil, c.core.callError(req, took.attempts, false, errCursorStandsStill)
		}
		req.query.Set("after", next)
	}
}
