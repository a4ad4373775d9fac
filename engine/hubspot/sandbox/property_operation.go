package sandbox

// getProperty answers one property of an object type. None of the sandbox's is
// sensitive.
func (s *Server) getProperty(x *exchange) (answer, *problem) {
	t, p := s.pathType(x)
	if p != nil {
		return answer{}, p
	}
	name := x.params["propertyName"]
	at, known := t.index[name]
	if sensitivity := x.r.URL.Query().Get("dataSensitivity"); !known || sensitivity != "" && sensitivity != "non_sensitive" {
		return answer{}, notFound("No property named %q of %s", name, t.name)
	}
	return ok(t.wireProperty(t.properties[at])), nil
}

// listProperties answers all properties of an object type at once: the
// endpoint has no pages.
func (s *Server) listProperties(x *exchange) (answer, *problem) {
	t, p := s.pathType(x)
	if p != nil {
		return answer{}, p
	}
	return ok(map[string]any{"results": t.wireProperties()}), nil
}

func (t *objectType) wireProperties() []map[string]any {
	properties := make([]map[string]any, len(t.properties))
	for i, p := range t.properties {
		properties[i] = t.wireProperty(p)
	}
	return properties
}

func (t *objectType) wireProperty(p Property) map[string]any {
	return map[string]any{
		"name": p.Name, "label": p.Name, "type": p.Type, "fieldType": "text",
		"groupName": t.name + "_information", "description": "", "options": []string{},
		"hasUniqueValue": p.Unique,
	}
}
