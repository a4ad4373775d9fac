package kind

import (
	"fmt"
	"time"

	"rollcall/engine/plan"
)

// RetryUntil is the time up to which rejects are due whose next try is set: now, or where RetryRejects is set a time that no next try reaches.
func (e *Env) RetryUntil() time.Time {
	if e.RetryRejects {
		return e.Now().Add(365 * 24 * time.Hour)
	}
	return e.Now()
}

// Held is what is not tried in a run because HubSpot refused it lately.
type Held struct {
	N    int64
	Next time.Time // when the first of it is tried
}

// Warn tells of it in the plan's warning. what says what it is, with its number, such as 2 records.
func (h Held) Warn(p *plan.Plan, what string) {
	if h.N == 0 {
		return
	}
	if p.Warning != "" {
		p.Warning += "; "
	}
	p.Warning += fmt.Sprintf("HubSpot refused %s: tried again from %s on, or now with: rollcall run NAME --retry-rejects", what, h.Next.UTC().Format("2006-01-02 15:04 UTC"))
}
