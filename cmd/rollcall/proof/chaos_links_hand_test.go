package proof

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"rollcall/engine/hubspot/sandbox"
)

// look reads the account as others have left it. merged are the contacts that were merged last, into whichever has their links now.
func (h *linkHistory) look(merged []int64) {
	h.t.Helper()
	before := h.links
	h.account, h.links = readAccount(h.t, h.portal.box), h.portal.links()
	touched := map[[2]int64]bool{}
	for e := range h.links {
		if before[e] {
			continue
		}
		touched[e.pair()] = true
		h.seen[e] = true
		for _, id := range merged {
			h.made[e] = h.made[e] || h.made[element{id, e.to, e.kind}]
		}
		if !h.made[e] {
			h.foreign[e] = true
		}
	}
	for e := range before {
		if !h.links[e] {
			touched[e.pair()] = true
			delete(h.foreign, e)
		}
	}
	for e := range h.own {
		if touched[e.pair()] {
			delete(h.own, e)
		}
	}
}

// byHand changes the account as persons do.
func (h *linkHistory) byHand(r *rand.Rand) {
	drawn := some(r, h.account.contacts(), 2)
	a, b := fmt.Sprint(drawn[0]), fmt.Sprint(drawn[1])
	var merged []int64
	switch r.IntN(8) {
	case 0:
		h.logf("contact %s is deleted", a)
		h.must(h.portal.box.DeleteObject("contacts", a))
	case 1:
		h.logf("contact %s is merged into %s", b, a)
		_, err := h.portal.box.MergeContacts(a, b)
		h.must(err)
		merged = drawn
	case 2:
		h.deleteCompany(r)
	case 3:
		h.fresh++
		if address := fmt.Sprintf("new-%d@example.com", h.fresh); h.account.byAddress[address] == 0 {
			h.logf("contact %s is created", address)
			_, err := h.portal.box.CreateContact(map[string]string{"email": address})
			h.must(err)
		}
	default:
		h.linkByHand(r)
	}
	h.look(merged)
	h.forget(merged)
}

// forget drops the rows whose keys are the IDs of records that were merged into another one. Whether such an ID still finds a record depends on what
// else is read with it: see package resolve.
func (h *linkHistory) forget(merged []int64) {
	for _, id := range merged {
		for _, s := range h.syncs {
			maps.DeleteFunc(s.rows, func(row linkRow, _ bool) bool { return row.from == fmt.Sprint(id) && h.contact(row.from) == 0 })
		}
	}
}

// deleteCompany deletes a company, as long as there are others.
func (h *linkHistory) deleteCompany(r *rand.Rand) {
	var there []string
	for key, id := range h.keys {
		if id != 0 {
			there = append(there, key)
		}
	}
	if len(there) < 3 {
		return
	}
	slices.Sort(there)
	key := pick(r, there...)
	h.logf("company %s is deleted", key)
	h.must(h.portal.box.DeleteObject("companies", fmt.Sprint(h.keys[key])))
	h.keys[key] = 0
}

// linkByHand links or unlinks a contact and a company, or takes a label off.
func (h *linkHistory) linkByHand(r *rand.Rand) {
	contact, company := pick(r, h.account.contacts()...), h.company(r)
	from, to := fmt.Sprint(contact), fmt.Sprint(company)
	switch r.IntN(4) {
	case 0:
		h.logf("%s and %s are unlinked", from, to)
		h.must(h.portal.box.Dissociate("contacts", from, "companies", to))
	case 1:
		kind := pick(r, h.kinds["decision maker"], h.kinds["billing"], h.kinds["primary"])
		h.logf("%s is taken off %s and %s", kind, from, to)
		h.takeOff(contact, company, kind)
	default:
		labels := some(r, []string{"Decision maker", "Billing", "Primary"}, r.IntN(3))
		h.logf("%s and %s are linked: %v", from, to, labels)
		h.must(h.portal.box.Associate("contacts", from, "companies", to, labels...))
	}
}

// company draws one that is there.
func (h *linkHistory) company(r *rand.Rand) int64 {
	var there []int64
	for _, id := range h.keys {
		if id != 0 {
			there = append(there, id)
		}
	}
	slices.Sort(there)
	return pick(r, there...)
}

// takeOff takes a label off a pair, as a person does.
func (h *linkHistory) takeOff(contact, company int64, kind string) {
	category, typeID, _ := strings.Cut(kind, " ")
	body := fmt.Sprintf(`{"inputs": [{"from": {"id": "%d"}, "to": {"id": "%d"}, "types": [{"associationCategory": "%s", "associationTypeId": %s}]}]}`, contact, company, category, typeID)
	r := httptest.NewRequest(http.MethodPost, "/crm/v4/associations/contacts/companies/batch/labels/archive", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer any")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.portal.box.ServeHTTP(w, r)
	if w.Code >= 300 {
		h.t.Fatalf("take %s off: %d %s", kind, w.Code, w.Body)
	}
}

// fault draws a fault of the next run.
func (h *linkHistory) fault(r *rand.Rand) sandbox.Fault {
	operations := append(linkWrites, append(linkWrites, "associations.batch-read", "associations.batch-read", "labels.list", "objects.batch-read", "")...)
	f := sandbox.Fault{Operation: pick(r, operations...), RetryAfter: "0.01"}
	if chance(r, 60) {
		f.Nth = 1 + r.IntN(3)
	} else {
		f.After, f.Count = r.IntN(2), pick(r, 1, 2, -1)
	}
	f.Effect = pick(r, sandbox.EffectStatus, sandbox.EffectHTML, sandbox.EffectEmpty, sandbox.EffectExpired, sandbox.EffectReset, sandbox.EffectStatusAfter, sandbox.EffectEmptyAfter,
		sandbox.EffectResetAfter, sandbox.EffectTruncate, sandbox.EffectUnknownError, sandbox.EffectOmit, sandbox.EffectRefuse, sandbox.EffectFailInputs)
	switch f.Effect {
	case sandbox.EffectStatus:
		f.Status = pick(r, 400, 404, 408, 477, 500, 502, 503, 504)
	case sandbox.EffectStatusAfter:
		f.Status = pick(r, 408, 500, 502, 503, 504)
	case sandbox.EffectUnknownError, sandbox.EffectOmit, sandbox.EffectRefuse, sandbox.EffectFailInputs:
		f.IDs = append(idTexts(some(r, h.account.contacts(), 4)), fmt.Sprint(h.company(r)))
		if f.Effect == sandbox.EffectFailInputs {
			f.Category = "VALIDATION_ERROR"
		}
	}
	return f
}
