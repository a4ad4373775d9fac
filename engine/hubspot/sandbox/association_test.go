package sandbox_test

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rollcall/engine/hubspot/sandbox"
)

const (
	links     = "/crm/associations/2026-09/contacts/companies"
	acme      = "9000000001"
	globex    = "9000000002"
	initech   = "9000000003"
	primary   = `{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":1}`
	unlabeled = `{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":279}`
)

// own is a type of the account's own, as requests name it.
func own(id int) string {
	return fmt.Sprintf(`{"associationCategory":"USER_DEFINED","associationTypeId":%d}`, id)
}

// linkOf is an input of a labelled write.
func linkOf(from, to string, types ...string) string {
	return fmt.Sprintf(`{"from":{"id":%q},"to":{"id":%q},"types":[%s]}`, from, to, strings.Join(types, ","))
}

// associated lists what a contact is associated with, as in "9000000001 HUBSPOT_DEFINED=279 USER_DEFINED=1".
func (p *portal) associated(from, id, to string) []string {
	p.t.Helper()
	all, err := p.Associations(from, id, to)
	must(p.t, err)
	var out []string
	for _, a := range all {
		out = append(out, strings.Join(append([]string{a.ToID}, a.Types...), " "))
	}
	return out
}

// bare starts a sandbox whose records are associated with nothing.
func bare(t *testing.T, opts sandbox.Options, n int) *portal {
	t.Helper()
	p := start(t, opts, n)
	for i, firm := range []string{acme, globex} {
		must(t, p.Dissociate("contacts", contactID(i+1), "companies", firm))
	}
	return p
}

func TestAssociationTypes(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 1)
	types := func(path string) []string {
		var all []string
		r := p.call("GET", path, "").want(t, 200)
		for i := range r.at("results").([]any) {
			all = append(all, r.text("results", i, "category")+" "+r.text("results", i, "typeId")+" "+r.text("results", i, "label"))
		}
		return all
	}
	equal(t, "contacts to companies", types(links+"/labels"), []string{"HUBSPOT_DEFINED 279 ", "HUBSPOT_DEFINED 1 Primary", "USER_DEFINED 1 Decision maker"})
	equal(t, "companies to contacts", types("/crm/v4/associations/companies/0-1/labels"),
		[]string{"HUBSPOT_DEFINED 280 ", "HUBSPOT_DEFINED 2 Contact with Primary Company", "USER_DEFINED 2 Decision maker"})
	id, err := p.DefineSchema(sandbox.Schema{Name: "pets"})
	must(t, err)
	equal(t, "types of a custom type", len(types("/crm/associations/v4/"+id+"/contacts/labels")), 1)

	r := p.call("POST", "/crm/associations/v4/contacts/contacts/labels", `{"label":"Manager","inverseLabel":"Employee","name":"manages"}`).want(t, 200)
	equal(t, "both directions", r.text("results", 0, "label")+" "+r.text("results", 1, "label"), "Manager Employee")
	manager, employee := r.text("results", 0, "typeId"), r.text("results", 1, "typeId")
	if manager == employee {
		t.Error("both directions have one id")
	}
	p.call("POST", "/crm/associations/v4/contacts/contacts/labels", `{"label":"manager","name":"other"}`).want(t, 400)
	p.call("POST", links+"/labels", `{"label":"Buyer"}`).want(t, 400)
	p.call("PUT", "/crm/associations/v4/contacts/contacts/labels", `{"associationTypeId":`+manager+`,"label":"Boss"}`).want(t, 204)
	equal(t, "after renaming", types("/crm/v4/associations/contacts/contacts/labels"),
		[]string{"HUBSPOT_DEFINED 449 ", "USER_DEFINED " + manager + " Boss", "USER_DEFINED " + employee + " Employee"})
	p.call("DELETE", links+"/labels/279", "").want(t, 400)
	p.call("DELETE", links+"/labels/1", "").want(t, 204)
	equal(t, "the record stays associated", p.associated("contacts", contactID(1), "companies"), []string{acme + " HUBSPOT_DEFINED=279"})
	p.call("GET", "/crm/v4/associations/contacts/cars/labels", "").want(t, 400)
}

func TestAssociationWrites(t *testing.T) {
	t.Parallel()
	t.Run("labels replace labels, the default type stays, and both directions change", func(t *testing.T) {
		t.Parallel()
		p := bare(t, sandbox.Options{}, 3)
		buyer, err := p.DefineLabel(sandbox.Label{From: "contacts", To: "companies", Label: "Buyer", InverseLabel: "Bought by"})
		must(t, err)
		r := p.call("POST", links+"/batch/create", inputs(linkOf(contactID(1), acme, primary, own(1)))).want(t, 201)
		equal(t, "labels", r.texts("results", 0, "labels"), []string{"Primary", "Decision maker"})
		equal(t, "ids", r.text("results", 0, "fromObjectId")+" "+r.text("results", 0, "toObjectId"), contactID(1)+" "+acme)
		p.call("POST", links+"/batch/create", inputs(linkOf(contactID(1), acme, own(buyer)))).want(t, 201)
		equal(t, "types", p.associated("contacts", contactID(1), "companies"), []string{fmt.Sprintf("%s HUBSPOT_DEFINED=279 USER_DEFINED=%d", acme, buyer)})
		equal(t, "other side", p.associated("companies", acme, "contacts"), []string{fmt.Sprintf("%s HUBSPOT_DEFINED=280 USER_DEFINED=%d", contactID(1), buyer+1)})
	})
	t.Run("a contact has one primary company", func(t *testing.T) {
		t.Parallel()
		p := bare(t, sandbox.Options{}, 3)
		p.call("POST", links+"/batch/create", inputs(linkOf(contactID(1), acme, primary), linkOf(contactID(2), acme, primary))).want(t, 201)
		p.call("POST", "/crm/v4/associations/companies/contacts/batch/create",
			inputs(linkOf(globex, contactID(1), `{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":2}`))).want(t, 201)
		equal(t, "the first", p.associated("contacts", contactID(1), "companies"),
			[]string{acme + " HUBSPOT_DEFINED=279", globex + " HUBSPOT_DEFINED=279 HUBSPOT_DEFINED=1"})
		equal(t, "the second", p.associated("contacts", contactID(2), "companies"), []string{acme + " HUBSPOT_DEFINED=279 HUBSPOT_DEFINED=1"})
	})
	t.Run("the default type leaves labels, and the label archive takes only them", func(t *testing.T) {
		t.Parallel()
		p := bare(t, sandbox.Options{}, 3)
		p.call("POST", links+"/batch/create", inputs(linkOf(contactID(1), acme, own(1)))).want(t, 201)
		r := p.call("POST", links+"/batch/associate/default", inputs(`{"from":{"id":"1000001"},"to":{"id":"9000000001"}}`)).want(t, 200)
		equal(t, "both directions", r.text("results", 0, "associationSpec", "associationTypeId")+" "+r.text("results", 1, "associationSpec", "associationTypeId"), "279 280")
		equal(t, "types", p.associated("contacts", contactID(1), "companies"), []string{acme + " HUBSPOT_DEFINED=279 USER_DEFINED=1"})
		p.call("POST", links+"/batch/labels/archive", inputs(linkOf(contactID(1), acme, own(1)), linkOf(contactID(2), acme, own(1)))).want(t, 200)
		equal(t, "types", p.associated("contacts", contactID(1), "companies"), []string{acme + " HUBSPOT_DEFINED=279"})
		p.call("POST", links+"/batch/create", inputs(linkOf(contactID(1), acme, own(1)))).want(t, 201)
		p.call("POST", links+"/batch/labels/archive", inputs(linkOf(contactID(1), acme, unlabeled))).want(t, 200)
		equal(t, "types", p.associated("contacts", contactID(1), "companies"), []string{})
	})
	t.Run("archiving ends the association whole, and again is no error", func(t *testing.T) {
		t.Parallel()
		p := bare(t, sandbox.Options{}, 3)
		p.call("POST", links+"/batch/create", inputs(linkOf(contactID(1), acme, own(1)), linkOf(contactID(1), globex, unlabeled))).want(t, 201)
		body := inputs(`{"from":{"id":"1000001"},"to":[{"id":"9000000001"},{"id":"9000000003"}]}`)
		for range 2 {
			equal(t, "results", p.call("POST", links+"/batch/archive", body).want(t, 200).texts("results"), []string{})
			p.call("POST", "/crm/v4/associations/contacts/companies/batch/archive", body).want(t, 204)
		}
		equal(t, "types", p.associated("contacts", contactID(1), "companies"), []string{globex + " HUBSPOT_DEFINED=279"})
	})
	t.Run("a wrong input fails alone", func(t *testing.T) {
		t.Parallel()
		p := bare(t, sandbox.Options{}, 3)
		r := p.call("POST", links+"/batch/create", inputs(
			linkOf(contactID(1), acme, own(1)), linkOf("77", acme, own(1)), linkOf(contactID(2), acme, own(2)), linkOf(contactID(3), contactID(1), own(1)),
		)).want(t, 207)
		equal(t, "written", p.associated("companies", acme, "contacts"), []string{contactID(1) + " HUBSPOT_DEFINED=280 USER_DEFINED=2"})
		equal(t, "errors", r.text("numErrors"), 3)
		equal(t, "an unknown record", r.texts("errors", 0, "context", "INVALID_OBJECT_IDS"), []string{"CONTACT=77 is not valid"})
		equal(t, "a type of the other direction", r.texts("errors", 1, "context", "associationSpec"), []string{"USER_DEFINED=2"})
		equal(t, "a record of another type", r.texts("errors", 2, "context", "objectId"), []string{contactID(1)})
		r = p.call("POST", links+"/batch/associate/default", inputs(`{"from":{"id":"77"},"to":{"id":"9000000001"}}`)).want(t, 200)
		equal(t, "category", r.text("errors", 0, "category"), "VALIDATION_ERROR")
	})
	t.Run("what is not well formed, or too much, is refused whole", func(t *testing.T) {
		t.Parallel()
		p := bare(t, sandbox.Options{}, 3)
		good := linkOf(contactID(1), acme, own(1))
		many := func(n int, input string) string { return inputs(slices.Repeat([]string{input}, n)...) }
		for _, body := range []string{
			inputs(good, linkOf(contactID(1), acme)), inputs(good, linkOf("x", acme, own(1))), inputs(good, linkOf(contactID(1), acme, `{"associationTypeId":1}`)),
			inputs(good, linkOf(contactID(1), acme, `{"associationCategory":"MINE","associationTypeId":1}`)),
			inputs(`{"from":{"id":"1000001"},"to":{"id":"9000000001"}}`), inputs(`{"from":"1000001","to":{"id":"9000000001"},"types":[` + own(1) + `]}`), `[]`, many(2_001, good),
		} {
			p.call("POST", links+"/batch/create", body).want(t, 400)
		}
		p.call("POST", links+"/batch/associate/default", inputs(good)).want(t, 400)
		p.call("POST", links+"/batch/archive", many(101, `{"from":{"id":"1000001"},"to":[]}`)).want(t, 400)
		p.call("POST", links+"/batch/read", many(1_001, `{"id":"1000001"}`)).want(t, 400)
		p.call("POST", links+"/batch/read", inputs(`{"id":"1000001"}`, `{"id":"1000001"}`)).want(t, 400)
		equal(t, "nothing is written", p.associated("companies", acme, "contacts"), []string{})
		p.call("POST", links+"/batch/create", many(2_000, good)).want(t, 201)
	})
}

func TestAssociationReads(t *testing.T) {
	t.Parallel()
	p := bare(t, sandbox.Options{AssociationPage: 40}, 100)
	for n := 1; n <= 100; n++ {
		must(t, p.Associate("companies", acme, "contacts", contactID(n)))
	}
	must(t, p.Associate("contacts", contactID(3), "companies", globex, "Decision maker"))
	from := "/crm/associations/2026-09/companies/contacts/batch/read"
	t.Run("each record is answered, or named in an error of its own", func(t *testing.T) {
		p := p.in(t)
		r := p.call("POST", from, inputs(`{"id":"9000000003"}`, `{"id":"9000000002"}`, `{"id":"77"}`)).want(t, 207)
		equal(t, "found", r.text("results", 0, "from", "id"), globex)
		equal(t, "label", r.text("results", 0, "to", 0, "associationTypes", 1, "label"), "Decision maker")
		equal(t, "no label", r.at("results", 0, "to", 0, "associationTypes", 0, "label"), nil)
		equal(t, "errors", r.text("numErrors"), 2)
		equal(t, "a record without", r.texts("errors", 1, "context", "fromObjectId"), []string{initech})
		equal(t, "sub-category", r.text("errors", 1, "subCategory"), "crm.associations.NO_ASSOCIATIONS_FOUND")
	})
	t.Run("the pages of a record follow each other", func(t *testing.T) {
		p := p.in(t)
		var ids []string
		after := ""
		for range 3 {
			r := p.call("POST", from, inputs(fmt.Sprintf(`{"id":%q,"after":%q}`, acme, after))).want(t, 200)
			for i := range r.at("results", 0, "to").([]any) {
				ids = append(ids, r.text("results", 0, "to", i, "toObjectId"))
			}
			after = r.text("results", 0, "paging", "next", "after")
		}
		equal(t, "ids", ids, contactIDs(1, 100))
		equal(t, "no more", after, "")
		p.call("POST", from, inputs(`{"id":"9000000001","after":"x"}`)).want(t, 400)
		r := p.call("GET", "/crm/v4/objects/companies/"+acme+"/associations/contacts?limit=30", "").want(t, 200)
		r = p.call("GET", "/crm/objects/2026-09/companies/"+acme+"/associations/contacts?limit=30&after="+url.QueryEscape(r.text("paging", "next", "after")), "").want(t, 200)
		equal(t, "second page", r.text("results", 0, "toObjectId"), contactID(31))
	})
	t.Run("one record at a time", func(t *testing.T) {
		p := p.in(t)
		one := "/crm/v4/objects/contacts/" + contactID(9) + "/associations/"
		p.call("PUT", one+"default/companies/"+initech, "").want(t, 200)
		equal(t, "labels", p.call("PUT", one+"companies/"+initech, "["+own(1)+"]").want(t, 201).texts("labels"), []string{"Decision maker"})
		r := p.call("PUT", one+"companies/5", "["+own(1)+"]").want(t, 400)
		equal(t, "context", r.texts("context", "INVALID_OBJECT_IDS"), []string{"COMPANY=5 is not valid"})
		p.call("PUT", one+"companies/"+initech, "[]").want(t, 400)
		for range 2 {
			p.call("DELETE", one+"companies/"+initech, "").want(t, 204)
		}
		equal(t, "left", p.associated("contacts", contactID(9), "companies"), []string{acme + " HUBSPOT_DEFINED=279"})
		p.call("GET", "/crm/v4/objects/contacts/77/associations/companies", "").want(t, 404)
		equal(t, "none", p.call("GET", "/crm/v4/objects/contacts/"+contactID(9)+"/associations/deals", "").want(t, 200).raw, `{"results":[]}`)
		p.call("GET", "/crm/v3/objects/contacts/"+contactID(9)+"/associations/companies", "").want(t, 404)
	})
	t.Run("as HubSpot's examples have it", func(t *testing.T) {
		p := start(t, sandbox.Options{AssociationExamples: true}, 3)
		r := p.call("POST", links+"/batch/read", inputs(`{"id":"1000002"}`)).want(t, 200)
		want := `"to":[{"associationTypes":[{"category":"HUBSPOT_DEFINED","label":null,"typeId":279}],"toObjectId":9000000002}]`
		if !strings.Contains(r.raw, want) {
			t.Errorf("%s lacks %s", r.raw, want)
		}
	})
}

func TestAssociationsOfRecordsThatGo(t *testing.T) {
	t.Parallel()
	for _, newID := range []bool{false, true} {
		p := bare(t, sandbox.Options{MergeMakesNewID: newID}, 4)
		must(t, p.Associate("contacts", contactID(1), "companies", acme, "Primary"))
		must(t, p.Associate("contacts", contactID(2), "companies", acme, "Decision maker"))
		must(t, p.Associate("contacts", contactID(2), "companies", globex, "Primary"))
		must(t, p.Associate("contacts", contactID(2), "contacts", contactID(1)))
		must(t, p.Associate("contacts", contactID(3), "companies", acme))
		survivor, err := p.MergeContacts(contactID(1), contactID(2))
		must(t, err)
		must(t, p.DeleteObject("contacts", contactID(3)))
		equal(t, "survivor", p.associated("contacts", survivor, "companies"),
			[]string{acme + " HUBSPOT_DEFINED=279 HUBSPOT_DEFINED=1 USER_DEFINED=1", globex + " HUBSPOT_DEFINED=279"})
		equal(t, "with itself", p.associated("contacts", survivor, "contacts"), []string{})
		equal(t, "company", p.associated("companies", acme, "contacts"), []string{survivor + " HUBSPOT_DEFINED=280 HUBSPOT_DEFINED=2 USER_DEFINED=2"})
		p.call("POST", links+"/batch/create", inputs(linkOf(contactID(2), acme, own(1)), linkOf(contactID(3), acme, own(1)))).want(t, 207)
	}
}

func TestAssociationState(t *testing.T) {
	t.Parallel()
	p := start(t, sandbox.Options{}, 5)
	_, err := p.DefineSchema(sandbox.Schema{Name: "pets"})
	must(t, err)
	pet, err := p.CreateObject("pets", nil)
	must(t, err)
	_, err = p.DefineLabel(sandbox.Label{From: "contacts", To: "contacts", Label: "Friend"})
	must(t, err)
	p.call("POST", "/_sandbox/labels", `{"from":"contacts","to":"contacts","label":"Manager","inverseLabel":"Employee"}`).want(t, 200)
	p.call("POST", "/_sandbox/associations", `{"action":"create","from":"contacts","id":"1000002","to":"contacts","toId":"1000001","labels":["Manager","Friend"]}`).want(t, 200)
	p.call("POST", "/_sandbox/associations", `{"action":"create","from":"contacts","id":"1000003","to":"companies","toId":"9000000003"}`).want(t, 200)
	p.call("POST", "/_sandbox/associations", `{"action":"delete","from":"contacts","id":"1000003","to":"companies","toId":"9000000003"}`).want(t, 200)
	p.call("POST", "/_sandbox/associations", `{"action":"create","from":"contacts","id":"1","to":"companies","toId":"9000000003"}`).want(t, 400)
	must(t, p.Associate("pets", pet, "contacts", contactID(4)))
	path := filepath.Join(t.TempDir(), "state.json")
	must(t, p.Save(path))
	q := start(t, sandbox.Options{}, 0)
	must(t, q.Load(path))
	if p.call("GET", "/_sandbox/state", "").raw != q.call("GET", "/_sandbox/state", "").raw {
		t.Error("the state is not the same after saving and loading")
	}
	for _, of := range [][3]string{{"contacts", contactID(1), "contacts"}, {"contacts", contactID(2), "contacts"}, {"contacts", contactID(4), "pets"}, {"companies", acme, "contacts"}} {
		want := p.associated(of[0], of[1], of[2])
		if len(want) == 0 {
			t.Errorf("%v: no association", of)
		}
		equal(t, fmt.Sprint(of), q.associated(of[0], of[1], of[2]), want)
	}
	label := `{"label":"New","name":"new"}`
	equal(t, "ids continue", q.call("POST", links+"/labels", label).want(t, 200).raw, p.call("POST", links+"/labels", label).want(t, 200).raw)
}

func TestAssociationFaults(t *testing.T) {
	t.Parallel()
	fault := func(operation string, effect sandbox.Effect, ids ...string) *portal {
		p := start(t, sandbox.Options{}, 3)
		p.declare(sandbox.Fault{Operation: operation, Effect: effect, IDs: ids, Category: "ODD"})
		return p
	}
	read, write := inputs(`{"id":"1000001"}`, `{"id":"1000002"}`), inputs(linkOf(contactID(1), initech, own(1)), linkOf(contactID(2), initech, own(1)))
	r := fault("associations.batch-read", sandbox.EffectOmit, contactID(1)).call("POST", links+"/batch/read", read).want(t, 200)
	equal(t, "the only one", r.text("results", 0, "from", "id")+r.text("results", 1, "from", "id"), contactID(2))
	r = fault("associations.batch-read", sandbox.EffectUnknownError, contactID(1)).call("POST", links+"/batch/read", read).want(t, 207)
	equal(t, "error", r.text("errors", 0, "category")+" "+r.text("errors", 0, "context"), "ODD map[]")
	p := fault("associations.batch-create", sandbox.EffectOmit, contactID(1))
	equal(t, "the only one", p.call("POST", links+"/batch/create", write).want(t, 201).text("results", 0, "fromObjectId"), contactID(2))
	equal(t, "written", len(p.associated("companies", initech, "contacts")), 2)
	p = fault("associations.batch-create", sandbox.EffectUnknownError, contactID(1))
	equal(t, "error", p.call("POST", links+"/batch/create", write).want(t, 207).text("errors", 0, "context"), "map[]")
	equal(t, "written", p.associated("companies", initech, "contacts"), []string{contactID(2) + " HUBSPOT_DEFINED=280 USER_DEFINED=2"})
	p = fault("associations.batch-create", sandbox.EffectFailInputs, contactID(1))
	r = p.call("POST", links+"/batch/create", write).want(t, 207)
	equal(t, "error", r.text("errors", 0, "category")+" "+r.text("errors", 0, "context", "fromObjectId", 0), "ODD "+contactID(1))
	equal(t, "written", len(p.associated("companies", initech, "contacts")), 1)
	p = fault("associations.batch-archive", sandbox.EffectOmit, contactID(1))
	p.call("POST", links+"/batch/archive", inputs(`{"from":{"id":"1000001"},"to":[{"id":"9000000001"}]}`)).want(t, 200)
	equal(t, "left", len(p.associated("contacts", contactID(1), "companies")), 1)
	p = fault("associations.batch-create", sandbox.EffectRefuse, contactID(2))
	p.call("POST", links+"/batch/create", write).want(t, 400)
	equal(t, "written", p.associated("companies", initech, "contacts"), []string{})
	p = fault("associations.batch-create", sandbox.EffectEmptyAfter)
	equal(t, "answer", p.call("POST", links+"/batch/create", write).want(t, 201).raw, "")
	equal(t, "written", len(p.associated("companies", initech, "contacts")), 2)
	p = start(t, sandbox.Options{}, 3)
	p.declare(sandbox.Fault{Operation: "associations.batch-read", Effect: sandbox.EffectAssociate, IDs: []string{contactID(3)}, Into: globex, Labels: []string{"Decision maker"}},
		sandbox.Fault{Operation: "associations.batch-read", Effect: sandbox.EffectDissociate, IDs: []string{contactID(1)}, Into: acme, Nth: 2})
	equal(t, "associated by hand", p.call("POST", links+"/batch/read", inputs(`{"id":"1000003"}`)).want(t, 200).text("results", 0, "to", 0, "associationTypes", 1, "label"), "Decision maker")
	p.call("POST", links+"/batch/read", inputs(`{"id":"1000001"}`)).want(t, 207)
	if err := p.Declare(sandbox.Fault{Effect: sandbox.EffectAssociate, IDs: []string{"1"}}); err == nil {
		t.Error("a fault that associates with nothing")
	}
	p = fault("labels.list", sandbox.EffectBurst)
	p.call("GET", links+"/labels", "").want(t, 429)
	q := start(t, sandbox.Options{MissingScopes: []string{"crm.objects.companies.write"}}, 3)
	q.call("POST", links+"/batch/read", read).want(t, 200)
	q.call("POST", links+"/batch/create", write).want(t, 403)
}

// associationBases are the beginnings of the paths of associations, of their labels and of the objects that have them.
func associationBases(version string) [3]string {
	if version == "v3" {
		return [3]string{"/crm/v4/associations", "/crm/associations/v4", "/crm/v4/objects"}
	}
	return [3]string{"/crm/associations/" + version, "/crm/associations/" + version, "/crm/objects/" + version}
}

func contractAssociations(p *portal, base [3]string) {
	batch, labels, one := base[0]+"/contacts/companies/batch", base[1]+"/contacts/companies/labels", base[2]+"/contacts/1000001/associations"
	gone := map[bool]int{true: 204, false: 200}[strings.Contains(base[0], "v4")]
	made := p.call("POST", labels, `{"label":"Buyer","name":"buyer","inverseLabel":"Bought by"}`).want(p.t, 200)
	p.call("GET", labels, "").want(p.t, 200)
	p.call("GET", base[1]+"/contacts/cars/labels", "").want(p.t, 400)
	p.call("PUT", labels, `{"associationTypeId":`+made.text("results", 0, "typeId")+`,"label":"Buys for"}`).want(p.t, 204)
	p.call("POST", batch+"/create", inputs(linkOf(contactID(1), acme, own(1)))).want(p.t, 201)
	p.call("POST", batch+"/create", inputs(linkOf(contactID(1), globex, own(1)), linkOf("7", acme, own(99)))).want(p.t, 207)
	p.call("POST", batch+"/associate/default", inputs(`{"from":{"id":"1000001"},"to":{"id":"9000000003"}}`, `{"from":{"id":"7"},"to":{"id":"9000000003"}}`)).want(p.t, 200)
	p.call("POST", batch+"/read", inputs(`{"id":"1000001"}`)).want(p.t, 200)
	p.call("POST", batch+"/read", inputs(`{"id":"1000001"}`, `{"id":"1000300"}`)).want(p.t, 207)
	p.call("GET", one+"/companies?limit=1", "").want(p.t, 200)
	p.call("GET", base[2]+"/contacts/7/associations/companies", "").want(p.t, 404)
	p.call("PUT", one+"/default/companies/"+acme, "").want(p.t, 200)
	p.call("PUT", one+"/companies/"+acme, "["+own(1)+"]").want(p.t, 201)
	p.call("PUT", one+"/companies/7", "["+own(1)+"]").want(p.t, 400)
	p.call("DELETE", one+"/companies/"+acme, "").want(p.t, 204)
	p.call("POST", batch+"/labels/archive", inputs(linkOf(contactID(1), globex, own(1)))).want(p.t, gone)
	p.call("POST", batch+"/archive", inputs(`{"from":{"id":"1000001"},"to":[{"id":"9000000002"}]}`)).want(p.t, gone)
	p.call("DELETE", labels+"/"+made.text("results", 0, "typeId"), "").want(p.t, 204)
}
