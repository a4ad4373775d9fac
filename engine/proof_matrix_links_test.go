package engine_test

import (
	"fmt"
	"slices"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
	"rollcall/syncspec"
)

// linkScenarios keep the associations of contacts with companies in step with the table jobs. Others have associated some of them before, with
// labels of their own.
func linkScenarios() []*scenario {
	jobs := []scenarioSync{{name: "jobs"}}
	prove := func(o *oracle) prover { return &linkOracle{oracle: o} }
	return []*scenario{
		{ // the first run: labels, keys and associations are read; some of the links are there
			name: "cold links", kind: syncspec.Association, contacts: 24, syncs: jobs, read: 9, chunk: 4, page: 2, prove: prove, kept: 5, entering: 9, leaving: 20,
			prepare: func(w *world) {
				w.linkSync()
				w.associate(3, acme, "Buyer")
				w.associate(4, acme)
				w.associate(4, globex)
				w.associate(4, initech) // on a second page
				w.associate(5, acme, "Decision maker")
				w.associate(6, initech)
				w.associate(7, acme, "Primary")
				w.associate(20, globex, "Buyer")
				w.job(1, acme)
				w.job(2, globex+" Decision maker")
				w.job(3, acme+" Decision maker")
				w.job(4, acme, globex+" Buyer")
				w.job(5, acme+" Decision maker")
				w.job(6, globex, initech+" User")
				w.job(7, acme, globex+" Primary")
				w.jobOf(numbers(8, 12), acme+" Decision maker")
				w.jobOf(numbers(13, 16), globex)
				w.job(17, acme+" Buyer", acme+" Decision maker", globex, initech)
				w.exec("INSERT INTO jobs VALUES ('nobody@example.com', " + quote(acme) + ", NULL)")
			},
		},
		{ // what HubSpot has is known: links and labels come and go, and others were at work meanwhile
			name: "known links", kind: syncspec.Association, contacts: 24, syncs: jobs, read: 5, chunk: 3, page: 2, prove: prove, kept: 1, entering: 17, leaving: 10,
			prepare: func(w *world) {
				w.linkSync()
				w.associate(3, acme, "Buyer")
				w.associate(5, initech)
				w.associate(6, acme)
				w.associate(22, globex, "Buyer")
				w.jobOf([]int{1, 3, 6, 13, 14, 15, 16}, acme+" Decision maker")
				w.job(2, acme+" Decision maker", acme+" Buyer")
				w.jobOf([]int{4, 8}, acme)
				w.job(5, acme, globex+" Decision maker")
				w.job(7, acme+" Primary")
				w.jobOf(numbers(9, 12), globex)
				w.one("jobs", engine.Succeeded)

				w.jobs(2, acme+" Buyer")
				w.exec("DELETE FROM jobs WHERE person IN (" + quote(address(3)) + ", " + quote(address(4)) + ", " + quote(address(6)) + ")")
				w.jobs(5, globex, acme+" Decision maker")
				w.jobs(7, acme, globex+" Primary")
				w.jobs(8, acme+" Decision maker")
				w.associate(8, acme, "User")
				w.exec("DELETE FROM jobs WHERE person BETWEEN " + quote(address(9)) + " AND " + quote(address(12)))
				w.associate(9, globex, "User")
				w.jobs(13, acme)
				w.jobs(14, acme)
				w.dissociate(14, acme)
				w.job(17, acme+" Decision maker")
				w.jobOf([]int{18, 19}, globex)
				w.label("Payer")
				w.job(20, acme+" Payer")
			},
		},
	}
}

// linkSync makes the sync jobs of both scenarios, with labels, and ends the associations that the sandbox begins with but for one.
func (w *world) linkSync() {
	w.t.Helper()
	w.exec("CREATE TABLE jobs (person VARCHAR, firm VARCHAR, label VARCHAR)")
	w.sync("jobs", jobsRow(map[string]string{"max_removal_pct": "100"}))
	w.label("Buyer")
	w.label("User")
	w.dissociate(1, acme)
}

// jobOf puts the same link of several contacts into the table jobs.
func (w *world) jobOf(contacts []int, link string) {
	w.t.Helper()
	for _, n := range contacts {
		w.job(n, link)
	}
}

// archives are the calls that HubSpot answers without a body where all went well.
var archives = []string{linkArchives, labelArchives}

// linkFaults are the faults that only calls about associations can meet, and what people do to associations meanwhile.
func linkFaults() []faultKind {
	fault := func(effect sandbox.Effect) func(*scenario) sandbox.Fault {
		return func(s *scenario) sandbox.Fault { return sandbox.Fault{Effect: effect, IDs: s.several()} }
	}
	answers := []string{linkReads, linkCreates, linkDefaults}
	creates := []string{linkCreates, linkDefaults}
	all := slices.Concat(creates, archives)
	links := func(s *scenario) bool { return s.kind == syncspec.Association }
	byHand := func(effect sandbox.Effect, labels ...string) func(*scenario) sandbox.Fault {
		return func(s *scenario) sandbox.Fault {
			return sandbox.Fault{Effect: effect, IDs: ids([]int{s.kept, s.entering}), Into: acme, Labels: labels}
		}
	}
	return []faultKind{
		{name: "refused pairs", on: all, fault: fault(sandbox.EffectRefuse)},
		{name: "207 of some pairs", on: creates, fault: func(s *scenario) sandbox.Fault {
			return sandbox.Fault{Effect: sandbox.EffectFailInputs, Category: "VALIDATION_ERROR", IDs: s.several()}
		}},
		{name: "207 of pairs, unnamed", on: append([]string{linkReads}, all...), fault: fault(sandbox.EffectUnknownError)},
		{name: "pairs omitted from the answer", on: answers, fault: fault(sandbox.EffectOmit)},
		{name: "no results of associations", on: append(answers, labelReads), fault: fixed(sandbox.Fault{Status: 200, Body: `{"results":[]}`})},
		{name: "207 of associations, errors unnamed", on: answers, fault: fixed(sandbox.Fault{Status: 207, Body: `{"status":"COMPLETE","results":[],"numErrors":3}`})},
		{name: "another record's associations", on: answers, fault: fixed(sandbox.Fault{
			Status: 200, Body: `{"status":"COMPLETE","results":[{"from":{"id":"42"},"to":[],"fromObjectId":"42","toObjectId":"43","labels":[]}]}`,
		})},
		{name: "labelled by hand", portal: true, fits: links, fault: byHand(sandbox.EffectAssociate, othersLabel)},
		{name: "linked by hand", portal: true, fits: links, fault: byHand(sandbox.EffectAssociate)},
		{name: "unlinked by hand", portal: true, fits: links, fault: byHand(sandbox.EffectDissociate)},
	}
}

// othersLabel is the label that others give to a pair, and the query does not.
const othersLabel = "User"

// link is one type of the association of a contact with a company, as the control tables name types.
type link struct {
	contact int64
	company int64
	kind    string
}

func (l link) String() string { return fmt.Sprintf("%d → %d %s", l.contact, l.company, l.kind) }

// pair is the link's association by the default type.
func (l link) pair() link { return link{l.contact, l.company, "default"} }

// linkSet is a set of links.
type linkSet map[link]bool

// without are the links that are not in the other set.
func (s linkSet) without(other linkSet) linkSet {
	rest := linkSet{}
	for l := range s {
		if !other[l] {
			rest[l] = true
		}
	}
	return rest
}

// filtered are the links for which keep says true.
func (s linkSet) filtered(keep func(link) bool) linkSet {
	rest := linkSet{}
	for l := range s {
		if keep(l) {
			rest[l] = true
		}
	}
	return rest
}

// difference says in what two sets differ; "": in nothing.
func (s linkSet) difference(want linkSet) string {
	lacks, has := want.without(s), s.without(want)
	if len(lacks)+len(has) == 0 {
		return ""
	}
	return fmt.Sprintf("lacks %v, has %v too many", lacks, has)
}
