package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// maxBatchInputs is the most inputs of one batch call (HubSpot objects guide).
const maxBatchInputs = 100

type wireObject struct {
	ID         string            `json:"id"`
	Properties map[string]string `json:"properties"`
	CreatedAt  string            `json:"createdAt"`
	UpdatedAt  string            `json:"updatedAt"`
	Archived   bool              `json:"archived"`
	ArchivedAt string            `json:"archivedAt,omitempty"`
	TraceID    string            `json:"objectWriteTraceId,omitempty"`
	New        *bool             `json:"new,omitempty"` // of an upsert
}

// wire gives a record with the properties asked for, those without a value
// left out; with none asked for it gives the type's defaults.
func (t *objectType) wire(r *record, properties []string) wireObject {
	if len(properties) == 0 {
		properties = t.defaults
	}
	given := map[string]string{}
	for _, name := range properties {
		if text := t.text(r, name); text != "" {
			given[name] = text
		}
	}
	w := wireObject{
		ID: t.text(r, propObjectID), Properties: given,
		CreatedAt: stamp(r.created), UpdatedAt: stamp(r.updated), Archived: r.archived,
	}
	if r.archived {
		w.ArchivedAt = w.UpdatedAt
	}
	return w
}

// pathType finds the object type that the path names.
func (s *Server) pathType(x *exchange) (*objectType, *problem) {
	t := s.store.objectType(x.params["objectType"])
	if t == nil {
		return nil, invalid("Unable to infer object type from: %s", x.params["objectType"])
	}
	return t, nil
}

// checkIDProperty refuses a property that does not identify a record.
func checkIDProperty(t *objectType, idProperty string) *problem {
	if idProperty == "" || t.isUnique(idProperty) {
		return nil
	}
	return invalid("Unable to perform read by non-unique %s property %s", t.id, idProperty)
}

type batchReadRequest struct {
	Inputs                []json.RawMessage `json:"inputs"`
	Properties            jsonStrings       `json:"properties"`
	PropertiesWithHistory jsonStrings       `json:"propertiesWithHistory"`
	IDProperty            string            `json:"idProperty"`
}

type batchReadInput struct {
	ID string `json:"id"`
}

// batchRead answers the records found, each once and not in the order of the
// inputs, and one error that names all inputs without a record.
func (s *Server) batchRead(x *exchange) (answer, *problem) {
	req, ids, p := s.parseBatchRead(x)
	if p != nil {
		return answer{}, p
	}
	t, p := s.pathType(x)
	if p != nil {
		return answer{}, p
	}
	if p := checkIDProperty(t, req.IDProperty); p != nil {
		return answer{}, p
	}
	archived, p := queryBool(x.r.URL.Query(), "archived")
	if p != nil {
		return answer{}, p
	}
	find := t.find
	if archived {
		find = t.findArchived
	}
	var found []*record
	var missing []string
	for _, id := range ids {
		r := find(req.IDProperty, id)
		switch {
		case x.fault.omitsInput(id, r):
		case r == nil:
			missing = append(missing, id)
		case !slices.Contains(found, r):
			found = append(found, r)
		}
	}
	results := make([]wireObject, 0, len(found))
	for _, r := range slices.Backward(found) {
		results = append(results, t.wire(r, req.Properties))
	}
	return s.batchReadAnswer(x, t, results, missing), nil
}

// parseBatchRead checks the request and returns the ids as they were sent.
func (s *Server) parseBatchRead(x *exchange) (batchReadRequest, []string, *problem) {
	if p := checkContentType(x.r, "application/json"); p != nil {
		return batchReadRequest{}, nil, p
	}
	req, p := decodeObject[batchReadRequest](x.body, "inputs")
	if p != nil {
		return req, nil, p
	}
	x.ids = len(req.Inputs)
	if len(req.Inputs) > maxBatchInputs {
		return req, nil, invalid("The maximum number of inputs supported in a batch request is %d, but there were %d", maxBatchInputs, len(req.Inputs))
	}
	ids := make([]string, len(req.Inputs))
	seen := map[string]bool{}
	var duplicates []string
	for i, raw := range req.Inputs {
		input, p := decodeObject[batchReadInput](raw, "id")
		if p != nil {
			return req, nil, p
		}
		ids[i] = input.ID
		key := fold(req.IDProperty, input.ID)
		if seen[key] {
			duplicates = append(duplicates, input.ID)
		}
		seen[key] = true
	}
	if duplicates != nil {
		p := invalid("Duplicate IDs found in batch input: [%s]. IDs must be unique", strings.Join(duplicates, ", "))
		p.context = map[string][]string{"ids": duplicates}
		return req, nil, p
	}
	return req, ids, nil
}

// batchError is StandardError, with the fields that its schema requires.
type batchError struct {
	Status   string              `json:"status"`
	Category string              `json:"category"`
	Message  string              `json:"message"`
	Context  map[string][]string `json:"context"`
	Errors   []problemDetail     `json:"errors"`
	Links    map[string]string   `json:"links"`
}

func (s *Server) batchReadAnswer(x *exchange, t *objectType, results []wireObject, missing []string) answer {
	failure := batchError{Status: "error", Context: map[string][]string{}, Errors: []problemDetail{}, Links: map[string]string{}}
	switch {
	case x.fault.is(EffectUnknownError):
		failure.Category = x.fault.category()
		failure.Message = "Something went wrong with some of the objects."
	case missing != nil:
		failure.Category = "OBJECT_NOT_FOUND"
		failure.Message = fmt.Sprintf("Could not get some %s objects, they may be deleted or not exist. Check that ids are valid.", strings.ToUpper(t.singular))
		failure.Context["ids"] = missing
	default:
		return batchAnswer(x, results, nil, http.StatusOK)
	}
	return batchAnswer(x, results, []batchError{failure}, http.StatusOK)
}

// getObject answers one record by its id or by idProperty. An id that was
// merged away leads to the record that took it over.
func (s *Server) getObject(x *exchange) (answer, *problem) {
	t, p := s.pathType(x)
	if p != nil {
		return answer{}, p
	}
	q := x.r.URL.Query()
	archived, p := queryBool(q, "archived")
	if p != nil {
		return answer{}, p
	}
	idProperty := q.Get("idProperty")
	if p := checkIDProperty(t, idProperty); p != nil {
		return answer{}, p
	}
	x.ids = 1
	find := t.findOrSurvivor
	if archived {
		find = t.findArchived
	}
	r := find(idProperty, x.params["objectId"])
	if r == nil {
		return answer{}, notFound("Object not found.  objectId are usually numeric.")
	}
	return ok(t.wire(r, propertyNames(q))), nil
}
