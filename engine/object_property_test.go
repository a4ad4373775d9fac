package engine_test

import (
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

const propertyLists = "properties.list"

// tiers is a world with the sync people over the table tiers, whose column tier is an enumeration with the option gold.
func tiers(t *testing.T, change ...func(*engine.Config)) *world {
	t.Helper()
	w := newPeople(t, 5, map[string]string{"query": quote("SELECT email, city, tier FROM tiers")}, change...)
	w.options("gold")
	w.exec("CREATE TABLE tiers AS SELECT format('contact-{:05d}@example.com', i) AS email, 'Bonn' AS city, 'gold' AS tier FROM range(1, 6) r(i)")
	return w
}

// options gives the property tier of contacts its options.
func (w *world) options(values ...string) {
	w.t.Helper()
	p := sandbox.Property{Name: "tier", Type: "enumeration", FieldType: "select"}
	for _, value := range values {
		p.Options = append(p.Options, sandbox.Option{Value: value, Label: "The " + value + " tier"})
	}
	if err := w.sandbox.DefineProperty("contacts", p); err != nil {
		w.t.Fatal(err)
	}
}

// propertyCalls counts the calls of one run that read properties.
func (w *world) propertyCalls(o engine.RunOptions) int {
	w.t.Helper()
	return w.calls(propertyLists, func() { w.runWith(o, "people") }) + w.sandbox.CountCalls("properties.get")
}

// Definitions of properties are read once and remembered for found_ttl: a quiet run makes no call at all.
func TestObjectRemembersProperties(t *testing.T) {
	t.Parallel()
	var later time.Duration
	w := tiers(t, clockAhead(&later))
	if n := w.propertyCalls(engine.RunOptions{}); n != 1 {
		t.Errorf("%d property calls of the first run", n)
	}
	wantRows(t, w.rows("SELECT name, label, type, field_type, options, is_unique, is_read_only, is_calculated, is_hidden FROM rollcall.properties WHERE object_type_id = '0-1' AND name IN ('tier', 'email', 'num_associated_deals', 'hs_persona') ORDER BY name"),
		"email Email string text <nil> true false false false",
		"hs_persona Persona enumeration select <nil> false false false true",
		"num_associated_deals Number of Associated Deals number number <nil> false true true false",
		"tier tier enumeration select [map[label:The gold tier value:gold]] false false false false")
	w.reopen()
	if run := w.one("people", engine.Succeeded); run.APICalls != 0 {
		t.Errorf("a quiet run made %d calls", run.APICalls)
	}
	for _, c := range []struct {
		options engine.RunOptions
		later   time.Duration
		calls   int
	}{{engine.RunOptions{Full: true}, 0, 1}, {engine.RunOptions{}, 23 * time.Hour, 0}, {engine.RunOptions{}, 25 * time.Hour, 1}} {
		later = c.later
		if n := w.propertyCalls(c.options); n != c.calls {
			t.Errorf("%+v: %d property calls", c, n)
		}
	}
}

// A value that the remembered definitions do not know is looked for in HubSpot's at once. Where HubSpot does not know it either, that is done again as for
// refused records.
func TestObjectNewOption(t *testing.T) {
	t.Parallel()
	var later time.Duration
	w := tiers(t, clockAhead(&later))
	w.one("people", engine.Succeeded)
	w.options("gold", "silver")
	w.exec("UPDATE tiers SET tier = 'silver' WHERE email LIKE '%1@%'")
	if n := w.propertyCalls(engine.RunOptions{}); n != 1 {
		t.Errorf("%d property calls for a new option", n)
	}
	wantRows(t, w.lastChanges(), "update done contact-00001@example.com map[tier:[gold silver]]")
	w.exec("UPDATE tiers SET tier = 'The bronze tier' WHERE email LIKE '%2@%'")
	for _, c := range []struct {
		later time.Duration
		calls int
		retry string
	}{{0, 1, "1 1"}, {0, 0, "1 1"}, {59 * time.Minute, 0, "1 1"}, {61 * time.Minute, 1, "2 2"}, {2 * time.Hour, 0, "2 2"}} {
		later = c.later
		if n := w.propertyCalls(engine.RunOptions{}); n != c.calls {
			t.Errorf("%+v: %d property calls", c, n)
		}
		wantRows(t, w.retries(), "contact-00002@example.com invalid_option "+c.retry)
	}
	w.exec("UPDATE tiers SET tier = 'platinum' WHERE email LIKE '%2@%'")
	w.propertyCalls(engine.RunOptions{})
	wantRows(t, w.retries(), "contact-00002@example.com invalid_option 1 1")
	w.options("gold", "silver", "platinum")
	w.runWith(engine.RunOptions{RetryRejects: true}, "people")
	wantRows(t, w.lastChanges(), "update done contact-00002@example.com map[tier:[gold platinum]]")
	wantRows(t, w.rejects())
}

// A property that is new, or takes values now, is found although the definitions are remembered; so is what HubSpot refuses because they are out of date.
func TestObjectForgetsProperties(t *testing.T) {
	t.Parallel()
	w := tiers(t)
	w.one("people", engine.Succeeded)
	if err := w.sandbox.DefineProperty("contacts", sandbox.Property{Name: "shoe_size", Type: "number"}); err != nil {
		t.Fatal(err)
	}
	w.exec("UPDATE rollcall.syncs SET query = 'SELECT *, 44 AS shoe_size FROM tiers'")
	if run := w.one("people", engine.Succeeded); *run.Updated != 5 {
		t.Errorf("%+v", run)
	}
	if err := w.sandbox.DefineProperty("contacts", sandbox.Property{Name: "shoe_size", Type: "number", ReadOnly: true}); err != nil {
		t.Fatal(err)
	}
	w.exec("UPDATE rollcall.syncs SET query = 'SELECT *, 45 AS shoe_size FROM tiers'")
	w.one("people", engine.Partial)
	run := w.one("people", engine.Failed)
	wantWords(t, run.Error, "the property shoe_size is set by HubSpot alone")
	if err := w.sandbox.DefineProperty("contacts", sandbox.Property{Name: "shoe_size", Type: "number"}); err != nil {
		t.Fatal(err)
	}
	if run := w.one("people", engine.Succeeded); run.Warning == "" {
		t.Errorf("the refused values are tried before their time: %+v", run)
	}
}
