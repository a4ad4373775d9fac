package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/warehouse"
)

// toyBatch is how many strings the toy's server takes a call.
const toyBatch = 3

// toyServer keeps sets of strings, and numbers every string that it is given, also one that it has already.
type toyServer struct {
	url  string
	mu   sync.Mutex
	sets map[string]map[string][]int64 // the numbers of a set's strings
	last int64

	writes, inFlight, mostInFlight int
	lose                           bool // the answer to the next write
	down                           bool
	gate                           chan struct{} // writes wait until it is closed; nil: they do not
}

func newToyServer(t testing.TB) *toyServer {
	t.Helper()
	s := &toyServer{sets: map[string]map[string][]int64{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// toyCall is the body of a write and of its answer.
type toyCall struct {
	Items   []string         `json:"items,omitempty"`
	Numbers map[string]int64 `json:"numbers,omitempty"`
}

// ServeHTTP answers GET /SET with its strings, POST /SET/add with their numbers, and POST /SET/remove.
func (s *toyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.inFlight++
	s.mostInFlight = max(s.mostInFlight, s.inFlight)
	gate := s.gate
	s.mu.Unlock()
	if gate != nil && r.Method == http.MethodPost {
		<-gate
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
	if s.down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	var set, action string
	var call toyCall
	path := bytes.Split([]byte(r.URL.Path), []byte("/"))
	if set = string(path[1]); len(path) > 2 {
		action = string(path[2])
	}
	if action != "" && (json.NewDecoder(r.Body).Decode(&call) != nil || len(call.Items) > toyBatch) {
		http.Error(w, "three at most", http.StatusBadRequest)
		return
	}
	answer := s.apply(set, action, call.Items)
	if action != "" {
		s.writes++
		if s.lose {
			s.lose = false
			panic(http.ErrAbortHandler)
		}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (s *toyServer) apply(set, action string, items []string) toyCall {
	if s.sets[set] == nil {
		s.sets[set] = map[string][]int64{}
	}
	answer := toyCall{Numbers: map[string]int64{}}
	switch action {
	case "add":
		for _, item := range items {
			s.last++
			s.sets[set][item] = append(s.sets[set][item], s.last)
			answer.Numbers[item] = s.last
		}
	case "remove":
		for _, item := range items {
			delete(s.sets[set], item)
		}
	default:
		for item, numbers := range s.sets[set] {
			answer.Numbers[item] = numbers[0]
		}
	}
	return answer
}

// toy is a kind of sync that has no list, no record ID and no look-up of keys: its set is the strings that a server keeps. It calls the set by list_id.
type toy struct {
	env     *kind.Env
	server  *toyServer
	current map[int32]int64 // the size of each sync's set
}

func (s *toyServer) driver() kind.Driver {
	return kind.Driver{New: func(ctx context.Context, env *kind.Env) (kind.Kind, error) {
		k := &toy{env: env, server: s, current: map[int32]int64{}}
		return k, k.run(ctx, "CREATE TEMP TABLE toy_keys (sync INTEGER, key VARCHAR)", "CREATE TEMP TABLE toy_items (sync INTEGER, key VARCHAR, record_id BIGINT)")
	}}
}

func (k *toy) run(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := k.env.Conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

func (k *toy) post(ctx context.Context, path string, body toyCall) (answer toyCall, status int, err error) {
	data, err := json.Marshal(body)
	if err != nil {
		return answer, 0, err
	}
	method := http.MethodPost
	if body.Items == nil {
		method = http.MethodGet
	}
	request, err := http.NewRequestWithContext(ctx, method, k.server.url+path, bytes.NewReader(data))
	if err != nil {
		return answer, 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer, 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return answer, response.StatusCode, fmt.Errorf("the toy's server answered %d", response.StatusCode)
	}
	return answer, response.StatusCode, json.NewDecoder(response.Body).Decode(&answer)
}

func (k *toy) Query(ctx context.Context, s *kind.Sync) error {
	if s.Undoes != "" {
		return nil
	}
	load := k.env.Conn.Loader("toy_keys")
	return k.env.Queries.Run(ctx, s, func(ctx context.Context, conn *warehouse.Conn, scope warehouse.Scope) error {
		staged, err := scope.StageKeys(ctx, conn, s.Spec.Query, kind.KeyOf(s.Spec))
		s.Desired.Rows = staged.Rows
		return err
	}, func(ctx context.Context, conn *warehouse.Conn) error {
		rows, err := warehouse.Query(ctx, conn, "SELECT DISTINCT key FROM temp.main.query_keys WHERE key IS NOT NULL")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key string
			if err := rows.Scan(&key); err != nil {
				return err
			}
			s.Desired.Keys++
			if err := load.Add(s.Number, key); err != nil {
				return err
			}
		}
		return load.Flush()
	})
}

func (k *toy) Load(ctx context.Context, syncs []*kind.Sync) error {
	load := k.env.Conn.Loader("toy_items")
	for _, s := range kind.Live(syncs) {
		set, _, err := k.post(ctx, "/"+s.Spec.ListID, toyCall{})
		if err != nil {
			s.Fail(err)
			continue
		}
		k.current[s.Number] = int64(len(set.Numbers))
		for item, number := range set.Numbers {
			if err := load.Add(s.Number, item, number); err != nil {
				return err
			}
		}
	}
	return load.Flush()
}

func (k *toy) Save(context.Context) error { return nil }

func (k *toy) Stage(ctx context.Context, s *kind.Sync) error {
	return k.run(ctx,
		fmt.Sprintf("CREATE TEMP TABLE desired AS SELECT key FROM toy_keys WHERE sync = %d", s.Number),
		"CREATE TEMP TABLE rejected (key VARCHAR, reason VARCHAR, detail VARCHAR)",
		fmt.Sprintf("CREATE TEMP TABLE current AS SELECT key, record_id FROM toy_items WHERE sync = %d", s.Number),
		fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE rollcall_reconciled AS
			SELECT *, coalesce(told, CASE WHEN (action = 'add') = (key IN (SELECT key FROM temp.main.current)) THEN 'done' ELSE 'failed' END) AS state
			FROM temp.main.rollcall_pending_unknown WHERE list_id = %s`, quote(s.Spec.ListID)))
}

func (k *toy) Reconcile(ctx context.Context, s *kind.Sync) (*int64, error) {
	if !k.env.Unanswered[s.Spec.ListID] {
		return nil, nil
	}
	return nil, k.env.Ledger.Reconcile(ctx, s.Spec.ListID, kind.NothingMore)
}

func (k *toy) Plan(ctx context.Context, s *kind.Sync) (*plan.Plan, error) {
	differ := `
		SELECT 'add' AS action, key, NULL::BIGINT AS record_id, 'entered' AS cause FROM (SELECT key FROM temp.main.desired EXCEPT SELECT key FROM temp.main.current)
		UNION ALL
		SELECT 'remove', key, record_id, CASE WHEN own.key IS NULL THEN 'foreign' ELSE 'left' END
		FROM temp.main.current
		LEFT JOIN (SELECT DISTINCT key FROM rollcall.changes WHERE list_id = ` + quote(s.Spec.ListID) + ` AND action = 'add' AND state = 'done') own USING (key)
		WHERE key NOT IN (SELECT key FROM temp.main.desired)`
	if s.Undoes != "" {
		differ = `
		SELECT CASE action WHEN 'add' THEN 'remove' ELSE 'add' END AS action, key, CASE action WHEN 'add' THEN record_id END AS record_id, 'undone' AS cause
		FROM rollcall.changes WHERE run_id = ` + quote(s.Undoes) + ` AND state = 'done' AND (action = 'add') = (key IN (SELECT key FROM temp.main.current))`
	}
	err := k.run(ctx, fmt.Sprintf(`CREATE TEMP TABLE plan AS
		WITH differing AS (%s),
		numbered AS (SELECT *, (row_number() OVER (PARTITION BY action ORDER BY key) - 1) // %d AS part FROM differing)
		SELECT dense_rank() OVER (ORDER BY action, part) AS batch, row_number() OVER (ORDER BY action, key) AS n, action, record_id, key, cause FROM numbered`, differ, toyBatch))
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{
		Sync: s.Spec.Name, ListID: s.Spec.ListID, Mode: s.Spec.Mode, Undoes: s.Undoes, Wave: int64(k.env.Limits.Concurrency),
		Desired: s.Desired, Resolved: s.Desired.Keys, Records: s.Desired.Keys, Current: k.current[s.Number],
	}
	if err := k.env.Guards.Count(ctx, s, p); err != nil {
		return nil, err
	}
	return p, k.env.Guards.Judge(ctx, s, p)
}

func (k *toy) Unwritten(context.Context, *kind.Sync, *plan.Plan) (bool, error) { return false, nil }

func (k *toy) Intend(context.Context, *kind.Sync, *plan.Plan) error { return nil }

func (k *toy) Record(context.Context, *kind.Sync, *plan.Plan, []plan.Outcome) error { return nil }

func (k *toy) Final(_ *kind.Sync, p *plan.Plan, net int64) int64 { return p.Current + net }

func (k *toy) Batch(ctx context.Context, _ *kind.Sync, p *plan.Plan, batch int64) (kind.Call, error) {
	rows, err := warehouse.Query(ctx, k.env.Conn, fmt.Sprintf("SELECT n, action, key FROM temp.main.plan WHERE batch = %d ORDER BY n", batch))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var call toyCall
	var outcomes []plan.Outcome
	for rows.Next() {
		var o plan.Outcome
		var key string
		if err := rows.Scan(&o.N, &o.Action, &key); err != nil {
			return nil, err
		}
		outcomes, call.Items = append(outcomes, o), append(call.Items, key)
	}
	return func(ctx context.Context) ([]plan.Outcome, error) {
		answer, status, err := k.post(context.WithoutCancel(ctx), "/"+p.ListID+"/"+outcomes[0].Action, call)
		for i := range outcomes {
			o := &outcomes[i]
			switch o.State = plan.StateDone; {
			case err != nil && status == 0:
				o.State, o.Reason = plan.StateUnknown, "the answer was lost"
			case err != nil:
				o.State, o.Reason = plan.StateFailed, err.Error()
			case o.Action == plan.ActionAdd:
				o.RecordID = answer.Numbers[call.Items[i]]
			}
		}
		return outcomes, err
	}, nil
}
