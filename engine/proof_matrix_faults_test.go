package engine_test

import (
	"slices"
	"strconv"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot/sandbox"
)

// faultKind is one kind of fault.
type faultKind struct {
	name   string
	on     []string // the operations that it can affect; nil: all
	except []string // of these, those to which it says the same as HubSpot does to a call that it has carried out
	fault  func(s *scenario) sandbox.Fault
	fits   func(s *scenario) bool // nil: every scenario
	change func(*engine.Config)
	single bool // that it continues shows nothing that another kind does not show
	// portal: it is no fault of the call, but somebody in HubSpot, at that moment, once.
	portal bool
	// uncounted: the client may be gone before the sandbox has written the call down, or net/http repeat it by itself.
	uncounted bool
	newID     bool // contacts that are merged live on under a new record ID
	waiting   bool // a second or two pass until the call is repeated
	outage    bool // it may also affect all calls at once
}

func faultKinds() []faultKind {
	return slices.Concat(refusals(), lostAnswers(), wrongAnswers(), othersAtWork(), recordFaults(), linkFaults())
}

func fixed(f sandbox.Fault) func(*scenario) sandbox.Fault {
	return func(*scenario) sandbox.Fault { return f }
}

// refusals are answers in place of HubSpot's: nothing was done.
func refusals() []faultKind {
	all := []faultKind{
		{name: "429 burst", fault: fixed(sandbox.Fault{Effect: sandbox.EffectBurst})},
		{name: "429 secondly", fault: fixed(sandbox.Fault{Effect: sandbox.EffectSecondly}), waiting: true},
		{name: "429 daily", fault: fixed(sandbox.Fault{Effect: sandbox.EffectDaily}), outage: true},
		{name: "429 of a gateway", fault: fixed(sandbox.Fault{Status: 429, Body: "error code: 1015\n", ContentType: "text/plain"}), single: true},
		{name: "423", fault: fixed(sandbox.Fault{Status: 423}), waiting: true},
		{name: "477", fault: fixed(sandbox.Fault{Status: 477, RetryAfter: "0.01"})},
		{name: "477 for a day", fault: fixed(sandbox.Fault{Status: 477, RetryAfter: "86400"}), single: true},
		{name: "401 expired", fault: fixed(sandbox.Fault{Effect: sandbox.EffectExpired}), outage: true},
		{name: "403", fault: fixed(sandbox.Fault{Effect: sandbox.EffectScopes, Scopes: []string{"crm.lists.write"}}), single: true},
		{name: "400", fault: fixed(sandbox.Fault{Status: 400}), single: true},
		{name: "404", fault: fixed(sandbox.Fault{Status: 404})},
		{name: "html", fault: fixed(sandbox.Fault{Effect: sandbox.EffectHTML}), outage: true},
		{name: "reset", fault: fixed(sandbox.Fault{Effect: sandbox.EffectReset}), outage: true, uncounted: true},
		{name: "slow", fault: fixed(sandbox.Fault{Effect: sandbox.EffectSlow, DelayMilliseconds: 1000}), change: shortTimeout, uncounted: true, outage: true},
		{name: "refused records", on: []string{writes}, fault: func(s *scenario) sandbox.Fault {
			return sandbox.Fault{Effect: sandbox.EffectRefuse, IDs: s.several()}
		}},
	}
	for _, status := range []int{408, 500, 502, 503, 504} {
		all = append(all, faultKind{name: strconv.Itoa(status), fault: fixed(sandbox.Fault{Status: status}), outage: status == 503, single: status == 408 || status == 503})
	}
	return all
}

// shortTimeout gives an answer less time than a slow one takes.
func shortTimeout(c *engine.Config) { c.HubSpot.Timeout = 100 * time.Millisecond }

// lostAnswers are those to calls that HubSpot has carried out.
func lostAnswers() []faultKind {
	all := []faultKind{
		{name: "reset after", fault: fixed(sandbox.Fault{Effect: sandbox.EffectResetAfter}), outage: true, uncounted: true},
		{name: "truncated", fault: fixed(sandbox.Fault{Effect: sandbox.EffectTruncate})},
		{name: "empty after", fault: fixed(sandbox.Fault{Effect: sandbox.EffectEmptyAfter})},
		{name: "slow after", fault: fixed(sandbox.Fault{Effect: sandbox.EffectSlowAfter, DelayMilliseconds: 1000}), change: shortTimeout, uncounted: true, outage: true},
	}
	for _, status := range []int{500, 502, 504} {
		all = append(all, faultKind{name: strconv.Itoa(status) + " after", fault: fixed(sandbox.Fault{Effect: sandbox.EffectStatusAfter, Status: status})})
	}
	return all
}

// wrongAnswers say that all went well and do not say what was asked, or not the truth.
func wrongAnswers() []faultKind {
	body := func(status int, text string) func(*scenario) sandbox.Fault {
		return fixed(sandbox.Fault{Status: status, Body: text})
	}
	return []faultKind{
		{name: "empty 200", fault: fixed(sandbox.Fault{Effect: sandbox.EffectEmpty}), outage: true},
		{name: "empty 204", except: archives, fault: fixed(sandbox.Fault{Effect: sandbox.EffectEmpty, Status: 204}), single: true},
		{name: "html 200", fault: fixed(sandbox.Fault{Effect: sandbox.EffectHTML, Status: 200}), single: true},
		{name: "207 of unknown shape", except: archives, fault: body(207, `{"status":"COMPLETE","outcomes":[{"code":"OK"}],"numErrors":0}`)},
		{name: "207 without results", except: archives, fault: body(207, `{"status":"COMPLETE","results":[],"numErrors":0}`)},
		{name: "no results", on: []string{pages, batchRead}, fault: body(200, `{"results":[]}`)},
		{name: "207 with errors unnamed", on: []string{batchRead}, fault: body(207, `{"status":"COMPLETE","results":[],"numErrors":3}`)},
		{name: "array", fault: body(200, `[]`), single: true},
		{name: "other types", fault: body(200, `{"results":{"id":7},"lists":7,"list":[],"recordsIdsAdded":"all","recordIdsRemoved":true,"recordIdsMissing":{}}`), single: true},
		{name: "records not sent", on: []string{writes}, fault: body(200, `{"recordsIdsAdded":["42"],"recordIdsRemoved":[],"recordIdsMissing":[]}`)},
		{name: "207 unknown error", on: []string{batchRead}, fault: func(s *scenario) sandbox.Fault {
			return sandbox.Fault{Effect: sandbox.EffectUnknownError, IDs: s.several()}
		}},
		{name: "omitted inputs", on: []string{batchRead}, fault: func(s *scenario) sandbox.Fault {
			return sandbox.Fault{Effect: sandbox.EffectOmit, IDs: s.several()}
		}},
		{name: "page repeats", on: []string{pages}, fault: fixed(sandbox.Fault{Effect: sandbox.EffectRepeat, Records: 3})},
		{name: "page skips", on: []string{pages}, fault: fixed(sandbox.Fault{Effect: sandbox.EffectSkip, Records: 3})},
	}
}

// several are record IDs around the one that is about to enter: some of any batch.
func (s *scenario) several() (some []string) {
	for n := s.entering % 2; n <= s.contacts; n += 2 {
		some = append(some, ids([]int{n})[0])
	}
	return some
}

// othersAtWork are people in HubSpot.
func othersAtWork() []faultKind {
	list := func(effect sandbox.Effect) func(*scenario) sandbox.Fault {
		return func(s *scenario) sandbox.Fault {
			if s.made != "" {
				return sandbox.Fault{Effect: effect, ListID: s.made}
			}
			return sandbox.Fault{Effect: effect, ListID: "101"}
		}
	}
	lists := func(s *scenario) bool { return s.kind == "" }
	all := []faultKind{
		{name: "list deleted", portal: true, fits: lists, fault: list(sandbox.EffectDeleteList)},
		{name: "list made dynamic", portal: true, fits: lists, fault: list(sandbox.EffectMakeDynamic)},
	}
	roles := map[string]func(*scenario) int{
		"kept": func(s *scenario) int { return s.kept }, "entering": func(s *scenario) int { return s.entering },
		"leaving": func(s *scenario) int { return s.leaving }, "absent": func(s *scenario) int { return s.contacts },
	}
	for _, name := range []string{"kept", "entering", "leaving"} {
		of := roles[name]
		all = append(all, faultKind{name: "delete " + name, portal: true, fits: func(s *scenario) bool { return of(s) > 0 }, fault: func(s *scenario) sandbox.Fault {
			return sandbox.Fault{Effect: sandbox.EffectDeleteRecord, IDs: ids([]int{of(s)})}
		}})
	}
	for _, m := range []struct {
		from, into string
		newID      bool
	}{
		{"kept", "leaving", false}, {"kept", "leaving", true}, {"leaving", "kept", true}, {"entering", "kept", false},
		{"kept", "entering", true}, {"entering", "leaving", false}, {"entering", "absent", true}, {"kept", "absent", false},
	} {
		from, into := roles[m.from], roles[m.into]
		name := "merge " + m.from + " into " + m.into
		if m.newID {
			name += " anew"
		}
		all = append(all, faultKind{
			name: name, portal: true, newID: m.newID, fits: func(s *scenario) bool { return from(s) > 0 && into(s) > 0 },
			fault: func(s *scenario) sandbox.Fault {
				return sandbox.Fault{Effect: sandbox.EffectMergeRecord, IDs: ids([]int{from(s)}), Into: ids([]int{into(s)})[0]}
			},
		})
	}
	return all
}
