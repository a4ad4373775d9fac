package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// MaxBatchRead is how many records one batch read may ask for (HubSpot's guide to the objects API).
const MaxBatchRead = 100

// Record is a record as a read returns it. Properties without a value are left out.
type Record struct {
	ID         int64
	Properties map[string]string
}

// BatchRead is the answer to a batch read. HubSpot returns records in any order, and may return one record for two IDs
// (a contact's two addresses) or leave one out silently: the caller accounts for every ID that it sent.
type BatchRead struct {
	Records []Record
	// NotFound are the IDs of which HubSpot says that no record has them, as they were sent. They may be email addresses.
	NotFound []string
	// Problems are all other errors of a partly failed batch. Records that they concern are neither found nor known to be
	// missing.
	Problems []RecordProblem
}

// RecordProblem is one error of a partly failed batch.
type RecordProblem struct {
	Category string
	// Message is HubSpot's own, without email addresses.
	Message string
	// IDs are those that the error names, perhaps none, perhaps email addresses.
	IDs []string
}

// PassedOver is set when an error of the batch reports records that were not found, without naming them.
func (r BatchRead) PassedOver() bool {
	return slices.ContainsFunc(r.Problems, func(p RecordProblem) bool { return p.Category == categoryNotFound && len(p.IDs) == 0 })
}

const categoryNotFound = "OBJECT_NOT_FOUND"

type batchAnswer struct {
	Results *[]struct {
		ID         recordID         `json:"id"`
		Properties map[string]*text `json:"properties"`
	} `json:"results"`
	NumErrors int `json:"numErrors"`
	Errors    []struct {
		Category string            `json:"category"`
		Message  string            `json:"message"`
		Context  map[string][]text `json:"context"`
	} `json:"errors"`
}

func (a batchAnswer) complete() bool {
	if a.Results == nil {
		return false
	}
	for _, result := range *a.Results {
		if result.ID == 0 {
			return false
		}
	}
	return true
}

// BatchRead reads up to MaxBatchRead records of an object type (a name or a type ID) by their record IDs, when
// idProperty is empty, or by another unique property. Email finds contacts by their secondary addresses too; see
// KeyProperties and RecordsByKey for which. A partly failed batch (status 207) is no error: see BatchRead.Problems.
func (c *Client) BatchRead(ctx context.Context, objectType, idProperty string, ids, properties []string) (BatchRead, error) {
	if err := checkID("object type", objectType); err != nil {
		return BatchRead{}, err
	}
	if len(ids) == 0 {
		return BatchRead{}, nil
	}
	if idProperty == PropertyRecordID {
		idProperty = ""
	}
	type input struct {
		ID string `json:"id"`
	}
	// The spec requires both property arrays.
	body := struct {
		IDProperty string   `json:"idProperty,omitempty"`
		Inputs     []input  `json:"inputs"`
		Properties []string `json:"properties"`
		History    []string `json:"propertiesWithHistory"`
	}{idProperty, make([]input, len(ids)), notNil(properties), []string{}}
	for i, id := range ids {
		body.Inputs[i].ID = id
	}
	answer, _, err := fetch[batchAnswer](ctx, c, request{
		operation: operationObject(objectType) + ".batch_read", method: http.MethodPost,
		path:  c.core.routes.batch(objectType, "read"),
		query: url.Values{"archived": {"false"}}, body: body, items: len(ids), partly: true,
	})
	if err != nil {
		return BatchRead{}, err
	}
	return answer.sorted(ids, c.core.redact), nil
}

// sorted puts every part of the answer where it belongs. One error of category OBJECT_NOT_FOUND carries all missing IDs
// in context.ids; where it names none, or one that was not sent, nothing is known to be missing.
func (a batchAnswer) sorted(sent []string, redact *redactor) BatchRead {
	var out BatchRead
	for _, result := range *a.Results {
		out.Records = append(out.Records, Record{ID: int64(result.ID), Properties: texts(result.Properties)})
	}
	asSent := make(map[string]string, 2*len(sent))
	for _, id := range sent {
		asSent[strings.ToLower(id)] = id
	}
	for _, id := range sent {
		asSent[id] = id
	}
	for _, e := range a.Errors {
		problem := RecordProblem{Category: redact.line(e.Category), Message: redact.line(e.Message)}
		known := 0
		for _, id := range e.Context["ids"] {
			original, ok := asSent[string(id)]
			if !ok {
				original, ok = asSent[strings.ToLower(string(id))]
			}
			switch {
			case id == "":
			case e.Category == categoryNotFound && ok:
				out.NotFound = append(out.NotFound, original)
				known++
			default:
				problem.IDs = append(problem.IDs, string(id))
			}
		}
		if known == 0 || len(problem.IDs) > 0 {
			out.Problems = append(out.Problems, problem)
		}
	}
	if a.NumErrors > 0 && len(a.Errors) == 0 {
		out.Problems = append(out.Problems, RecordProblem{
			Message: fmt.Sprintf("%d errors that HubSpot does not name", a.NumErrors),
		})
	}
	return out
}
