package sandbox_test

import (
	"strings"
	"testing"

	"rollcall/engine/hubspot/sandbox"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (p *portal) byEmail(email string) []string {
	p.t.Helper()
	return p.call("POST", objects+"/contacts/batch/read", batchRead("email", email)).ids()
}

func TestSeed(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 120)
	equal(t, "first", p.byEmail("contact-00001@example.com"), contactIDs(1, 1))
	equal(t, "last", p.byEmail("contact-00120@example.com"), contactIDs(120, 120))
	equal(t, "secondary", p.byEmail("contact-00100@old.example.com"), contactIDs(100, 100))
	equal(t, "no secondary", p.byEmail("contact-00101@old.example.com"), "[]")
	for id, want := range map[string]string{"101": "VIP customers MANUAL 0", "102": "Newsletter SNAPSHOT 0", "103": "Everyone DYNAMIC 120"} {
		r := p.call("GET", lists+"/"+id, "").want(t, 200)
		equal(t, id, r.text("list", "name")+" "+r.text("list", "processingType")+" "+r.text("list", "size"), want)
	}
}

func TestContactsChange(t *testing.T) {
	t.Parallel()
	t.Run("a patched address replaces the old one", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 2)
		must(t, p.PatchObject("contacts", contactID(1), map[string]string{"email": " New@Example.com "}))
		equal(t, "new", p.byEmail("new@example.com"), contactIDs(1, 1))
		equal(t, "old", p.byEmail("contact-00001@example.com"), "[]")
	})
	t.Run("a new primary address keeps the old as a secondary one", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 2)
		must(t, p.Readdress(contactID(1), "new@example.com"))
		equal(t, "new", p.byEmail("new@example.com"), contactIDs(1, 1))
		equal(t, "old", p.byEmail("contact-00001@example.com"), contactIDs(1, 1))
		must(t, p.Readdress(contactID(1), "contact-00001@example.com"))
		r := p.call("GET", objects+"/contacts/"+contactID(1)+"?properties=email,hs_additional_emails", "")
		equal(t, "swapped", r.text("properties", "email")+" "+r.text("properties", "hs_additional_emails"), "contact-00001@example.com new@example.com")
	})
	t.Run("an address belongs to one contact, secondary ones too", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 50)
		for _, email := range []string{"CONTACT-00001@example.com", "contact-00050@old.example.com"} {
			if _, err := p.CreateContact(map[string]string{"email": email}); err == nil || !strings.Contains(err.Error(), "Contact already exists. Existing ID: 10000") {
				t.Errorf("%s: %v", email, err)
			}
		}
		if err := p.PatchObject("contacts", contactID(2), map[string]string{"email": "contact-00001@example.com", "city": "Bern"}); err == nil {
			t.Error("a taken address was patched in")
		}
		r := p.call("GET", objects+"/contacts/"+contactID(2)+"?properties=city", "")
		equal(t, "nothing was written", r.text("properties", "city"), "")
	})
	t.Run("a deleted contact leaves answers and lists and frees its address", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 2)
		must(t, p.AddMembers("101", contactIDs(1, 2)...))
		must(t, p.DeleteObject("contacts", contactID(1)))
		members, err := p.Members("101")
		must(t, err)
		equal(t, "members", members, contactIDs(2, 2))
		equal(t, "found", p.byEmail("contact-00001@example.com"), "[]")
		id, err := p.CreateContact(map[string]string{"email": "contact-00001@example.com"})
		must(t, err)
		equal(t, "new id", id, contactID(3))
	})
}

func TestMerge(t *testing.T) {
	t.Parallel()
	t.Run("the primary takes addresses and memberships over", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 50)
		must(t, p.AddMembers("101", contactID(50)))
		id, err := p.MergeContacts(contactID(1), contactID(50))
		must(t, err)
		equal(t, "survivor", id, contactID(1))
		for _, email := range []string{"contact-00001@example.com", "contact-00050@example.com", "contact-00050@old.example.com"} {
			equal(t, email, p.byEmail(email), contactIDs(1, 1))
		}
		members, err := p.Members("101")
		must(t, err)
		equal(t, "members", members, contactIDs(1, 1))
		r := p.call("POST", objects+"/contacts/batch/read", batchRead("", contactID(50))).want(t, 207)
		equal(t, "the old id is missing", r.texts("errors", 0, "context", "ids"), contactIDs(50, 50))
		equal(t, "a single read follows it", p.call("GET", objects+"/contacts/"+contactID(50), "").want(t, 200).text("id"), contactID(1))
		r = p.call("PUT", lists+"/101/memberships/add", quoted(contactID(50))).want(t, 200)
		equal(t, "a write does not", r.texts("recordIdsMissing"), contactIDs(50, 50))
	})
	t.Run("the survivor can have a new id", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{MergeMakesNewID: true}, 3)
		must(t, p.AddMembers("101", contactIDs(1, 2)...))
		must(t, p.DefineProperty("contacts", sandbox.Property{Name: "badge", Unique: true}))
		must(t, p.PatchObject("contacts", contactID(1), map[string]string{"badge": "B-1"}))
		id, err := p.MergeContacts(contactID(1), contactID(2))
		must(t, err)
		equal(t, "survivor", id, contactID(4))
		equal(t, "address", p.byEmail("contact-00001@example.com"), contactIDs(4, 4))
		equal(t, "unique property", p.call("GET", objects+"/contacts/B-1?idProperty=badge", "").text("id"), contactID(4))
		equal(t, "other address", p.byEmail("contact-00002@example.com"), contactIDs(4, 4))
		members, err := p.Members("101")
		must(t, err)
		equal(t, "members", members, contactIDs(4, 4))
	})
}

func TestControl(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 2)
	post := func(path, body string) reply { return p.call("POST", "/_sandbox/"+path, body).want(t, 200) }
	id := post("contacts", `{"action":"create","properties":{"email":"Ada@example.com"}}`).text("id")
	equal(t, "created", p.byEmail("ada@example.com"), []string{id})
	post("contacts", `{"action":"patch","id":"`+id+`","properties":{"email":"ada@new.example.com"}}`)
	post("contacts", `{"action":"readdress","id":"`+id+`","email":"ada@newer.example.com"}`)
	equal(t, "readdressed", p.byEmail("ada@new.example.com"), []string{id})
	equal(t, "merged", post("contacts", `{"action":"merge","id":"`+id+`","into":"1000001"}`).text("id"), contactID(1))
	post("contacts", `{"action":"delete","id":"1000002"}`)
	firm := post("companies", `{"action":"create","properties":{"name":"Hooli"}}`).text("id")
	list := post("lists", `{"action":"create","name":"Firms","objectType":"companies","processingType":"DYNAMIC"}`).text("id")
	post("members", `{"listId":"`+list+`","add":["`+firm+`","9000000001"],"remove":["9000000001"]}`)
	r := p.call("GET", "/_sandbox/members?list="+list, "").want(t, 200)
	equal(t, "members", r.texts("members"), []string{firm})
	post("lists", `{"action":"convert","listId":"`+list+`","processingType":"MANUAL"}`)
	equal(t, "converted", p.call("GET", lists+"/"+list, "").text("list", "processingType"), "MANUAL")
	post("lists", `{"action":"delete","listId":"`+list+`"}`)
	p.call("GET", lists+"/"+list, "").want(t, 404)
	pets := post("schemas", `{"name":"pets","properties":[{"name":"tag","hasUniqueValue":true}]}`).text("id")
	post("properties", `{"objectType":"`+pets+`","name":"chip","hasUniqueValue":true}`)
	post("objects", `{"action":"create","objectType":"pets","properties":{"chip":"77"}}`)
	p.call("POST", objects+"/pets/batch/read", `{"idProperty":"chip","inputs":[{"id":"77"}]}`).want(t, 200)

	calls := p.call("GET", "/_sandbox/calls", "").want(t, 200)
	equal(t, "first call", calls.text("calls", 0, "operation")+" "+calls.text("calls", 0, "ids"), "objects.batch-read 1")
	p.call("DELETE", "/_sandbox/calls", "").want(t, 200)
	equal(t, "calls", p.CountCalls(""), 0)
	for path, body := range map[string]string{
		"contacts": `{"action":"explode"}`, "lists": `{"action":"delete","listId":"999"}`, "members": `{"listId":"101","add":["5"]}`,
		"nothing": `{}`, "companies": `{"action":"merge","id":"1","into":"2"}`, "objects": `{"action":"create"}`, "seed": `{"contact":5}`,
	} {
		if r := p.call("POST", "/_sandbox/"+path, body).want(t, 400); r.text("error") == "" {
			t.Errorf("%s: no reason given", path)
		}
	}
	post("reset", "")
	p.call("GET", lists+"/101", "").want(t, 404)
	post("seed", `{"contacts":3}`)
	equal(t, "seeded", p.byEmail("contact-00003@example.com"), contactIDs(3, 3))
}
