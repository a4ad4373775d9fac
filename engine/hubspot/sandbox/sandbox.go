package sandbox

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Options are the knobs of a Server. The zero value is a fast, unlimited
// HubSpot that takes any token.
type Options struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Latency is how long each call to the API takes, at least.
	Latency time.Duration
	// Tokens are the access tokens taken; empty means any that is not blank.
	Tokens []string
	// MissingScopes are scopes that the token was not granted. Operations that
	// need one of them answer 403.
	MissingScopes []string
	// OAuth, when set, lets the token endpoint issue access tokens that expire.
	OAuth *OAuthApp
	// Rate limits calls; the zero value does not.
	Rate RateLimit
	// MetadataLag is how far hs_list_size, size and hs_last_record_* trail a
	// membership write.
	MetadataLag time.Duration
	// SearchLag is how long a new list stays out of list search.
	SearchLag time.Duration
	// OmitTotal leaves total out of membership pages, as the schema allows.
	OmitTotal bool
	// IgnoreBefore answers an empty before with the first page.
	IgnoreBefore bool
	// MaxPage is the most members of a page; 0 means 250. A larger limit is refused, or with ClampPage taken for MaxPage.
	MaxPage   int
	ClampPage bool
	// AddedKey is the key of the ids a membership write added: the schema's
	// "recordsIdsAdded", which is the default, or "recordIdsAdded", which live
	// answers and HubSpot's examples have also had.
	AddedKey string
	// OmitEmpty leaves empty arrays out of the answer to a membership write.
	OmitEmpty bool
	// MaxMembershipIDs is the most record ids that one membership write may
	// carry, more being refused with 400; 0 means no limit (HubSpot documents
	// none).
	MaxMembershipIDs int
	// AssociationPage is the most associations of one record that a call answers; 0 means 500.
	AssociationPage int
	// AssociationExamples answers record ids of associations as numbers, and null for the label of the default type, as HubSpot's examples
	// and live answers do, in place of texts and no label, as the schema says.
	AssociationExamples bool
	// SparseAnswers leaves the properties that were sent out of answers to
	// writes, which show the type's defaults alone. HubSpot documents neither.
	SparseAnswers bool
	// MergeMakesNewID gives the survivor of a merge a new record id, in place
	// of that of the primary record. HubSpot does either.
	MergeMakesNewID bool
}

// PortalID is the id of the account that every Server plays.
const PortalID = 1234567

// Server is a HubSpot account in memory. It is safe for concurrent use.
type Server struct {
	opts       Options
	operations []operation

	mu     sync.Mutex
	store  *store
	rate   rateState
	faults []*armedFault
	calls  []Call
	count  int                  // calls since the last reset
	issued map[string]time.Time // access tokens that OAuth issued, with their expiry
}

// New makes an empty account: the standard object types, no records, no lists.
func New(opts Options) *Server {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	opts.AddedKey = cmp.Or(opts.AddedKey, "recordsIdsAdded")
	return &Server{opts: opts, operations: operations(), store: newStore()}
}

// Reset empties the store and clears faults, calls and rate windows.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store = newStore()
	s.rate = rateState{}
	s.faults, s.calls, s.count = nil, nil, 0
}

// exchange is one call while it is being answered.
type exchange struct {
	r             *http.Request
	op            *operation // nil when the path or the method is unknown
	version       string
	params        map[string]string
	body          []byte
	ids           int // how many ids the request named
	seq           int
	fault         *Fault
	now           time.Time
	correlationID string
}

// ServeHTTP answers one call to the API or, below /_sandbox/, to the control
// API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isControl(r.URL.Path) {
		s.control(w, r)
		return
	}
	x, refusal := s.open(r)
	before, after := x.fault.delay()
	if !pause(r.Context(), s.opts.Latency+before) {
		return
	}
	a, dropped := s.answer(x, refusal)
	if !pause(r.Context(), after) {
		return
	}
	if dropped {
		reset(w)
	}
	s.write(w, x, a)
}

// open finds the operation and the fault that the call meets.
func (s *Server) open(r *http.Request) (*exchange, *problem) {
	x := &exchange{r: r}
	refusal := s.route(x)
	body, unreadable := readBody(r)
	if refusal == nil {
		refusal = unreadable
	}
	x.body = body

	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	x.seq = s.count
	x.correlationID = fmt.Sprintf("5a4db0c5-0000-4000-8000-%012x", s.count)
	x.fault = s.takeFault(x)
	return x, refusal
}

// answer handles the call under the lock and logs it. dropped says that the
// connection is to be reset in place of an answer.
func (s *Server) answer(x *exchange, refusal *problem) (a answer, dropped bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.now = s.opts.Now()
	defer func() { s.record(x, a.status, dropped) }()

	if x.fault.is(EffectReset) {
		return a, true
	}
	if instead := s.replacement(x); instead != nil {
		return *instead, false
	}
	a = s.handle(x, refusal)
	if x.fault.is(EffectResetAfter) {
		return a, true
	}
	return s.corrupt(x, a), false
}

// handle answers a call that no fault replaces: it checks the token, the limits
// and the request.
func (s *Server) handle(x *exchange, refusal *problem) answer {
	if x.op == nil || !x.op.public {
		if p := s.authenticate(x); p != nil {
			return refuse(p, x.correlationID)
		}
	}
	limits, p := s.admit(x)
	if p == nil {
		p = refusal
	}
	if p == nil {
		p = s.authorize(x)
	}
	var a answer
	if p == nil {
		a, p = x.op.handle(s, x)
	}
	if p != nil {
		a = refuse(p, x.correlationID)
	}
	a.header = merge(limits, a.header)
	return a
}

func merge(into, from http.Header) http.Header {
	if into == nil {
		return from
	}
	for key, values := range from {
		into[key] = values
	}
	return into
}

func (s *Server) write(w http.ResponseWriter, x *exchange, a answer) {
	h := w.Header()
	for key, values := range a.header {
		h[key] = values
	}
	h.Set("X-HubSpot-Correlation-Id", x.correlationID)
	if x.fault != nil {
		h.Set(FaultHeader, string(x.fault.Effect))
	}
	if len(a.body) > 0 {
		h.Set("Content-Type", cmp.Or(a.contentType, "application/json;charset=utf-8"))
	}
	if x.fault.is(EffectTruncate) {
		truncate(w, a)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the caller has gone
}

// pause sleeps and reports whether the caller is still there.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
