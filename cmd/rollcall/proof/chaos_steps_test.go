package proof

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/engine/hubspot/sandbox"
)

// All random choices are made here: the contents of the account and of the table, and what every step does. Each step draws from a
// source of its own, so that it stays the same when an earlier step changes.

func source(seed uint64, step int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(step))) }

// pick draws one of the choices.
func pick[T any](r *rand.Rand, choices ...T) T { return choices[r.IntN(len(choices))] }

// chance is true so many times in a hundred.
func chance(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

// some draws up to n of the choices, each once.
func some[T any](r *rand.Rand, choices []T, n int) []T {
	drawn := slices.Clone(choices)
	r.Shuffle(len(drawn), func(i, j int) { drawn[i], drawn[j] = drawn[j], drawn[i] })
	return drawn[:min(n, len(drawn))]
}

// accountOptions draws how the sandbox behaves where HubSpot may behave in either way.
func accountOptions(r *rand.Rand) sandbox.Options {
	o := sandbox.Options{
		MetadataLag:      pick(r, 0, 0, 30*time.Millisecond, 500*time.Millisecond, 3*time.Second),
		SearchLag:        pick(r, 0, 0, 300*time.Millisecond),
		OmitTotal:        chance(r, 25),
		OmitEmpty:        chance(r, 30),
		AddedKey:         pick(r, "", "", "recordIdsAdded"),
		MergeMakesNewID:  chance(r, 40),
		MaxMembershipIDs: pick(r, 0, 0, 0, 5),
		Rate:             pick(r, sandbox.RateLimit{}, sandbox.RateLimit{Max: 1_000, Interval: time.Second, Daily: 100_000}), // never reached, but sent in the headers
	}
	if o.OmitTotal { // without a count an empty list is not trusted as long as its metadata lags behind
		o.MetadataLag = 0
	}
	return o
}

// chaosRows draws one to three rows: a mirror alone on its list, or several rows that add and remove on one.
func chaosRows(r *rand.Rand) (rows []chaosRow) {
	lists := some(r, []chaosRow{{list: "101"}, {list: "102"}, {list: "VIP customers", byName: true}, {list: "Made by a row", byName: true}}, 1+r.IntN(2))
	if len(lists) == 2 && slices.Contains([]string{"101", "VIP customers"}, lists[0].list) && slices.Contains([]string{"101", "VIP customers"}, lists[1].list) {
		lists = lists[:1] // both are one list
	}
	for _, row := range lists {
		row.idProperty, row.foreign, row.mode = pick(r, "email", "email", "email", "hs_object_id"), "remove", "mirror"
		row.allowEmpty = chance(r, 30)
		row.maxRemovals = pick(r, 0, 0, 0, 4)
		if chance(r, 70) || len(rows) > 1 {
			row.foreign = pick(r, "remove", "remove", "keep")
			rows = append(rows, row)
			continue
		}
		row.mode = "add"
		rows = append(rows, row)
		if chance(r, 70) {
			row.mode, row.idProperty = pick(r, "add", "remove", "remove"), "email"
			rows = append(rows, row)
		}
	}
	for i := range rows {
		rows[i].name = fmt.Sprintf("sync%d_%s", i+1, rows[i].mode)
	}
	return rows
}

// insert is the row as an analyst writes it.
func (r chaosRow) insert() string {
	column, limit := "list_id", "NULL"
	if r.byName {
		column = "list_name"
	}
	if r.maxRemovals > 0 {
		limit = strconv.Itoa(r.maxRemovals)
	}
	key := "email"
	if r.idProperty != "email" {
		key = "email AS " + r.idProperty
	}
	return fmt.Sprintf(`INSERT INTO rollcall.syncs (name, query, %s, mode, foreign_members, id_property, allow_empty, max_removals, allow_takeover)
		VALUES ('%s', 'SELECT %s FROM people WHERE sync = ''%s''', '%s', '%s', '%s', '%s', %t, %s, true)`,
		column, r.name, key, r.name, r.list, r.mode, r.foreign, r.idProperty, r.allowEmpty, limit)
}

// typed is a key as people and programs write it into a table.
func typed(r *rand.Rand, key string) string {
	switch r.IntN(8) {
	case 0:
		return strings.ToUpper(key)
	case 1:
		return "  " + key
	case 2:
		return key + " "
	}
	return key
}

// addPeople puts up to n contacts into a sync's part of the table.
func (h *history) addPeople(r *rand.Rand, row chaosRow, n int) {
	for _, id := range some(r, h.account.contacts(), n) {
		key := strconv.FormatInt(id, 10)
		if row.idProperty == "email" {
			if len(h.account.addresses[id]) == 0 {
				continue
			}
			key = pick(r, h.account.addresses[id]...)
		}
		h.people = append(h.people, person{typed(r, key), row.name})
	}
}

// removePeople takes so many percent of a sync's people out of the table.
func (h *history) removePeople(r *rand.Rand, row chaosRow, percent int) {
	h.people = slices.DeleteFunc(h.people, func(p person) bool { return p.sync == row.name && chance(r, percent) })
}

// changePeople changes the table as a load would.
func (h *history) changePeople(r *rand.Rand) {
	row := pick(r, h.rows...)
	switch r.IntN(9) {
	case 0, 1:
		h.logf("people enter %s", row.name)
		h.addPeople(r, row, 1+r.IntN(8))
	case 2:
		h.logf("a few leave %s", row.name)
		h.removePeople(r, row, 15)
	case 3:
		h.logf("many leave %s", row.name)
		h.removePeople(r, row, 60)
	case 4:
		h.logf("%s comes up empty", row.name)
		h.removePeople(r, row, 100)
	case 5:
		h.logf("duplicates in %s", row.name)
		for _, p := range some(r, h.people, 3) {
			h.people = append(h.people, person{typed(r, p.key), p.sync})
		}
	case 6:
		h.logf("keys that nobody has, or that are none, in %s", row.name)
		for range 1 + r.IntN(3) {
			h.people = append(h.people, person{pick(r, "not an address", "", "nobody@nowhere", h.unknownAddress(r), h.unknownAddress(r)), row.name})
		}
		if row.idProperty != "email" && chance(r, 30) {
			h.people = append(h.people, person{strconv.Itoa(7_000_000 + r.IntN(100)), row.name})
		}
	case 7:
		h.logf("%s is loaded anew", row.name)
		h.removePeople(r, row, 100)
		h.addPeople(r, row, 5+r.IntN(25))
	case 8:
		h.logf("the table is gone for a step")
		h.gone = true
	}
}

// unknownAddress draws one of a few addresses that no contact has at the beginning.
func (h *history) unknownAddress(r *rand.Rand) string {
	return fmt.Sprintf("stranger-%d@example.com", r.IntN(6))
}

// editLists changes the lists as a person in HubSpot would.
func (h *history) editLists(r *rand.Rand) {
	row := pick(r, h.rows...)
	list := row.on(h.account)
	if list == "" {
		return
	}
	var members []int64
	for _, id := range h.account.contacts() {
		if h.account.lists[list].members[id] {
			members = append(members, id)
		}
	}
	add, remove := some(r, h.account.contacts(), r.IntN(5)), some(r, members, r.IntN(4))
	if chance(r, 30) {
		add = some(r, add, len(remove)) // an exchange
	}
	h.logf("by hand on list %s: add %v, remove %v", list, add, remove)
	h.must(h.portal.box.RemoveMembers(list, idTexts(remove)...))
	h.must(h.portal.box.AddMembers(list, idTexts(add)...))
}

func idTexts(ids []int64) (all []string) {
	for _, id := range ids {
		all = append(all, strconv.FormatInt(id, 10))
	}
	return all
}

// editRow lets an analyst change a row: what becomes of foreign members, its guards, or its list where no other row has it.
func (h *history) editRow(r *rand.Rand) {
	row := &h.rows[r.IntN(len(h.rows))]
	switch r.IntN(4) {
	case 0:
		row.allowEmpty = !row.allowEmpty
	case 1:
		row.maxRemovals = pick(r, 0, 4, 20)
	case 2:
		if row.mode == "mirror" {
			row.foreign = pick(r, "keep", "remove")
		}
	case 3:
		if row.mode == "mirror" {
			h.fresh++
			row.list, row.byName = fmt.Sprintf("Made by row edit %d", h.fresh), true
		}
	}
	h.logf("now %+v", *row)
	h.database(func(db *sql.DB) {
		h.exec(db, "DELETE FROM rollcall.syncs WHERE name = ?", row.name)
		h.exec(db, row.insert())
	})
}

// changeContacts changes the account's contacts. An address that moves to another contact makes cached look-ups stale until
// they expire, so that from then on all runs are with --full.
func (h *history) changeContacts(r *rand.Rand) {
	drawn := some(r, h.account.contacts(), 2)
	if len(drawn) < 2 {
		return
	}
	if list := pick(r, h.rows...).on(h.account); list != "" && chance(r, 50) {
		if members := some(r, ordered(h.account.lists[list].members), 1); len(members) == 1 && members[0] != drawn[0] {
			drawn[1] = members[0]
		}
	}
	a, b := strconv.FormatInt(drawn[0], 10), strconv.FormatInt(drawn[1], 10)
	h.fresh++
	fresh := fmt.Sprintf("fresh-%d@example.com", h.fresh)
	switch r.IntN(7) {
	case 0:
		h.logf("contact %s is deleted", b)
		h.must(h.portal.box.DeleteObject("contacts", b))
	case 1, 6:
		h.logf("contact %s is merged into %s", b, a)
		_, err := h.portal.box.MergeContacts(a, b)
		h.must(err)
	case 2:
		h.logf("contact %s is re-addressed", a)
		h.must(h.portal.box.Readdress(a, fresh))
	case 3:
		address := pick(r, fresh, h.unknownAddress(r))
		if _, taken := h.account.byAddress[address]; taken {
			address = fresh
		}
		id, err := h.portal.box.CreateContact(map[string]string{"email": address})
		h.must(err)
		h.logf("contact %s is created, with %s", id, address)
		if list := pick(r, h.rows...).on(h.account); list != "" && chance(r, 60) {
			h.logf("by hand on list %s: add %s", list, id)
			h.must(h.portal.box.AddMembers(list, id))
		}
		h.newAddress = true
	case 4:
		h.logf("contact %s takes the address of %s", b, a)
		address := h.account.addresses[drawn[0]]
		h.must(h.portal.box.PatchObject("contacts", a, map[string]string{"email": fresh, "hs_additional_emails": ""}))
		if len(address) > 0 {
			h.must(h.portal.box.PatchObject("contacts", b, map[string]string{"email": address[0]}))
		}
		h.stale, h.newAddress = true, true
	case 5:
		h.logf("contact %s has one more address", a)
		if more := h.account.addresses[drawn[0]]; len(more) == 1 {
			h.must(h.portal.box.PatchObject("contacts", a, map[string]string{"hs_additional_emails": fresh}))
		}
	}
	h.account = readAccount(h.t, h.portal.box)
}

// chaosOperations are the sandbox's names of the calls that a run consists of; writes come more often.
var chaosOperations = []string{
	"memberships.add-and-remove", "memberships.add-and-remove", "memberships.add-and-remove", "memberships.get", "objects.batch-read",
	"objects.batch-read", "lists.search", "lists.get", "lists.get-by-name", "lists.create", "",
}

// fault draws one fault of the next run. Those that make a run wait for seconds are left to the fault matrix.
func (h *history) fault(r *rand.Rand) sandbox.Fault {
	f := sandbox.Fault{Operation: pick(r, chaosOperations...)}
	switch r.IntN(4) {
	case 0, 1:
		f.Nth = 1 + r.IntN(3)
	case 2:
		f.After, f.Count = r.IntN(2), 1+r.IntN(3)
	case 3:
		f.After, f.Count = r.IntN(3), -1
	}
	drawn := idTexts(some(r, h.account.contacts(), 3))
	f.Effect = pick(r, sandbox.EffectStatus, sandbox.EffectStatus, sandbox.EffectHTML, sandbox.EffectEmpty, sandbox.EffectExpired, sandbox.EffectScopes,
		sandbox.EffectReset, sandbox.EffectStatusAfter, sandbox.EffectStatusAfter, sandbox.EffectEmptyAfter, sandbox.EffectEmptyAfter,
		sandbox.EffectResetAfter, sandbox.EffectResetAfter, sandbox.EffectTruncate, sandbox.EffectTruncate, sandbox.EffectSlow, sandbox.EffectSlowAfter,
		sandbox.EffectDeleteList, sandbox.EffectMakeDynamic, sandbox.EffectDeleteRecord, sandbox.EffectMergeRecord,
		sandbox.EffectUnknownError, sandbox.EffectOmit, sandbox.EffectRepeat, sandbox.EffectSkip, sandbox.EffectRefuse, sandbox.EffectRefuse)
	switch f.Effect {
	case sandbox.EffectStatus:
		f.Status = pick(r, 400, 404, 408, 429, 477, 500, 502, 503, 504)
		if f.Status == 429 {
			f.Effect = sandbox.EffectDaily
		}
		f.RetryAfter = "0.01"
	case sandbox.EffectStatusAfter:
		f.Status = pick(r, 408, 500, 502, 503, 504)
	case sandbox.EffectScopes:
		f.Scopes = []string{"crm.lists.write"}
	case sandbox.EffectSlow, sandbox.EffectSlowAfter:
		f.DelayMilliseconds = 5 + r.IntN(20)
	case sandbox.EffectDeleteList, sandbox.EffectMakeDynamic:
		if f.ListID = pick(r, h.rows...).on(h.account); f.ListID == "" {
			f.Effect = sandbox.EffectReset
		}
	case sandbox.EffectDeleteRecord:
		f.IDs, f.Count, f.Nth, f.After = drawn[:1], 0, 1, 0
	case sandbox.EffectMergeRecord:
		f.IDs, f.Into, f.Count, f.Nth, f.After = drawn[:1], drawn[1], 0, 1, 0
	case sandbox.EffectUnknownError, sandbox.EffectOmit, sandbox.EffectRefuse:
		f.IDs = drawn
	}
	return f
}

// disturbs reports whether the fault changes the account during the run.
func disturbs(f sandbox.Fault) bool {
	return slices.Contains([]sandbox.Effect{sandbox.EffectDeleteList, sandbox.EffectMakeDynamic, sandbox.EffectDeleteRecord, sandbox.EffectMergeRecord}, f.Effect)
}

// drawFailpoint draws how the next run is ended, nil: it is not.
func drawFailpoint(r *rand.Rand) *chaosFailpoint {
	if !chance(r, 60) {
		return nil
	}
	t := &chaosFailpoint{
		mode:  pick(r, killBefore, killAfterwards, killAfterwards, killOnAnswer, killOnAnswer, interruptAt),
		call:  pick(r, callWrite, callWrite, callWrite, callKeys, callMakeList, "", "", ""),
		nth:   pick(r, 1, 1, 2, 3),
		delay: time.Duration(r.IntN(30)) * time.Millisecond,
	}
	if t.call == "" {
		t.nth = 1 + r.IntN(7)
	}
	return t
}
