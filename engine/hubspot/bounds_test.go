package hubspot_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"rollcall/engine/hubspot"
)

// endless answers with a body that has no end of its own, as it is or compressed.
func endless(status int, compressed bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		var out io.Writer = w
		if compressed {
			w.Header().Set("Content-Encoding", "gzip")
			out = gzip.NewWriter(w)
		}
		w.WriteHeader(status)
		chunk := []byte(strings.Repeat(" ", 1<<16))
		for {
			if _, err := out.Write(chunk); err != nil {
				return // the client has hung up
			}
		}
	}
}

// readCounter counts the bytes of bodies that are read.
type readCounter struct{ read atomic.Int64 }

func (c *readCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		resp.Body = &countedBody{resp.Body, &c.read}
	}
	return resp, err
}

type countedBody struct {
	io.ReadCloser
	read *atomic.Int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read.Add(int64(n))
	return n, err
}

// A body is read up to a bound that no honest answer comes near to, and what is larger is not asked for again.
func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do   http.HandlerFunc
		most int64
		is   func(error) bool
	}{
		"an answer":                {endless(200, false), 64<<20 + 1, func(err error) bool { return strings.Contains(err.Error(), "larger than 64 MB") }},
		"an answer that is packed": {endless(200, true), 64<<20 + 1, func(err error) bool { return strings.Contains(err.Error(), "larger than 64 MB") }},
		"a refusal": {endless(400, false), 1<<20 + 1, func(err error) bool {
			var refusal *hubspot.APIError
			return errors.As(err, &refusal) && refusal.Status == 400
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, reply{do: test.do}, reply{body: listBody})
			counter := &readCounter{}
			_, err := dial(t, server.URL, func(c *hubspot.Config) { c.Transport = counter }).List(t.Context(), "42")
			if err == nil || !test.is(err) {
				t.Errorf("got %v", err)
			}
			if n := counter.read.Load(); n > test.most {
				t.Errorf("%d bytes were read, want %d at most", n, test.most)
			}
			if n := len(server.calls()); n != 1 {
				t.Errorf("%d calls", n)
			}
		})
	}
}

// A redirect that keeps method and body would carry the app's secrets to another host.
func TestTokenCallIsNotRedirected(t *testing.T) {
	t.Parallel()
	elsewhere := serve(t, reply{body: `{"access_token":"stolen-0123456789"}`})
	server := serve(t, reply{do: func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/oauth", http.StatusTemporaryRedirect)
	}})
	_, err := dial(t, server.URL, withOAuth).List(t.Context(), "42")
	if err == nil || !strings.Contains(err.Error(), "redirect refused") || len(elsewhere.calls()) != 0 {
		t.Errorf("got %v, and %d calls elsewhere", err, len(elsewhere.calls()))
	}
}
