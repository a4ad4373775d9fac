package proof

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/engine/hubspot/sandbox"
)

// TestProofLongList exchanges all members of a long list, with two kills on the way: one when HubSpot has done a batch and not answered
// yet, one when it has not begun. In the end the list is exact, and the ledger has a known state for every ID.
func TestProofLongList(t *testing.T) {
	t.Parallel()
	changes, chunk := 3_000, 100
	if *long {
		changes, chunk = 300_000, 10_000
	}
	batches := changes / chunk
	p := newPortal(t, changes, sandbox.Options{})
	p.env["ROLLCALL_MEMBERSHIP_CHUNK_SIZE"] = fmt.Sprint(chunk)
	p.env["ROLLCALL_BATCH_READ_SIZE"] = "100"
	p.byHand("101", between(1, changes/2), nil)
	p.rollcall("sql", "--write", "-c", vip+fmt.Sprintf(`; UPDATE rollcall.syncs SET max_removal_pct = 100;
		INSERT INTO people SELECT format('contact-{:05d}@example.com', i) FROM range(%d, %d) t(i)`, changes/2+1, changes+1))

	begun := time.Now()
	p.killAfter(callWrite, batches/2, "run")
	p.wantIntent()
	afterFirst := len(p.applied)
	p.killAt(callWrite, batches/4, "run")
	p.wantIntent()
	afterSecond := len(p.applied)
	p.rollcall("run")
	took := time.Since(begun)

	if want := []int{batches / 2 * chunk, (batches/2 + batches/4 - 1) * chunk, changes}; !slices.Equal([]int{afterFirst, afterSecond, len(p.applied)}, want) {
		t.Errorf("changes done after the kills and in the end: %d, %d, %d; want %v", afterFirst, afterSecond, len(p.applied), want)
	}
	if got := p.rows("SELECT status FROM rollcall.runs ORDER BY run_id"); !slices.Equal(got, []string{"INTERRUPTED", "INTERRUPTED", "SUCCEEDED"}) {
		t.Errorf("runs: %v", got)
	}
	sent := 0
	for _, c := range p.box.Calls() {
		if c.Operation == "memberships.add-and-remove" {
			sent += c.IDs
		}
	}
	if sent != changes {
		t.Errorf("HubSpot was given %d IDs, want %d: each once", sent, changes)
	}
	calls := p.box.CountCalls("")
	p.wantConverged("101", between(changes/2+1, changes)...)
	t.Logf("%d changes in %s and %d calls, two kills; in the ledger: %s", changes, took.Round(time.Second), calls,
		strings.Join(p.rows("SELECT state, coalesce(reason, ''), count(*) FROM rollcall.changes GROUP BY ALL ORDER BY ALL"), "; "))
}
