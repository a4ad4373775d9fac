package proof

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rollcall/engine/hubspot/sandbox"
)

// clone is a portal of its own that is as this one stands: the HubSpot account, the control database and its log, the journal. No
// child of this one may be at work.
func (p *portal) clone(t testing.TB) *portal {
	t.Helper()
	c := barePortal(t, 0, sandbox.Options{})
	state := filepath.Join(c.dir, "sandbox.json")
	if err := p.box.Save(state); err != nil {
		t.Fatal(err)
	}
	if err := c.box.Load(state); err != nil {
		t.Fatal(err)
	}
	c.applied = slices.Clone(p.applied)
	for _, end := range []string{"", ".wal", ".journal"} {
		data, err := os.ReadFile(p.file() + end)
		if errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(c.file()+end, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// members are the numbers of the contacts on a list.
func (p *portal) members(listID string) []int {
	p.t.Helper()
	ids, err := p.box.Members(listID)
	if err != nil {
		p.t.Fatal(err)
	}
	numbers := make([]int, 0, len(ids))
	for _, id := range ids {
		n, err := strconv.Atoi(id)
		if err != nil {
			p.t.Fatal(err)
		}
		numbers = append(numbers, n-firstContact+1)
	}
	slices.Sort(numbers)
	return numbers
}

// lists are the IDs of the account's lists by name.
func (p *portal) lists() map[string]string {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/crm/v3/lists/search", strings.NewReader(`{"count": 500}`))
	r.Header.Set("Authorization", "Bearer any")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	p.box.ServeHTTP(w, r)
	var page struct {
		Lists []struct{ ListID, Name string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK {
		p.t.Fatalf("search lists: %d %s (%v)", w.Code, w.Body, err)
	}
	ids := map[string]string{}
	for _, l := range page.Lists {
		ids[l.Name] = l.ListID
	}
	return ids
}

// byHand puts contacts on a list, or takes them off it, as a person in HubSpot would.
func (p *portal) byHand(listID string, add, remove []int) {
	p.t.Helper()
	if err := p.box.AddMembers(listID, recordIDs(add)...); err != nil {
		p.t.Fatal(err)
	}
	if err := p.box.RemoveMembers(listID, recordIDs(remove)...); err != nil {
		p.t.Fatal(err)
	}
}

// recordIDs are those of contacts by number.
func recordIDs(numbers []int) (ids []string) {
	for _, n := range numbers {
		ids = append(ids, strconv.Itoa(firstContact+n-1))
	}
	return ids
}

// writes is how many writes reached HubSpot.
func (p *portal) writes() int {
	n := p.box.CountCalls("memberships.add-and-remove")
	for _, operation := range slices.Concat(recordWrites, linkWrites) {
		n += p.box.CountCalls(operation)
	}
	return n
}

// cutNumber parts what is counted, "after send:2", into its name and its number.
func cutNumber(t testing.TB, counted string) (name string, n int) {
	t.Helper()
	i := strings.LastIndex(counted, ":")
	n, err := strconv.Atoi(counted[i+1:])
	if err != nil {
		t.Fatal(fmt.Errorf("%q: %w", counted, err))
	}
	return counted[:i], n
}
