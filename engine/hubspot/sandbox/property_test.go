package sandbox_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/engine/hubspot/sandbox"
)

const properties = "/crm/properties/2026-09"

func TestProperties(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 1)
	r := p.call("GET", properties+"/contacts/lifecyclestage", "").want(t, 200)
	equal(t, "type", r.text("type")+" "+r.text("fieldType")+" "+r.text("label"), "enumeration radio Lifecycle Stage")
	equal(t, "option", r.text("options", 6, "value")+" "+r.text("options", 6, "label")+" "+r.text("options", 6, "hidden"), "evangelist Evangelist false")
	r = p.call("GET", properties+"/0-5/hs_lastmodifieddate", "").want(t, 200)
	equal(t, "read-only", r.text("modificationMetadata", "readOnlyValue")+" "+r.text("calculated"), "true false")
	equal(t, "calculated", p.call("GET", properties+"/companies/num_associated_contacts", "").want(t, 200).text("calculated"), true)
	r = p.call("GET", properties+"/deals/hubspot_owner_id", "").want(t, 200)
	equal(t, "owner", r.text("referencedObjectType")+" "+r.text("externalOptions"), "OWNER true")
	equal(t, "a bool's options", p.call("GET", properties+"/contacts/hs_email_optout", "").texts("options"), []any{
		map[string]any{"description": "", "displayOrder": 0, "hidden": false, "label": "Yes", "value": "true"},
		map[string]any{"description": "", "displayOrder": 1, "hidden": false, "label": "No", "value": "false"}})

	must(t, p.DefineProperty("contacts", sandbox.Property{Name: "old", Archived: true}))
	p.call("GET", properties+"/contacts/old", "").want(t, 404)
	p.call("GET", properties+"/contacts/old?archived=true", "").want(t, 200)
	equal(t, "archived", p.call("GET", properties+"/contacts?archived=true", "").text("results", 0, "name"), "old")
	equal(t, "sensitive", p.call("GET", properties+"/contacts?dataSensitivity=sensitive", "").texts("results"), "[]")
	p.call("GET", properties+"/contacts?dataSensitivity=secret", "").want(t, 400)
	p.call("PATCH", objects+"/contacts/1000001", `{"properties":{"old":"x"}}`).want(t, 400)
}

func TestCreateProperty(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 1)
	body := func(name, rest string) string {
		return fmt.Sprintf(`{"name":%q,"label":"A label","groupName":"contactinformation",%s}`, name, rest)
	}
	const colours = `"type":"enumeration","fieldType":"checkbox","options":[{"label":"Red","value":"r","hidden":false,"displayOrder":1},{"label":"Blue","value":"b","hidden":true,"displayOrder":2}]`
	r := p.call("POST", properties+"/contacts", body("colours", colours)).want(t, 201)
	equal(t, "made", r.text("name")+" "+r.text("options", 1, "value")+" "+r.text("hubspotDefined"), "colours b false")
	p.call("PATCH", objects+"/contacts/1000001", `{"properties":{"colours":"b;r"}}`).want(t, 200)
	p.call("POST", properties+"/contacts", body("badge", `"type":"string","fieldType":"text","hasUniqueValue":true`)).want(t, 201)
	p.call("PATCH", objects+"/contacts/1000001", `{"properties":{"badge":"B-1"}}`).want(t, 200)
	p.call("GET", objects+"/contacts/B-1?idProperty=badge", "").want(t, 200)
	p.call("POST", properties+"/contacts", body("total", `"type":"number","fieldType":"calculation_equation","calculationFormula":"1+1"`)).want(t, 201)
	p.call("PATCH", objects+"/contacts/1000001", `{"properties":{"total":"1"}}`).want(t, 400)

	p.call("POST", properties+"/contacts", body("email", `"type":"string","fieldType":"text"`)).want(t, 409)
	for name, rest := range map[string]string{
		"Upper": `"type":"string","fieldType":"text"`, "mixed": `"type":"string","fieldType":"number"`, "odd": `"type":"text","fieldType":"text"`,
		"choice": `"type":"enumeration","fieldType":"select"`, "unique_day": `"type":"date","fieldType":"date","hasUniqueValue":true`,
		"same": strings.ReplaceAll(colours, `"b"`, `"r"`), "strange": `"type":"string","fieldType":"text","colour":"red"`,
	} {
		p.call("POST", properties+"/contacts", body(name, rest)).want(t, 400)
	}
	for i := range 9 {
		p.call("POST", properties+"/contacts", body(fmt.Sprint("unique_", i), `"type":"string","fieldType":"text","hasUniqueValue":true`)).want(t, 201)
	}
	p.call("POST", properties+"/contacts", body("unique_9", `"type":"string","fieldType":"text","hasUniqueValue":true`)).want(t, 400)

	path := filepath.Join(t.TempDir(), "state.json")
	must(t, p.Save(path))
	q := start(t, sandbox.Options{}, 0)
	must(t, q.Load(path))
	for _, name := range []string{"colours", "total", "unique_3", "createdate"} {
		equal(t, name+" after loading", q.call("GET", properties+"/contacts/"+name, "").raw, p.call("GET", properties+"/contacts/"+name, "").raw)
	}
}

// HubSpot keeps each type of value in a form of its own, and refuses what it cannot read.
func TestValues(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 1)
	for _, one := range []sandbox.Property{
		{Name: "n", Type: "number"}, {Name: "day", Type: "date"}, {Name: "at", Type: "datetime"}, {Name: "yes", Type: "bool"}, {Name: "s"},
		{Name: "one", Type: "enumeration", Options: []sandbox.Option{{Label: "Aye", Value: "a"}, {Label: "Bee", Value: "b", Hidden: true}}},
		{Name: "many", Type: "enumeration", FieldType: "checkbox", Options: []sandbox.Option{{Label: "Aye", Value: "a"}, {Label: "Bee", Value: "b"}}},
	} {
		must(t, p.DefineProperty("contacts", one))
	}
	must(t, p.PatchObject("contacts", contactID(1), map[string]string{"many": "a"}))
	for _, test := range []struct{ property, sent, want string }{
		{"n", "12", "12"}, {"n", "-0.50", "-0.50"}, {"n", "1e3", "INVALID_INTEGER"}, {"n", "1,5", "INVALID_INTEGER"}, {"n", " 1", "LEADING_TRAILING_WHITESPACE"},
		{"day", "2026-02-28", "2026-02-28"}, {"day", "1772236800000", "2026-02-28"}, {"day", "1772236800001", "INVALID_DATE"},
		{"day", "2026-02-30", "INVALID_LONG"}, {"day", "28.2.2026", "INVALID_LONG"}, {"day", "2026-02-28T00:00:00Z", "INVALID_LONG"},
		{"at", "2026-02-28T10:00:00Z", "2026-02-28T10:00:00.000Z"}, {"at", "2026-02-28T10:00:00.5+02:00", "2026-02-28T08:00:00.500Z"},
		{"at", "1772236800001", "2026-02-28T00:00:00.001Z"}, {"at", "2026-02-28", "2026-02-28T00:00:00.000Z"}, {"at", "noon", "INVALID_LONG"},
		{"yes", "true", "true"}, {"yes", "false", "false"}, {"yes", "yes", "INVALID_OPTION"}, {"yes", "TRUE", "INVALID_OPTION"},
		{"one", "a", "a"}, {"one", "b", "b"}, {"one", "Aye", "INVALID_OPTION"}, {"one", "a;b", "INVALID_OPTION"}, {"one", "a\u00a0", "LEADING_TRAILING_WHITESPACE"},
		{"many", "b;a", "b;a"}, {"many", "a;a", "a"}, {"many", "c", "INVALID_OPTION"}, {"many", "a;", "INVALID_OPTION"},
		{"s", " a ", " a "}, {"s", strings.Repeat("ä", 65_536), strings.Repeat("ä", 65_536)}, {"s", strings.Repeat("a", 65_537), "TOO_LONG"},
		{"email", "x", "INVALID_EMAIL"}, {"email", "Ann@Example.com", "ann@example.com"}, {"hubspot_owner_id", "51", "51"}, {"hubspot_owner_id", "50", "INVALID_OPTION"},
		{"n", "", ""}, {"day", "", ""}, {"many", "", ""},
	} {
		r := p.call("PATCH", objects+"/contacts/1000001", fmt.Sprintf(`{"properties":{%q:%q}}`, test.property, test.sent))
		got := r.text("properties", test.property)
		if r.status != 200 {
			got = r.text("errors", 0, "code")
		} else {
			equal(t, test.property+" is kept", p.property("contacts", contactID(1), test.property), got)
		}
		if got != test.want {
			t.Errorf("%s %.40q: got %.60q, want %.60q", test.property, test.sent, got, test.want)
		}
	}
}

func TestOwners(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 1)
	r := p.call("GET", "/crm/v3/owners?limit=1", "").want(t, 200)
	equal(t, "first", fmt.Sprint(r.ids(), r.text("results", 0, "email"), " ", r.text("paging", "next", "after")), "[51]ada@sales.example.com 51")
	equal(t, "next", p.call("GET", "/crm/v3/owners?limit=1&after=51", "").ids(), "[52]")
	equal(t, "by address", p.call("GET", "/crm/owners/2026-03?email=grace@sales.example.com", "").ids(), "[52]")
	equal(t, "made", p.call("POST", "/_sandbox/owners", `{"email":"gone@sales.example.com","archived":true}`).want(t, 200).text("id"), "53")
	equal(t, "archived", p.call("GET", "/crm/owners/2026-09?archived=true", "").ids(), "[53]")
	p.call("POST", "/_sandbox/owners", `{"id":"51"}`).want(t, 400)
	equal(t, "one", p.call("GET", "/crm/v3/owners/52", "").want(t, 200).text("firstName"), "Grace")
	p.call("GET", "/crm/v3/owners/53", "").want(t, 404)
	p.call("GET", "/crm/v3/owners?limit=501", "").want(t, 400)
	p.call("GET", "/crm/v3/owners?after=x", "").want(t, 400)
}
