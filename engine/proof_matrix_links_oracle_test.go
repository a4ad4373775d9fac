package engine_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rollcall/engine"
)

// linkOracle looks at associations before and after a run with a fault.
type linkOracle struct {
	*oracle
	types map[string]string // by label: the type as the control tables name it
	start linkState
	// expected is what a run without a fault comes to, and owned which of it the sync has made.
	expected, owned linkSet
	moved           linkSet // what HubSpot takes away by itself, since a record has this type once
}

// linkState is how things are at one time.
type linkState struct {
	contacts     map[string]int64 // by address; 0: HubSpot has none
	live         linkSet
	known, owned linkSet // in rollcall.links
	wanted       linkSet
}

func (o *linkOracle) before() {
	o.t.Helper()
	o.readTypes()
	o.start = o.readState()
	o.expect()
	o.callsBefore = len(o.sandbox.Calls())
}

func (o *linkOracle) readTypes() {
	o.t.Helper()
	var answer struct {
		Results []struct {
			Category string `json:"category"`
			ID       int    `json:"typeId"`
			Label    string `json:"label"`
		} `json:"results"`
	}
	o.ask("GET", "/crm/v4/associations/contacts/companies/labels", nil, &answer)
	o.types = map[string]string{}
	for _, t := range answer.Results {
		o.types[t.Label] = fmt.Sprintf("%s %d", t.Category, t.ID)
	}
	o.types[""] = "default"
}

// kindOf is the type in the control tables' words, as the sandbox names it: HUBSPOT_DEFINED=279.
func kindOf(name string) string {
	if name == "HUBSPOT_DEFINED=279" { // from contacts to companies
		return "default"
	}
	return strings.Replace(name, "=", " ", 1)
}

func (o *linkOracle) readState() linkState {
	o.t.Helper()
	s := linkState{contacts: map[string]int64{}, live: linkSet{}, wanted: linkSet{}}
	var present []string
	for _, key := range o.rows("SELECT DISTINCT person FROM jobs UNION SELECT format('contact-{:05d}@example.com', i) FROM range(1, " + fmt.Sprint(o.scenario.contacts+1) + ") r(i)") {
		var answer struct {
			ID string `json:"id"`
		}
		o.ask("GET", "/crm/v3/objects/contacts/"+key+"?idProperty=email", nil, &answer)
		if s.contacts[key] = 0; answer.ID != "" {
			s.contacts[key] = number64(answer.ID)
			present = append(present, answer.ID)
		}
	}
	for _, id := range present {
		all, err := o.sandbox.Associations("contacts", id, "companies")
		if err != nil {
			o.t.Fatal(err)
		}
		for _, a := range all {
			for _, t := range a.Types {
				s.live[link{number64(id), number64(a.ToID), kindOf(t)}] = true
			}
		}
	}
	for _, line := range o.rows("SELECT person, firm, coalesce(label, '') FROM jobs") {
		column := strings.SplitN(line, " ", 3)
		if contact := s.contacts[column[0]]; contact != 0 {
			l := link{contact, number64(column[1]), o.types[column[2]]}
			s.wanted[l], s.wanted[l.pair()] = true, true
		}
	}
	s.known, s.owned = o.readLinks("true"), o.readLinks("sync = 'jobs'")
	return s
}

// readLinks reads what the control database has of links.
func (o *linkOracle) readLinks(condition string) linkSet {
	o.t.Helper()
	all := linkSet{}
	for _, line := range o.rows("SELECT from_record_id, to_record_id, association_type FROM rollcall.links WHERE target = 'contacts->companies' AND " + condition) {
		column := strings.SplitN(line, " ", 3)
		l := link{number64(column[0]), number64(column[1]), column[2]}
		if all[l] {
			o.t.Errorf("rollcall.links has %s twice", l)
		}
		all[l] = true
	}
	return all
}

// expect works out what is there once all is in step: what is wanted, and what others have made. The link without a label stays with any label.
func (o *linkOracle) expect() {
	s := o.start
	leaving := s.owned.without(s.wanted)
	o.expected, o.moved = linkSet{}, linkSet{}
	for l := range s.live {
		primary := l.kind == o.types["Primary"] && !s.wanted[l] && len(s.wanted.filtered(func(w link) bool { return w.contact == l.contact && w.kind == l.kind })) > 0
		if primary {
			o.moved[l] = true
		}
		if !leaving[l] && !primary {
			o.expected[l], o.expected[l.pair()] = true, true
		}
	}
	for l := range s.wanted {
		o.expected[l] = true
	}
	o.owned = o.expected.filtered(func(l link) bool { return s.owned[l] || !s.live[l] })
}

// ofOthers reports whether somebody else deleted, merged, linked or unlinked the contact meanwhile.
func (o *linkOracle) ofOthers(contact int64, now linkState) bool {
	if o.disturbed[contact] {
		return true
	}
	for key, id := range o.start.contacts {
		if (id == contact || now.contacts[key] == contact) && id != now.contacts[key] {
			return true
		}
	}
	return false
}

// undisturbed are the links of contacts that nobody else had a hand in.
func (o *linkOracle) undisturbed(s linkSet, now linkState) linkSet {
	return s.filtered(func(l link) bool { return !o.ofOthers(l.contact, now) })
}

func (o *linkOracle) after(runs []engine.Run) {
	o.t.Helper()
	run := runs[0]
	called := len(o.sandbox.Calls()) - o.callsBefore
	// The first look-up that fails cancels those beside it, which may not have reached HubSpot yet.
	if called != int(run.APICalls) && !o.uncounted && (run.Plan != nil || called > int(run.APICalls)) {
		o.t.Errorf("the run counts %d calls of %d", run.APICalls, called)
	}
	now, changes := o.readState(), o.readChanges(run.RunID)
	rejected := o.rejected(run, now)
	o.wantOthersUntouched(now)
	if run.Status == engine.Succeeded {
		want := o.expected.without(rejected)
		if wrong := o.undisturbed(now.live, now).difference(o.undisturbed(want, now)); wrong != "" && len(rejected) == 0 {
			o.t.Errorf("the run succeeded, and HubSpot %s", wrong)
		}
	} else if run.Status != engine.Partial && run.Status != engine.Failed || run.Hint == "" || run.Status == engine.Failed && run.Error == "" {
		o.t.Errorf("%s with error %q and hint %q", run.Status, run.Error, run.Hint)
	}
	o.wantChangesTrue(run, now, changes, rejected)
	o.wantKnownTrue(now, changes)
	o.wantCounts()
	o.wantDriftTrue(now)
	o.tally.changes.Add(int64(len(changes)))
	o.tally.members.Add(int64(len(now.live)))
}

// wantOthersUntouched wants all that stays to be there, and nothing that nobody wants.
func (o *linkOracle) wantOthersUntouched(now linkState) {
	o.t.Helper()
	stays := o.start.live.filtered(func(l link) bool { return o.expected[l] })
	if gone := o.undisturbed(stays, now).without(now.live); len(gone) > 0 {
		o.t.Errorf("%v stay, and are gone", gone)
	}
	if came := o.undisturbed(now.live, now).without(o.start.live).without(o.expected); len(came) > 0 {
		o.t.Errorf("%v were linked, and nobody wants them", came)
	}
}

// rejected are the links that can't be used, by the rejects of a run, with all other types of their pairs.
func (o *linkOracle) rejected(run engine.Run, now linkState) linkSet {
	o.t.Helper()
	all := linkSet{}
	for _, line := range o.rows("SELECT key FROM rollcall.rejects WHERE sync = 'jobs' AND reason <> 'refused' AND since_run <= " + quote(run.RunID) + " AND coalesce(until_run > " + quote(run.RunID) + ", true)") {
		column := strings.Split(line, " → ")
		contact, company := now.contacts[column[0]], number64(column[1])
		for _, set := range []linkSet{o.expected, o.start.live} {
			for l := range set {
				if l.contact == contact && l.company == company {
					all[l] = true
				}
			}
		}
	}
	return all
}

// linkChange is a change of a link as the ledger has it.
type linkChange struct {
	Action string `json:"action"`
	From   int64  `json:"record_id"`
	To     int64  `json:"to_record_id"`
	Kind   string `json:"association_type"`
	State  string `json:"state"`
	Label  string `json:"label"`
}

func (o *linkOracle) readChanges(runID string) map[link]linkChange {
	o.t.Helper()
	changes := map[link]linkChange{}
	for _, line := range o.rows(`SELECT to_json({action: action, record_id: record_id, to_record_id: to_record_id, association_type: association_type, state: state,
		label: coalesce("values" -> 'label' ->> 0, "values" -> 'label' ->> 1, '')})::VARCHAR FROM rollcall.changes WHERE run_id = ` + quote(runID)) {
		var c linkChange
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			o.t.Fatalf("%v in %s", err, line)
		}
		l := link{c.From, c.To, c.Kind}
		if _, twice := changes[l]; twice {
			o.t.Errorf("two changes of %s", l)
		}
		if o.types[c.Label] != c.Kind {
			o.t.Errorf("a change calls %s %q", l, c.Label)
		}
		changes[l] = c
	}
	return changes
}

// wantChangesTrue wants a change for every link that differed, none for one that did not, and every state to be true of the link.
func (o *linkOracle) wantChangesTrue(run engine.Run, now linkState, changes map[link]linkChange, rejected linkSet) {
	o.t.Helper()
	if run.Plan == nil {
		if len(changes) > 0 || run.Added != nil {
			o.t.Errorf("no plan, and %d changes: %+v", len(changes), run)
		}
		return
	}
	planned := map[string]linkSet{"link": {}, "unlink": {}}
	open := false
	for l, c := range changes {
		planned[c.Action][l] = true
		open = open || c.State == "unknown"
		if !o.ofOthers(l.contact, now) {
			o.wantTrue(run, l, c, now)
		}
	}
	for action, want := range map[string]linkSet{"link": o.expected.without(o.start.live), "unlink": o.start.live.without(o.expected).without(o.moved.without(o.start.owned))} {
		if wrong := o.undisturbed(planned[action], now).without(rejected).difference(o.undisturbed(want, now).without(rejected)); wrong != "" {
			o.t.Errorf("the plan to %s %s", action, wrong)
		}
	}
	if !slices.Contains(o.rows("SELECT DISTINCT key FROM rollcall.rejects"), "nobody@example.com → "+acme) && slices.Contains(o.rows("SELECT person FROM jobs"), "nobody@example.com") {
		o.t.Error("the rejects do not tell of a key that no record has")
	}
	if (run.Final == nil) != open && !strings.Contains(run.Error, "HubSpot answered 404") {
		o.t.Errorf("the run knows %s links, and has changes without an answer: %t", number(run.Final), open)
	}
	// What HubSpot takes away by itself counts until the run has taken it away, too.
	untaken := func(l link) bool { return o.moved[l] && o.start.owned[l] && changes[l].State != "done" }
	kept := o.start.live.filtered(untaken)
	for l := range now.live {
		if now.owned[l] || now.wanted[l] {
			kept[l] = true
		}
	}
	if run.Final != nil && len(o.disturbed) == 0 && len(rejected) == 0 && *run.Final != int64(len(kept)) {
		o.t.Errorf("the run says that there are %d links, there are %d", *run.Final, len(kept))
	}
}

// wantTrue holds the state of one change against HubSpot.
func (o *linkOracle) wantTrue(run engine.Run, l link, c linkChange, now linkState) {
	o.t.Helper()
	ok := false
	switch c.State {
	case "done", "already":
		ok = now.live[l] == (c.Action == "link")
	case "planned", "failed":
		ok = now.live[l] == o.start.live[l] || o.moved[l]
	case "unknown":
		ok = run.Final == nil && run.Status != engine.Succeeded
	}
	if !ok {
		o.t.Errorf("%s of %s is %s; it was there: %t, and is: %t", c.Action, l, c.State, o.start.live[l], now.live[l])
	}
}

// wantKnownTrue wants what the ledger knows of links to be what HubSpot has, and whose they are. Links of changes without an answer are not known.
func (o *linkOracle) wantKnownTrue(now linkState, changes map[link]linkChange) {
	o.t.Helper()
	read := map[int64]bool{}
	for _, id := range o.rows("SELECT from_record_id FROM rollcall.link_reads WHERE target = 'contacts->companies'") {
		read[number64(id)] = true
	}
	open := map[int64]bool{} // contacts with a change without an answer that may have taken a type away from another company
	for l, c := range changes {
		open[l.contact] = open[l.contact] || c.State == "unknown"
	}
	answered := func(s linkSet) linkSet {
		return o.undisturbed(s, now).filtered(func(l link) bool {
			return read[l.contact] && changes[l].State != "unknown" && !(o.moved[l] && open[l.contact])
		})
	}
	unread := func(l link) bool { return o.start.live[l] != o.start.known[l] && now.known[l] == o.start.known[l] } // others' doing, not read yet
	for _, l := range []linkSet{answered(now.live).without(now.known), answered(now.known).without(now.live)} {
		if wrong := l.filtered(func(l link) bool { return !unread(l) }); len(wrong) > 0 {
			o.t.Errorf("rollcall.links is wrong about %v", wrong)
		}
	}
	if wrong := o.undisturbed(now.owned, now).filtered(func(l link) bool { return !o.owned[l] && !o.start.owned[l] }); len(wrong) > 0 {
		o.t.Errorf("the ledger takes %v for the sync's own", wrong)
	}
}
