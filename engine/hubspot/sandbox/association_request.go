package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Bounds of the inputs of one call. Those of reading and writing are HubSpot's (guide to associations v4, changelog of February 2025). Of
// archiving, no bound is documented; here it is the strictest that has been reported: inputs of 100 records.
const (
	maxAssociationReads    = 1_000
	maxAssociationWrites   = 2_000
	maxAssociationArchives = 100
)

// associationPage is the most associations of a record that a call answers (HubSpot's OpenAPI file associations-v4).
const associationPage = 500

// recordRef is a record as requests name it: {"id": "…"}.
type recordRef int64

// UnmarshalJSON implements json.Unmarshaler.
func (r *recordRef) UnmarshalJSON(raw []byte) error {
	input, p := decodeObject[batchReadInput](raw, "id")
	if p != nil {
		return errors.New(p.message)
	}
	ids, p := recordIDs([]string{input.ID})
	if p != nil {
		return errors.New(p.message)
	}
	*r = recordRef(ids[0])
	return nil
}

func (r recordRef) String() string { return strconv.FormatInt(int64(r), 10) }

// typeRef is an association type as requests name it.
type typeRef struct {
	category string
	id       int
}

func (t typeRef) String() string { return fmt.Sprintf("%s=%d", t.category, t.id) }

type wireTypeRef struct {
	Category string `json:"associationCategory"`
	ID       int32  `json:"associationTypeId"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *typeRef) UnmarshalJSON(raw []byte) error {
	wire, p := decodeObject[wireTypeRef](raw, "associationCategory", "associationTypeId")
	if p != nil {
		return errors.New(p.message)
	}
	if !slices.Contains([]string{hubspotDefined, userDefined, "INTEGRATOR_DEFINED", "WORK"}, wire.Category) {
		return fmt.Errorf("unknown associationCategory %q", wire.Category)
	}
	*t = typeRef{wire.Category, int(wire.ID)}
	return nil
}

// linkInput is one association of a request.
type linkInput struct {
	From  recordRef `json:"from"`
	To    recordRef `json:"to"`
	Types []typeRef `json:"types"`
}

// plainInput is one association of a request without types.
type plainInput struct {
	From recordRef `json:"from"`
	To   recordRef `json:"to"`
}

// decodeInputs decodes {"inputs": […]}, strictly.
func decodeInputs[T any](x *exchange, most int, required ...string) ([]T, *problem) {
	if p := checkContentType(x.r, "application/json"); p != nil {
		return nil, p
	}
	body, p := decodeObject[struct {
		Inputs []json.RawMessage `json:"inputs"`
	}](x.body, "inputs")
	if p != nil {
		return nil, p
	}
	x.ids = len(body.Inputs)
	if len(body.Inputs) > most {
		return nil, invalid("The maximum number of inputs supported in a batch request is %d, but there were %d", most, len(body.Inputs))
	}
	inputs := make([]T, len(body.Inputs))
	for i, raw := range body.Inputs {
		if inputs[i], p = decodeObject[T](raw, required...); p != nil {
			return nil, p
		}
	}
	return inputs, nil
}

// pathPair finds the two object types that the path names.
func (s *Server) pathPair(x *exchange) (from, to *objectType, refusal *problem) {
	if from, refusal = s.namedType(x.params["objectType"]); refusal == nil {
		to, refusal = s.namedType(x.params["toObjectType"])
	}
	return from, to, refusal
}

func (s *Server) namedType(name string) (*objectType, *problem) {
	t := s.store.objectType(name)
	if t == nil {
		return nil, invalid("Unable to infer object type from: %s", name)
	}
	return t, nil
}

// checkLink refuses an association whose records or types are not there, in the words of live answers. Which error HubSpot answers for a
// record that is to be associated with itself is not documented.
func (s *Server) checkLink(from, to *objectType, in linkInput) ([]*linkType, *problem) {
	p := invalid("One or more associations are invalid")
	p.context = map[string][]string{}
	for _, side := range []struct {
		t  *objectType
		id recordRef
	}{{from, in.From}, {to, in.To}} {
		if side.t.live(int64(side.id)) == nil {
			name := strings.ToUpper(side.t.singular)
			p.context["INVALID_OBJECT_IDS"] = append(p.context["INVALID_OBJECT_IDS"], fmt.Sprintf("%s=%s is not valid", name, side.id))
			p.context["objectId"] = append(p.context["objectId"], side.id.String())
			p.context["objectType"] = append(p.context["objectType"], name)
		}
	}
	if len(p.context) > 0 {
		return nil, p
	}
	if from == to && in.From == in.To {
		p.context["INVALID_OBJECT_IDS"] = []string{fmt.Sprintf("%s=%s cannot be associated with itself", strings.ToUpper(from.singular), in.From)}
		p.context["objectId"] = []string{in.From.String()}
		return nil, p
	}
	types := make([]*linkType, 0, len(in.Types))
	for _, ref := range in.Types {
		t := s.store.associations.typeIn(pair{from.id, to.id}, ref)
		if t == nil {
			p.context["associationSpec"] = []string{ref.String()}
			p.context["INVALID_ASSOCIATION_TYPE_ID"] = []string{ref.String() + " is not a valid association definition id"}
			return nil, p
		}
		types = append(types, t)
	}
	return types, nil
}
