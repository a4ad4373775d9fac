package sandbox_test

import (
	"testing"

	"rollcall/engine/hubspot/sandbox"
)

func TestWholeLists(t *testing.T) {
	t.Parallel()
	t.Run("a list takes the members of another", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 5)
		must(t, p.AddMembers("101", contactID(1)))
		p.call("PUT", lists+"/101/memberships/add-from/103", "").want(t, 204)
		equal(t, "total", p.call("GET", lists+"/101/memberships", "").text("total"), 5)
		equal(t, "size", p.call("GET", lists+"/101", "").text("list", "size"), 5)
		firms, err := p.CreateList(sandbox.ListInput{Name: "Firms", ObjectType: "companies"})
		must(t, err)
		for _, path := range []string{"/103/memberships/add-from/101", "/101/memberships/add-from/101", "/101/memberships/add-from/" + firms} {
			p.call("PUT", lists+path, "").want(t, 400)
		}
		p.call("PUT", lists+"/101/memberships/add-from/999", "").want(t, 404)
		p.call("PUT", lists+"/999/memberships/add-from/101", "").want(t, 404)
	})
	t.Run("a list is emptied", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 5)
		must(t, p.AddMembers("101", contactIDs(1, 5)...))
		for range 2 {
			p.call("DELETE", lists+"/101/memberships", "").want(t, 204)
			equal(t, "total", p.call("GET", lists+"/101/memberships", "").text("total"), 0)
		}
		p.call("DELETE", lists+"/103/memberships", "").want(t, 400)
		p.call("DELETE", lists+"/999/memberships", "").want(t, 404)
	})
	t.Run("a list of 100,000 is too large for either", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 100_000)
		p.call("PUT", lists+"/101/memberships/add-from/103", "").want(t, 400)
		must(t, p.AddMembers("102", contactIDs(1, 100_000)...))
		p.call("DELETE", lists+"/102/memberships", "").want(t, 400)
		must(t, p.RemoveMembers("102", contactID(1)))
		p.call("PUT", lists+"/101/memberships/add-from/102", "").want(t, 204)
		p.call("DELETE", lists+"/102/memberships", "").want(t, 204)
	})
}

func TestListsOfManyRecords(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 5)
	must(t, p.AddMembers("101", contactID(2)))
	read := lists + "/records/memberships/batch/read"
	record := func(id string) string { return `{"objectTypeId":"0-1","recordId":"` + id + `"}` }
	r := p.call("POST", read, inputs(record(contactID(2)), record(contactID(1)), record("7"))).want(t, 207)
	equal(t, "lists of one", []string{r.text("results", 0, "recordListMemberships", 0, "listId"), r.text("results", 0, "recordListMemberships", 1, "listId")}, []string{"101", "103"})
	equal(t, "records", len(r.at("results").([]any)), 2)
	equal(t, "missing", r.texts("errors", 0, "context", "ids"), []string{"7"})
	p.call("POST", read, inputs(`{"objectTypeId":"contacts","recordId":"1000001"}`)).want(t, 400)
	p.call("POST", read, inputs(`{"recordId":"1000001"}`)).want(t, 400)
	p.declare(sandbox.Fault{Operation: "lists.records.memberships.batch-read", Effect: sandbox.EffectOmit, IDs: []string{contactID(1)}})
	equal(t, "left out", len(p.call("POST", read, inputs(record(contactID(1)))).want(t, 200).texts("results")), 0)
}
