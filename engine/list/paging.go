package list

import (
	"fmt"
	"strconv"

	"rollcall/engine/hint"
)

// Bounds of the pages of one reading of a list. Pages may hold fewer members than they can, and a list may grow while it
// is read. Without a bound a server whose pages never end would be asked for ever, and the account's calls of the day
// with it.
const (
	pagesPerFull = 4       // for each full page that the counted members make
	sparePages   = 100     // besides, and without a member at either end
	maxPages     = 200_000 // where HubSpot does not count the members: 50 million of them
)

// counted returns how many members HubSpot says that the list has: beside its pages (the total, which is optional in
// HubSpot's OpenAPI file), or in its metadata; -1 where it says nothing. The larger one counts, since both may lag
// behind.
func (r *reading) counted() int64 {
	size, err := strconv.ParseInt(r.sync.seen.size, 10, 64)
	if err != nil {
		size = -1
	}
	return max(r.total, size)
}

// pageSize is how many members a page is asked for.
func (r *reading) pageSize() int64 { return int64(r.sync.env.Limits.PageSize) }

// mostPages is how many pages the reading may take.
func (r *reading) mostPages() int64 {
	counted := r.counted()
	if counted < 0 || counted/r.pageSize() > maxPages {
		return maxPages
	}
	return min(maxPages, pagesPerFull*(counted/r.pageSize()+1)+sparePages)
}

// abandon ends a reading whose pages have no end, and the sync with it. Another reading would have none either.
func (r *reading) abandon(listID string) {
	r.end()
	says := "does not count the members"
	if n := r.counted(); n >= 0 {
		says = fmt.Sprintf("counts %s", hint.Counted(n, "member", "members"))
	}
	advice := "run it again, and if it comes again, look at whether hubspot_url is HubSpot"
	if !r.sync.applied {
		advice = "nothing was sent; " + advice
	}
	r.sync.Fail(hint.New(advice,
		"list %s could not be read whole: there are more pages after %d pages with %s, and HubSpot %s", listID, r.pages, hint.Counted(r.read, "member", "members"), says))
}
