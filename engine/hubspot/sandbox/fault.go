package sandbox

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// Effect names what a fault does.
type Effect string

// Effects that answer in place of HubSpot; nothing is applied.
const (
	// EffectStatus answers Status with Body, or a body that fits the status.
	EffectStatus Effect = "status"
	// EffectBurst answers 429, ten-second policy, in the documented body.
	EffectBurst Effect = "burst"
	// EffectDaily answers 429, daily policy, in the documented body.
	EffectDaily Effect = "daily"
	// EffectSecondly answers 429 in the recorded body: a category, no policy.
	EffectSecondly Effect = "secondly"
	// EffectHTML answers Status (default 502) with a page of HTML.
	EffectHTML Effect = "html"
	// EffectEmpty answers Status (default 200) without a body.
	EffectEmpty Effect = "empty"
	// EffectExpired answers 401: the token expired a minute ago.
	EffectExpired Effect = "expired"
	// EffectScopes answers 403: Scopes are missing.
	EffectScopes Effect = "scopes"
	// EffectReset resets the connection.
	EffectReset Effect = "reset"
)

// Effects that corrupt the answer to a call which was handled and applied.
const (
	// EffectStatusAfter answers Status in place of the true answer.
	EffectStatusAfter Effect = "status-after"
	// EffectEmptyAfter keeps the status and drops the body.
	EffectEmptyAfter Effect = "empty-after"
	// EffectResetAfter resets the connection.
	EffectResetAfter Effect = "reset-after"
	// EffectTruncate sends half of the body, then closes.
	EffectTruncate Effect = "truncate"
	// EffectSlow only waits, before the call is handled.
	EffectSlow Effect = "slow"
	// EffectSlowAfter only waits, after the call has been applied.
	EffectSlowAfter Effect = "slow-after"
)

// Effects that change the portal just before the call is handled.
const (
	// EffectDeleteList deletes ListID.
	EffectDeleteList Effect = "delete-list"
	// EffectMakeDynamic turns ListID into a DYNAMIC list.
	EffectMakeDynamic Effect = "make-dynamic"
	// EffectDeleteRecord deletes the records IDs of ObjectType.
	EffectDeleteRecord Effect = "delete-record"
	// EffectMergeRecord merges the contacts IDs into the contact Into.
	EffectMergeRecord Effect = "merge-record"
	// EffectEditRecord sets Properties of the records IDs of ObjectType, as a
	// person does.
	EffectEditRecord Effect = "edit-record"
	// EffectAssociate makes the records IDs of ObjectType associated with the
	// record Into of ToObjectType, by Labels, as a person does.
	EffectAssociate Effect = "associate-records"
	// EffectDissociate ends these associations.
	EffectDissociate Effect = "dissociate-records"
)

// Effects that change what the call answers.
const (
	// What holds for batch read and batch writes of objects holds for those of
	// associations, whose inputs are named by the record ids of either side.

	// EffectUnknownError makes batch read answer 207 with one error of Category
	// and no ids; the inputs IDs, and those not found, are not accounted for.
	// It makes a batch write do so too, and not write the inputs IDs.
	EffectUnknownError Effect = "unknown-error"
	// EffectOmit makes batch read leave out the inputs or record ids IDs
	// without any error. It makes a batch write leave them out of its answer:
	// they are written, but batch archive passes them over.
	EffectOmit Effect = "omit"
	// EffectFailInputs makes a batch write answer 207 with an error of Category
	// for each of the inputs IDs, which it does not write. Inputs of batch
	// writes are named by record id, key, trace id or one of their values.
	EffectFailInputs Effect = "fail-inputs"
	// EffectOverride sets Properties of the inputs IDs that a batch write has
	// written, before it answers: as the account's own rules do, which leave
	// another value than the one sent.
	EffectOverride Effect = "override"
	// EffectRepeat makes a membership page begin Records too early.
	EffectRepeat Effect = "repeat"
	// EffectSkip makes a membership page begin Records too late.
	EffectSkip Effect = "skip"
	// EffectRefuse refuses a membership write or a batch write that names one of
	// IDs.
	EffectRefuse Effect = "refuse"
)

// FaultHeader is on every answer that a fault affected, with the effect's
// name, so that checks of answers against the specification can skip it.
const FaultHeader = "X-Sandbox-Fault"

// Fault is a declared misbehaviour: the calls that it affects, and its effect. Of all faults
// that match a call, the one declared first is taken; a spent one is out.
type Fault struct {
	// Method, Path and Operation say which calls match; empty means any. Path
	// is a pattern of path.Match over the whole URL path, Operation a name such
	// as "memberships.add-and-remove", good for both path families.
	Method    string `json:"method,omitempty"`
	Path      string `json:"path,omitempty"`
	Operation string `json:"operation,omitempty"`
	// Nth is the one matching call, from 1, that the fault falls on. Without
	// it the fault skips After matching calls, then falls on Count (0 means
	// one, -1 all that follow).
	Nth   int `json:"nth,omitempty"`
	After int `json:"after,omitempty"`
	Count int `json:"count,omitempty"`

	// Effect is what happens; empty means EffectStatus.
	Effect Effect `json:"effect,omitempty"`
	// Status and Body are those of EffectStatus and the effects like it.
	Status int    `json:"status,omitempty"`
	Body   string `json:"body,omitempty"`
	// ContentType is that of Body; empty means JSON.
	ContentType string `json:"contentType,omitempty"`
	// RetryAfter becomes the header Retry-After of an answer made by the
	// fault, as it stands: seconds or an HTTP date.
	RetryAfter string `json:"retryAfter,omitempty"`
	// DelayMilliseconds is waited for before the effect, in milliseconds.
	DelayMilliseconds int `json:"delayMilliseconds,omitempty"`

	// What the effects above work on.
	ListID     string   `json:"listId,omitempty"`
	ObjectType string   `json:"objectType,omitempty"` // empty means contacts
	IDs        []string `json:"ids,omitempty"`
	Into       string   `json:"into,omitempty"`
	// ToObjectType and Labels are those of EffectAssociate and its opposite.
	ToObjectType string   `json:"toObjectType,omitempty"` // empty means companies
	Labels       []string `json:"labels,omitempty"`
	// Properties are those of EffectEditRecord and EffectOverride.
	Properties map[string]string `json:"properties,omitempty"`
	Records    int               `json:"records,omitempty"` // 0 means 1
	Category   string            `json:"category,omitempty"`
	Scopes     []string          `json:"scopes,omitempty"`
}

// armedFault is a fault and how many calls it has matched.
type armedFault struct {
	Fault
	seen int
}

// Declare adds faults to those already declared. It declares none when one of
// them has an effect that does not exist or lacks what its effect needs.
func (s *Server) Declare(faults ...Fault) error {
	armed := make([]*armedFault, len(faults))
	for i, f := range faults {
		f.Effect = cmp.Or(f.Effect, EffectStatus)
		if err := f.check(); err != nil {
			return fmt.Errorf("fault %d: %w", i+1, err)
		}
		armed[i] = &armedFault{Fault: f}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, armed...)
	return nil
}

// ForgetFaults drops all declared faults.
func (s *Server) ForgetFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (f *Fault) check() error {
	if _, err := path.Match(f.Path, "/"); err != nil {
		return fmt.Errorf("path %q: %w", f.Path, err)
	}
	if f.Operation != "" && !slices.ContainsFunc(operations(), func(op operation) bool { return op.name == f.Operation }) {
		return fmt.Errorf("unknown operation %q", f.Operation)
	}
	if f.Nth > 0 && (f.After != 0 || f.Count != 0) {
		return fmt.Errorf("nth excludes after and count")
	}
	var lacks string
	switch f.Effect {
	case EffectStatus, EffectStatusAfter:
		if f.Status < 200 || f.Status > 599 {
			lacks = "a status of 200 to 599"
		}
	case EffectDeleteList, EffectMakeDynamic:
		lacks = unless(f.ListID != "", "listId")
	case EffectDeleteRecord, EffectOmit, EffectRefuse, EffectFailInputs:
		lacks = unless(len(f.IDs) > 0, "ids")
	case EffectEditRecord, EffectOverride:
		lacks = unless(len(f.IDs) > 0 && len(f.Properties) > 0, "ids and properties")
	case EffectMergeRecord, EffectAssociate, EffectDissociate:
		lacks = unless(len(f.IDs) > 0 && f.Into != "", "ids and into")
	case EffectScopes:
		lacks = unless(len(f.Scopes) > 0, "scopes")
	case EffectSlow, EffectSlowAfter:
		lacks = unless(f.DelayMilliseconds > 0, "delayMilliseconds")
	case EffectBurst, EffectDaily, EffectSecondly, EffectHTML, EffectEmpty, EffectExpired, EffectReset,
		EffectEmptyAfter, EffectResetAfter, EffectTruncate, EffectUnknownError, EffectRepeat, EffectSkip:
	default:
		return fmt.Errorf("unknown effect %q", f.Effect)
	}
	if lacks != "" {
		return fmt.Errorf("effect %s needs %s", f.Effect, lacks)
	}
	return nil
}

func unless(given bool, what string) string {
	if given {
		return ""
	}
	return what
}

// takeFault counts the call against every fault and returns the one it meets.
func (s *Server) takeFault(x *exchange) *Fault {
	var taken *Fault
	for _, f := range s.faults {
		if !f.matches(x) {
			continue
		}
		f.seen++
		if taken == nil && f.applies() {
			chosen := f.Fault
			taken = &chosen
		}
	}
	return taken
}

func (f *armedFault) matches(x *exchange) bool {
	if f.Operation != "" && (x.op == nil || x.op.name != f.Operation) {
		return false
	}
	if f.Path != "" {
		if matched, _ := path.Match(f.Path, x.r.URL.Path); !matched {
			return false
		}
	}
	return f.Method == "" || strings.EqualFold(f.Method, x.r.Method)
}

// applies reports whether the fault applies to the call just counted.
func (f *armedFault) applies() bool {
	if f.Nth > 0 {
		return f.seen == f.Nth
	}
	return f.seen > f.After && (f.Count < 0 || f.seen <= f.After+max(1, f.Count))
}

// delay is how long the fault waits, before the call is handled and after.
func (f *Fault) delay() (before, after time.Duration) {
	if f == nil {
		return 0, 0
	}
	d := time.Duration(f.DelayMilliseconds) * time.Millisecond
	if f.is(EffectSlowAfter) {
		return 0, d
	}
	return d, 0
}
