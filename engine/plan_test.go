package engine_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"rollcall/engine"
	"rollcall/engine/control"
	"rollcall/engine/plan"
	"rollcall/syncspec"
)

var update = flag.Bool("update", false, "write the plans of testdata/plan anew")

// planCase is a file of testdata/plan: a spec, the keys that its query returns, the records on the list and those that
// Rollcall left there, and the plan that follows.
type planCase struct {
	archive          *txtar.Archive
	spec             syncspec.Spec
	row              syncspec.Row
	desired          []string
	current, applied []int64
	plan             string
}

func TestPlan(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/plan/*.txtar")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d plan cases, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			c := readPlanCase(t, file)
			w := newWorld(t, 60)
			listID := c.stage(w)
			plan, text := w.plan(c.spec.Name)
			if *update {
				c.write(t, file, text)
			} else if diff := cmp.Diff(c.plan, text); diff != "" {
				t.Errorf("plan (-want +got; go test -update writes it):\n%s", diff)
			}
			c.apply(w, listID, plan)
		})
	}
}

// apply runs the sync and holds the list against what mode and foreign_members say, without a look at the plan.
func (c *planCase) apply(w *world, listID string, plan *plan.Plan) {
	w.t.Helper()
	run := w.one(c.spec.Name, engine.Succeeded)
	want := c.after()
	got, err := w.sandbox.Members(run.ListID)
	if err != nil {
		w.t.Fatal(err)
	}
	if diff := cmp.Diff(texts(want), got); diff != "" {
		w.t.Errorf("list after the run (-want +got):\n%s", diff)
	}
	if listID != "" && run.ListID != listID {
		w.t.Errorf("the run went to list %s, want %s", run.ListID, listID)
	}
	if *run.Added != plan.Add || *run.Removed != plan.Remove || *run.Final != int64(len(want)) || run.Plan.Hash != plan.Hash {
		w.t.Errorf("run %s, plan +%d -%d %s; want them to agree", counts(run), plan.Add, plan.Remove, plan.Hash)
	}
	w.wantLedgerConsistent(run)
	if again, text := w.plan(c.spec.Name); !again.Empty() {
		w.t.Errorf("the plan after the run is not empty:\n%s", text)
	}
	if run := w.one(c.spec.Name, engine.Succeeded); *run.Added+*run.Removed != 0 {
		w.t.Errorf("the second run changed something: %s", counts(run))
	}
}

// after is who belongs on the list: the rules in plain words, not in SQL.
func (c *planCase) after() []int64 {
	resolved := map[int64]bool{}
	for _, key := range c.desired {
		if id := recordOf(key); id != 0 {
			resolved[id] = true
		}
	}
	after := map[int64]bool{}
	for _, id := range c.current {
		ours := slices.Contains(c.applied, id)
		switch c.spec.Mode {
		case syncspec.Mirror:
			after[id] = resolved[id] || !ours && c.spec.ForeignMembers == syncspec.KeepForeign
		case syncspec.Add:
			after[id] = true
		case syncspec.Remove:
			after[id] = !resolved[id]
		}
	}
	for id := range resolved {
		if c.spec.Mode != syncspec.Remove {
			after[id] = true
		}
	}
	var all []int64
	for id, there := range after {
		if there {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all
}

// recordOf is the record that a key of a plan case means, 0 for none.
func recordOf(key string) int64 {
	if id, err := strconv.ParseInt(strings.TrimSuffix(key, ".0"), 10, 64); err == nil {
		return id
	}
	var n int64
	if _, err := fmt.Sscanf(strings.ToLower(key), "contact-%05d@", &n); err != nil || n > 60 {
		return 0
	}
	return firstContact + n - 1
}

// stage puts the case into a world, and says which list it is about: none where it is still to be made.
func (c *planCase) stage(w *world) (listID string) {
	w.t.Helper()
	c.row.AllowTakeover = new(true)
	if err := w.engine.WriteRows(w.t.Context(), []control.Edit{{Name: c.spec.Name, Row: &c.row}}); err != nil {
		w.t.Fatal(err)
	}
	script := "CREATE TABLE keys_of_case (key VARCHAR);"
	for _, key := range c.desired {
		script += "INSERT INTO keys_of_case VALUES (" + quote(key) + ");"
	}
	w.exec(script)
	listID = c.spec.ListID
	if strings.EqualFold(c.spec.ListName, "VIP customers") {
		listID = "101"
	}
	if listID == "104" {
		w.list("104", "Companies", "companies")
	}
	if listID == "" {
		return ""
	}
	if err := w.sandbox.AddMembers(listID, texts(c.current)...); err != nil {
		w.t.Fatal(err)
	}
	for _, id := range c.applied {
		w.exec(fmt.Sprintf("INSERT INTO rollcall.members (list_id, record_id, key, sync) VALUES (%s, %d, 'key %d', %s)", quote(listID), id, id, quote(c.spec.Name)))
	}
	return listID
}

func readPlanCase(t *testing.T, file string) *planCase {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := &planCase{archive: archive}
	for _, f := range archive.Files {
		lines := strings.FieldsFunc(string(f.Data), func(r rune) bool { return r == '\n' })
		switch f.Name {
		case "case.toml":
			c.row, c.spec, err = syncspec.ParseTOML(f.Name, []byte(string(f.Data)+"query = 'SELECT key AS k FROM keys_of_case'\nkey_column = 'k'\n"))
		case "desired":
			c.desired = lines
		case "current":
			c.current, err = recordIDs(lines)
		case "applied":
			c.applied, err = recordIDs(lines)
		case "plan":
			c.plan = string(f.Data)
		default:
			err = fmt.Errorf("unknown part %s", f.Name)
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	return c
}

// write puts the plan into the case's file.
func (c *planCase) write(t *testing.T, file, plan string) {
	t.Helper()
	c.archive.Files = slices.DeleteFunc(c.archive.Files, func(f txtar.File) bool { return f.Name == "plan" })
	c.archive.Files = append(c.archive.Files, txtar.File{Name: "plan", Data: []byte(plan)})
	if err := os.WriteFile(file, txtar.Format(c.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func recordIDs(lines []string) (all []int64, err error) {
	for _, line := range lines {
		id, err := strconv.ParseInt(line, 10, 64)
		if err != nil {
			return nil, err
		}
		all = append(all, id)
	}
	return all, nil
}

func TestPlanWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.sync("vip", map[string]string{"list_name": "'A new one'"})
	w.people(1, 2, 3)
	plan, _ := w.plan("vip")
	if plan.Add != 3 || plan.Empty() {
		t.Errorf("plan %+v, want 3 to add", plan)
	}
	for _, operation := range []string{writes, "lists.create"} {
		if n := w.sandbox.CountCalls(operation); n != 0 {
			t.Errorf("%d calls of %s while planning", n, operation)
		}
	}
	for _, table := range []string{"runs", "changes", "rejects", "members", "calls"} {
		if n := w.row("SELECT count(*) FROM rollcall.%s", table); n != "0" {
			t.Errorf("%s rows in rollcall.%s after planning", n, table)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.engine.Plan(ctx, nil, func(engine.Preview, *engine.Console) error { return nil }); err == nil {
		t.Error("planning with an ended context: no error")
	}
}
