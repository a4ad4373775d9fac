package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// The control API, JSON in and out, below /_sandbox/. It needs no token. What
// it cannot do it answers with 400 and {"error": "…"}.
//
//	GET    state           the whole store; ?list=101 only that list
//	GET    calls           the log of calls to the API; DELETE empties it
//	GET    members?list=   {"members": ["1000001", …]}
//	POST   reset           empty the store, the faults and the log
//	POST   seed            {"contacts": 1000}
//	POST   contacts        {"action": "create", "properties": {…}}
//	                       {"action": "patch", "id": "…", "properties": {…}}
//	                       {"action": "delete", "id": "…"}
//	                       {"action": "merge", "id": "…", "into": "…"}
//	                       {"action": "readdress", "id": "…", "email": "…"}
//	POST   companies       create, patch and delete, as above
//	POST   objects         the same with "objectType"
//	POST   lists           {"action": "create", "name": "…", "processingType": "…", "objectType": "…", "listId": "…"}
//	                       {"action": "convert", "listId": "…", "processingType": "…"}
//	                       {"action": "delete", "listId": "…"}
//	POST   members         {"listId": "…", "add": ["…"], "remove": ["…"]}
//	POST   associations    {"action": "create", "from": "contacts", "id": "…", "to": "companies", "toId": "…", "labels": ["…"]}
//	                       {"action": "delete", "from": "contacts", "id": "…", "to": "companies", "toId": "…"}
//	POST   labels          {"from": "contacts", "to": "companies", "label": "…", "inverseLabel": "…"}
//	POST   properties      a Property with its "objectType"
//	POST   owners          an Owner
//	POST   schemas         a Schema
//	POST   faults          a Fault, or an array of them; DELETE drops them all

const controlPrefix = "/_sandbox/"

func isControl(path string) bool { return strings.HasPrefix(path, controlPrefix) }

func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	body, p := readBody(r)
	if p != nil {
		controlAnswer(w, nil, fmt.Errorf("read request: %s", p.message))
		return
	}
	what := r.Method + " " + strings.TrimPrefix(r.URL.Path, controlPrefix)
	if what == "GET state" {
		w.Header().Set("Content-Type", "application/json")
		if err := s.writeState(w, r.URL.Query().Get("list")); err != nil {
			panic(http.ErrAbortHandler) // half an answer must not look whole
		}
		return
	}
	result, err := s.command(what, r.URL.Query().Get("list"), body)
	controlAnswer(w, result, err)
}

func controlAnswer(w http.ResponseWriter, result any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		result = map[string]string{"error": err.Error()}
	}
	if result == nil {
		result = struct{}{}
	}
	_, _ = w.Write(encode(result)) // the caller has gone
}

func (s *Server) command(what, listID string, body []byte) (any, error) {
	switch what {
	case "GET calls":
		return map[string]any{"calls": s.Calls()}, nil
	case "DELETE calls":
		s.ForgetCalls()
	case "GET members":
		members, err := s.Members(listID)
		return map[string]any{"members": members}, err
	case "POST reset":
		s.Reset()
	case "POST seed":
		return command(body, func(c seedCommand) (any, error) { return nil, s.Seed(c.Contacts) })
	case "POST contacts":
		return command(body, func(c objectCommand) (any, error) { return s.commandObject("contacts", c) })
	case "POST companies":
		return command(body, func(c objectCommand) (any, error) { return s.commandObject("companies", c) })
	case "POST objects":
		return command(body, func(c objectCommand) (any, error) { return s.commandObject(c.ObjectType, c) })
	case "POST lists":
		return command(body, s.commandList)
	case "POST members":
		return command(body, func(c memberCommand) (any, error) { return nil, s.commandMembers(c) })
	case "POST associations":
		return command(body, func(c associationCommand) (any, error) { return nil, s.commandAssociation(c) })
	case "POST labels":
		return command(body, func(c Label) (any, error) {
			id, err := s.DefineLabel(c)
			return map[string]int{"typeId": id}, err
		})
	case "POST properties":
		return command(body, func(c propertyCommand) (any, error) {
			return nil, s.DefineProperty(c.ObjectType, c.property())
		})
	case "POST owners":
		return command(body, func(o Owner) (any, error) { return identified(s.AddOwner(o)) })
	case "POST schemas":
		return command(body, func(c Schema) (any, error) { return identified(s.DefineSchema(c)) })
	case "POST faults":
		return nil, s.commandFaults(body)
	case "DELETE faults":
		s.ForgetFaults()
	default:
		return nil, fmt.Errorf("unknown command %q", what)
	}
	return nil, nil
}

// command decodes the body, strictly, and does it.
func command[T any](body []byte, do func(T) (any, error)) (any, error) {
	c, p := decodeObject[T](body)
	if p != nil {
		return nil, fmt.Errorf("%s", p.message)
	}
	return do(c)
}

func identified(id string, err error) (any, error) {
	return map[string]string{"id": id}, err
}

type seedCommand struct {
	Contacts int `json:"contacts"`
}

type objectCommand struct {
	Action     string            `json:"action"`
	ObjectType string            `json:"objectType"`
	ID         string            `json:"id"`
	Into       string            `json:"into"`
	Email      string            `json:"email"`
	Properties map[string]string `json:"properties"`
}

func (s *Server) commandObject(objectType string, c objectCommand) (any, error) {
	switch c.Action {
	case "create":
		return identified(s.CreateObject(objectType, c.Properties))
	case "patch":
		return nil, s.PatchObject(objectType, c.ID, c.Properties)
	case "delete":
		return nil, s.DeleteObject(objectType, c.ID)
	}
	if t := objectType; t == "contacts" || t == "0-1" {
		switch c.Action {
		case "merge":
			return identified(s.MergeContacts(c.Into, c.ID))
		case "readdress":
			return nil, s.Readdress(c.ID, c.Email)
		}
	}
	return nil, fmt.Errorf("unknown action %q for %s", c.Action, objectType)
}

type listCommand struct {
	Action         string `json:"action"`
	Name           string `json:"name"`
	ObjectType     string `json:"objectType"`
	ProcessingType string `json:"processingType"`
	ListID         string `json:"listId"`
}

func (s *Server) commandList(c listCommand) (any, error) {
	switch c.Action {
	case "create":
		return identified(s.CreateList(ListInput{Name: c.Name, ObjectType: c.ObjectType, ProcessingType: c.ProcessingType, ID: c.ListID}))
	case "convert":
		return nil, s.ConvertList(c.ListID, c.ProcessingType)
	case "delete":
		return nil, s.DeleteList(c.ListID)
	}
	return nil, fmt.Errorf("unknown action %q for lists", c.Action)
}

type memberCommand struct {
	ListID string   `json:"listId"`
	Add    []string `json:"add"`
	Remove []string `json:"remove"`
}

func (s *Server) commandMembers(c memberCommand) error {
	if err := s.AddMembers(c.ListID, c.Add...); err != nil {
		return err
	}
	return s.RemoveMembers(c.ListID, c.Remove...)
}

type propertyCommand struct {
	ObjectType  string   `json:"objectType"`
	Name        string   `json:"name"`
	Label       string   `json:"label"`
	Type        string   `json:"type"`
	FieldType   string   `json:"fieldType"`
	GroupName   string   `json:"groupName"`
	Description string   `json:"description"`
	Options     []Option `json:"options"`
	Reference   string   `json:"referencedObjectType"`
	External    bool     `json:"externalOptions"`
	Unique      bool     `json:"hasUniqueValue"`
	Calculated  bool     `json:"calculated"`
	ReadOnly    bool     `json:"readOnlyValue"`
	Hidden      bool     `json:"hidden"`
	Archived    bool     `json:"archived"`
}

func (c propertyCommand) property() Property {
	return Property{
		Name: c.Name, Label: c.Label, Type: c.Type, FieldType: c.FieldType, GroupName: c.GroupName, Description: c.Description,
		Options: c.Options, Reference: c.Reference, External: c.External, Unique: c.Unique, Calculated: c.Calculated,
		ReadOnly: c.ReadOnly, Hidden: c.Hidden, Archived: c.Archived,
	}
}

func (s *Server) commandFaults(body []byte) error {
	var raw []json.RawMessage
	if json.Unmarshal(body, &raw) != nil {
		raw = []json.RawMessage{body}
	}
	faults := make([]Fault, len(raw))
	for i := range raw {
		f, p := decodeObject[Fault](raw[i])
		if p != nil {
			return fmt.Errorf("fault %d: %s", i+1, p.message)
		}
		faults[i] = f
	}
	return s.Declare(faults...)
}
