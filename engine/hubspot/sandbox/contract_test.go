package sandbox_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"testing"

	"rollcall/engine/hubspot/sandbox"
	"rollcall/engine/hubspot/sandbox/openapitest"
)

// TestContract holds the sandbox's answers, and the requests that it takes,
// to HubSpot's own files, in both path families.
func TestContract(t *testing.T) {
	t.Parallel()
	spec := openapitest.Open(t)
	for _, version := range []string{"v3", "2026-03", "2026-09"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			p := start(t, sandbox.Options{}, 300)
			server := httptest.NewServer(spec.Wrap(t, p.Server))
			t.Cleanup(server.Close)
			p.url = server.URL
			contractLists(p, bases()[version][0])
			contractMemberships(p, bases()[version][0])
			contractObjects(p, bases()[version][1])
			if _, err := p.DefineSchema(sandbox.Schema{Name: "pets", Properties: []sandbox.Property{{Name: "tag", Unique: true}}}); err != nil {
				t.Fatal(err)
			}
			p.call("GET", "/crm-object-schemas/"+version+"/schemas", "").want(t, 200)
			properties := map[string]string{"v3": "/crm/v3/properties"}[version]
			if properties == "" {
				properties = "/crm/properties/" + version
			}
			p.call("GET", properties+"/contacts?archived=false", "").want(t, 200)
			p.call("GET", properties+"/contacts/email?archived=false", "").want(t, 200)
			p.call("GET", properties+"/contacts/email?archived=false&dataSensitivity=sensitive", "").want(t, 404)
			p.call("GET", properties+"/pets/nothing", "").want(t, 404)
			contractAssociations(p, associationBases(version))
		})
	}
}

// An access token, and what it was granted.
func TestContractOfTokens(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{OAuth: &sandbox.OAuthApp{ClientID: "c", ClientSecret: "s", RefreshToken: "r"}}, 1)
	server := httptest.NewServer(openapitest.Open(t).Wrap(t, p.Server))
	t.Cleanup(server.Close)
	post := func(path string, form url.Values) map[string]any {
		t.Helper()
		form.Set("client_id", "c")
		form.Set("client_secret", "s")
		resp, err := server.Client().PostForm(server.URL+path, form)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var answer map[string]any
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != 200 {
			t.Fatalf("%s: %s, %v", path, resp.Status, err)
		}
		return answer
	}
	token, _ := post("/oauth/2026-03/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"r"}})["access_token"].(string)
	if answer := post("/oauth/2026-03/token/introspect", url.Values{"token": {token}}); answer["active"] != true || answer["scopes"] == nil {
		t.Errorf("introspection answers %v", answer)
	}
}

func contractLists(p *portal, lists string) {
	made := p.call("POST", lists, `{"name":"Made","objectTypeId":"0-1","processingType":"MANUAL"}`).want(p.t, 200)
	id := made.text("list", "listId")
	p.call("POST", lists, `{"name":"made","objectTypeId":"0-1","processingType":"MANUAL"}`).want(p.t, 400)
	p.call("GET", lists+"?listIds=101&listIds="+id+"&includeFilters=true", "").want(p.t, 200)
	p.call("GET", lists+"/101", "").want(p.t, 200)
	p.call("GET", lists+"/999", "").want(p.t, 404)
	p.call("GET", lists+"/object-type-id/0-1/name/"+url.PathEscape("vip CUSTOMERS"), "").want(p.t, 200)
	p.call("POST", lists+"/search", `{"offset":0,"count":500,"listIds":[],"processingTypes":[],"additionalProperties":[]}`).want(p.t, 200)
	p.call("PUT", lists+"/"+id+"/update-list-name?listName=Renamed", "").want(p.t, 200)
	p.call("DELETE", lists+"/"+id, "").want(p.t, 204)
	p.call("PUT", lists+"/"+id+"/restore", "").want(p.t, 204)
}

func contractMemberships(p *portal, lists string) {
	p.call("PUT", lists+"/101/memberships/add", quoted(contactIDs(1, 300)...)).want(p.t, 200)
	p.call("PUT", lists+"/101/memberships/remove", quoted(contactID(1), "42")).want(p.t, 200)
	p.call("PUT", lists+"/101/memberships/add-and-remove", `{"recordIdsToAdd":["1000001"],"recordIdsToRemove":[]}`).want(p.t, 200)
	page := p.call("GET", lists+"/101/memberships?limit=250", "").want(p.t, 200)
	p.call("GET", lists+"/101/memberships?limit=250&after="+page.text("paging", "next", "after"), "").want(p.t, 200)
	p.call("GET", lists+"/101/memberships/join-order?limit=10", "").want(p.t, 200)
	p.call("GET", lists+"/records/0-1/1000001/memberships", "").want(p.t, 200)
	p.call("PUT", lists+"/103/memberships/add", quoted(contactID(1))).want(p.t, 400)
	p.call("POST", lists+"/records/memberships/batch/read", `{"inputs":[{"objectTypeId":"0-1","recordId":"1000001"}]}`).want(p.t, 200)
	p.call("POST", lists+"/records/memberships/batch/read", `{"inputs":[{"objectTypeId":"0-1","recordId":"7"}]}`).want(p.t, 207)
	p.call("PUT", lists+"/102/memberships/add-from/101", "").want(p.t, 204)
	p.call("PUT", lists+"/102/memberships/add-from/102", "").want(p.t, 400)
	p.call("DELETE", lists+"/102/memberships", "").want(p.t, 204)
	p.call("DELETE", lists+"/103/memberships", "").want(p.t, 400)
}

func contractObjects(p *portal, objects string) {
	const read = `{"idProperty":"email","properties":["email","hs_additional_emails"],"propertiesWithHistory":[],"inputs":`
	p.call("POST", objects+"/contacts/batch/read", read+`[{"id":"contact-00001@example.com"}]}`).want(p.t, 200)
	p.call("POST", objects+"/contacts/batch/read", read+`[{"id":"contact-00001@example.com"},{"id":"nobody@example.com"}]}`).want(p.t, 207)
	p.call("POST", objects+"/companies/batch/read", `{"properties":[],"propertiesWithHistory":[],"inputs":[{"id":"9000000001"}]}`).want(p.t, 200)
	p.call("GET", objects+"/contacts/contact-00001@example.com?idProperty=email&properties=email", "").want(p.t, 200)
	p.call("POST", objects+"/contacts/search", `{"filterGroups":[{"filters":[{"propertyName":"email","operator":"HAS_PROPERTY"}]}],"sorts":[],"properties":[],"limit":2,"after":"0"}`).want(p.t, 200)
	p.call("GET", objects+"/deals/1", "").want(p.t, 404)
}
