package proof

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"rollcall/engine/hubspot/sandbox"
)

// The operations that write records, and links between them.
var (
	recordWrites = []string{"objects.batch-create", "objects.batch-update"}
	linkWrites   = []string{"associations.batch-create", "associations.batch-default", "associations.batch-archive", "associations.batch-labels-archive"}
)

// firstCompany is the record ID of the sandbox's first company; there are three.
const firstCompany = 9_000_000_001

// wireRecord is a record in an answer.
type wireRecord struct {
	ID         string            `json:"id"`
	Properties map[string]string `json:"properties"`
}

// answerRecords passes a write of records to the sandbox, and records which records it created or updated.
func (p *portal) answerRecords(w http.ResponseWriter, r *http.Request) {
	recorder := httptest.NewRecorder()
	p.box.ServeHTTP(recorder, r)
	var answer struct{ Results []wireRecord }
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil && recorder.Header().Get(sandbox.FaultHeader) == "" {
		p.t.Errorf("%s: %v in %s", r.URL.Path, err, recorder.Body)
	}
	p.mu.Lock()
	for _, record := range answer.Results {
		if strings.HasSuffix(r.URL.Path, "/batch/create") {
			p.applied = append(p.applied, "create "+record.Properties["email"])
		} else {
			p.applied = append(p.applied, "update "+record.ID)
		}
	}
	p.mu.Unlock()
	for name, values := range recorder.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(recorder.Body.Bytes()) // who has gone away misses the answer
}

// element is a link of a contact and a company: two records, and the association type as rollcall.links has it.
type element struct {
	from, to int64
	kind     string
}

func (e element) pair() [2]int64 { return [2]int64{e.from, e.to} }

// links are those of all contacts.
func (p *portal) links() map[element]bool {
	p.t.Helper()
	links := map[element]bool{}
	for _, id := range readAccount(p.t, p.box).contacts() {
		all, err := p.box.Associations("contacts", fmt.Sprint(id), "companies")
		if err != nil {
			p.t.Fatal(err)
		}
		for _, a := range all {
			for _, kind := range a.Types {
				if kind = strings.ReplaceAll(kind, "=", " "); kind == "HUBSPOT_DEFINED 279" {
					kind = "default"
				}
				links[element{id, recordsOf([]string{a.ToID})[0], kind}] = true
			}
		}
	}
	return links
}

// answerLinks passes a write of links to the sandbox, and records which it made and ended.
func (p *portal) answerLinks(w http.ResponseWriter, r *http.Request) {
	p.writing.Lock()
	defer p.writing.Unlock()
	before := p.links()
	defer func() {
		after := p.links()
		p.mu.Lock()
		defer p.mu.Unlock()
		for action, sets := range map[string][2]map[element]bool{"link": {before, after}, "unlink": {after, before}} {
			for e := range sets[1] {
				if !sets[0][e] {
					p.applied = append(p.applied, fmt.Sprintf("%s %d %d %s", action, e.from, e.to, e.kind))
				}
			}
		}
	}()
	p.box.ServeHTTP(w, r)
}

// wantRecord wants the contact with a number to be there with a city.
func (p *portal) wantRecord(number int, city string) {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/crm/v3/objects/contacts/contact-%05d@example.com?idProperty=email&properties=city", number), nil)
	r.Header.Set("Authorization", "Bearer any")
	w := httptest.NewRecorder()
	p.box.ServeHTTP(w, r)
	var record wireRecord
	if err := json.Unmarshal(w.Body.Bytes(), &record); err != nil || w.Code != http.StatusOK || record.Properties["city"] != city {
		p.t.Errorf("contact %d: %d %s (%v); want city %q", number, w.Code, w.Body, err, city)
	}
}

// wantLinks wants a contact to be linked to exactly these companies, by number, with these labels; "" is the link without a label.
func (p *portal) wantLinks(contact int, want map[int][]string) {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/crm/v4/objects/contacts/%s/associations/companies?limit=100", recordIDs([]int{contact})[0]), nil)
	r.Header.Set("Authorization", "Bearer any")
	w := httptest.NewRecorder()
	p.box.ServeHTTP(w, r)
	var answer struct {
		Results []struct {
			ToObjectID       int64 `json:"toObjectId,string"`
			AssociationTypes []struct{ Label *string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
		p.t.Fatalf("links of contact %d: %d %s (%v)", contact, w.Code, w.Body, err)
	}
	got := map[int][]string{}
	for _, to := range answer.Results {
		company := int(to.ToObjectID - firstCompany + 1)
		for _, t := range to.AssociationTypes {
			label := ""
			if t.Label != nil {
				label = *t.Label
			}
			got[company] = append(got[company], label)
		}
		slices.Sort(got[company])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		p.t.Errorf("links of contact %d, by company (-want +got):\n%s", contact, diff)
	}
}
