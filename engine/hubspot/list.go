package hubspot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// List is a HubSpot list ("segment" in HubSpot's newer pages).
type List struct {
	// ID is the ILS ID, the one in the list's address in HubSpot.
	ID           string
	Name         string
	ObjectTypeID string
	// ProcessingType is MANUAL, SNAPSHOT or DYNAMIC; see IsWritable.
	ProcessingType string
	// ProcessingStatus is COMPLETE, PAUSED or PROCESSING.
	ProcessingStatus string
	// Size is an estimate that may lag; nil when HubSpot does not say.
	Size *int64
	// DeletedAt is set for a list in the bin: it can be restored for 90 days.
	DeletedAt *time.Time
	UpdatedAt *time.Time
	// CreatedBy is the ID of the user, or of the app's, that made the list; empty where HubSpot does not say.
	CreatedBy string
	// Properties are those that a search asked for; empty values are left out by HubSpot.
	Properties map[string]string
}

// List properties that a search returns, by HubSpot's names. Their values are strings; times are epoch milliseconds.
const (
	PropertyListSize    = "hs_list_size"
	PropertyLastAdded   = "hs_last_record_added_at"
	PropertyLastRemoved = "hs_last_record_removed_at"
)

// Processing types of lists that take members by API (HubSpot's guide to lists). HubSpot fills a list of any other type by its filters.
const (
	TypeManual   = "MANUAL"   // its members come by hand or by API alone
	TypeSnapshot = "SNAPSHOT" // it was filled by its filters once, when it was made
)

// statusProcessing is the ProcessingStatus of a list that HubSpot is still building.
const statusProcessing = "PROCESSING"

// IsWritable reports whether the list takes members by API.
func (l List) IsWritable() bool {
	return l.ProcessingType == TypeManual || l.ProcessingType == TypeSnapshot
}

// IsProcessing reports whether HubSpot is still building the list.
func (l List) IsProcessing() bool { return l.ProcessingStatus == statusProcessing }

type wireList struct {
	ListID               text             `json:"listId"`
	Name                 string           `json:"name"`
	ObjectTypeID         string           `json:"objectTypeId"`
	ProcessingType       string           `json:"processingType"`
	ProcessingStatus     string           `json:"processingStatus"`
	Size                 *count           `json:"size"`
	DeletedAt            moment           `json:"deletedAt"`
	UpdatedAt            moment           `json:"updatedAt"`
	CreatedByID          text             `json:"createdById"`
	AdditionalProperties map[string]*text `json:"additionalProperties"`
}

func (w wireList) list() List {
	list := List{
		ID: string(w.ListID), Name: w.Name, ObjectTypeID: w.ObjectTypeID,
		ProcessingType: w.ProcessingType, ProcessingStatus: w.ProcessingStatus,
		DeletedAt: w.DeletedAt.time, UpdatedAt: w.UpdatedAt.time, CreatedBy: string(w.CreatedByID),
		Properties: texts(w.AdditionalProperties),
	}
	if w.Size != nil {
		size := int64(*w.Size)
		list.Size = &size
	} else if size, err := strconv.ParseInt(list.Properties[PropertyListSize], 10, 64); err == nil {
		list.Size = &size
	}
	return list
}

// listAnswer is the envelope of one list; without a list ID in it, it is no answer.
type listAnswer struct {
	List *wireList `json:"list"`
}

func (a listAnswer) complete() bool { return a.List != nil && a.List.ListID != "" }

// List reads one list by its ID. The error is IsNotFound if it was deleted or never existed.
func (c *Client) List(ctx context.Context, listID string) (List, error) {
	if err := checkID("list id", listID); err != nil {
		return List{}, err
	}
	answer, _, err := fetch[listAnswer](ctx, c, request{
		operation: "lists.get", method: http.MethodGet, path: c.core.routes.list(listID),
		query: url.Values{"includeFilters": {"false"}}, listID: listID,
	})
	if err != nil {
		return List{}, err
	}
	return answer.List.list(), nil
}

// ListByName reads the list of that name, compared without regard to case (HubSpot's v3 spec), among the lists of that
// object type. The error is IsNotFound if there is none.
func (c *Client) ListByName(ctx context.Context, objectTypeID, name string) (List, error) {
	if err := checkListName(objectTypeID, name); err != nil {
		return List{}, err
	}
	answer, _, err := fetch[listAnswer](ctx, c, request{
		operation: "lists.get_by_name", method: http.MethodGet,
		path:  c.core.routes.listByName(objectTypeID, name),
		shown: c.core.routes.lists + "/object-type-id/" + objectTypeID + "/name/{listName}",
		query: url.Values{"includeFilters": {"false"}},
	})
	if err != nil {
		return List{}, err
	}
	return answer.List.list(), nil
}

func checkListName(objectTypeID, name string) error {
	if strings.TrimSpace(name) == "" {
		return errors.New("list name: empty")
	}
	return checkID("object type id", objectTypeID)
}

// CreateList creates a MANUAL list. HubSpot requires names to be unique in the account: the error is ErrDuplicateName if there is
// one already, perhaps of another object type.
//
// An attempt whose fate is not known (a reset, a timeout, a 5xx) is never blindly repeated: the list is looked up by its
// name, and only if it is not there is it made again.
func (c *Client) CreateList(ctx context.Context, objectTypeID, name string) (List, error) {
	if err := checkListName(objectTypeID, name); err != nil {
		return List{}, err
	}
	body := struct {
		Name           string `json:"name"`
		ObjectTypeID   string `json:"objectTypeId"`
		ProcessingType string `json:"processingType"`
	}{name, objectTypeID, TypeManual}
	maybeCreated := false
	for attempt := 0; ; attempt++ {
		answer, _, err := fetch[listAnswer](ctx, c, request{
			operation: "lists.create", method: http.MethodPost, path: c.core.routes.lists,
			body: body, write: true, once: true,
		})
		if err == nil {
			return answer.List.list(), nil
		}
		if maybeCreated && errors.Is(err, ErrDuplicateName) {
			return c.ListByName(ctx, objectTypeID, name)
		}
		if !errors.Is(err, ErrAmbiguous) || ctx.Err() != nil {
			return List{}, err
		}
		maybeCreated = true
		list, lookupErr := c.ListByName(ctx, objectTypeID, name)
		switch {
		case lookupErr == nil:
			return list, nil
		case !IsNotFound(lookupErr):
			return List{}, fmt.Errorf("%w; looking it up: %w", err, lookupErr)
		case attempt >= c.core.stack.maxRetries:
			return List{}, err
		}
		if waitErr := c.core.stack.backoff(ctx, attempt+1); waitErr != nil {
			return List{}, fmt.Errorf("%w (%w)", err, waitErr)
		}
	}
}

// DeleteList deletes a list, which can be restored in HubSpot for 90 days. The error is IsNotFound if there is none.
func (c *Client) DeleteList(ctx context.Context, listID string) error {
	if err := checkID("list id", listID); err != nil {
		return err
	}
	_, err := c.do(ctx, request{
		operation: "lists.delete", method: http.MethodDelete, path: c.core.routes.list(listID), listID: listID, write: true,
	}, func([]byte) error { return nil })
	return err
}
