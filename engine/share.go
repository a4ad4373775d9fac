package engine

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"rollcall/engine/control"
	"rollcall/engine/warehouse"
)

// ShareNotes say of every attached share with manual updates that its data is not current, and since when where
// MotherDuck tells that. A query over such a share gives the same rows until its owner updates it, which looks as if
// nothing had changed. Shares that can't be asked about are left out.
func (e *Engine) ShareNotes(ctx context.Context) (notes []string) {
	for _, s := range e.warehouse.ManualShares(ctx) {
		notes = append(notes, noteShare(s))
	}
	return notes
}

// noteShare says it of one share.
func noteShare(s warehouse.Share) string {
	since := ""
	if !s.Snapshot.IsZero() {
		since = ", its newest snapshot is of " + s.Snapshot.UTC().Format(time.DateTime) + " UTC"
	}
	return fmt.Sprintf("the share %s has manual updates%s: its data changes only when its owner runs UPDATE SHARE", s.Name, since)
}

// noteShares notes on every row whose query names such a share what is known of it. The name is looked for in the text,
// as a word: a wrong match only adds a note.
func (e *Engine) noteShares(ctx context.Context, every []control.Selection, all []Checked) {
	for _, s := range e.warehouse.ManualShares(ctx) {
		named := regexp.MustCompile(`(?i)(^|[^\pL\pN_])` + regexp.QuoteMeta(s.Name) + `($|[^\pL\pN_])`)
		for i, row := range every {
			if named.MatchString(row.Draft.Query) {
				all[i].Notes = append(all[i].Notes, noteShare(s))
			}
		}
	}
}
