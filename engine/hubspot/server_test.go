package hubspot_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"rollcall/engine/hubspot"
)

// reply is one answer of a scripted server.
type reply struct {
	status int
	body   string
	header map[string]string
	// do, when set, answers in place of the fields above.
	do http.HandlerFunc
}

// script is a server that gives its replies in turn, the last one for ever, and keeps what it was asked.
type script struct {
	*httptest.Server
	mu      sync.Mutex
	replies []reply
	asked   []asked
}

type asked struct {
	method, uri, body string
	header            http.Header
	at                time.Time
}

func serve(t *testing.T, replies ...reply) *script {
	t.Helper()
	s := &script{replies: replies}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	t.Cleanup(s.Close)
	return s
}

func (s *script) answer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	next := s.replies[min(len(s.asked), len(s.replies)-1)]
	s.asked = append(s.asked, asked{r.Method, r.RequestURI, string(body), r.Header.Clone(), time.Now()})
	s.mu.Unlock()
	if next.do != nil {
		next.do(w, r)
		return
	}
	for name, value := range next.header {
		w.Header().Set(name, value)
	}
	if next.status == 0 {
		next.status = http.StatusOK
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json;charset=utf-8")
	}
	w.WriteHeader(next.status)
	_, _ = io.WriteString(w, next.body)
}

func (s *script) calls() []asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]asked(nil), s.asked...)
}

const testToken = "pat-na1-11111111-2222-3333-4444-555555555555"

// testNames are what hints call the settings of the clients that dial makes.
var testNames = hubspot.Names{
	BaseURL: "--url", Token: []string{"KEY", "OTHER_KEY"}, ClientID: "APP_ID", ClientSecret: "APP_SECRET", RefreshToken: "APP_REFRESH",
}

// dial makes a client of the server that retries without delay, and adjusts its configuration.
func dial(t *testing.T, url string, adjust ...func(*hubspot.Config)) *hubspot.Client {
	t.Helper()
	config := hubspot.Config{BaseURL: url, Token: testToken, RetryBase: time.Millisecond, Timeout: time.Minute, Names: testNames}
	for _, f := range adjust {
		f(&config)
	}
	client, err := hubspot.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// reset drops the connection without an answer, after the request was read.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// truncated promises more than it sends.
func truncated(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, body)
		w.(http.Flusher).Flush()
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
}

const listBody = `{"list":{"listId":"42","listVersion":1,"name":"VIP","objectTypeId":"0-1","processingType":"MANUAL",` +
	`"processingStatus":"COMPLETE","size":3,"updatedAt":"2026-11-01T10:00:00.000Z","somethingNew":{"a":1}}}`

func decodeInto(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("decode %q: %v", text, err)
	}
}
