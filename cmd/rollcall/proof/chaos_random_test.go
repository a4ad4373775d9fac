package proof

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// seedSample is the number of seeds that a sample takes of the histories of records, and of those of links; go test takes fewer.
const seedSample = 3

// runSeeds runs a history for each seed that the flags ask for.
func runSeeds(t *testing.T, run func(t *testing.T, number uint64)) {
	first, n := uint64(1+seedSample**sample), seedSample
	switch {
	case *sample == 0 && *seed == 0 && !*long:
		n = 1
	case *seed != 0:
		first, n = *seed, *seeds
	case *long:
		first, n = 1, 150
	}
	for number := first; number < first+uint64(n); number++ {
		t.Run(fmt.Sprintf("seed%d", number), func(t *testing.T) {
			t.Parallel()
			run(t, number)
		})
	}
}

// randomHistory is what the random histories of records and of links have in common.
type randomHistory struct {
	t      *testing.T
	portal *portal
	log    []string
}

// begin draws the settings of the commands, and tells the history when the test has failed.
func (h *randomHistory) begin(r *rand.Rand, number uint64, test string) {
	h.t.Cleanup(func() {
		if h.t.Failed() {
			h.t.Logf("the history of seed %d:\n\t%s\nagain: go test ./cmd/rollcall/proof -run %s -seed %[1]d", number, strings.Join(h.log, "\n\t"), test)
		}
	})
	h.portal.env["ROLLCALL_MEMBERSHIP_CHUNK_SIZE"] = fmt.Sprint(pick(r, 2, 3, 7, 100))
	h.portal.env["ROLLCALL_BATCH_READ_SIZE"] = fmt.Sprint(pick(r, 3, 10, 100))
	h.portal.env["ROLLCALL_CONCURRENCY"] = fmt.Sprint(pick(r, 1, 1, 4))
	h.portal.env["ROLLCALL_MAX_RETRIES"] = fmt.Sprint(pick(r, 0, 2, 5))
}

func (h *randomHistory) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *randomHistory) logf(format string, args ...any) {
	h.log = append(h.log, fmt.Sprintf(format, args...))
}

// database writes to the control database as another tool would.
func (h *randomHistory) database(statements ...string) {
	h.t.Helper()
	h.portal.closeLedger()
	db, err := sql.Open("duckdb", h.portal.file()+"?threads=1")
	h.must(err)
	for _, statement := range statements {
		_, err = db.Exec(statement)
		h.must(err)
	}
	h.must(db.Close())
}
