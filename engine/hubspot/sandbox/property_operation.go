package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
)

// maxUniqueProperties is how many unique properties of its own a type can have
// (HubSpot's properties guide).
const maxUniqueProperties = 10

// selects reports whether a call asks for a property: for archived ones or for
// the others. None of the sandbox's is sensitive.
func (p Property) selected(q url.Values) (bool, *problem) {
	archived, refusal := queryBool(q, "archived")
	if refusal != nil {
		return false, refusal
	}
	switch sensitivity := q.Get("dataSensitivity"); sensitivity {
	case "", "non_sensitive":
		return p.Archived == archived, nil
	case "sensitive", "highly_sensitive":
		return false, nil
	default:
		return false, invalid("dataSensitivity must be non_sensitive, sensitive or highly_sensitive, not %q", sensitivity)
	}
}

// getProperty answers one property of an object type.
func (s *Server) getProperty(x *exchange) (answer, *problem) {
	t, p := s.pathType(x)
	if p != nil {
		return answer{}, p
	}
	name := x.params["propertyName"]
	if at, known := t.index[name]; known {
		selected, p := t.properties[at].selected(x.r.URL.Query())
		if p != nil {
			return answer{}, p
		}
		if selected {
			return ok(t.wireProperty(t.properties[at])), nil
		}
	}
	return answer{}, notFound("No property named %q of %s", name, t.name)
}

// listProperties answers all properties of an object type at once: the
// endpoint has no pages.
func (s *Server) listProperties(x *exchange) (answer, *problem) {
	t, p := s.pathType(x)
	if p != nil {
		return answer{}, p
	}
	results := []map[string]any{}
	for _, property := range t.properties {
		selected, p := property.selected(x.r.URL.Query())
		if p != nil {
			return answer{}, p
		}
		if selected {
			results = append(results, t.wireProperty(property))
		}
	}
	return ok(map[string]any{"results": results}), nil
}

type createPropertyRequest struct {
	Name          string   `json:"name"`
	Label         string   `json:"label"`
	Type          string   `json:"type"`
	FieldType     string   `json:"fieldType"`
	GroupName     string   `json:"groupName"`
	Description   string   `json:"description"`
	Options       []Option `json:"options"`
	Unique        bool     `json:"hasUniqueValue"`
	Hidden        bool     `json:"hidden"`
	External      bool     `json:"externalOptions"`
	Reference     string   `json:"referencedObjectType"`
	DisplayOrder  int      `json:"displayOrder"`
	FormField     bool     `json:"formField"`
	Formula       string   `json:"calculationFormula"`
	Sensitivity   string   `json:"dataSensitivity"`
	NumberHint    string   `json:"numberDisplayHint"`
	TextHint      string   `json:"textDisplayHint"`
	ShowSymbol    bool     `json:"showCurrencySymbol"`
	CurrencyNamed string   `json:"currencyPropertyName"`
}

// propertyName is what an internal name may be. The documentation asks for
// lower case and no blanks; here it is a letter, then letters, digits and _.
var propertyName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}$`)

// createProperty adds a property to an object type. A calculated one is that
// of the field type calculation_equation.
func (s *Server) createProperty(x *exchange) (answer, *problem) {
	if p := checkContentType(x.r, "application/json"); p != nil {
		return answer{}, p
	}
	t, p := s.pathType(x)
	if p != nil {
		return answer{}, p
	}
	req, p := decodeObject[createPropertyRequest](x.body, "name", "label", "type", "fieldType", "groupName")
	if p != nil {
		return answer{}, p
	}
	made := Property{
		Name: req.Name, Label: req.Label, Type: req.Type, FieldType: req.FieldType, GroupName: req.GroupName, Description: req.Description,
		Options: req.Options, Unique: req.Unique, Hidden: req.Hidden, External: req.External, Reference: req.Reference,
		Calculated: req.FieldType == "calculation_equation",
	}
	if p := t.checkDefinition(made); p != nil {
		return answer{}, p
	}
	t.define(made)
	a := ok(t.wireProperty(made))
	a.status = http.StatusCreated
	return a, nil
}

func (t *objectType) checkDefinition(p Property) *problem {
	switch {
	case !propertyName.MatchString(p.Name):
		return invalid("Property name %q must begin with a letter and hold lower-case letters, digits and underscores only", p.Name)
	case !slices.Contains(fieldTypes()[p.Type], p.FieldType):
		return invalid("Property type %q does not go with field type %q", p.Type, p.FieldType)
	case p.Type == "enumeration" && len(p.Options) == 0 && !p.External:
		return invalid("Property %s is an enumeration and must have options", p.Name)
	case p.Unique && p.Type != "string" && p.Type != "number":
		return invalid("Property %s of type %s cannot have unique values", p.Name, p.Type)
	}
	if _, known := t.index[p.Name]; known {
		return &problem{
			status: http.StatusConflict, category: "OBJECT_ALREADY_EXISTS",
			message: fmt.Sprintf("A property named %q already exists for %s", p.Name, t.name),
		}
	}
	unique := 0
	for _, other := range t.properties {
		if other.Unique && !other.Defined {
			unique++
		}
	}
	if p.Unique && unique >= maxUniqueProperties {
		return invalid("%s has %d properties with unique values already", t.name, unique)
	}
	return checkOptions(p)
}

func checkOptions(p Property) *problem {
	seen := map[string]bool{}
	for _, o := range p.Options {
		if o.Label == "" || o.Value == "" || seen[o.Value] {
			return invalid("Option %q of property %s must have a label and a value of its own", o.Value, p.Name)
		}
		seen[o.Value] = true
	}
	return nil
}

func (t *objectType) wireProperties() []map[string]any {
	properties := make([]map[string]any, len(t.properties))
	for i, p := range t.properties {
		properties[i] = t.wireProperty(p)
	}
	return properties
}

func (t *objectType) wireProperty(p Property) map[string]any {
	p = p.completed()
	if p.GroupName == "" {
		p.GroupName = t.singular + "information"
	}
	options := []map[string]any{}
	for _, o := range p.wireOptions() {
		options = append(options, map[string]any{
			"label": o.Label, "value": o.Value, "hidden": o.Hidden, "displayOrder": o.Order, "description": o.Description,
		})
	}
	wire := map[string]any{
		"name": p.Name, "label": p.Label, "type": p.Type, "fieldType": p.FieldType,
		"groupName": p.GroupName, "description": p.Description, "options": options,
		"hasUniqueValue": p.Unique, "calculated": p.Calculated, "externalOptions": p.External, "hidden": p.Hidden,
		"hubspotDefined": p.Defined, "archived": p.Archived, "formField": false, "displayOrder": -1, "dataSensitivity": "non_sensitive",
		"modificationMetadata": map[string]any{
			"archivable": !p.Defined, "readOnlyDefinition": p.Defined, "readOnlyValue": p.ReadOnly || p.Calculated, "readOnlyOptions": p.Defined,
		},
	}
	if p.Reference != "" {
		wire["referencedObjectType"] = p.Reference
	}
	return wire
}

// wireOptions are a property's options; a bool has two that nobody declared.
func (p Property) wireOptions() []Option {
	if p.Type == "bool" && len(p.Options) == 0 {
		return []Option{{Label: "Yes", Value: "true"}, {Label: "No", Value: "false", Order: 1}}
	}
	return p.Options
}
