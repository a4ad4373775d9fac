package engine

import (
	"context"
	"fmt"

	"rollcall/engine/hubspot"
)

// readings is how often a list is read before it is given up: members may come and go between two pages.
const readings = 3

// readMembers makes the temp table current of the list's members and returns how many there are. A list that was not read
// whole, or changed while it was read, is read again, and then is an error: it is never diffed.
func (s *session) readMembers(ctx context.Context, l list) (int64, error) {
	for reading := 1; ; reading++ {
		read, why, err := s.readPages(ctx, l)
		if err != nil {
			return 0, fmt.Errorf("read list %s: %w", l.ID, err)
		}
		if why == "" {
			s.log.Info().Str("list_id", l.ID).Int64("members", read).Msg("read current")
			return read, execAll(ctx, s.conn, "42_stage_current", "43_drop_pages")
		}
		s.log.Warn().Str("list_id", l.ID).Int("reading", reading).Str("reason", why).Msg("list not read whole")
		if reading == readings {
			return 0, refuse("nothing was sent; run it again when the list is at rest",
				"list %s could not be read whole in %d readings: %s", l.ID, readings, why)
		}
	}
}

// readPages makes the temp table pages anew, and says why it does not hold the whole list, if so.
func (s *session) readPages(ctx context.Context, l list) (members int64, why string, err error) {
	if err := execAll(ctx, s.conn, "40_stage_pages"); err != nil {
		return 0, "", err
	}
	if l.ID == "" {
		return 0, "", nil
	}
	load := newLoader(s.conn, "pages")
	var query hubspot.PageQuery
	var total, done int64 = -1, 0
	cursors := map[string]bool{}
	for {
		page, err := s.client.MembershipPage(ctx, l.ID, query)
		if err != nil {
			return 0, "", err
		}
		for _, id := range page.RecordIDs {
			if err := load.add(id); err != nil {
				return 0, "", err
			}
		}
		if page.Total != nil {
			if total >= 0 && *page.Total != total {
				return 0, fmt.Sprintf("it went from %d to %d members meanwhile", total, *page.Total), nil
			}
			total = *page.Total
		}
		done += int64(len(page.RecordIDs))
		s.progress("current", done, max(total, 0))
		if page.After == "" {
			break
		}
		if cursors[page.After] {
			return 0, "its pages lead round in a circle", nil
		}
		cursors[page.After] = true
		query.After = page.After
	}
	if err := load.flush(); err != nil {
		return 0, "", err
	}
	return s.checkPages(ctx, total)
}

// checkPages holds the pages against each other and against the list's own total, where one was given (else -1).
func (s *session) checkPages(ctx context.Context, total int64) (members int64, why string, err error) {
	var read int64
	if err := readRow(ctx, s.conn, "41_count_pages", nil, &read, &members); err != nil {
		return 0, "", err
	}
	switch {
	case read != members:
		return 0, fmt.Sprintf("%d members came twice", read-members), nil
	case total >= 0 && members != total:
		return 0, fmt.Sprintf("its pages held %d members, HubSpot counts %d", members, total), nil
	}
	return members, "", nil
}
