package sandbox

import (
	"cmp"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// is reports whether the call met a fault with this effect; a nil Fault is none.
func (f *Fault) is(e Effect) bool { return f != nil && f.Effect == e }

func (f *Fault) category() string { return cmp.Or(f.Category, "UNHEARD_OF") }

// omitsInput reports whether batch read omits an input from its answer.
func (f *Fault) omitsInput(id string, r *record) bool {
	if !f.is(EffectOmit) && !f.is(EffectUnknownError) {
		return false
	}
	return slices.Contains(f.IDs, id) || (r != nil && slices.Contains(f.IDs, strconv.FormatInt(r.id, 10)))
}

// refused returns the first id that the fault refuses to have written.
func (f *Fault) refused(writes ...[]string) string {
	if !f.is(EffectRefuse) {
		return ""
	}
	for _, ids := range writes {
		for _, id := range ids {
			if slices.Contains(f.IDs, id) {
				return id
			}
		}
	}
	return ""
}

// shiftPage returns where a membership page begins and ends. Both ends move,
// so the pages that follow are in step with the shifted one.
func (f *Fault) shiftPage(start, limit, total int) (from, to int) {
	switch {
	case f.is(EffectRepeat):
		start = max(0, start-max(1, f.Records))
	case f.is(EffectSkip):
		start = min(start+max(1, f.Records), total)
	}
	return start, min(start+limit, total)
}

// replacement returns the answer of a fault that replaces HubSpot's, or nil, and
// applies the fault's changes of the portal.
func (s *Server) replacement(x *exchange) *answer {
	f := x.fault
	if f == nil {
		return nil
	}
	switch f.Effect {
	case EffectStatus:
		return f.answer(f.Status, x)
	case EffectBurst:
		return f.refusal(burstLimit(), x)
	case EffectDaily:
		return f.refusal(dailyLimit(), x)
	case EffectSecondly:
		return f.refusal(secondlyLimit(), x)
	case EffectExpired:
		return f.refusal(expired(x.now, x.now.Add(-time.Minute)), x)
	case EffectScopes:
		return f.refusal(missingScopes(f.Scopes), x)
	case EffectEmpty:
		return &answer{status: cmp.Or(f.Status, http.StatusOK), header: f.header()}
	case EffectHTML:
		page := cmp.Or(f.Body, "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n")
		return &answer{status: cmp.Or(f.Status, http.StatusBadGateway), contentType: "text/html; charset=utf-8", header: f.header(), body: []byte(page)}
	}
	s.disturb(x)
	return nil
}

// disturb changes the portal behind the caller's back. What is not there
// cannot be disturbed.
func (s *Server) disturb(x *exchange) {
	f := x.fault
	switch f.Effect {
	case EffectDeleteList:
		if l := s.store.liveList(f.ListID); l != nil {
			l.deleted = x.now.UnixMilli()
		}
	case EffectMakeDynamic:
		if l := s.store.liveList(f.ListID); l != nil {
			l.processingType = Dynamic
			l.touch(x.now)
		}
	case EffectDeleteRecord:
		t := s.store.objectType(cmp.Or(f.ObjectType, "contacts"))
		for _, id := range f.IDs {
			if t == nil {
				break
			}
			if r := t.find("", id); r != nil {
				s.store.archive(t, r, x.now, s.opts.MetadataLag)
			}
		}
	case EffectEditRecord:
		for _, id := range f.IDs {
			if t, r, err := s.recordNamed(cmp.Or(f.ObjectType, "contacts"), id); err == nil {
				_ = t.put(r, f.Properties, x.now)
			}
		}
	case EffectAssociate:
		for _, id := range f.IDs {
			_ = s.associate(cmp.Or(f.ObjectType, "contacts"), id, cmp.Or(f.ToObjectType, "companies"), f.Into, f.Labels)
		}
	case EffectDissociate:
		for _, id := range f.IDs {
			_ = s.dissociate(cmp.Or(f.ObjectType, "contacts"), id, cmp.Or(f.ToObjectType, "companies"), f.Into)
		}
	case EffectMergeRecord:
		for _, id := range f.IDs {
			_, _ = s.mergeContacts(f.Into, id, x.now)
		}
	}
}

// corrupt changes the answer to a call that was handled.
func (s *Server) corrupt(x *exchange, a answer) answer {
	switch {
	case x.fault.is(EffectStatusAfter):
		return *x.fault.answer(x.fault.Status, x)
	case x.fault.is(EffectEmptyAfter):
		a.body = nil
	}
	return a
}

func (f *Fault) header() http.Header {
	h := http.Header{}
	if f.RetryAfter != "" {
		h.Set("Retry-After", f.RetryAfter)
	}
	return h
}

func (f *Fault) refusal(p *problem, x *exchange) *answer {
	a := refuse(p, x.correlationID)
	a.header = merge(a.header, f.header())
	return &a
}

// answer returns a status with the declared body, or HubSpot's usual one.
func (f *Fault) answer(status int, x *exchange) *answer {
	if f.Body != "" {
		return &answer{status: status, contentType: f.ContentType, header: f.header(), body: []byte(f.Body)}
	}
	return f.refusal(usual(status), x)
}

// usual is the refusal that goes with a status (HubSpot error handling
// reference); 477 comes with Retry-After, in seconds, while an account moves
// between data centres.
func usual(status int) *problem {
	p := &problem{status: status, category: "INTERNAL_ERROR", message: http.StatusText(status)}
	switch status {
	case http.StatusTooManyRequests:
		return burstLimit()
	case http.StatusUnauthorized:
		p.category, p.message = "INVALID_AUTHENTICATION", "Authentication credentials not found."
	case http.StatusForbidden:
		p.category = "MISSING_SCOPES"
	case http.StatusLocked:
		p.category, p.message = "LOCKED", "Large volumes of data are being processed. Wait at least 2 seconds before trying again."
	case 477:
		p.category, p.message = "MIGRATION_IN_PROGRESS", "The account is being migrated between data hosting locations."
		p.header = http.Header{"Retry-After": {"1"}}
	case http.StatusNotFound:
		p.category = "OBJECT_NOT_FOUND"
	case http.StatusBadRequest:
		p.category = "VALIDATION_ERROR"
	}
	if status < http.StatusInternalServerError && p.category == "INTERNAL_ERROR" {
		p.category = "VALIDATION_ERROR"
	}
	return p
}

// reset breaks the connection without an answer. It does not return.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, isTCP := conn.(*net.TCPConn); isTCP {
		_ = tcp.SetLinger(0) // so that the peer sees a reset, not an end
	}
	_ = conn.Close()
	panic(http.ErrAbortHandler)
}

// truncate announces the whole body, sends half and breaks off. It does not
// return.
func truncate(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body[:len(a.body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
