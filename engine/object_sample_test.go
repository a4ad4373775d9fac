package engine_test

import (
	"fmt"
	"testing"

	"rollcall/engine"
	"rollcall/engine/plan"
)

// valuesOf formats the changes of a sample with what they do to values.
func valuesOf(sample []plan.Change) (lines []string) {
	for _, c := range sample {
		line := c.Action + " " + c.Key
		for _, v := range c.Values {
			line += fmt.Sprintf(" %s:%s>%s", v.Property, textOr(v.Before, "NULL"), textOr(v.After, "NULL"))
		}
		lines = append(lines, line)
	}
	return lines
}

// textOr is the text, or another where there is none.
func textOr(text *string, other string) string {
	if text == nil {
		return other
	}
	return *text
}

// A plan of records says which values it changes, and so does what is approved of it. What a run returns, which programs log, has no values.
func TestObjectPlanShowsValues(t *testing.T) {
	t.Parallel()
	w := newPeople(t, 12, map[string]string{"if_null": "'clear'"})
	w.exec("INSERT INTO customers SELECT format('contact-{:05d}@example.com', i), 'Contact', 'Bonn' FROM range(1, 13) t(i)")
	w.exec("INSERT INTO customers VALUES ('ann@example.com', 'Ann', NULL)")
	p, _ := w.plan("people")
	wantRows(t, valuesOf(p.Sample[:2]), "create ann@example.com email:NULL>ann@example.com firstname:NULL>Ann", "update contact-00001@example.com city:NULL>Bonn")
	run := w.one("people", engine.Succeeded)
	if len(run.Plan.Sample) == 0 {
		t.Error("the run's plan has no sample")
	}
	for _, c := range run.Plan.Sample {
		if c.Key != "" || c.Values != nil {
			t.Errorf("the run returns %+v", c)
		}
	}
	w.exec("UPDATE customers SET city = NULL, firstname = 'Anna' WHERE firstname <> 'Ann'")
	blocked := w.one("people", engine.Blocked)
	approval, err := w.engine.Approve(t.Context(), blocked.RunID, "ann")
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, valuesOf(approval.Sample[:1]), "update contact-00001@example.com city:Bonn>NULL firstname:Contact>Anna")
}
