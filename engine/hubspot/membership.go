package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// MaxMembershipPage is how many members one page holds at most (HubSpot's v3 and 2026-03 lists specs).
const MaxMembershipPage = 250

// PageQuery selects the page of members to read. The zero value is the first, in ascending order of record IDs; Before
// alone reads in descending order.
type PageQuery struct {
	After, Before string
	// FromEnd asks for the last page, in descending order, by an empty Before. HubSpot documents the order, not the empty
	// value: a server may answer with the first page all the same, or refuse it, so look at what came.
	FromEnd bool
	// Limit is MaxMembershipPage unless set.
	Limit int
}

// MembershipPage is one page of a list's members.
type MembershipPage struct {
	RecordIDs []int64
	// Joined says, for each of RecordIDs, since when it has been a member; zero where HubSpot does not say.
	Joined []time.Time
	// At is the time of the answer by HubSpot's clock, to the second; zero where it does not say.
	At time.Time
	// After and Before are the cursors of the adjacent pages, empty where there is none.
	After, Before string
	// Total is the list's size as this endpoint counts it; nil when HubSpot does not say.
	Total *int64
}

// Descending reports whether the page was read from the end of the list. A page of one member or none is the whole list either way.
func (p MembershipPage) Descending() bool {
	return len(p.RecordIDs) > 1 && p.RecordIDs[0] > p.RecordIDs[len(p.RecordIDs)-1]
}

type membershipAnswer struct {
	Results *[]struct {
		RecordID recordID `json:"recordId"`
		Joined   text     `json:"membershipTimestamp"`
	} `json:"results"`
	Total  *count `json:"total"`
	Paging struct {
		Next struct {
			After text `json:"after"`
		} `json:"next"`
		Prev struct {
			Before text `json:"before"`
		} `json:"prev"`
	} `json:"paging"`
}

func (a membershipAnswer) complete() bool {
	if a.Results == nil {
		return false
	}
	for _, result := range *a.Results {
		if result.RecordID == 0 {
			return false
		}
	}
	return true
}

// MembershipPage reads one page of a list's members. A cursor that does not move on is an error, so that following
// cursors always ends.
func (c *Client) MembershipPage(ctx context.Context, listID string, query PageQuery) (MembershipPage, error) {
	if err := checkID("list id", listID); err != nil {
		return MembershipPage{}, err
	}
	values := url.Values{"limit": {strconv.Itoa(MaxMembershipPage)}}
	if query.Limit > 0 {
		values.Set("limit", strconv.Itoa(query.Limit))
	}
	if query.After != "" {
		values.Set("after", query.After)
	}
	if query.Before != "" || query.FromEnd {
		values.Set("before", query.Before)
	}
	answer, took, err := fetch[membershipAnswer](ctx, c, request{
		operation: "memberships.page", method: http.MethodGet, path: c.core.routes.memberships(listID),
		query: values, listID: listID,
	})
	if err != nil {
		return MembershipPage{}, err
	}
	page := MembershipPage{After: string(answer.Paging.Next.After), Before: string(answer.Paging.Prev.Before), At: took.answered}
	if query.After != "" && page.After == query.After {
		return MembershipPage{}, fmt.Errorf("memberships.page of list %s: the next page's cursor is this page's own", listID)
	}
	for _, result := range *answer.Results {
		page.RecordIDs = append(page.RecordIDs, int64(result.RecordID))
		joined, _ := time.Parse(time.RFC3339, string(result.Joined)) // zero where it is none
		page.Joined = append(page.Joined, joined)
	}
	if answer.Total != nil {
		total := int64(*answer.Total)
		page.Total = &total
	}
	return page, nil
}

// MembershipChange is what HubSpot reports to have changed. IDs that were sent and are in none of the sets were members already, or
// were none: HubSpot leaves those out.
type MembershipChange struct {
	Added, Removed []int64
	// Missing are IDs of no record in the account.
	Missing []int64
	// Attempts is how often the change was sent.
	Attempts int
	// MaybeApplied is set when the answer to an earlier attempt was lost. That attempt may have done part of the change, and
	// what it did is in none of the sets.
	MaybeApplied bool
}

// membershipChangeAnswer takes both spellings: the specs of every version say recordsIdsAdded, some of HubSpot's own
// examples recordIdsAdded. An empty set may be left out.
type membershipChangeAnswer struct {
	RecordsIDsAdded  *[]recordID `json:"recordsIdsAdded"`
	RecordIDsAdded   *[]recordID `json:"recordIdsAdded"`
	RecordIDsRemoved *[]recordID `json:"recordIdsRemoved"`
	RecordIDsMissing *[]recordID `json:"recordIdsMissing"`
}

func (a membershipChangeAnswer) complete() bool {
	return a.RecordsIDsAdded != nil || a.RecordIDsAdded != nil || a.RecordIDsRemoved != nil || a.RecordIDsMissing != nil
}

// MembershipWriteOperation is the call that changes a list's members.
const MembershipWriteOperation = "memberships.add_and_remove"

// AddAndRemove adds and removes members in one call. It is repeated as often as needed, since a second time changes
// nothing. An answer without any of the expected fields is ErrEmptyAnswer; one that names records which were not sent is
// an error too. Whatever fails after the change was sent, and so may have been applied, is ErrAmbiguous.
func (c *Client) AddAndRemove(ctx context.Context, listID string, add, remove []int64) (MembershipChange, error) {
	if err := checkID("list id", listID); err != nil {
		return MembershipChange{}, err
	}
	if len(add)+len(remove) == 0 {
		return MembershipChange{}, nil
	}
	body := struct {
		Add    []string `json:"recordIdsToAdd"`
		Remove []string `json:"recordIdsToRemove"`
	}{decimals(add), decimals(remove)}
	req := request{
		operation: MembershipWriteOperation, method: http.MethodPut,
		path: c.core.routes.memberships(listID) + "/add-and-remove",
		body: body, listID: listID, items: len(add) + len(remove), write: true,
	}
	answer, took, err := fetch[membershipChangeAnswer](ctx, c, req)
	change := MembershipChange{Attempts: took.attempts, MaybeApplied: took.maybeApplied}
	if err != nil {
		return change, err
	}
	change.Added = union(answer.RecordsIDsAdded, answer.RecordIDsAdded)
	change.Removed = union(answer.RecordIDsRemoved)
	change.Missing = union(answer.RecordIDsMissing)
	if err := change.checkSent(add, remove); err != nil {
		return change, c.core.callError(req, took.attempts, true, err)
	}
	return change, nil
}

// checkSent refuses an answer that names IDs which were not asked for: it answers some other request.
func (m MembershipChange) checkSent(add, remove []int64) error {
	sent := make(map[int64]struct{ add, remove bool }, len(add)+len(remove))
	for _, id := range add {
		s := sent[id]
		s.add = true
		sent[id] = s
	}
	for _, id := range remove {
		s := sent[id]
		s.remove = true
		sent[id] = s
	}
	unexpected := 0
	for _, id := range m.Added {
		if !sent[id].add {
			unexpected++
		}
	}
	for _, id := range m.Removed {
		if !sent[id].remove {
			unexpected++
		}
	}
	for _, id := range m.Missing {
		if _, ok := sent[id]; !ok {
			unexpected++
		}
	}
	if unexpected > 0 {
		return fmt.Errorf("%w: it names %d ids that were not sent", errForeignAnswer, unexpected)
	}
	return nil
}

var errForeignAnswer error = &advised{message: "answer to something else", hint: hintForeign}

func decimals(ids []int64) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = strconv.FormatInt(id, 10)
	}
	return out
}

// union returns the IDs of all the sets that are there, each once, in the order of the answer.
func union(sets ...*[]recordID) []int64 {
	var out []int64
	seen := map[recordID]bool{}
	for _, set := range sets {
		if set == nil {
			continue
		}
		for _, id := range *set {
			if !seen[id] {
				seen[id] = true
				out = append(out, int64(id))
			}
		}
	}
	return out
}
