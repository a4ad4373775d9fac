package sandbox_test

import (
	"net/http/httptest"
	"testing"

	"rollcall/engine/hubspot/sandbox"
	"rollcall/engine/hubspot/sandbox/openapitest"
)

// TestContractOfWrites holds writes of records and properties to HubSpot's own
// files, in both path families.
func TestContractOfWrites(t *testing.T) {
	t.Parallel()
	spec := openapitest.Open(t)
	for version, base := range bases() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			p := start(t, sandbox.Options{}, 10)
			server := httptest.NewServer(spec.Wrap(t, p.Server))
			t.Cleanup(server.Close)
			p.url = server.URL
			properties := "/crm/properties/" + version
			if version == "v3" {
				properties = "/crm/v3/properties"
			}
			contractProperties(p, properties)
			contractWrites(p, base[1])
			contractBatchWrites(p, base[1])
		})
	}
}

func contractProperties(p *portal, properties string) {
	const made = `{"name":"score","label":"Score","type":"number","fieldType":"number","groupName":"contactinformation","hasUniqueValue":true}`
	p.call("POST", properties+"/contacts", made).want(p.t, 201)
	p.call("POST", properties+"/contacts", made).want(p.t, 409)
	for _, name := range []string{"contacts", "companies", "deals", "tickets"} {
		p.call("GET", properties+"/"+name, "").want(p.t, 200)
	}
	p.call("GET", properties+"/contacts?archived=true&dataSensitivity=sensitive", "").want(p.t, 200)
}

func contractWrites(p *portal, objects string) {
	deal := p.call("POST", objects+"/deals", `{"properties":{"dealname":"Big","amount":"1500.00","closedate":"2026-12-24"},"associations":[]}`).want(p.t, 201).text("id")
	p.call("PATCH", objects+"/deals/"+deal, `{"properties":{"amount":"","dealstage":"closedwon"}}`).want(p.t, 200)
	p.call("PATCH", objects+"/deals/"+deal, `{"properties":{"amount":"much"}}`).want(p.t, 400)
	p.call("GET", objects+"/deals?limit=1&properties=amount&archived=false", "").want(p.t, 200)
	p.call("DELETE", objects+"/deals/"+deal, "").want(p.t, 204)
	p.call("GET", objects+"/deals/"+deal+"?archived=true", "").want(p.t, 200)
	p.call("POST", objects+"/contacts", `{"properties":{"email":"contact-00001@example.com"},"associations":[]}`).want(p.t, 409)
	p.call("POST", objects+"/contacts/merge", `{"primaryObjectId":"1000009","objectIdToMerge":"1000010"}`).want(p.t, 200)
}

func contractBatchWrites(p *portal, objects string) {
	for _, name := range []string{"contacts", "0-1"} {
		path := objects + "/" + name + "/batch/"
		mail := name + "@example.com"
		p.call("POST", path+"create", inputs(creation("a", `{"email":"`+mail+`"}`))).want(p.t, 201)
		p.call("POST", path+"create", inputs(creation("a", `{"email":"`+mail+`"}`), creation("b", `{"email":"x","nonsense":"y"}`))).want(p.t, 207)
		p.call("POST", path+"update", inputs(change(contactID(1), "a", `{"city":"Bern"}`))).want(p.t, 200)
		p.call("POST", path+"update", inputs(change(contactID(1), "a", `{"city":"Bern"}`), change("77", "b", `{"city":"Bern"}`))).want(p.t, 207)
		p.call("POST", path+"update", inputs(change("77", "b", `{"city":"Bern"}`), change("77", "a", `{}`))).want(p.t, 400)
		p.call("POST", path+"upsert", inputs(`{"id":"1`+mail+`","idProperty":"email","properties":{"city":"Bern"}}`)).want(p.t, 200)
		p.call("POST", path+"upsert", inputs(change(contactID(1), "a", `{"city":"Bern"}`), change("77", "b", `{"city":"Bern"}`))).want(p.t, 207)
		p.call("POST", path+"archive", inputs(`{"id":"1000002"}`)).want(p.t, 204)
	}
}
