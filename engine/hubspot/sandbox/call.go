package sandbox

import "time"

// Call is one request that reached the API, as the log keeps it.
type Call struct {
	// Seq counts from 1 since the last reset.
	Seq int `json:"seq"`
	// At is when the call was answered.
	At time.Time `json:"at"`
	// Operation is a name such as "lists.search", the same for both path
	// families; empty when the path or the method is unknown.
	Operation string `json:"operation"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	Query     string `json:"query,omitempty"`
	// Status is 0 when the connection was reset in place of an answer.
	Status int `json:"status"`
	// IDs is how many ids the request named.
	IDs int `json:"ids"`
	// Fault is the effect that the call met, if any.
	Fault Effect `json:"fault,omitempty"`
}

// maxCalls bounds the log: when it is full, the older half goes.
const maxCalls = 200_000

func (s *Server) record(x *exchange, status int, dropped bool) {
	c := Call{
		Seq: x.seq, At: x.now, Method: x.r.Method, Path: x.r.URL.Path, Query: x.r.URL.RawQuery,
		Status: status, IDs: x.ids,
	}
	if x.op != nil {
		c.Operation = x.op.name
	}
	if x.fault != nil {
		c.Fault = x.fault.Effect
	}
	if dropped {
		c.Status = 0
	}
	if len(s.calls) >= maxCalls {
		s.calls = append([]Call(nil), s.calls[maxCalls/2:]...)
	}
	s.calls = append(s.calls, c)
}

// Calls returns the log of calls to the API, oldest first.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// CountCalls counts the logged calls of one operation, such as
// "objects.batch-read"; "" counts all.
func (s *Server) CountCalls(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.calls {
		if operation == "" || c.Operation == operation {
			n++
		}
	}
	return n
}

// ForgetCalls empties the log. The numbering of calls continues.
func (s *Server) ForgetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}
