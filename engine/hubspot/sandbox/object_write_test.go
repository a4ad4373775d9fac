package sandbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rollcall/engine/hubspot/sandbox"
)

// inputs writes a batch of inputs that are JSON.
func inputs(each ...string) string { return `{"inputs":[` + strings.Join(each, ",") + `]}` }

func creation(trace, properties string) string {
	return fmt.Sprintf(`{"objectWriteTraceId":%q,"associations":[],"properties":%s}`, trace, properties)
}

func change(id, trace, properties string) string {
	return fmt.Sprintf(`{"id":%q,"objectWriteTraceId":%q,"properties":%s}`, id, trace, properties)
}

// byTrace finds the result of an input.
func (r reply) byTrace(trace string) map[string]any {
	results, _ := r.at("results").([]any)
	for _, one := range results {
		if result := one.(map[string]any); result["objectWriteTraceId"] == trace {
			return result
		}
	}
	return nil
}

// failed lists the inputs that a 207 says failed, each with its category.
func (r reply) failed() []string {
	var all []string
	errors, _ := r.at("errors").([]any)
	for i := range errors {
		all = append(all, r.text("errors", i, "context", "objectWriteTraceId", 0)+" "+r.text("errors", i, "category"))
	}
	slices.Sort(all)
	return all
}

func (p *portal) property(objectType, id, name string) string {
	p.t.Helper()
	return p.call("GET", objects+"/"+objectType+"/"+id+"?properties="+name, "").want(p.t, 200).text("properties", name)
}

func TestBatchCreate(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 3)
	path := objects + "/contacts/batch/create"
	r := p.call("POST", path, inputs(
		creation("a", `{"email":"Ada@Example.com","lifecyclestage":"lead"}`),
		creation("b", `{"email":"bob@example.com","city":"Bern"}`),
	)).want(t, 201)
	equal(t, "status", r.text("status"), "COMPLETE")
	equal(t, "id", r.byTrace("a")["id"], contactID(4))
	equal(t, "address", r.byTrace("a")["properties"].(map[string]any)["email"], "ada@example.com")
	equal(t, "stored", p.property("contacts", contactID(4), "lifecyclestage"), "lead")
	if r.text("results", 0, "objectWriteTraceId") != "b" {
		t.Error("results are in the order of the inputs")
	}

	bad := []string{
		creation("taken", `{"email":"contact-00001@example.com"}`),
		creation("stage", `{"email":"c@example.com","lifecyclestage":"Lead"}`),
		creation("good", `{"email":"d@example.com"}`),
		creation("twice", `{"email":"D@example.com"}`),
	}
	r = p.call("POST", path, inputs(bad...)).want(t, 207)
	equal(t, "failed", r.failed(), "[stage VALIDATION_ERROR taken CONFLICT twice CONFLICT]")
	equal(t, "errors", r.text("numErrors"), 3)
	equal(t, "made", r.ids(), contactIDs(6, 6))
	equal(t, "the one that is there", r.text("errors", 0, "message"), "Contact already exists. Existing ID: 1000001")
	equal(t, "code", r.text("errors", 1, "errors", 0, "code")+" "+r.text("errors", 1, "errors", 0, "context", "propertyName", 0), "INVALID_OPTION lifecyclestage")

	t.Run("one bad input spoils a batch without trace ids", func(t *testing.T) {
		p := p.in(t)
		for _, last := range []string{`{"properties":{"email":"nonsense"}}`, `{"properties":{"email":"E@example.com"}}`, `{"properties":{"nonsense":"x"}}`} {
			r := p.call("POST", path, inputs(`{"properties":{"email":"e@example.com"}}`, last)).want(t, 400)
			equal(t, "category", r.text("category"), "VALIDATION_ERROR")
		}
		p.call("POST", path, inputs(`{"properties":{"email":"e@example.com"}}`, `{"properties":{"email":"contact-00001@example.com"}}`)).want(t, 409)
		p.call("POST", path, inputs(creation("same", `{"email":"e@example.com"}`), creation("same", `{"email":"nonsense"}`))).want(t, 400)
		equal(t, "nothing was written", p.byEmail("e@example.com"), "[]")
	})
	t.Run("a hundred at most, one at least, each an object of strings", func(t *testing.T) {
		p := p.in(t)
		var many []string
		for i := range 101 {
			many = append(many, creation(fmt.Sprint(i), fmt.Sprintf(`{"email":"m%d@example.com"}`, i)))
		}
		for _, body := range []string{
			inputs(many...), inputs(), inputs(`{"properties":{"email":null}}`), inputs(`{"properties":{"city":5}}`), inputs(`{"properties":[]}`),
			inputs(`{"id":"1","properties":{}}`), inputs(`{"properties":{},"associations":[{"to":{"id":"1"},"types":[]}]}`), inputs(`{}`),
		} {
			p.call("POST", path, body).want(t, 400)
		}
		p.call("POST", path, inputs(many[:100]...)).want(t, 201)
	})
}

func TestBatchUpdate(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 5)
	path := objects + "/contacts/batch/update"
	r := p.call("POST", path, inputs(change(contactID(1), "a", `{"city":"Bern","lastname":""}`), change(contactID(2), "b", `{"email":"new@example.com"}`))).want(t, 200)
	equal(t, "id", r.byTrace("a")["id"], contactID(1))
	answered := r.byTrace("a")["properties"].(map[string]any)
	equal(t, "answered", []any{answered["city"], answered["lastname"], answered["hs_object_id"]}, "[Bern  "+contactID(1)+"]")
	equal(t, "cleared", p.property("contacts", contactID(1), "lastname"), "")
	equal(t, "moved", p.byEmail("new@example.com"), contactIDs(2, 2))

	r = p.call("POST", path, inputs(change("77", "gone", `{"city":"x"}`), change(contactID(2), "taken", `{"email":"contact-00001@example.com","city":"x"}`),
		change(contactID(3), "fixed", `{"hs_object_id":"1","city":"x"}`), change(contactID(4), "good", `{"city":"Rome"}`))).want(t, 207)
	equal(t, "failed", r.failed(), "[fixed VALIDATION_ERROR gone OBJECT_NOT_FOUND taken VALIDATION_ERROR]")
	equal(t, "ids", r.text("errors", 0, "context", "ids", 0), "77")
	equal(t, "code", r.text("errors", 1, "errors", 0, "code"), "CONFLICTING_UNIQUE_VALUE")
	equal(t, "changed", r.ids(), contactIDs(4, 4))
	equal(t, "a failed input changes nothing", p.property("contacts", contactID(2), "city"), "")

	t.Run("refused whole", func(t *testing.T) {
		p := p.in(t)
		r := p.call("POST", path, inputs(change(contactID(5), "a", `{"city":"x"}`), change(contactID(5), "b", `{"city":"y"}`))).want(t, 400)
		equal(t, "ids", r.texts("context", "ids"), contactIDs(5, 5))
		p.call("POST", path, inputs(`{"id":"contact-00005@example.com","idProperty":"email","properties":{"city":"x"}}`)).want(t, 400)
		p.call("POST", path, inputs(`{"id":"x","idProperty":"city","properties":{"city":"x"}}`)).want(t, 400)
		p.call("POST", path, inputs(`{"id":"1000005","properties":{"city":"x"}}`, `{"id":"77","properties":{"city":"x"}}`)).want(t, 404)
		equal(t, "nothing was written", p.property("contacts", contactID(5), "city"), "")
	})
	t.Run("an id that was merged away is left out, by a single update followed", func(t *testing.T) {
		p := p.in(t)
		_, err := p.MergeContacts(contactID(4), contactID(3))
		must(t, err)
		r := p.call("POST", path, inputs(change(contactID(3), "a", `{"city":"x"}`))).want(t, 200)
		equal(t, "results", r.ids(), "[]")
		r = p.call("PATCH", objects+"/contacts/"+contactID(3), `{"properties":{"city":"Oslo"}}`).want(t, 200)
		equal(t, "survivor", r.text("id")+" "+r.text("properties", "city"), contactID(4)+" Oslo")
	})
	t.Run("by a unique property", func(t *testing.T) {
		p := p.in(t)
		must(t, p.DefineProperty("contacts", sandbox.Property{Name: "badge", Unique: true}))
		must(t, p.PatchObject("contacts", contactID(1), map[string]string{"badge": "B-1"}))
		p.call("POST", path, inputs(`{"id":"B-1","idProperty":"badge","properties":{"city":"Pisa"}}`)).want(t, 200)
		equal(t, "city", p.property("contacts", contactID(1), "city"), "Pisa")
	})
}

func TestSparseAnswers(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{SparseAnswers: true}, 1)
	r := p.call("POST", objects+"/contacts/batch/update", inputs(change(contactID(1), "a", `{"city":"Bern","lastname":"x"}`))).want(t, 200)
	answered := r.byTrace("a")["properties"].(map[string]any)
	equal(t, "answered", fmt.Sprint(answered["city"], answered["lastname"]), "<nil>x")
	equal(t, "stored", p.property("contacts", contactID(1), "city"), "Bern")
}

func TestBatchUpsert(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 2)
	path := objects + "/contacts/batch/upsert"
	upsert := func(key, trace, properties string) string {
		return fmt.Sprintf(`{"id":%q,"idProperty":"email","objectWriteTraceId":%q,"properties":%s}`, key, trace, properties)
	}
	r := p.call("POST", path, inputs(upsert("contact-00001@example.com", "a", `{"city":"Bern"}`), upsert("New@example.com", "b", `{"city":"Rome"}`))).want(t, 200)
	equal(t, "new", []any{r.byTrace("a")["new"], r.byTrace("b")["new"]}, "[false true]")
	equal(t, "made", p.byEmail("new@example.com"), contactIDs(3, 3))
	p.call("POST", path, inputs(upsert("later@example.com", "a", `{}`), upsert("contact-00001@example.com", "b", `{"city":"x","lifecyclestage":"x"}`))).want(t, 400)
	p.call("POST", path, inputs(upsert("later@example.com", "a", `{}`), upsert("no address", "b", `{}`))).want(t, 400)
	equal(t, "by address all or none", p.byEmail("later@example.com"), "[]")
	p.call("POST", path, inputs(change("77", "a", `{"city":"x"}`))).want(t, 207)
	p.call("POST", path, inputs(`{"id":"x","idProperty":"city","properties":{}}`)).want(t, 400)
}

func TestArchive(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 4)
	must(t, p.AddMembers("101", contactIDs(1, 4)...))
	p.call("POST", objects+"/contacts/batch/archive", inputs(`{"id":"1000001"}`, `{"id":"1000002"}`, `{"id":"77"}`)).want(t, 204)
	p.call("DELETE", objects+"/contacts/"+contactID(3), "").want(t, 204)
	p.call("DELETE", objects+"/contacts/"+contactID(3), "").want(t, 404)
	members, err := p.Members("101")
	must(t, err)
	equal(t, "members", members, contactIDs(4, 4))
	p.call("GET", objects+"/contacts/"+contactID(1), "").want(t, 404)
	r := p.call("GET", objects+"/contacts/"+contactID(1)+"?archived=true", "").want(t, 200)
	equal(t, "archived", r.text("archived")+" "+r.text("archivedAt"), "true 2026-11-20T12:00:00.000Z")
	r = p.call("POST", objects+"/contacts/batch/read?archived=true", batchRead("", contactIDs(1, 4)...)).want(t, 207)
	equal(t, "read", r.ids(), []string{contactID(3), contactID(2), contactID(1)})
	p.call("POST", objects+"/contacts", `{"properties":{"email":"contact-00001@example.com"}}`).want(t, 201)
	r = p.call("GET", objects+"/contacts?limit=1", "").want(t, 200)
	equal(t, "first page", fmt.Sprint(r.ids(), " ", r.text("paging", "next", "after")), "[1000004] 1000005")
	r = p.call("GET", objects+"/contacts?limit=1&after=1000005&properties=email", "").want(t, 200)
	equal(t, "last page", fmt.Sprint(r.ids(), r.text("results", 0, "properties", "email"), r.at("paging")), "[1000005]contact-00001@example.com<nil>")
	equal(t, "the archived", p.call("GET", objects+"/contacts?archived=true", "").ids(), contactIDs(1, 3))
	p.call("GET", objects+"/contacts?limit=101", "").want(t, 400)
}

func TestSingleWrites(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 1)
	ticket := p.call("POST", objects+"/tickets", `{"properties":{"subject":"Help","hs_ticket_category":"BILLING_ISSUE;PRODUCT_ISSUE"},"associations":[]}`).want(t, 201).text("id")
	r := p.call("PATCH", objects+"/0-5/"+ticket, `{"properties":{"hs_ticket_category":";FEATURE_REQUEST","hs_ticket_priority":"HIGH"}}`).want(t, 200)
	equal(t, "added to", r.text("properties", "hs_ticket_category"), "BILLING_ISSUE;PRODUCT_ISSUE;FEATURE_REQUEST")
	p.call("POST", objects+"/contacts", `{"properties":{"email":"contact-00001@example.com"}}`).want(t, 409)
	p.call("PATCH", objects+"/contacts/contact-00001@example.com?idProperty=email", `{"properties":{"city":"Bern"}}`).want(t, 200)
	equal(t, "city", p.property("contacts", contactID(1), "city"), "Bern")
	p.call("PATCH", objects+"/contacts/77", `{"properties":{"city":"Bern"}}`).want(t, 404)
	r = p.call("PATCH", objects+"/contacts/"+contactID(1), `{"properties":{"nonsense":"1","createdate":"2026-01-01"}}`).want(t, 400)
	equal(t, "codes", r.text("errors", 0, "code")+" "+r.text("errors", 1, "code"), "READ_ONLY_VALUE PROPERTY_DOESNT_EXIST")
	if m := r.text("message"); !strings.HasPrefix(m, `Property values were not valid: [{"isValid":false,`) || !strings.Contains(m, `"name":"nonsense"`) {
		t.Errorf("message %s", m)
	}
}

func TestMergeByAPI(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 2)
	r := p.call("POST", objects+"/contacts/merge", `{"primaryObjectId":"1000001","objectIdToMerge":"1000002"}`).want(t, 200)
	equal(t, "survivor", fmt.Sprint(r.text("id"), p.byEmail("contact-00002@example.com")), contactID(1)+"["+contactID(1)+"]")
	p.call("POST", objects+"/contacts/merge", `{"primaryObjectId":"1000001","objectIdToMerge":"1000002"}`).want(t, 404)
	p.call("POST", objects+"/deals/merge", `{"primaryObjectId":"1","objectIdToMerge":"2"}`).want(t, 400)
}

func TestFaultsOfBatchWrites(t *testing.T) {
	t.Parallel()
	batch := inputs(creation("a", `{"email":"a@example.com"}`), creation("b", `{"email":"b@example.com"}`))
	for effect, want := range map[sandbox.Effect]string{
		sandbox.EffectOmit:         "201 1 made, 0 failed, b there true",
		sandbox.EffectFailInputs:   "207 1 made, 1 failed, b there false",
		sandbox.EffectUnknownError: "207 1 made, 1 failed, b there false",
		sandbox.EffectRefuse:       "400 0 made, 0 failed, b there false",
		sandbox.EffectStatusAfter:  "502 0 made, 0 failed, b there true",
	} {
		for _, name := range []string{"b", "b@example.com"} {
			p := start(t, sandbox.Options{}, 1)
			must(t, p.Declare(sandbox.Fault{Operation: "objects.batch-create", Effect: effect, IDs: []string{name}, Status: 502}))
			r := p.call("POST", objects+"/contacts/batch/create", batch)
			equal(t, string(effect)+" "+name, fmt.Sprintf("%d %d made, %d failed, b there %t", r.status, len(r.ids()), len(r.failed()),
				fmt.Sprint(p.byEmail("b@example.com")) != "[]"), want)
		}
	}
	t.Run("another value is left than the one sent", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 2)
		must(t, p.Declare(sandbox.Fault{Operation: "objects.batch-update", Effect: sandbox.EffectOverride, IDs: contactIDs(1, 1), Properties: map[string]string{"city": "BERN", "zip": "1"}}))
		r := p.call("POST", objects+"/contacts/batch/update", inputs(change(contactID(1), "a", `{"city":"Bern"}`), change(contactID(2), "b", `{"city":"Bern"}`))).want(t, 200)
		equal(t, "answered", fmt.Sprint(r.byTrace("a")["properties"].(map[string]any)["city"], r.byTrace("b")["properties"].(map[string]any)["city"]), "BERNBern")
		equal(t, "stored", p.property("contacts", contactID(1), "zip"), "1")
	})
	t.Run("someone edits a record before the call", func(t *testing.T) {
		t.Parallel()
		p := start(t, sandbox.Options{}, 1)
		must(t, p.Declare(sandbox.Fault{Effect: sandbox.EffectEditRecord, IDs: append(contactIDs(1, 1), "77"), Properties: map[string]string{"city": "Rome"}}))
		equal(t, "city", p.property("contacts", contactID(1), "city"), "Rome")
		if p.Declare(sandbox.Fault{Effect: sandbox.EffectEditRecord, IDs: contactIDs(1, 1)}) == nil {
			t.Error("a fault without properties was taken")
		}
	})
	p := start(t, sandbox.Options{}, 2)
	must(t, p.Declare(sandbox.Fault{Operation: "objects.batch-archive", Effect: sandbox.EffectRefuse, IDs: contactIDs(1, 1)}))
	p.call("POST", objects+"/contacts/batch/archive", inputs(`{"id":"1000002"}`, `{"id":"1000001"}`)).want(t, 400)
	p.call("POST", objects+"/contacts/batch/archive", inputs(`{"id":"1000002"}`, `{"id":"1000001"}`)).want(t, 204)
}

func TestWriteScopes(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{MissingScopes: []string{"crm.objects.contacts.write", "crm.schemas.contacts.write", "crm.objects.owners.read"}}, 1)
	p.call("GET", objects+"/contacts", "").want(t, 200)
	p.call("POST", objects+"/companies", `{"properties":{"name":"Hooli"}}`).want(t, 201)
	for call, scope := range map[string]string{
		"POST " + objects + "/0-1":                             "crm.objects.contacts.write",
		"POST " + objects + "/contacts/batch/create":           "crm.objects.contacts.write",
		"PATCH " + objects + "/contacts/1000001":               "crm.objects.contacts.write",
		"POST /crm/properties/2026-09/contacts":                "crm.schemas.contacts.write",
		"GET /crm/owners/2026-09":                              "crm.objects.owners.read",
		"DELETE " + objects + "/contacts/" + contactID(1) + "": "crm.objects.contacts.write",
	} {
		method, path, _ := strings.Cut(call, " ")
		r := p.call(method, path, "").want(t, 403)
		equal(t, call, r.text("errors", 0, "context", "requiredGranularScopes", 0), scope)
	}
}
