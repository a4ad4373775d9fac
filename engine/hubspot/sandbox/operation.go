package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// operation is one entry of the API: area and pattern say where it is found
// in either path family.
type operation struct {
	// name is what faults and the call log call it, the same in both families.
	name    string
	method  string
	area    string
	pattern string // segments after the area; {x} takes any one
	// scopes must all be granted; any of one inner slice will do.
	scopes [][]string
	// write is set when objects or properties are changed, which takes another
	// scope than reading them.
	write bool
	// search is set when the operation counts in the search window only. List
	// search does not: HubSpot's files exempt only the searches of objects.
	search bool
	// public operations need no access token.
	public bool
	handle func(*Server, *exchange) (answer, *problem)
}

// operations lists all that the sandbox can do. Literal segments come before
// placeholders, since the first match wins.
func operations() []operation {
	read, write := [][]string{{"crm.lists.read"}}, [][]string{{"crm.lists.read"}, {"crm.lists.write"}}
	create := [][]string{{"crm.lists.write", "cms.membership.access_groups.write"}}
	return []operation{
		{name: "lists.get-many", method: "GET", area: "lists", pattern: "", scopes: read, handle: (*Server).getLists},
		{name: "lists.create", method: "POST", area: "lists", pattern: "", scopes: create, handle: (*Server).createList},
		{name: "lists.search", method: "POST", area: "lists", pattern: "search", scopes: read, handle: (*Server).searchLists},
		{name: "lists.all", method: "POST", area: "lists", pattern: "all", scopes: read, handle: (*Server).listAll},
		{name: "lists.get-by-name", method: "GET", area: "lists", pattern: "object-type-id/{objectTypeId}/name/{listName}", scopes: read, handle: (*Server).getListByName},
		{name: "lists.records.memberships.batch-read", method: "POST", area: "lists", pattern: "records/memberships/batch/read", scopes: read, handle: (*Server).batchRecordMemberships},
		{name: "lists.records.memberships", method: "GET", area: "lists", pattern: "records/{objectTypeId}/{recordId}/memberships", scopes: read, handle: (*Server).recordMemberships},
		{name: "lists.get", method: "GET", area: "lists", pattern: "{listId}", scopes: read, handle: (*Server).getList},
		{name: "lists.delete", method: "DELETE", area: "lists", pattern: "{listId}", scopes: write, handle: (*Server).deleteList},
		{name: "lists.restore", method: "PUT", area: "lists", pattern: "{listId}/restore", scopes: write, handle: (*Server).restoreList},
		{name: "lists.rename", method: "PUT", area: "lists", pattern: "{listId}/update-list-name", scopes: write, handle: (*Server).renameList},
		{name: "memberships.get", method: "GET", area: "lists", pattern: "{listId}/memberships", scopes: read, handle: (*Server).getMemberships},
		{name: "memberships.join-order", method: "GET", area: "lists", pattern: "{listId}/memberships/join-order", scopes: read, handle: (*Server).getJoinOrder},
		{name: "memberships.add", method: "PUT", area: "lists", pattern: "{listId}/memberships/add", scopes: write, handle: (*Server).addMemberships},
		{name: "memberships.remove", method: "PUT", area: "lists", pattern: "{listId}/memberships/remove", scopes: write, handle: (*Server).removeMemberships},
		{name: "memberships.add-and-remove", method: "PUT", area: "lists", pattern: "{listId}/memberships/add-and-remove", scopes: write, handle: (*Server).addAndRemoveMemberships},
		{name: "memberships.add-from", method: "PUT", area: "lists", pattern: "{listId}/memberships/add-from/{sourceListId}", scopes: write, handle: (*Server).addFrom},
		{name: "memberships.remove-all", method: "DELETE", area: "lists", pattern: "{listId}/memberships", scopes: write, handle: (*Server).removeAll},
		{name: "objects.batch-read", method: "POST", area: "objects", pattern: "{objectType}/batch/read", handle: (*Server).batchRead},
		{name: "objects.batch-create", method: "POST", area: "objects", pattern: "{objectType}/batch/create", write: true, handle: (*Server).batchCreate},
		{name: "objects.batch-update", method: "POST", area: "objects", pattern: "{objectType}/batch/update", write: true, handle: (*Server).batchUpdate},
		{name: "objects.batch-upsert", method: "POST", area: "objects", pattern: "{objectType}/batch/upsert", write: true, handle: (*Server).batchUpsert},
		{name: "objects.batch-archive", method: "POST", area: "objects", pattern: "{objectType}/batch/archive", write: true, handle: (*Server).batchArchive},
		{name: "objects.search", method: "POST", area: "objects", pattern: "{objectType}/search", search: true, handle: (*Server).searchObjects},
		{name: "objects.merge", method: "POST", area: "objects", pattern: "{objectType}/merge", write: true, handle: (*Server).mergeObjects},
		{name: "objects.list", method: "GET", area: "objects", pattern: "{objectType}", handle: (*Server).listObjects},
		{name: "objects.create", method: "POST", area: "objects", pattern: "{objectType}", write: true, handle: (*Server).createObject},
		{name: "objects.get", method: "GET", area: "objects", pattern: "{objectType}/{objectId}", handle: (*Server).getObject},
		{name: "objects.update", method: "PATCH", area: "objects", pattern: "{objectType}/{objectId}", write: true, handle: (*Server).updateObject},
		{name: "objects.delete", method: "DELETE", area: "objects", pattern: "{objectType}/{objectId}", write: true, handle: (*Server).deleteObject},
		{name: "associations.batch-read", method: "POST", area: "associations", pattern: "{objectType}/{toObjectType}/batch/read", handle: (*Server).readAssociations},
		{name: "associations.batch-create", method: "POST", area: "associations", pattern: "{objectType}/{toObjectType}/batch/create", write: true, handle: (*Server).writeAssociations},
		{name: "associations.batch-default", method: "POST", area: "associations", pattern: "{objectType}/{toObjectType}/batch/associate/default", write: true, handle: (*Server).writeDefaults},
		{name: "associations.batch-archive", method: "POST", area: "associations", pattern: "{objectType}/{toObjectType}/batch/archive", write: true, handle: (*Server).archiveAssociations},
		{name: "associations.batch-labels-archive", method: "POST", area: "associations", pattern: "{objectType}/{toObjectType}/batch/labels/archive", write: true, handle: (*Server).archiveLabels},
		{name: "labels.list", method: "GET", area: "associations", pattern: "{objectType}/{toObjectType}/labels", handle: (*Server).listLabels},
		{name: "labels.create", method: "POST", area: "associations", pattern: "{objectType}/{toObjectType}/labels", write: true, handle: (*Server).createLabel},
		{name: "labels.update", method: "PUT", area: "associations", pattern: "{objectType}/{toObjectType}/labels", write: true, handle: (*Server).updateLabel},
		{name: "labels.delete", method: "DELETE", area: "associations", pattern: "{objectType}/{toObjectType}/labels/{associationTypeId}", write: true, handle: (*Server).deleteLabel},
		{name: "associations.get", method: "GET", area: "record-associations", pattern: "{objectType}/{objectId}/associations/{toObjectType}", handle: (*Server).getAssociations},
		{name: "associations.default", method: "PUT", area: "record-associations", pattern: "{objectType}/{objectId}/associations/default/{toObjectType}/{toObjectId}", write: true, handle: (*Server).putDefault},
		{name: "associations.put", method: "PUT", area: "record-associations", pattern: "{objectType}/{objectId}/associations/{toObjectType}/{toObjectId}", write: true, handle: (*Server).putAssociation},
		{name: "associations.delete", method: "DELETE", area: "record-associations", pattern: "{objectType}/{objectId}/associations/{toObjectType}/{toObjectId}", write: true, handle: (*Server).deleteAssociation},
		{name: "properties.list", method: "GET", area: "properties", pattern: "{objectType}", handle: (*Server).listProperties},
		{name: "properties.create", method: "POST", area: "properties", pattern: "{objectType}", write: true, handle: (*Server).createProperty},
		{name: "properties.get", method: "GET", area: "properties", pattern: "{objectType}/{propertyName}", handle: (*Server).getProperty},
		{name: "owners.list", method: "GET", area: "owners", pattern: "", scopes: [][]string{{"crm.objects.owners.read"}}, handle: (*Server).listOwners},
		{name: "owners.get", method: "GET", area: "owners", pattern: "{ownerId}", scopes: [][]string{{"crm.objects.owners.read"}}, handle: (*Server).getOwner},
		{name: "schemas.list", method: "GET", area: "schemas", pattern: "", scopes: [][]string{{"crm.schemas.custom.read", "crm.objects.custom.read"}}, handle: (*Server).listSchemas},
		{name: "account.details", method: "GET", area: "account", pattern: "details", handle: (*Server).accountDetails},
		{name: "account.daily-usage", method: "GET", area: "account", pattern: "api-usage/daily/private-apps", handle: (*Server).dailyUsage},
		{name: "oauth.token", method: "POST", area: "oauth", pattern: "token", public: true, handle: (*Server).issueToken},
		{name: "oauth.introspect", method: "POST", area: "oauth", pattern: "token/introspect", public: true, handle: (*Server).introspectToken},
	}
}

// families are the beginnings of paths: VERSION stands for a dated version.
func families() [][2]string {
	return [][2]string{
		{"crm/v3/lists", "lists"}, {"crm/lists/VERSION", "lists"},
		{"crm/v3/objects", "objects"}, {"crm/objects/VERSION", "objects"},
		{"crm/v4/objects", "record-associations"},
		{"crm/v4/associations", "associations"}, {"crm/associations/v4", "associations"}, {"crm/associations/VERSION", "associations"},
		{"crm/v3/properties", "properties"}, {"crm/properties/VERSION", "properties"},
		{"crm/v3/owners", "owners"}, {"crm/owners/VERSION", "owners"},
		{"crm-object-schemas/v3/schemas", "schemas"}, {"crm-object-schemas/VERSION/schemas", "schemas"},
		{"account-info/v3", "account"}, {"account-info/VERSION", "account"},
		{"oauth/v1", "oauth"}, {"oauth/v3", "oauth"}, {"oauth/VERSION", "oauth"},
	}
}

func isDated(version string) bool {
	return slices.Contains([]string{"2025-09", "2026-03", "2026-09"}, version)
}

// route fills in the exchange's operation, version and parameters.
func (s *Server) route(x *exchange) *problem {
	segments := strings.Split(strings.Trim(x.r.URL.EscapedPath(), "/"), "/")
	area, rest := x.locate(segments)
	var allowed []string
	for i := range s.operations {
		op := &s.operations[i]
		if op.area != area {
			continue
		}
		params, matches := match(op.pattern, rest)
		if !matches {
			continue
		}
		if op.method != x.r.Method {
			allowed = append(allowed, op.method)
			continue
		}
		x.op, x.params = op, params
		return nil
	}
	if allowed != nil {
		return &problem{
			status: http.StatusMethodNotAllowed, category: "VALIDATION_ERROR",
			message: "HTTP 405 Method Not Allowed", header: http.Header{"Allow": {strings.Join(allowed, ", ")}},
		}
	}
	return notFound("resource not found")
}

// locate splits a path into its area, with the version noted, and what
// follows.
func (x *exchange) locate(segments []string) (area string, rest []string) {
	for _, family := range families() {
		prefix := strings.Split(family[0], "/")
		if len(segments) < len(prefix) {
			continue
		}
		version := "v3"
		matches := true
		for i, want := range prefix {
			if want == "VERSION" {
				version = segments[i]
				matches = matches && isDated(version)
			} else {
				matches = matches && want == segments[i]
			}
		}
		if matches {
			x.version = version
			return areaOf(family[1], version, segments[len(prefix):]), segments[len(prefix):]
		}
	}
	return "", nil
}

// areaOf tells the associations of a record, which the dated versions have among the objects, from the rest of them.
func areaOf(area, version string, rest []string) string {
	if area == "objects" && version != "v3" && len(rest) > 2 && rest[2] == "associations" {
		return "record-associations"
	}
	return area
}

func match(pattern string, segments []string) (map[string]string, bool) {
	var want []string
	if pattern != "" {
		want = strings.Split(pattern, "/")
	}
	if len(want) != len(segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, w := range want {
		text, err := url.PathUnescape(segments[i])
		if err != nil {
			return nil, false
		}
		if name, placeholder := strings.CutPrefix(w, "{"); placeholder {
			params[strings.TrimSuffix(name, "}")] = text
		} else if w != text {
			return nil, false
		}
	}
	return params, true
}
