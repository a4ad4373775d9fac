package engine_test

import (
	"testing"

	"rollcall/engine"
)

// The only column of a query is the key column, whatever its name, in check, plan and run; unless the row names another one. Of
// several columns one has to have the name.
func TestTheOnlyColumnIsTheKey(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		row map[string]string
		fit bool
	}{
		"any name":               {map[string]string{"query": quote("SELECT email AS contact_email FROM people")}, true},
		"an expression":          {map[string]string{"query": quote("SELECT lower(email) FROM people")}, true},
		"another is named":       {map[string]string{"query": quote("SELECT email AS contact_email FROM people"), "key_column": "'mail'"}, false},
		"several columns":        {map[string]string{"query": quote("SELECT email AS contact_email, tier FROM people")}, false},
		"one that can't be keys": {map[string]string{"query": quote("SELECT [email] AS emails FROM people")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 3)
			w.people(1, 2)
			test.row["list_id"] = "101"
			w.sync("vip", test.row)
			checked, err := w.engine.Check(t.Context(), nil)
			if err != nil || len(checked) != 1 || (len(checked[0].Findings) == 0) != test.fit {
				t.Errorf("check: %+v, %v", checked, err)
			}
			err = w.engine.Plan(t.Context(), nil, func(p engine.Preview, _ *engine.Console) error {
				if (p.Plan != nil) != test.fit || test.fit && p.Plan.Add != 2 {
					t.Errorf("plan: %+v", p)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			if !test.fit {
				w.one("vip", engine.Failed)
				return
			}
			w.one("vip", engine.Succeeded)
			w.wantMembers("101", 1, 2)
		})
	}
}
