package hubspot

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// APIVersions returns the versions of HubSpot's API that the client supports, the default first.
func APIVersions() []string { return []string{"2026-09", "2026-03", "v3"} }

// routes holds the paths under which one version of the API keeps its parts. The dated versions put the version last
// (/crm/lists/2026-09), the legacy one in front (/crm/v3/lists); source: HubSpot's OpenAPI specs.
type routes struct {
	lists   string
	objects string
	// links are the associations of records, labels their definitions.
	links, labels string
	schemas       string
	properties    string
	owners        string
	token         string
	account       string
}

func routesOf(version string) (routes, error) {
	if !slices.Contains(APIVersions(), version) {
		return routes{}, fmt.Errorf("API version %q: must be one of %s", version, strings.Join(APIVersions(), ", "))
	}
	schemas := "/crm-object-schemas/" + version + "/schemas"
	if version == "v3" {
		// Of the same age as the rest of v3 is OAuth's v1.
		return routes{lists: "/crm/v3/lists", objects: "/crm/v3/objects", links: "/crm/v4/associations", labels: "/crm/associations/v4", schemas: schemas, properties: "/crm/v3/properties", owners: "/crm/v3/owners", token: "/oauth/v1/token", account: "/account-info/v3"}, nil
	}
	return routes{
		lists: "/crm/lists/" + version, objects: "/crm/objects/" + version, schemas: schemas,
		links: "/crm/associations/" + version, labels: "/crm/associations/" + version,
		properties: "/crm/properties/" + version, owners: "/crm/owners/" + version, token: "/oauth/" + version + "/token",
		account: "/account-info/" + version,
	}, nil
}

func (r routes) list(listID string) string { return r.lists + "/" + listID }

func (r routes) memberships(listID string) string { return r.list(listID) + "/memberships" }

func (r routes) listByName(objectTypeID, name string) string {
	return r.lists + "/object-type-id/" + objectTypeID + "/name/" + escapeSegment(name)
}

// batch is the path of a batch call: read, create, update or archive.
func (r routes) batch(objectType, action string) string {
	return r.objects + "/" + objectType + "/batch/" + action
}

func (r routes) associationLabels(from, to string) string {
	return r.labels + "/" + from + "/" + to + "/labels"
}

func (r routes) associations(from, to string) string {
	return r.links + "/" + from + "/" + to + "/batch"
}

func (r routes) propertiesOf(objectType string) string { return r.properties + "/" + objectType }

func (r routes) property(objectType, name string) string {
	return r.propertiesOf(objectType) + "/" + escapeSegment(name)
}

// introspect is the path of OAuth's token introspection. Its v1 has none that takes the token in the body.
func (r routes) introspect() string {
	if r.token == "/oauth/v1/token" {
		return "/oauth/v3/token/introspect"
	}
	return r.token + "/introspect"
}

// escapeSegment escapes text as one segment of a path. A segment of dots alone would be taken for a step up.
func escapeSegment(text string) string {
	if strings.Trim(text, ".") == "" {
		return strings.ReplaceAll(text, ".", "%2E")
	}
	return url.PathEscape(text)
}

// checkID refuses what cannot be an identifier of HubSpot's (list IDs, object types), before it becomes part of a path.
func checkID(what, id string) error {
	if id == "" {
		return fmt.Errorf("%s: empty", what)
	}
	for _, r := range id {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '-', r == '_':
		default:
			return fmt.Errorf("%s %q: only letters, digits, - and _ can be in one", what, WithoutAddresses(id))
		}
	}
	return nil
}
