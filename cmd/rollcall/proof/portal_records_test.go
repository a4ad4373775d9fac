package proof

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"rollcall/engine/hubspot/sandbox"
)

// recordWrites are the operations that write records.
var recordWrites = []string{"objects.batch-create", "objects.batch-update"}

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
