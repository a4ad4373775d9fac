package sandbox_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/engine/hubspot/sandbox"
)

func (r reply) recordIDs() []string {
	var ids []string
	results, _ := r.at("results").([]any)
	for i := range results {
		ids = append(ids, r.text("results", i, "recordId"))
	}
	return ids
}

// walk reads page after page in one direction: "after" or "before".
func walk(p *portal, path, direction, side string, pages int) []string {
	p.t.Helper()
	var ids []string
	r := p.call("GET", path, "").want(p.t, 200)
	for range pages {
		ids = append(ids, r.recordIDs()...)
		cursor := r.text("paging", side, direction)
		if cursor == "" {
			return ids
		}
		base, _, _ := strings.Cut(path, "?")
		r = p.call("GET", base+"?limit=40&"+direction+"="+url.QueryEscape(cursor), "").want(p.t, 200)
	}
	p.t.Fatalf("no end of pages after %d", pages)
	return nil
}

func TestMembershipPages(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 130)
	odd, even := []string{}, []string{}
	for n := 1; n <= 130; n++ {
		if n%2 == 1 {
			odd = append(odd, contactID(n))
		} else {
			even = append(even, contactID(n))
		}
	}
	slices.Reverse(even)
	p.call("PUT", lists+"/101/memberships/add", quoted(even...)).want(t, 200)
	p.clock.forward(time.Second)
	p.call("PUT", lists+"/101/memberships/add", quoted(odd...)).want(t, 200)
	all := contactIDs(1, 130)
	path := lists + "/101/memberships"

	t.Run("without a limit a page has 100", func(t *testing.T) {
		p := p.in(t)
		r := p.call("GET", path, "").want(t, 200)
		equal(t, "page", r.recordIDs(), all[:100])
		equal(t, "total", r.text("total"), "130")
		equal(t, "prev", r.at("paging", "prev"), nil)
		equal(t, "timestamp", r.text("results", 0, "membershipTimestamp"), "2026-11-20T12:00:01.000Z")
	})
	t.Run("after walks upwards by record id to the end", func(t *testing.T) {
		p := p.in(t)
		equal(t, "ids", walk(p, path+"?limit=40", "after", "next", 9), all)
	})
	t.Run("before walks downwards from the end", func(t *testing.T) {
		p := p.in(t)
		back := slices.Clone(all)
		slices.Reverse(back)
		equal(t, "ids", walk(p, path+"?limit=40&before=", "before", "prev", 9), back)
		equal(t, "page", len(p.call("GET", path+"?limit=40&before=", "").recordIDs()), 40)
	})
	t.Run("after is stronger than before", func(t *testing.T) {
		p := p.in(t)
		cursor := p.call("GET", path+"?limit=3", "").text("paging", "next", "after")
		r := p.call("GET", path+"?limit=2&before=nonsense&after="+cursor, "").want(t, 200)
		equal(t, "ids", r.recordIDs(), all[3:5])
	})
	t.Run("join order goes by the time of joining", func(t *testing.T) {
		p := p.in(t)
		ids := walk(p, path+"/join-order?limit=40", "after", "next", 9)
		slices.Reverse(even)
		equal(t, "ids", ids, append(slices.Clone(even), odd...))
		p.clock.forward(time.Second)
		p.call("PUT", path+"/remove", quoted(contactID(1))).want(t, 200)
		r := p.call("GET", path+"/join-order?limit=1&before=", "").want(t, 200)
		equal(t, "who joined last before", r.recordIDs(), contactIDs(129, 129))
		p.call("PUT", path+"/add", quoted(contactID(1))).want(t, 200)
		r = p.call("GET", path+"/join-order?limit=1&before=", "").want(t, 200)
		equal(t, "who joined again is last", r.recordIDs(), contactIDs(1, 1))
	})
	t.Run("limits and cursors that are wrong are refused", func(t *testing.T) {
		p := p.in(t)
		for _, q := range []string{"limit=251", "limit=0", "limit=x", "after=nonsense", "after=MTAy"} {
			p.call("GET", path+"?"+q, "").want(t, 400)
		}
		p.call("GET", path+"?limit=250", "").want(t, 200)
		cursor := p.call("GET", path+"?limit=3", "").text("paging", "next", "after")
		p.call("GET", lists+"/102/memberships?after="+cursor, "").want(t, 400)
	})
	t.Run("a cursor outlives the member that it names", func(t *testing.T) {
		p := p.in(t)
		cursor := p.call("GET", path+"?limit=3", "").text("paging", "next", "after")
		p.call("PUT", path+"/remove", quoted(contactID(3))).want(t, 200)
		r := p.call("GET", path+"?limit=1&after="+cursor, "").want(t, 200)
		equal(t, "ids", r.recordIDs(), all[3:4])
		p.call("PUT", path+"/add", quoted(contactID(3))).want(t, 200)
	})
	t.Run("total can be left out", func(t *testing.T) {
		q := start(t, sandbox.Options{OmitTotal: true}, 1)
		equal(t, "total", q.call("GET", path, "").want(t, 200).at("total"), nil)
	})
}

func TestMembershipWrites(t *testing.T) {
	t.Parallel()
	t.Run("members already, and non-members to remove, appear nowhere", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 5)
		p.call("PUT", lists+"/101/memberships/add", quoted(contactIDs(1, 2)...)).want(t, 200)
		r := p.call("PUT", lists+"/101/memberships/add-and-remove",
			`{"recordIdsToAdd":["1000002","1000003","1000003","555"],"recordIdsToRemove":["1000001","1000005","556"]}`).want(t, 200)
		equal(t, "added", r.texts("recordsIdsAdded"), []string{"1000003"})
		equal(t, "removed", r.texts("recordIdsRemoved"), []string{"1000001"})
		equal(t, "missing", r.texts("recordIdsMissing"), []string{"555", "556"})
		members, err := p.Members("101")
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "members", members, contactIDs(2, 3))
	})
	t.Run("both keys are required, null is none, and bodies keep their shapes", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 5)
		for _, body := range []string{
			`{"recordIdsToAdd":["1000001"]}`, `{"recordIdsToAdd":["1000001"],"recordIdsToRemove":null}`,
			`{"recordIdsToAdd":[1000001],"recordIdsToRemove":[]}`, `{"recordIdsToAdd":["x"],"recordIdsToRemove":[]}`,
			`{"RecordIdsToAdd":["1000001"],"recordIdsToRemove":[]}`, `["1000001"]`, `null`, `{`,
			`{"recordIdsToAdd":["1000001"],"recordIdsToRemove":["1000001"]}`,
		} {
			r := p.call("PUT", lists+"/101/memberships/add-and-remove", body).want(t, 400)
			equal(t, body, r.text("category"), "VALIDATION_ERROR")
		}
		for _, body := range []string{`{"ids":["1"]}`, `[1000001]`, `[null]`, `["1000001"] x`, `null`} {
			p.call("PUT", lists+"/101/memberships/add", body).want(t, 400)
			p.call("PUT", lists+"/101/memberships/remove", body).want(t, 400)
		}
		equal(t, "total", p.call("GET", lists+"/101/memberships", "").text("total"), "0")
	})
	t.Run("a DYNAMIC list refuses, a list of companies does not know contacts", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 5)
		p.call("PUT", lists+"/103/memberships/remove", quoted(contactID(1))).want(t, 400)
		equal(t, "total", p.call("GET", lists+"/103/memberships", "").text("total"), "5")
		id, err := p.CreateList(sandbox.ListInput{Name: "Firms", ObjectType: "companies"})
		if err != nil {
			t.Fatal(err)
		}
		r := p.call("PUT", lists+"/"+id+"/memberships/add", quoted("9000000001", contactID(1))).want(t, 200)
		equal(t, "added", r.texts("recordsIdsAdded"), []string{"9000000001"})
		equal(t, "missing", r.texts("recordIdsMissing"), contactIDs(1, 1))
	})
	t.Run("the answer can be spelt the other way, without empty lists", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{AddedKey: "recordIdsAdded", OmitEmpty: true}, 5)
		r := p.call("PUT", lists+"/101/memberships/add", quoted(contactID(1))).want(t, 200)
		equal(t, "body", r.raw, `{"recordIdsAdded":["1000001"]}`)
		equal(t, "nothing done", p.call("PUT", lists+"/101/memberships/add", `[]`).want(t, 200).raw, `{}`)
	})
	t.Run("a write can be bounded", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{MaxMembershipIDs: 2}, 5)
		p.call("PUT", lists+"/101/memberships/add", quoted(contactIDs(1, 3)...)).want(t, 400)
		p.call("PUT", lists+"/101/memberships/add", quoted(contactIDs(1, 2)...)).want(t, 200)
	})
}

func TestRecordMemberships(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 5)
	p.call("PUT", lists+"/101/memberships/add", quoted(contactID(2))).want(t, 200)
	r := p.call("GET", lists+"/records/0-1/1000002/memberships", "").want(t, 200)
	equal(t, "lists", []string{r.text("results", 0, "listId"), r.text("results", 1, "listId")}, []string{"101", "103"})
	equal(t, "count", len(r.at("results").([]any)), 2)
	p.call("GET", lists+"/records/0-1/5/memberships", "").want(t, 404)
	p.call("GET", lists+"/records/9-9/1000002/memberships", "").want(t, 400)
}

func TestManyMembers(t *testing.T) {
	t.Parallel()
	const n = 60_000
	p := start(t, sandbox.Options{}, n)
	for from := 1; from <= n; from += 10_000 {
		p.call("PUT", lists+"/101/memberships/add", quoted(contactIDs(from, from+9_999)...)).want(t, 200)
	}
	var cursor string
	seen := 0
	for {
		r := p.call("GET", lists+"/101/memberships?limit=250&after="+cursor, "").want(t, 200)
		for i, id := range r.recordIDs() {
			if id != contactID(seen+i+1) {
				t.Fatalf("member %d is %s", seen+i+1, id)
			}
		}
		seen += len(r.recordIDs())
		if cursor = r.text("paging", "next", "after"); cursor == "" {
			break
		}
	}
	equal(t, "members", seen, n)
	equal(t, "pages", p.CountCalls("memberships.get"), fmt.Sprint(n/250))
}
