package sandbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rollcall/engine/hubspot/sandbox"
)

const objects = "/crm/objects/2026-09"

func batchRead(idProperty string, ids ...string) string {
	inputs := make([]string, len(ids))
	for i, id := range ids {
		inputs[i] = fmt.Sprintf(`{"id":%q}`, id)
	}
	return fmt.Sprintf(`{"idProperty":%q,"properties":["email","hs_additional_emails"],"propertiesWithHistory":[],"inputs":[%s]}`, idProperty, strings.Join(inputs, ","))
}

func (r reply) ids() []string {
	var ids []string
	results, _ := r.at("results").([]any)
	for i := range results {
		ids = append(ids, r.text("results", i, "id"))
	}
	return ids
}

func TestBatchRead(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 150)
	path := objects + "/contacts/batch/read"

	t.Run("finds addresses in any case and gives them in lower case", func(t *testing.T) {
		p := p.in(t)
		r := p.call("POST", path, batchRead("email", "Contact-00001@EXAMPLE.com")).want(t, 200)
		equal(t, "email", r.text("results", 0, "properties", "email"), "contact-00001@example.com")
		equal(t, "status", r.text("status"), "COMPLETE")
	})
	t.Run("gives only the properties asked for, and those that are null not at all", func(t *testing.T) {
		p := p.in(t)
		r := p.call("POST", path, batchRead("email", "contact-00001@example.com")).want(t, 200)
		equal(t, "properties", len(r.at("results", 0, "properties").(map[string]any)), 1)
		r = p.call("POST", path, `{"inputs":[{"id":"1000001"}],"properties":["lastname","nonsense"]}`).want(t, 200)
		equal(t, "properties", r.at("results", 0, "properties"), map[string]any{"lastname": "00001"})
	})
	t.Run("does not keep the order of the inputs", func(t *testing.T) {
		p := p.in(t)
		r := p.call("POST", path, batchRead("", contactIDs(1, 5)...)).want(t, 200)
		if slices.Equal(r.ids(), contactIDs(1, 5)) {
			t.Error("results are in the order of the inputs")
		}
		equal(t, "count", len(r.ids()), 5)
	})
	t.Run("one error carries all that is missing, as it was sent", func(t *testing.T) {
		p := p.in(t)
		r := p.call("POST", path, batchRead("email", "Nobody@example.com", "contact-00002@example.com", "none@example.com")).want(t, 207)
		equal(t, "found", r.ids(), contactIDs(2, 2))
		equal(t, "errors", r.text("numErrors"), "1")
		equal(t, "category", r.text("errors", 0, "category"), "OBJECT_NOT_FOUND")
		equal(t, "ids", r.texts("errors", 0, "context", "ids"), []string{"Nobody@example.com", "none@example.com"})
	})
	t.Run("a secondary address finds its contact, and both together find it once", func(t *testing.T) {
		p := p.in(t)
		r := p.call("POST", path, batchRead("email", "contact-00050@OLD.example.com")).want(t, 200)
		equal(t, "id", r.ids(), contactIDs(50, 50))
		equal(t, "email", r.text("results", 0, "properties", "email"), "contact-00050@example.com")
		equal(t, "additional", r.text("results", 0, "properties", "hs_additional_emails"), "contact-00050@old.example.com")
		r = p.call("POST", path, batchRead("email", "contact-00050@old.example.com", "contact-00050@example.com")).want(t, 200)
		equal(t, "ids", r.ids(), contactIDs(50, 50))
	})
	t.Run("a hundred inputs and no more", func(t *testing.T) {
		p := p.in(t)
		p.call("POST", path, batchRead("", contactIDs(1, 100)...)).want(t, 200)
		p.call("POST", path, batchRead("", contactIDs(1, 101)...)).want(t, 400)
	})
	t.Run("the same id twice is refused", func(t *testing.T) {
		p := p.in(t)
		r := p.call("POST", path, batchRead("email", "a@example.com", "A@example.com")).want(t, 400)
		if !strings.Contains(r.text("message"), "Duplicate IDs found in batch input") {
			t.Errorf("message %q", r.text("message"))
		}
		equal(t, "ids", r.texts("context", "ids"), []string{"A@example.com"})
	})
	t.Run("a property that is not unique identifies nobody", func(t *testing.T) {
		p := p.in(t)
		p.call("POST", path, batchRead("lastname", "00001")).want(t, 400)
		p.call("POST", path, batchRead("nonsense", "00001")).want(t, 400)
	})
	t.Run("a malformed request is refused", func(t *testing.T) {
		p := p.in(t)
		for _, body := range []string{
			`{"properties":[]}`, `{"inputs":["1000001"]}`, `{"inputs":[{"id":1000001}]}`, `{"inputs":[{"ID":"1000001"}]}`,
			`{"inputs":[{"id":"1000001","x":1}]}`, `{"inputs":[{"id":"1000001"}],"idproperty":"email"}`,
			`{"inputs":[{"id":"1000001"}],"properties":"email"}`, `[]`, `{"inputs":[{}]}`,
		} {
			r := p.call("POST", path, body).want(t, 400)
			equal(t, body, r.text("status"), "error")
		}
	})
}

func TestObjectTypes(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 1)
	typeID, err := p.DefineSchema(sandbox.Schema{Name: "pets", Singular: "pet", Properties: []sandbox.Property{{Name: "tag", Unique: true}, {Name: "colour"}}})
	if err != nil {
		t.Fatal(err)
	}
	pet, err := p.CreateObject("pets", map[string]string{"tag": "T-1", "colour": "black"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{typeID, "pets", "p1234567_pets"} {
		r := p.call("POST", objects+"/"+name+"/batch/read", `{"idProperty":"tag","properties":["colour"],"inputs":[{"id":"T-1"}]}`).want(t, 200)
		equal(t, name, r.text("results", 0, "id"), pet)
	}
	r := p.call("GET", "/crm-object-schemas/2026-09/schemas", "").want(t, 200)
	equal(t, "type", r.text("results", 0, "objectTypeId"), typeID)
	equal(t, "full name", r.text("results", 0, "fullyQualifiedName"), "p1234567_pets")
	equal(t, "one schema", len(r.at("results").([]any)), 1)
	r = p.call("POST", objects+"/0-2/batch/read", `{"properties":["name"],"inputs":[{"id":"9000000001"}]}`).want(t, 200)
	equal(t, "company", r.text("results", 0, "properties", "name"), "Acme")
	p.call("POST", objects+"/companies/batch/read", `{"idProperty":"email","inputs":[{"id":"x@example.com"}]}`).want(t, 400)
	p.call("POST", objects+"/unicorns/batch/read", `{"inputs":[{"id":"1"}]}`).want(t, 400)
	deal, err := p.CreateObject("deals", map[string]string{"dealname": "Big"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "deal", p.call("GET", objects+"/deals/"+deal, "").want(t, 200).text("properties", "dealname"), "Big")
}

func TestGetObject(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 50)
	r := p.call("GET", objects+"/contacts/contact-00001@example.com?idProperty=email&properties=lastname,email&properties=firstname", "").want(t, 200)
	equal(t, "id", r.text("id"), contactID(1))
	equal(t, "properties", len(r.at("properties").(map[string]any)), 3)
	r = p.call("GET", objects+"/contacts/1000001", "").want(t, 200)
	equal(t, "the defaults", r.text("properties", "hs_object_id"), contactID(1))
	equal(t, "category", p.call("GET", objects+"/contacts/1", "").want(t, 404).text("category"), "OBJECT_NOT_FOUND")
	p.call("GET", objects+"/contacts/1?idProperty=lastname", "").want(t, 400)
}
