package engine_test

import (
	"testing"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// kindWorld is a world with a sync of one kind: the sync vip over the set 101, whose desired contacts are those of the table people.
type kindWorld struct {
	*world
	columns func(id string) map[string]string // the columns of a row for a set; nil: list_id names it
	list    func(id string)                   // makes a further set; nil: there are no sets of their own
	add     func(contacts ...int)             // others add to the set; nil: they can't
	held    func(id string) []int             // the contacts of a set, once for each time that they are in it
	send    func() int                        // writes that the server has done
	lose    func()                            // the answer to the next write is lost
	down    func(bool)                        // the server answers nothing

	keeps   bool      // what leaves the query stays
	actions [2]string // what the ledger calls what joins the set, and what leaves it; "": add and remove
}

// conformingKinds are the kinds that have to pass the conformance tests.
var conformingKinds = map[string]func(t *testing.T, change ...func(*engine.Config)) *kindWorld{
	"list": func(t *testing.T, change ...func(*engine.Config)) *kindWorld {
		w := newWorld(t, 40, append(change, chunks(toyBatch))...)
		return &kindWorld{
			world: w,
			list:  func(id string) { w.sandboxList(id) },
			add:   func(contacts ...int) { w.byHand("101", contacts, nil) },
			held:  w.members,
			send:  func() int { return w.sandbox.CountCalls(writes) },
			lose:  func() { w.fault(sandbox.Fault{Operation: writes, Effect: sandbox.EffectResetAfter}) },
			down: func(down bool) {
				if w.sandbox.ForgetFaults(); down {
					w.fault(sandbox.Fault{Effect: sandbox.EffectReset, Count: -1})
				}
			},
		}
	},
	"object": func(t *testing.T, change ...func(*engine.Config)) *kindWorld {
		return objectWorld(t, map[string]string{}, change...)
	},
	"object that archives": func(t *testing.T, change ...func(*engine.Config)) *kindWorld {
		return objectWorld(t, map[string]string{"on_leave": "'archive'"}, change...)
	},
	// The set is what a company is associated with.
	"association": func(t *testing.T, change ...func(*engine.Config)) *kindWorld {
		w := newWorld(t, 40, append(change, chunks(toyBatch))...)
		company := map[string]string{"101": initech, "301": acme}
		w.dissociate(1, acme)
		return &kindWorld{
			world: w,
			columns: func(id string) map[string]string {
				return map[string]string{
					"kind": "'association'", "object_type": "'companies'", "id_property": "'hs_object_id'", "to_object_type": "'contacts'", "foreign_members": "'remove'",
					"query": quote("SELECT " + quote(company[id]) + " AS from_key, email AS to_key FROM people"),
				}
			},
			list: func(string) {},
			add: func(contacts ...int) {
				for _, n := range contacts {
					w.associate(n, company["101"])
				}
			},
			held: func(id string) []int { return w.associated(company[id]) },
			send: w.linkWrites,
			lose: func() {
				w.fault(sandbox.Fault{Operation: linkDefaults, Effect: sandbox.EffectResetAfter}, sandbox.Fault{Operation: linkArchives, Effect: sandbox.EffectResetAfter})
			},
			down: func(down bool) {
				if w.sandbox.ForgetFaults(); down {
					w.fault(sandbox.Fault{Effect: sandbox.EffectReset, Count: -1})
				}
			},
			actions: [2]string{"link", "unlink"},
		}
	},
	"toy": func(t *testing.T, change ...func(*engine.Config)) *kindWorld {
		server := newToyServer(t)
		driven := func(c *engine.Config) { c.Drivers = []engine.NamedDriver{{Name: "list", Driver: server.driver()}} }
		w := newWorld(t, 1, append(change, driven)...)
		return &kindWorld{
			world: w,
			list:  func(string) {},
			add:   func(contacts ...int) { server.apply("101", "add", addresses(contacts)) },
			held:  server.contacts,
			send:  func() int { server.mu.Lock(); defer server.mu.Unlock(); return server.writes },
			lose:  func() { server.mu.Lock(); defer server.mu.Unlock(); server.lose = true },
			down:  func(down bool) { server.mu.Lock(); defer server.mu.Unlock(); server.down = down },
		}
	},
}

// sandboxList makes a list for contacts.
func (w *world) sandboxList(id string) { w.list(id, "List "+id, "contacts") }

func addresses(contacts []int) (all []string) {
	for _, n := range contacts {
		all = append(all, address(n))
	}
	return all
}

// contacts are those whose addresses the set holds, each once for each number that the server has given it.
func (s *toyServer) contacts(set string) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := []int{}
	for n := range 40 {
		for range s.sets[set][address(n+1)] {
			held = append(held, n+1)
		}
	}
	return held
}
