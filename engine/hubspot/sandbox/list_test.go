package sandbox_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"rollcall/engine/hubspot/sandbox"
)

const lists = "/crm/lists/2026-09"

func TestLists(t *testing.T) {
	t.Parallel()
	t.Run("get-many gives what was asked for, and nothing when nothing was", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 1)
		equal(t, "none asked", len(p.call("GET", lists, "").want(t, 200).at("lists").([]any)), 0)
		r := p.call("GET", lists+"?listIds=102&listIds=999&listIds=101", "").want(t, 200)
		equal(t, "first", r.text("lists", 0, "listId"), "102")
		equal(t, "second", r.text("lists", 1, "name"), "VIP customers")
		equal(t, "count", len(r.at("lists").([]any)), 2)
	})
	t.Run("by name, in any case, but only of the right object type", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 1)
		r := p.call("GET", lists+"/object-type-id/0-1/name/"+url.PathEscape("vip CUSTOMERS"), "").want(t, 200)
		equal(t, "id", r.text("list", "listId"), "101")
		p.call("GET", lists+"/object-type-id/0-2/name/"+url.PathEscape("VIP customers"), "").want(t, 404)
	})
	t.Run("a name with a slash and a percent sign is found", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 1)
		p.call("POST", lists, `{"name":"50% / A+B","objectTypeId":"0-1","processingType":"MANUAL"}`).want(t, 200)
		p.call("GET", lists+"/object-type-id/0-1/name/"+url.PathEscape("50% / A+B"), "").want(t, 200)
	})
	t.Run("create answers 200 and refuses a taken name and a bad type", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 1)
		r := p.call("POST", lists, `{"name":"New","objectTypeId":"0-2","processingType":"MANUAL"}`).want(t, 200)
		equal(t, "id", r.text("list", "listId"), "104")
		equal(t, "status", r.text("list", "processingStatus"), "COMPLETE")
		r = p.call("POST", lists, `{"name":"NEW","objectTypeId":"0-1","processingType":"MANUAL"}`).want(t, 400)
		equal(t, "sub-category", r.text("subCategory"), "ILS.DUPLICATE_LIST_NAMES")
		equal(t, "category", r.text("category"), "VALIDATION_ERROR")
		r = p.call("POST", lists, `{"name":"Other","objectTypeId":"contacts","processingType":"MANUAL"}`).want(t, 400)
		equal(t, "sub-category", r.text("subCategory"), "ListError.INVALID_OBJECT_TYPE_FOR_LIST")
		p.call("POST", lists, `{"name":"Other","objectTypeId":"0-1","processingType":"STATIC"}`).want(t, 400)
		p.call("POST", lists, `{"name":" ","objectTypeId":"0-1","processingType":"MANUAL"}`).want(t, 400)
		p.call("POST", lists, `{"name":"Other","objectTypeId":"0-1","processingType":"DYNAMIC"}`).want(t, 400)
	})
	t.Run("a deleted list is gone until it is restored, members and all", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 3)
		p.call("PUT", lists+"/101/memberships/add", quoted(contactIDs(1, 3)...)).want(t, 200)
		p.call("DELETE", lists+"/101", "").want(t, 204)
		equal(t, "category", p.call("GET", lists+"/101", "").want(t, 404).text("category"), "OBJECT_NOT_FOUND")
		p.call("GET", lists+"/101/memberships", "").want(t, 404)
		p.call("PUT", lists+"/101/memberships/add", `["1000001"]`).want(t, 404)
		p.call("GET", lists+"/object-type-id/0-1/name/"+url.PathEscape("VIP customers"), "").want(t, 404)
		equal(t, "get-many", len(p.call("GET", lists+"?listIds=101", "").at("lists").([]any)), 0)
		equal(t, "search", p.call("POST", lists+"/search", `{"listIds":["101"]}`).want(t, 200).text("total"), "0")
		p.call("PUT", lists+"/101/restore", "").want(t, 204)
		equal(t, "total", p.call("GET", lists+"/101/memberships", "").want(t, 200).text("total"), "3")
	})
	t.Run("a list whose name was taken meanwhile cannot be restored", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 1)
		p.call("DELETE", lists+"/101", "").want(t, 204)
		p.call("POST", lists, `{"name":"VIP customers","objectTypeId":"0-1","processingType":"MANUAL"}`).want(t, 200)
		p.call("PUT", lists+"/101/restore", "").want(t, 400)
		p.call("PUT", lists+"/999/restore", "").want(t, 404)
	})
	t.Run("rename keeps names unique and counts the version", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 1)
		p.call("PUT", lists+"/101/update-list-name?listName=newsletter", "").want(t, 400)
		p.call("PUT", lists+"/101/update-list-name", "").want(t, 400)
		r := p.call("PUT", lists+"/101/update-list-name?listName=VIP", "").want(t, 200)
		equal(t, "name", r.text("updatedList", "name"), "VIP")
		equal(t, "version", r.text("updatedList", "listVersion"), "2")
	})
}

func TestListSearch(t *testing.T) {
	t.Parallel()
	t.Run("gives the membership's figures as strings, and omits those there are not", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 3)
		p.call("PUT", lists+"/101/memberships/add", quoted(contactIDs(1, 3)...)).want(t, 200)
		r := p.call("POST", lists+"/search", `{"listIds":["101"],"additionalProperties":["hs_list_size","hs_last_record_added_at","hs_last_record_removed_at"]}`).want(t, 200)
		equal(t, "size", r.at("lists", 0, "additionalProperties", "hs_list_size"), "3")
		if _, isText := r.at("lists", 0, "additionalProperties", "hs_list_size").(string); !isText {
			t.Error("hs_list_size is not a string")
		}
		equal(t, "added", r.text("lists", 0, "additionalProperties", "hs_last_record_added_at"), p.clock.Now().UnixMilli())
		equal(t, "removed", r.at("lists", 0, "additionalProperties", "hs_last_record_removed_at"), nil)
		p.clock.forward(time.Minute)
		p.call("PUT", lists+"/101/memberships/remove", quoted(contactID(1))).want(t, 200)
		r = p.call("POST", lists+"/search", `{"listIds":["101"]}`).want(t, 200)
		equal(t, "size by default", r.text("lists", 0, "additionalProperties", "hs_list_size"), "2")
		equal(t, "removed", r.text("lists", 0, "additionalProperties", "hs_last_record_removed_at"), p.clock.Now().UnixMilli())
	})
	t.Run("pages by offset and filters", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 1)
		r := p.call("POST", lists+"/search", `{"count":2,"offset":0}`).want(t, 200)
		equal(t, "more", r.at("hasMore"), true)
		equal(t, "offset", r.text("offset"), "2")
		r = p.call("POST", lists+"/search", `{"count":2,"offset":2}`).want(t, 200)
		equal(t, "more", r.at("hasMore"), false)
		equal(t, "last", r.text("lists", 0, "listId"), "103")
		equal(t, "by type", p.call("POST", lists+"/search", `{"processingTypes":["SNAPSHOT","DYNAMIC"]}`).text("total"), "2")
		equal(t, "by text", p.call("POST", lists+"/search", `{"query":"NEWS"}`).text("lists", 0, "listId"), "102")
		equal(t, "by object type", p.call("POST", lists+"/search", `{"objectTypeId":"0-2"}`).text("total"), "0")
		p.call("POST", lists+"/search", `{"count":501}`).want(t, 400)
		p.call("POST", lists+"/search", `{"offset":"0"}`).want(t, 400)
	})
	t.Run("trails the writes by the lags", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{MetadataLag: 10 * time.Second, SearchLag: 5 * time.Second}, 3)
		p.clock.forward(time.Minute)
		p.call("PUT", lists+"/101/memberships/add", quoted(contactID(1))).want(t, 200)
		p.clock.forward(6 * time.Second)
		p.call("PUT", lists+"/101/memberships/add", quoted(contactID(2))).want(t, 200)
		size := func() string {
			return p.call("POST", lists+"/search", `{"listIds":["101"]}`).want(t, 200).text("lists", 0, "additionalProperties", "hs_list_size")
		}
		equal(t, "at once", size(), "0")
		equal(t, "members at once", p.call("GET", lists+"/101/memberships", "").text("total"), "2")
		p.clock.forward(4 * time.Second)
		equal(t, "after 10 s of the first", size(), "1")
		p.clock.forward(6 * time.Second)
		equal(t, "after 10 s of both", size(), "2")
		p.call("POST", lists, `{"name":"New","objectTypeId":"0-1","processingType":"MANUAL"}`).want(t, 200)
		equal(t, "new list", p.call("POST", lists+"/search", `{"query":"New"}`).text("total"), "1")
		p.clock.forward(5 * time.Second)
		equal(t, "new list, later", p.call("POST", lists+"/search", `{"query":"New"}`).text("total"), "2")
	})
}

func TestAllLists(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{SearchLag: time.Hour}, 3)
	firms, err := p.CreateList(sandbox.ListInput{Name: "Firms", ObjectType: "companies"})
	must(t, err)
	must(t, p.DeleteList("102"))
	var ids []string
	after := ""
	for range 2 {
		r := p.call("POST", lists+"/all", fmt.Sprintf(`{"count":2,"additionalProperties":["hs_list_size"],"after":%q}`, after)).want(t, 200)
		for i := range r.at("results").([]any) {
			ids = append(ids, r.text("results", i, "listId")+" "+r.text("results", i, "additionalProperties", "hs_list_size"))
		}
		equal(t, "total", r.text("total"), 3)
		after = r.text("paging", "next", "after")
	}
	equal(t, "lists", ids, []string{"101 0", "103 3", firms + " 0"})
	equal(t, "no more", after, "")
	equal(t, "of companies", p.call("POST", lists+"/all", `{"objectTypeId":"0-2","processingTypes":["MANUAL"]}`).want(t, 200).text("results", 0, "listId"), firms)
	equal(t, "cursor", p.call("POST", lists+"/all", `{"after":"x"}`).want(t, 400).text("subCategory"), "INVALID_CURSOR")
	equal(t, "type", p.call("POST", lists+"/all", `{"processingTypes":["ODD"]}`).want(t, 400).text("subCategory"), "INVALID_PROCESSING_TYPE")
	p.call("POST", lists+"/all", `{"count":501}`).want(t, 400)
	p.call("POST", "/crm/v3/lists/all", `{}`).want(t, 404)
}
