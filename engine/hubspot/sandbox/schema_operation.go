package sandbox

import "strings"

// listSchemas answers the custom object types, all at once: the endpoint has
// no pages.
func (s *Server) listSchemas(x *exchange) (answer, *problem) {
	results := []map[string]any{}
	for _, t := range s.store.types {
		if t.portalName != "" {
			results = append(results, t.wireSchema())
		}
	}
	return ok(map[string]any{"results": results}), nil
}

func (t *objectType) wireSchema() map[string]any {
	return map[string]any{
		"id": strings.TrimPrefix(t.id, "2-"), "objectTypeId": t.id, "fullyQualifiedName": t.portalName,
		"name": t.name, "labels": map[string]string{"singular": t.singular, "plural": t.name},
		"primaryDisplayProperty": propObjectID, "requiredProperties": []string{}, "searchableProperties": []string{},
		"secondaryDisplayProperties": []string{}, "properties": t.wireProperties(), "associations": []string{},
		"archived": false, "allowsSensitiveProperties": false,
	}
}
