package doctor

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/warehouse"
)

// probeList is how the names of the lists begin that ExamineLive makes; a UUID follows.
const probeList = "rollcall doctor "

// probeListName matches such names alone: what it matches may be deleted.
var probeListName = regexp.MustCompile(`^` + probeList + `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// firstNobody is the first of the record IDs that no record has: they are far above HubSpot's, and below 2^53.
const firstNobody = 9_000_000_000_000_000

// probing is one list that was made to ask with. It is a MANUAL list of contacts, which nothing in the account uses.
type probing struct {
	*live
	list  hubspot.List
	known []int64 // contacts that are on it, in ascending order
}

// askHubSpot asks with a list of its own. The list is deleted however the examination ends. The order matters: writeSize
// tells whether anything can be written, and addKnown fills the list for the rest.
func (x *live) askHubSpot(ctx context.Context) {
	if x.HubSpot == nil {
		x.fail("hubspot", x.NotHubSpot, "")
		return
	}
	p := &probing{live: x}
	var err error
	if p.list, err = p.HubSpot.CreateList(ctx, hubspot.ContactsID, probeList+uuid.Must(uuid.NewV7()).String()); err != nil {
		x.fail("scopes", err, "see rollcall doctor")
		return
	}
	defer p.deleteList(context.WithoutCancel(ctx))
	// After the list was made, since its CreatedBy tells which lists are this app's.
	p.deleteLeftovers(ctx)
	for _, ask := range []func(context.Context){p.writeSize, p.addKnown, p.pageSize, p.total, p.fromEnd, p.merged} {
		if ctx.Err() != nil {
			return
		}
		ask(ctx)
	}
}

// deleteLeftovers deletes the lists of those that were killed: their names tell, they are MANUAL, and the same app made
// them as the list of this one. Where HubSpot does not say who made one, it is left to a person.
func (p *probing) deleteLeftovers(ctx context.Context) {
	page, err := p.HubSpot.SearchLists(ctx, hubspot.ListSearch{Query: strings.TrimSpace(probeList), ProcessingTypes: []string{hubspot.TypeManual}})
	if err != nil {
		p.fail("lists left behind", err, "delete lists by hand that are called "+probeList+"and a UUID")
		return
	}
	deleted := 0
	for _, l := range page.Lists {
		if !probeListName.MatchString(l.Name) || l.ProcessingType != hubspot.TypeManual || l.ID == p.list.ID || l.DeletedAt != nil {
			continue
		}
		if l.CreatedBy == "" || l.CreatedBy != p.list.CreatedBy {
			p.warn("list "+l.ID, "delete it by hand if nobody needs it", "it is called as those of rollcall doctor are, and HubSpot does not say that this app made it")
			continue
		}
		if err := p.HubSpot.DeleteList(ctx, l.ID); err != nil && !hubspot.IsNotFound(err) {
			p.fail("lists left behind", err, "delete list "+l.ID+" by hand")
			return
		}
		deleted++
	}
	if deleted > 0 {
		p.ok("lists left behind", "%s deleted", hint.Counted(int64(deleted), "list that a killed doctor left was", "lists that killed doctors left were"))
	}
}

// deleteList deletes the list, and asks how HubSpot tells of a list that is gone: as 404, or with deletedAt. HubSpot's
// lists guide leaves that open.
func (p *probing) deleteList(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := p.HubSpot.DeleteList(ctx, p.list.ID); err != nil {
		p.failed("deleted list", fmt.Sprintf("delete list %s %q by hand, or run rollcall doctor --live again", p.list.ID, p.list.Name), "%s", hint.OneLine(err))
		return
	}
	l, err := p.HubSpot.List(ctx, p.list.ID)
	switch {
	case hubspot.IsNotFound(err):
		p.expected("deleted list", "%s", p.said(err))
	case err != nil:
		p.different("deleted list", "a sync whose list is deleted is FAILED with this error, without the hint that it can be restored", "", "%s", p.said(err))
	case l.DeletedAt != nil:
		p.expected("deleted list", "it is read with the time of its deletion")
	default:
		p.different("deleted list", "a list that was just deleted is taken for one that is there, until HubSpot says otherwise", "", "it is read as if it were there")
	}
}

// said returns an error of HubSpot's in words, without what differs from call to call.
func (p *probing) said(err error) string {
	return correlation.ReplaceAllString(strings.ReplaceAll(hint.OneLine(err), p.list.ID, "N"), "")
}

// correlation matches what HubSpot's errors say of the single call.
var correlation = regexp.MustCompile(` \(correlation id [^)]*\)`)

// nobody returns n record IDs that no record has.
func nobody(n int) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = firstNobody + int64(i)
	}
	return ids
}

// send adds n IDs that no record has, and returns how many of them the answer names as missing. What HubSpot adds all the
// same is taken out again.
func (p *probing) send(ctx context.Context, n int) (missing int, err error) {
	answer, err := p.HubSpot.AddAndRemove(ctx, p.list.ID, nobody(n), nil)
	if err == nil && len(answer.Added) > 0 {
		_, err = p.HubSpot.AddAndRemove(ctx, p.list.ID, nil, answer.Added)
	}
	return len(answer.Missing), err
}

// writeSize asks how many IDs a write takes, up to the number that is set, and whether HubSpot names those that no record
// has. No limit is documented.
func (p *probing) writeSize(ctx context.Context) {
	missing, err := p.send(ctx, 1)
	switch {
	case hubspot.IsForbidden(err):
		p.fail("scopes", err, "")
		return
	case err != nil:
		p.different("IDs without a record", "a batch with such an ID is halved until the ID is alone, and that change fails", "", "a write of one is refused: %s", p.said(err))
		p.notAsked("write size", "IDs that no record has are refused")
		return
	case missing == 0:
		p.different("IDs without a record", "such a change counts as already made, until the list is read", "", "the answer does not name them")
	default:
		p.expected("IDs without a record", "the answer names them as missing")
	}
	p.expected("scopes", "a list could be made and changed with the token's scopes")
	size, refusal := p.WriteSize, error(nil)
	for size > 1 {
		missing, err = p.send(ctx, size)
		if err == nil || ctx.Err() != nil {
			break
		}
		refusal = err
		size /= 2
	}
	switch {
	case err != nil:
		p.fail("write size", err, "")
	case refusal != nil:
		p.different("write size", "a refused write is halved in every run until it is taken", fmt.Sprintf("membership_chunk_size = %d", size),
			"a write of %d IDs is taken, one of %d refused: %s", size, 2*size, p.said(refusal))
	case missing != size:
		p.different("write size", "changes that the answer does not name count as already made", "membership_chunk_size = 1000", "of %d IDs without a record the answer names %d", size, missing)
	default:
		p.expected("write size", "%d IDs in one write", size)
	}
}

// addKnown puts contacts on the list that a run has found before, and asks how far the list's members and its metadata
// lag behind. More than a page of them, so that paging can be asked about; they are on a list that nobody else uses, and
// it is deleted.
func (p *probing) addKnown(ctx context.Context) {
	err := p.Conn.ReadRows(ctx, queries.ReadCachedRecords, warehouse.Args{"object_type_id": hubspot.ContactsID, "limit": int64(hubspot.MaxMembershipPage + 50)}, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		p.known = append(p.known, id)
		return err
	})
	if err == nil && len(p.known) > 0 {
		var answer hubspot.MembershipChange
		if answer, err = p.HubSpot.AddAndRemove(ctx, p.list.ID, p.known, nil); err == nil {
			p.known = answer.Added
			slices.Sort(p.known)
		}
	}
	if err != nil {
		p.known = nil
		p.fail("lag of members", err, "")
		return
	}
	if len(p.known) < 3 {
		p.known = nil
		p.notAsked("lag of members", "no contacts are known yet: run a sync of contacts first")
		p.notAsked("lag of metadata", "no contacts are known yet")
		return
	}
	p.lag(ctx, "lag of members", "the list is read again, and the difference is told as drift (run --verify)", func() (bool, error) {
		read, err := p.readAll(ctx)
		return read == len(p.known), err
	})
	p.lag(ctx, "lag of metadata", "a list whose metadata changes after the run is read page by page by the next one", func() (bool, error) {
		page, err := p.HubSpot.SearchLists(ctx, hubspot.ListSearch{IDs: []string{p.list.ID}, Properties: []string{hubspot.PropertyListSize, hubspot.PropertyLastAdded, hubspot.PropertyLastRemoved}})
		return len(page.Lists) == 1 && page.Lists[0].Properties[hubspot.PropertyListSize] == strconv.Itoa(len(p.known)), err
	})
}

// readAll counts the list's members, a hundred a page.
func (p *probing) readAll(ctx context.Context) (read int, err error) {
	query := hubspot.PageQuery{Limit: min(100, p.PageSize)}
	// A bound, so that pages without an end are not read for ever.
	for range len(p.known) + 1 {
		page, err := p.HubSpot.MembershipPage(ctx, p.list.ID, query)
		if err != nil {
			return 0, err
		}
		read += len(page.RecordIDs)
		if query.After = page.After; page.After == "" {
			break
		}
	}
	return read, nil
}

// lag looks until something shows the write, for five times as long as a run waits before it reads again. does is what a
// run does where it lags.
func (p *probing) lag(ctx context.Context, subject, does string, shows func() (bool, error)) {
	begun := time.Now()
	for {
		shown, err := shows()
		took := time.Since(begun).Round(100 * time.Millisecond)
		switch {
		case err != nil:
			p.fail(subject, err, "")
			return
		case shown && took <= p.VerifyWait:
			p.expected(subject, "the write shows after %s", took)
			return
		case shown:
			p.different(subject, does, "", "the write shows after %s, a run waits for %s", took, p.VerifyWait)
			return
		case took > 5*p.VerifyWait:
			p.different(subject, does, "", "the write does not show within %s", took)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(p.pause):
		}
	}
}

// pageSize asks how many members a page has: HubSpot's OpenAPI file lists gives 250 as the most for some versions only.
func (p *probing) pageSize(ctx context.Context) {
	size, refusal := p.PageSize, error(nil)
	for size > 1 {
		page, err := p.HubSpot.MembershipPage(ctx, p.list.ID, hubspot.PageQuery{Limit: size})
		if hubspot.IsRefused(err) {
			refusal, size = err, size/2
			continue
		}
		got := len(page.RecordIDs)
		switch {
		case err != nil:
			p.fail("page size", err, "")
		case page.After != "" && got < size:
			p.different("page size", "lists are read with as many pages as it takes", fmt.Sprintf("membership_page_size = %d", got), "a page of %d is asked for, and has %d", size, got)
		case refusal != nil:
			p.different("page size", "no list can be read until it is set", fmt.Sprintf("membership_page_size = %d", size), "%d members are taken, %d refused: %s", size, 2*size, p.said(refusal))
		case got < size:
			p.expected("page size", "a page of %d is taken, and the list has %d: whether it would be cut is not known", size, got)
		default:
			p.expected("page size", "%d members", size)
		}
		return
	}
	p.fail("page size", refusal, "")
}

// total asks whether pages count the members.
// HubSpot's OpenAPI file lists makes the count optional. Without it the end of the pages alone shows that a list was read
// whole.
func (p *probing) total(ctx context.Context) {
	page, err := p.HubSpot.MembershipPage(ctx, p.list.ID, hubspot.PageQuery{Limit: 1})
	switch {
	case err != nil:
		p.fail("total", err, "")
	case page.Total == nil:
		p.different("total", "lists are read until their pages end, and the count is taken from the list's metadata", "", "pages do not count the members")
	case *page.Total != int64(len(p.known)):
		p.different("total", "a list whose count does not fit its pages is read again, and then not diffed", "", "a page counts %d members of %d", *page.Total, len(p.known))
	default:
		p.expected("total", "pages count the members")
	}
}

// fromEnd asks whether an empty before leads to the last page.
// HubSpot's OpenAPI file lists says that before without after reads in descending order, and does not mention an empty
// value. Where it leads to the last page, lists are read from both ends at once, in half the time.
func (p *probing) fromEnd(ctx context.Context) {
	if len(p.known) == 0 {
		p.notAsked("empty before", "the list has no members")
		return
	}
	page, err := p.HubSpot.MembershipPage(ctx, p.list.ID, hubspot.PageQuery{FromEnd: true, Limit: 2})
	does := "lists are read from their start alone, after a call that brings nothing"
	switch {
	case hubspot.IsRefused(err):
		p.different("empty before", does, "read_from_end = false", "it is refused: %s", p.said(err))
	case err != nil:
		p.fail("empty before", err, "")
	case page.Descending() && page.RecordIDs[0] == p.known[len(p.known)-1]:
		p.expected("empty before", "it leads to the last page, in descending order")
	default:
		p.different("empty before", does, "read_from_end = false", "it does not lead to the last page")
	}
}

// merged asks what an ID leads to that was merged into a known contact, if there is one.
// A cached record ID may have been merged since: where HubSpot calls it missing its key is looked up again, and where it
// does not the change goes unnoticed.
func (p *probing) merged(ctx context.Context) {
	old, into, err := p.findMerged(ctx)
	switch {
	case err != nil:
		p.fail("merged IDs", err, "")
		return
	case old == 0:
		p.notAsked("merged IDs", "none of the contacts that are known has any")
		return
	}
	read, err := p.HubSpot.BatchRead(ctx, "contacts", "", []string{strconv.FormatInt(old, 10)}, nil)
	if err != nil {
		p.fail("merged IDs", err, "")
		return
	}
	answer, err := p.HubSpot.AddAndRemove(ctx, p.list.ID, []int64{old}, nil)
	if err != nil {
		p.different("merged IDs", "a batch with such an ID is halved until the ID is alone, and that change fails", "", "a write of one is refused: %s", p.said(err))
		return
	}
	found := "a read does not find it"
	if len(read.Records) == 1 && read.Records[0].ID == into {
		found = "a read gives the record that it was merged into"
	} else if len(read.Records) > 0 {
		found = "a read gives a record under the ID itself"
	}
	switch {
	case slices.Contains(answer.Missing, old):
		p.expected("merged IDs", "%s, a write calls it missing", found)
	case slices.Contains(answer.Added, old):
		p.different("merged IDs", "the list is read back by the next full read, and what differs is told as drift", "", "%s, a write adds it", found)
	default:
		p.different("merged IDs", "the change counts as already made", "", "%s, a write does not name it", found)
	}
}

// findMerged returns the ID of a record that was merged into a known contact, and that contact's; 0 where no known
// contact has one.
func (p *probing) findMerged(ctx context.Context) (old, into int64, err error) {
	for chunk := range slices.Chunk(p.known, hubspot.MaxBatchRead) {
		var ids []string
		for _, id := range chunk {
			ids = append(ids, strconv.FormatInt(id, 10))
		}
		read, err := p.HubSpot.BatchRead(ctx, "contacts", "", ids, []string{hubspot.PropertyMergedIDs})
		if err != nil {
			return 0, 0, err
		}
		for _, r := range read.Records {
			if merged := r.MergedIDs(); len(merged) > 0 && merged[0] != r.ID {
				return merged[0], r.ID, nil
			}
		}
	}
	return 0, 0, nil
}
