package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// jsonProperties are the properties of a write: a text each. HubSpot's files
// know nothing else, so numbers, booleans and null are refused.
type jsonProperties map[string]string

// UnmarshalJSON implements json.Unmarshaler.
func (m *jsonProperties) UnmarshalJSON(raw []byte) error {
	var loose map[string]*string
	if err := json.Unmarshal(raw, &loose); err != nil || loose == nil {
		return fmt.Errorf("properties must be an object of strings%s", because(err))
	}
	*m = make(jsonProperties, len(loose))
	for name, text := range loose {
		if text == nil {
			return fmt.Errorf("property %s is null; a property is cleared with an empty string", name)
		}
		(*m)[name] = *text
	}
	return nil
}

// draft returns what a write would leave in a record, nil for a new one, or
// the refusal of its values. Uniqueness is the matter of write.
func (s *Server) draft(t *objectType, r *record, properties jsonProperties) (map[string]string, *problem) {
	stored := make(map[string]string, len(properties))
	var failed []valueError
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		was := ""
		if r != nil {
			was = t.text(r, name)
		}
		text, failure := s.stored(t, name, properties[name], was)
		if failure != nil {
			failed = append(failed, *failure)
			continue
		}
		stored[name] = text
	}
	if failed != nil {
		return nil, invalidValues(failed)
	}
	return stored, nil
}

// invalidValues is HubSpot's refusal of values: JSON within the message, and
// the same as details.
func invalidValues(failed []valueError) *problem {
	type entry struct {
		IsValid   bool   `json:"isValid"`
		Message   string `json:"message"`
		Error     string `json:"error"`
		Name      string `json:"name"`
		Localized string `json:"localizedErrorMessage"`
		PortalID  int64  `json:"portalId"`
	}
	entries := make([]entry, len(failed))
	details := make([]problemDetail, len(failed))
	for i, f := range failed {
		entries[i] = entry{false, f.message, f.code, f.property, f.message, PortalID}
		details[i] = problemDetail{Message: f.message, Code: f.code, Context: map[string][]string{"propertyName": {f.property}}}
	}
	p := invalid("Property values were not valid: %s", encode(entries))
	p.details = details
	return p
}

// createRecord makes a record of properties as a client sent them.
func (s *Server) createRecord(t *objectType, properties jsonProperties, now time.Time) (*record, *problem) {
	stored, p := s.draft(t, nil, properties)
	if p != nil {
		return nil, p
	}
	r, err := t.create(0, stored, now)
	if err != nil {
		return nil, t.refusal(err, true)
	}
	return r, nil
}

// updateRecord changes a record as a client asked. It changes nothing when it
// returns a problem.
func (s *Server) updateRecord(t *objectType, r *record, properties jsonProperties, now time.Time) *problem {
	stored, p := s.draft(t, r, properties)
	if p != nil {
		return p
	}
	if err := t.put(r, stored, now); err != nil {
		return t.refusal(err, false)
	}
	return nil
}

// refusal is HubSpot's answer to a unique value that another record has. To a
// new contact's address that is 409 with the ID of the contact that has it;
// to others 400, by recorded answers.
func (t *objectType) refusal(err error, isNew bool) *problem {
	var conflict *conflictError
	if !errors.As(err, &conflict) {
		return invalid("%v", err)
	}
	if isNew && conflict.property == propEmail {
		return &problem{status: http.StatusConflict, category: "CONFLICT", message: conflict.Error()}
	}
	return invalidValues([]valueError{{conflict.property, "CONFLICTING_UNIQUE_VALUE", fmt.Sprintf(
		"Cannot set PropertyValueCoordinates{portalId=%d, objectTypeId=%s, propertyName=%s, value=%s}. %d already has that value.",
		PortalID, t.id, conflict.property, conflict.text, conflict.id)}})
}

// written is a record as the answer to a write shows it: with the properties
// that were sent, those cleared being empty, and the type's defaults.
func (s *Server) written(t *objectType, r *record, sent jsonProperties, traceID string) wireObject {
	w := t.wire(r, t.defaults)
	w.TraceID = traceID
	if s.opts.SparseAnswers {
		return w
	}
	for name := range sent {
		w.Properties[name] = t.text(r, name)
	}
	return w
}

// writableType finds the path's object type, once the content type is right.
func (s *Server) writableType(x *exchange) (*objectType, *problem) {
	if p := checkContentType(x.r, "application/json"); p != nil {
		return nil, p
	}
	return s.pathType(x)
}

type createObjectRequest struct {
	Properties   jsonProperties    `json:"properties"`
	Associations []json.RawMessage `json:"associations"`
}

// checkAssociations refuses associations of a new record: the sandbox makes
// none on the way.
func checkAssociations(associations []json.RawMessage) *problem {
	if len(associations) > 0 {
		return invalid("This sandbox makes no associations with a record: write them on their own")
	}
	return nil
}

// createObject makes one record.
func (s *Server) createObject(x *exchange) (answer, *problem) {
	t, p := s.writableType(x)
	if p != nil {
		return answer{}, p
	}
	req, p := decodeObject[createObjectRequest](x.body, "properties")
	if p != nil {
		return answer{}, p
	}
	if p := checkAssociations(req.Associations); p != nil {
		return answer{}, p
	}
	x.ids = 1
	r, p := s.createRecord(t, req.Properties, x.now)
	if p != nil {
		return answer{}, p
	}
	a := ok(s.written(t, r, req.Properties, ""))
	a.status = http.StatusCreated
	return a, nil
}

type updateObjectRequest struct {
	Properties jsonProperties `json:"properties"`
}

// updateObject changes one record. Unlike a batch it takes an ID that was
// merged away for the record that took it over.
func (s *Server) updateObject(x *exchange) (answer, *problem) {
	t, p := s.writableType(x)
	if p != nil {
		return answer{}, p
	}
	req, p := decodeObject[updateObjectRequest](x.body, "properties")
	if p != nil {
		return answer{}, p
	}
	idProperty := x.r.URL.Query().Get("idProperty")
	if p := checkIDProperty(t, idProperty); p != nil {
		return answer{}, p
	}
	x.ids = 1
	r := t.findOrSurvivor(idProperty, x.params["objectId"])
	if r == nil {
		return answer{}, notFound("Object not found.  objectId are usually numeric.")
	}
	if p := s.updateRecord(t, r, req.Properties, x.now); p != nil {
		return answer{}, p
	}
	return ok(s.written(t, r, req.Properties, "")), nil
}

// deleteObject archives one record. What HubSpot answers for one that is not
// there is not documented; here it is 404.
func (s *Server) deleteObject(x *exchange) (answer, *problem) {
	t, p := s.pathType(x)
	if p != nil {
		return answer{}, p
	}
	x.ids = 1
	r := t.findOrSurvivor("", x.params["objectId"])
	if r == nil {
		return answer{}, notFound("Object not found.  objectId are usually numeric.")
	}
	s.store.archive(t, r, x.now, s.opts.MetadataLag)
	return noContent(), nil
}

type mergeRequest struct {
	Primary string `json:"primaryObjectId"`
	Other   string `json:"objectIdToMerge"`
}

// mergeObjects merges two contacts; the sandbox merges no other records.
func (s *Server) mergeObjects(x *exchange) (answer, *problem) {
	t, p := s.writableType(x)
	if p != nil {
		return answer{}, p
	}
	req, p := decodeObject[mergeRequest](x.body, "primaryObjectId", "objectIdToMerge")
	if p != nil {
		return answer{}, p
	}
	if t.id != "0-1" {
		return answer{}, invalid("This sandbox merges contacts only, no %s", t.name)
	}
	x.ids = 2
	id, err := s.mergeContacts(req.Primary, req.Other, x.now)
	if err != nil {
		return answer{}, notFound("Object not found.  %v", err)
	}
	return ok(t.wire(t.find("", id), nil)), nil
}

// maxObjectPage is the most records of a page (HubSpot objects guide).
const maxObjectPage = 100

// listObjects answers a page of records by ID: those that are archived, or the
// others.
func (s *Server) listObjects(x *exchange) (answer, *problem) {
	t, p := s.pathType(x)
	if p != nil {
		return answer{}, p
	}
	q := x.r.URL.Query()
	archived, p := queryBool(q, "archived")
	if p != nil {
		return answer{}, p
	}
	limit, p := queryLimit(q, 10, maxObjectPage)
	if p != nil {
		return answer{}, p
	}
	first, p := queryCursor(q)
	if p != nil {
		return answer{}, p
	}
	body, results := map[string]any{}, []wireObject{}
	for _, id := range slices.Sorted(maps.Keys(t.records)) {
		r := t.records[id]
		if id < first || r.archived != archived || t.merged[id] != 0 {
			continue
		}
		if len(results) == limit {
			body["paging"] = map[string]any{"next": map[string]string{"after": t.text(r, propObjectID)}}
			break
		}
		results = append(results, t.wire(r, propertyNames(q)))
	}
	body["results"] = results
	return ok(body), nil
}

// propertyNames are those of a query, given one by one or with commas between.
func propertyNames(q map[string][]string) []string {
	var names []string
	for _, some := range q["properties"] {
		names = append(names, strings.Split(some, ",")...)
	}
	return names
}
