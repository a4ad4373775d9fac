package sandbox

import "strconv"

// listLabels answers the association types of a pair of object types in the direction asked for, all at once.
func (s *Server) listLabels(x *exchange) (answer, *problem) {
	from, to, p := s.pathPair(x)
	if p != nil {
		return answer{}, p
	}
	return s.labelsAnswer(s.store.associations.typesOf(pair{from.id, to.id})), nil
}

func (s *Server) labelsAnswer(types []*linkType) answer {
	results := make([]map[string]any, len(types))
	for i, t := range types {
		results[i] = s.wireLinkType(t)
	}
	return ok(map[string]any{"results": results})
}

type createLabelRequest struct {
	Label        string `json:"label"`
	Name         string `json:"name"`
	InverseLabel string `json:"inverseLabel"`
}

// createLabel makes a label and answers it in both directions. Without an inverse label it reads the same in both.
func (s *Server) createLabel(x *exchange) (answer, *problem) {
	if p := checkContentType(x.r, "application/json"); p != nil {
		return answer{}, p
	}
	from, to, p := s.pathPair(x)
	if p != nil {
		return answer{}, p
	}
	req, p := decodeObject[createLabelRequest](x.body, "label", "name")
	if p != nil {
		return answer{}, p
	}
	t, p := s.store.associations.label(pair{from.id, to.id}, req)
	if p != nil {
		return answer{}, p
	}
	types := []*linkType{t}
	if t.inverse != t {
		types = append(types, t.inverse)
	}
	return s.labelsAnswer(types), nil
}

// label makes a label, unless the pair has it already.
func (a *associations) label(p pair, req createLabelRequest) (*linkType, *problem) {
	if req.InverseLabel == "" {
		req.InverseLabel = req.Label
	}
	if refusal := a.checkLabel(p, req.Name, req.Label, nil); refusal != nil {
		return nil, refusal
	}
	if refusal := a.checkLabel(p.inverse(), req.Name, req.InverseLabel, nil); refusal != nil {
		return nil, refusal
	}
	return a.define(p, req.Name, req.Label, req.InverseLabel), nil
}

type updateLabelRequest struct {
	TypeID       int32  `json:"associationTypeId"`
	Label        string `json:"label"`
	InverseLabel string `json:"inverseLabel"`
}

// updateLabel renames a label of the account's own.
func (s *Server) updateLabel(x *exchange) (answer, *problem) {
	if p := checkContentType(x.r, "application/json"); p != nil {
		return answer{}, p
	}
	from, to, p := s.pathPair(x)
	if p != nil {
		return answer{}, p
	}
	req, p := decodeObject[updateLabelRequest](x.body, "associationTypeId", "label")
	if p != nil {
		return answer{}, p
	}
	t, p := s.ownLabel(pair{from.id, to.id}, strconv.Itoa(int(req.TypeID)))
	if p != nil {
		return answer{}, p
	}
	if p := s.store.associations.checkLabel(t.pair, "", req.Label, t); p != nil {
		return answer{}, p
	}
	t.label = req.Label
	if req.InverseLabel != "" {
		t.inverse.label = req.InverseLabel
	}
	return noContent(), nil
}

func (s *Server) deleteLabel(x *exchange) (answer, *problem) {
	from, to, p := s.pathPair(x)
	if p != nil {
		return answer{}, p
	}
	t, p := s.ownLabel(pair{from.id, to.id}, x.params["associationTypeId"])
	if p != nil {
		return answer{}, p
	}
	s.store.associations.undefine(t)
	return noContent(), nil
}

// ownLabel finds a label of the account's own by its id: HubSpot's cannot be changed (HubSpot's guide to association schemas).
func (s *Server) ownLabel(p pair, id string) (*linkType, *problem) {
	n, err := strconv.Atoi(id)
	if err != nil {
		return nil, invalid("Association type ID %q is not valid.", id)
	}
	t := s.store.associations.typeIn(p, typeRef{userDefined, n})
	if t == nil || t.isDefault() {
		return nil, invalid("%s=%d is not a valid association definition id", userDefined, n)
	}
	return t, nil
}
