package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
)

// partialError is an error of a partial success. Its sub-category is a text, as live answers have it; the schema says an object.
type partialError struct {
	batchError
	SubCategory string `json:"subCategory,omitempty"`
}

func newPartialError(category, message string, context map[string][]string) partialError {
	return partialError{batchError: batchError{
		Status: "error", Category: category, Message: message, Context: context, Errors: []problemDetail{}, Links: map[string]string{},
	}}
}

func noAssociations(from, to *objectType, id string) partialError {
	e := newPartialError("OBJECT_NOT_FOUND", "No "+to.singular+" is associated with "+from.singular+" "+id+".", map[string][]string{
		"fromObjectId": {id}, "fromObjectType": {from.singular}, "toObjectType": {to.singular},
	})
	e.SubCategory = "crm.associations.NO_ASSOCIATIONS_FOUND"
	return e
}

// partialAnswer is a batch's answer: that of a partial success where there are errors, unless success is always 200.
func (s *Server) partialAnswer(x *exchange, success int, results []map[string]any, failures []partialError) answer {
	now := stamp(x.now.UnixMilli())
	body := map[string]any{"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
	if x.fault.is(EffectUnknownError) {
		failures = []partialError{newPartialError(x.fault.category(), "Something went wrong with some of the inputs.", map[string][]string{})}
	}
	a := ok(body)
	a.status = success
	if len(failures) > 0 {
		body["numErrors"], body["errors"] = len(failures), failures
		a = ok(body)
		a.status = http.StatusMultiStatus
	}
	return a
}

// writeAssociations writes labelled associations: the types given replace those that two records have, but for the default one, which they
// then have always (HubSpot's guide to associations v4). Of two inputs for the same records the last one counts; that is not documented.
func (s *Server) writeAssociations(x *exchange) (answer, *problem) {
	from, to, inputs, p := s.linkInputs(x)
	if p != nil {
		return answer{}, p
	}
	results, failures := s.eachLink(x, from, to, inputs, func(in linkInput, types []*linkType) []map[string]any {
		return []map[string]any{s.relabel(from, to, in, types)}
	})
	return s.partialAnswer(x, http.StatusCreated, results, failures), nil
}

// eachLink writes the inputs one by one, and answers what was written and what failed.
func (s *Server) eachLink(
	x *exchange, from, to *objectType, inputs []linkInput, write func(linkInput, []*linkType) []map[string]any,
) (results []map[string]any, failures []partialError) {
	results = []map[string]any{}
	for _, in := range inputs {
		hit := x.faulty(in.From, in.To)
		if hit && x.fault.is(EffectUnknownError) {
			continue
		}
		types, p := s.checkLink(from, to, in)
		if hit && x.fault.is(EffectFailInputs) {
			p = &problem{category: x.fault.category(), message: "Something went wrong with this association.", context: map[string][]string{
				"fromObjectId": {in.From.String()}, "toObjectId": {in.To.String()},
			}}
		}
		if p != nil {
			failures = append(failures, newPartialError(p.category, p.message, p.context))
			continue
		}
		if written := write(in, types); !hit || !x.fault.is(EffectOmit) {
			results = append(results, written...)
		}
	}
	return results, failures
}

// linkInputs decodes the inputs of a batch write of types, of which none may have none.
func (s *Server) linkInputs(x *exchange) (from, to *objectType, inputs []linkInput, refusal *problem) {
	if from, to, refusal = s.pathPair(x); refusal != nil {
		return nil, nil, nil, refusal
	}
	if inputs, refusal = decodeInputs[linkInput](x, maxAssociationWrites, "from", "to", "types"); refusal != nil {
		return nil, nil, nil, refusal
	}
	for _, in := range inputs {
		if len(in.Types) == 0 {
			return nil, nil, nil, invalid("Some required fields were not set: [types]")
		}
		if p := x.refuses(in.From, in.To); p != nil {
			return nil, nil, nil, p
		}
	}
	return from, to, inputs, nil
}

// refuses is the refusal of the fault, if it refuses one of the records.
func (x *exchange) refuses(refs ...recordRef) *problem {
	for _, ref := range refs {
		if id := x.fault.refused([]string{ref.String()}); id != "" {
			return invalid("Record %s could not be processed.", id)
		}
	}
	return nil
}

// faulty reports whether the fault names one of the records.
func (x *exchange) faulty(refs ...recordRef) bool {
	return x.fault != nil && slices.ContainsFunc(refs, func(ref recordRef) bool { return slices.Contains(x.fault.IDs, ref.String()) })
}

// passesOver reports whether the fault makes archiving pass over one of the records.
func (x *exchange) passesOver(refs ...recordRef) bool {
	return (x.fault.is(EffectOmit) || x.fault.is(EffectUnknownError)) && x.faulty(refs...)
}

// relabel is LabelsBetweenObjectPair.
func (s *Server) relabel(from, to *objectType, in linkInput, types []*linkType) map[string]any {
	l := s.store.associations.associate(pair{from.id, to.id}, int64(in.From), int64(in.To), types, true)
	return map[string]any{
		"fromObjectTypeId": from.id, "fromObjectId": s.wireID(int64(in.From)),
		"toObjectTypeId": to.id, "toObjectId": s.wireID(int64(in.To)), "labels": l.labels(),
	}
}

// writeDefaults associates records by the default type; labels that they have stay. It answers both directions, as HubSpot's examples do,
// and 200 whatever fails, as its OpenAPI file says.
func (s *Server) writeDefaults(x *exchange) (answer, *problem) {
	from, to, p := s.pathPair(x)
	if p != nil {
		return answer{}, p
	}
	inputs, p := decodeInputs[plainInput](x, maxAssociationWrites, "from", "to")
	if p != nil {
		return answer{}, p
	}
	links := make([]linkInput, len(inputs))
	for i, in := range inputs {
		if p := x.refuses(in.From, in.To); p != nil {
			return answer{}, p
		}
		links[i] = linkInput{From: in.From, To: in.To}
	}
	results, failures := s.eachLink(x, from, to, links, func(in linkInput, _ []*linkType) []map[string]any {
		return s.associateDefault(from, to, in)
	})
	a := s.partialAnswer(x, http.StatusOK, results, failures)
	a.status = http.StatusOK
	return a, nil
}

func (s *Server) associateDefault(from, to *objectType, in linkInput) []map[string]any {
	p := pair{from.id, to.id}
	s.store.associations.associate(p, int64(in.From), int64(in.To), nil, false)
	t := s.store.associations.defaultType(p)
	one := func(t *linkType, from, to recordRef) map[string]any {
		return map[string]any{
			"from": map[string]string{"id": from.String()}, "to": map[string]string{"id": to.String()},
			"associationSpec": map[string]any{"associationCategory": t.category, "associationTypeId": t.id},
		}
	}
	return []map[string]any{one(t, in.From, in.To), one(t.inverse, in.To, in.From)}
}

type archiveLinksInput struct {
	From recordRef   `json:"from"`
	To   []recordRef `json:"to"`
}

// archiveAssociations ends associations whole. One that is not there is no error; what HubSpot answers to records that are not there is not
// documented.
func (s *Server) archiveAssociations(x *exchange) (answer, *problem) {
	from, to, p := s.pathPair(x)
	if p != nil {
		return answer{}, p
	}
	inputs, p := decodeInputs[archiveLinksInput](x, maxAssociationArchives, "from", "to")
	if p != nil {
		return answer{}, p
	}
	for _, in := range inputs {
		if p := x.refuses(slices.Concat(in.To, []recordRef{in.From})...); p != nil {
			return answer{}, p
		}
	}
	for _, in := range inputs {
		if x.passesOver(in.From) {
			continue
		}
		for _, id := range in.To {
			s.store.associations.put(pair{from.id, to.id}, int64(in.From), int64(id), nil)
		}
	}
	return s.archived(x), nil
}

// archiveLabels takes types off associations. Those that are not there are no error.
func (s *Server) archiveLabels(x *exchange) (answer, *problem) {
	from, to, inputs, p := s.linkInputs(x)
	if p != nil {
		return answer{}, p
	}
	for _, in := range inputs {
		if x.passesOver(in.From, in.To) {
			continue
		}
		var types []*linkType
		for _, ref := range in.Types {
			if t := s.store.associations.typeIn(pair{from.id, to.id}, ref); t != nil {
				types = append(types, t)
			}
		}
		s.store.associations.withdraw(pair{from.id, to.id}, int64(in.From), int64(in.To), types)
	}
	return s.archived(x), nil
}

// archived answers without a body in v4, and in the dated versions with that of a batch (HubSpot's OpenAPI files). What its results are is
// not documented; here there are none.
func (s *Server) archived(x *exchange) answer {
	if x.version == "v3" && !x.fault.is(EffectUnknownError) {
		return noContent()
	}
	return s.partialAnswer(x, http.StatusOK, []map[string]any{}, nil)
}

// putAssociation writes the types of one association, which replace those that it has.
func (s *Server) putAssociation(x *exchange) (answer, *problem) {
	if p := checkContentType(x.r, "application/json"); p != nil {
		return answer{}, p
	}
	from, to, in, p := s.pathLink(x)
	if p != nil {
		return answer{}, p
	}
	if err := json.Unmarshal(x.body, &in.Types); err != nil || len(in.Types) == 0 {
		return answer{}, invalid("Invalid input JSON: an array of association types was expected%s", because(err))
	}
	types, p := s.checkLink(from, to, in)
	if p != nil {
		return answer{}, p
	}
	a := ok(s.relabel(from, to, in, types))
	a.status = http.StatusCreated
	return a, nil
}

// putDefault associates two records by the default type.
func (s *Server) putDefault(x *exchange) (answer, *problem) {
	from, to, in, p := s.pathLink(x)
	if p != nil {
		return answer{}, p
	}
	if _, p := s.checkLink(from, to, in); p != nil {
		return answer{}, p
	}
	return s.partialAnswer(x, http.StatusOK, s.associateDefault(from, to, in), nil), nil
}

// deleteAssociation ends an association; that it is not there is no error.
func (s *Server) deleteAssociation(x *exchange) (answer, *problem) {
	from, to, in, p := s.pathLink(x)
	if p != nil {
		return answer{}, p
	}
	s.store.associations.put(pair{from.id, to.id}, int64(in.From), int64(in.To), nil)
	return noContent(), nil
}

// pathLink finds the two records that the path names; they may not be there.
func (s *Server) pathLink(x *exchange) (from, to *objectType, in linkInput, refusal *problem) {
	x.ids = 1
	if from, to, refusal = s.pathPair(x); refusal != nil {
		return nil, nil, in, refusal
	}
	ids, refusal := recordIDs([]string{x.params["objectId"], x.params["toObjectId"]})
	if refusal != nil {
		return nil, nil, in, refusal
	}
	return from, to, linkInput{From: recordRef(ids[0]), To: recordRef(ids[1])}, nil
}
