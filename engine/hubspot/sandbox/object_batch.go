package sandbox

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// write is one input of a batch, whatever the batch does with it.
type write struct {
	ID         string         `json:"id"`
	IDProperty string         `json:"idProperty"`
	Properties jsonProperties `json:"properties"`
	TraceID    string         `json:"objectWriteTraceId"`
}

// keyed are the properties of a new record that an upsert makes.
func (w write) keyed() jsonProperties {
	if w.IDProperty == "" {
		return w.Properties
	}
	keyed := jsonProperties{w.IDProperty: w.ID}
	maps.Copy(keyed, w.Properties)
	return keyed
}

type createInput struct {
	Properties   jsonProperties    `json:"properties"`
	Associations []json.RawMessage `json:"associations"`
	TraceID      string            `json:"objectWriteTraceId"`
}

type archiveInput struct {
	ID string `json:"id"`
}

type batchRequest struct {
	Inputs []json.RawMessage `json:"inputs"`
}

// batchInputs decodes the inputs of a batch, 1 to 100 of them.
func batchInputs[T any](x *exchange, required ...string) ([]T, *problem) {
	req, p := decodeObject[batchRequest](x.body, "inputs")
	if p != nil {
		return nil, p
	}
	x.ids = len(req.Inputs)
	if len(req.Inputs) < 1 || len(req.Inputs) > maxBatchInputs {
		return nil, invalid("The maximum number of inputs supported in a batch request is %d, and it needs one, but there were %d", maxBatchInputs, len(req.Inputs))
	}
	inputs := make([]T, len(req.Inputs))
	for i, raw := range req.Inputs {
		if inputs[i], p = decodeObject[T](raw, required...); p != nil {
			return nil, p
		}
	}
	return inputs, nil
}

// checkDuplicates refuses a batch that names a record twice, whatever else it
// holds: trace ids do not help.
func checkDuplicates(writes []write) *problem {
	seen := map[string]bool{}
	var twice []string
	for _, w := range writes {
		key := fold(w.IDProperty, w.ID)
		if seen[key] {
			twice = append(twice, w.ID)
		}
		seen[key] = true
	}
	if twice == nil {
		return nil
	}
	p := invalid("Duplicate IDs found in batch input: [%s]. IDs must be unique", strings.Join(twice, ", "))
	p.context = map[string][]string{"ids": twice}
	return p
}

// isTraced reports whether every input has a trace id of its own. Then some can
// fail alone (status 207); else one that fails spoils the batch.
func isTraced(writes []write) bool {
	seen := map[string]bool{"": true}
	for _, w := range writes {
		if seen[w.TraceID] {
			return false
		}
		seen[w.TraceID] = true
	}
	return true
}

// batchCreate makes records.
func (s *Server) batchCreate(x *exchange) (answer, *problem) {
	t, p := s.writableType(x)
	if p != nil {
		return answer{}, p
	}
	inputs, p := batchInputs[createInput](x, "properties")
	if p != nil {
		return answer{}, p
	}
	writes := make([]write, len(inputs))
	for i, in := range inputs {
		if p := checkAssociations(in.Associations); p != nil {
			return answer{}, p
		}
		writes[i] = write{Properties: in.Properties, TraceID: in.TraceID}
	}
	return s.batchWrite(x, t, writes, http.StatusCreated, isTraced(writes), func(w write) (wireObject, *problem) {
		r, p := s.createRecord(t, w.Properties, x.now)
		if p != nil {
			return wireObject{}, p
		}
		return s.written(t, r, w.Properties, w.TraceID), nil
	})
}

// batchUpdate changes records. An ID that was merged away is left out of the
// answer without an error, as HubSpot does.
func (s *Server) batchUpdate(x *exchange) (answer, *problem) {
	t, writes, p := s.identifiedWrites(x)
	if p != nil {
		return answer{}, p
	}
	for _, w := range writes {
		if w.IDProperty == propEmail || !t.isUnique(cmp.Or(w.IDProperty, propObjectID)) {
			return answer{}, invalid("Unable to perform update/upsert by non-unique %s property %s", t.id, w.IDProperty)
		}
	}
	return s.batchWrite(x, t, writes, http.StatusOK, isTraced(writes), func(w write) (wireObject, *problem) {
		r := t.find(w.IDProperty, w.ID)
		if r == nil {
			return wireObject{}, t.unknown(w)
		}
		if p := s.updateRecord(t, r, w.Properties, x.now); p != nil {
			return wireObject{}, p
		}
		return s.written(t, r, w.Properties, w.TraceID), nil
	})
}

// batchUpsert changes the records that are there and makes the others, but
// those named by their record ID. By address no input fails alone (HubSpot
// contacts guide).
func (s *Server) batchUpsert(x *exchange) (answer, *problem) {
	t, writes, p := s.identifiedWrites(x)
	if p != nil {
		return answer{}, p
	}
	traced := isTraced(writes)
	for _, w := range writes {
		if !t.isUnique(cmp.Or(w.IDProperty, propObjectID)) {
			return answer{}, invalid("Unable to perform update/upsert by non-unique %s property %s", t.id, w.IDProperty)
		}
		traced = traced && w.IDProperty != propEmail
	}
	return s.batchWrite(x, t, writes, http.StatusOK, traced, func(w write) (wireObject, *problem) {
		r := t.find(w.IDProperty, w.ID)
		isNew := r == nil
		switch {
		case isNew && cmp.Or(w.IDProperty, propObjectID) == propObjectID:
			return wireObject{}, t.unknown(w)
		case isNew:
			if r, p = s.createRecord(t, w.keyed(), x.now); p != nil {
				return wireObject{}, p
			}
		default:
			if p := s.updateRecord(t, r, w.Properties, x.now); p != nil {
				return wireObject{}, p
			}
		}
		result := s.written(t, r, w.Properties, w.TraceID)
		result.New = &isNew
		return result, nil
	})
}

// batchArchive archives records. IDs of none are passed over: the answer has
// no place to name them.
func (s *Server) batchArchive(x *exchange) (answer, *problem) {
	t, p := s.writableType(x)
	if p != nil {
		return answer{}, p
	}
	inputs, p := batchInputs[archiveInput](x, "id")
	if p != nil {
		return answer{}, p
	}
	for _, in := range inputs {
		if x.fault.refused([]string{in.ID}) != "" {
			return answer{}, invalid("Record %s could not be processed.", in.ID)
		}
	}
	for _, in := range inputs {
		if r := t.find("", in.ID); r != nil && !x.fault.omitsInput(in.ID, r) {
			s.store.archive(t, r, x.now, s.opts.MetadataLag)
		}
	}
	return noContent(), nil
}

// identifiedWrites decodes a batch whose inputs name records.
func (s *Server) identifiedWrites(x *exchange) (*objectType, []write, *problem) {
	t, p := s.writableType(x)
	if p != nil {
		return nil, nil, p
	}
	writes, p := batchInputs[write](x, "id", "properties")
	if p != nil {
		return nil, nil, p
	}
	return t, writes, checkDuplicates(writes)
}

// unknown is the error of an input that names no record, and nil for one that
// was merged away.
func (t *objectType) unknown(w write) *problem {
	if r := t.findOrSurvivor("", w.ID); r != nil && cmp.Or(w.IDProperty, propObjectID) == propObjectID {
		return nil
	}
	p := notFound("Could not get some %s objects, they may be deleted or not exist. Check that ids are valid.", strings.ToUpper(t.singular))
	p.context = map[string][]string{"ids": {w.ID}}
	return p
}

// batchWrite applies do to every input. Where inputs fail alone the answer is
// 207 and names the failed ones by trace id; else a failed one refuses the
// batch, and nothing is written.
func (s *Server) batchWrite(x *exchange, t *objectType, writes []write, status int, alone bool, do func(write) (wireObject, *problem)) (answer, *problem) {
	if p := x.fault.refusesWrite(writes); p != nil {
		return answer{}, p
	}
	if !alone {
		if p := s.rehearse(t, writes); p != nil {
			return answer{}, p
		}
	}
	results, failures := []wireObject{}, []batchError{}
	for _, w := range writes {
		if x.fault.is(EffectUnknownError) && x.fault.names(w, nil) {
			continue
		}
		if x.fault.is(EffectFailInputs) && x.fault.names(w, nil) {
			failures = append(failures, failureOf(w, &problem{category: x.fault.category(), message: "Something went wrong with this object."}))
			continue
		}
		result, p := do(w)
		switch {
		case p != nil && !alone:
			return answer{}, p
		case p != nil:
			failures = append(failures, failureOf(w, p))
		case x.fault.is(EffectOverride) && x.fault.names(w, &result):
			results = append(results, t.overridden(x, result))
		case result.ID != "" && !(x.fault.is(EffectOmit) && x.fault.names(w, &result)):
			results = append(results, result)
		}
	}
	if x.fault.is(EffectUnknownError) {
		failures = append(failures, failureOf(write{}, &problem{category: x.fault.category(), message: "Something went wrong with some of the objects."}))
	}
	slices.Reverse(results) // HubSpot does not keep the order
	return batchAnswer(x, results, failures, status), nil
}

// overridden is the result of a write, after the account's own rules have set
// the properties of the fault.
func (t *objectType) overridden(x *exchange, result wireObject) wireObject {
	r := t.find("", result.ID)
	_ = t.put(r, x.fault.Properties, x.now) // a taken unique value stays where it is
	for name := range result.Properties {
		result.Properties[name] = t.text(r, name)
	}
	return result
}

// failureOf is one input's error within a 207.
func failureOf(w write, p *problem) batchError {
	failure := batchError{
		Status: "error", Category: p.category, Message: p.message, Context: map[string][]string{}, Errors: []problemDetail{}, Links: map[string]string{},
	}
	maps.Copy(failure.Context, p.context)
	if w.TraceID != "" {
		failure.Context["objectWriteTraceId"] = []string{w.TraceID}
	}
	failure.Errors = append(failure.Errors, p.details...)
	return failure
}

func batchAnswer(x *exchange, results []wireObject, failures []batchError, status int) answer {
	now := stamp(x.now.UnixMilli())
	body := map[string]any{"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
	if len(failures) > 0 {
		body["numErrors"], body["errors"], status = len(failures), failures, http.StatusMultiStatus
	}
	a := ok(body)
	a.status = status
	return a
}

// rehearse finds the first input that would fail, without writing: HubSpot
// refuses such a batch whole. Inputs that want the same unique value fail too.
func (s *Server) rehearse(t *objectType, writes []write) *problem {
	claimed := map[string]bool{}
	for _, w := range writes {
		var r *record
		if w.ID != "" {
			r = t.find(w.IDProperty, w.ID)
		}
		if cmp.Or(w.IDProperty, propObjectID) == propObjectID && w.ID != "" && r == nil {
			if p := t.unknown(w); p != nil {
				return p
			}
			continue
		}
		properties := w.Properties
		if r == nil {
			properties = w.keyed()
		}
		stored, p := s.draft(t, r, properties)
		if p != nil {
			return p
		}
		if r == nil {
			r = &record{}
		}
		for name, text := range stored {
			if err := t.checkUnique(r, name, text); err != nil {
				return t.refusal(err, r.id == 0)
			}
			index, keys := t.keys(name, clean(name, text))
			for _, key := range keys {
				if claimed[index+"="+key] {
					return invalid("Several inputs set the unique property %s to one value", name)
				}
				claimed[index+"="+key] = true
			}
		}
	}
	return nil
}

// names reports whether a fault names an input: by record ID or other key, by
// trace id, by one of its values, or by the ID of what was written.
func (f *Fault) names(w write, result *wireObject) bool {
	return slices.ContainsFunc(f.IDs, func(id string) bool {
		if id == w.ID || id == w.TraceID || result != nil && id == result.ID {
			return true
		}
		for _, text := range w.Properties {
			if text == id {
				return true
			}
		}
		return false
	})
}

func (f *Fault) refusesWrite(writes []write) *problem {
	if !f.is(EffectRefuse) {
		return nil
	}
	for _, w := range writes {
		if f.names(w, nil) {
			return invalid("Record %s could not be processed.", cmp.Or(w.ID, w.TraceID))
		}
	}
	return nil
}
