package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"rollcall/engine"
	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/sandbox"
	"rollcall/engine/warehouse"
)

// mostMB is what a run over a million members and a million desired keys may take of memory at its peak.
const mostMB = 1000

// BenchmarkMillion runs a million desired keys against a million members, in a process of its own as the sandbox is, so that the peak is
// the run's alone. The second run has nothing to do.
func BenchmarkMillion(b *testing.B) {
	const n = 1_000_000
	for _, k := range []struct{ changed, calls int }{
		{10_000, 10_000 + 4_000 + 1 + 2},
		{100_000, 10_000 + 4_000 + 1 + 20},
	} {
		b.Run(fmt.Sprintf("%d to add and to remove", k.changed), func(b *testing.B) {
			if !*large {
				b.Skip("it takes minutes: -large")
			}
			for b.Loop() {
				b.StopTimer()
				box := play(b, "sandbox", boxed{Members: span{1, n + 1}.bounds(), Desired: span{k.changed + 1, n + k.changed + 1}.bounds()})
				var at boxAt
				box.says(&at)
				how := million{URL: at.URL, Database: b.TempDir() + "/rollcall.duckdb", Desired: span{k.changed + 1, n + k.changed + 1}.bounds()}
				play(b, "prepare", how).ends(nil)
				b.StartTimer()
				var cold, quiet measured
				play(b, "run", how).ends(&cold)
				b.StopTimer()
				play(b, "run", how).ends(&quiet)
				var left boxLeft
				box.ends(&left)
				if !left.Right {
					b.Error("the list is not as it is desired")
				}
				if cold.Calls > k.calls || quiet.Calls > 1 {
					b.Errorf("%d calls, and %d when quiet; want %d and 1 at most", cold.Calls, quiet.Calls, k.calls)
				}
				if peak := max(cold.PeakMB, quiet.PeakMB); peak > mostMB {
					b.Errorf("%d MB at the peak, want %d at most", peak, mostMB)
				}
				b.ReportMetric(float64(cold.Calls), "calls")
				b.ReportMetric(cold.Seconds, "s")
				b.ReportMetric(float64(cold.PeakMB), "peak_MB")
				b.ReportMetric(float64(quiet.Calls), "quiet_calls")
				b.ReportMetric(quiet.Seconds, "quiet_s")
				b.ReportMetric(float64(quiet.PeakMB), "quiet_peak_MB")
				b.StartTimer()
			}
		})
	}
}

// boxed is what the sandbox's process is told: ranges of its contacts, from included, upto excluded.
type boxed struct{ Members, Desired [2]int }

func (s span) bounds() [2]int { return [2]int{s.from, s.until} }

// boxAt is its first word, boxLeft its last.
type boxAt struct{ URL string }

type boxLeft struct{ Right bool }

// millionList is the list of the run.
const millionList = "1000"

// playSandbox serves a sandbox whose list has members, until nobody listens any more.
func playSandbox(in *json.Decoder, out *json.Encoder) error {
	var how boxed
	if err := in.Decode(&how); err != nil {
		return err
	}
	box := sandbox.New(sandbox.Options{})
	if err := box.Seed(max(how.Members[1], how.Desired[1]) - 1); err != nil {
		return err
	}
	if _, err := box.CreateList(sandbox.ListInput{ID: millionList, Name: "A million"}); err != nil {
		return err
	}
	if err := box.AddMembers(millionList, ids(numbers(how.Members[0], how.Members[1]-1))...); err != nil {
		return err
	}
	if err := serveUntilClosed(box, out); err != nil {
		return err
	}
	on, err := box.Members(millionList)
	if err != nil {
		return err
	}
	right := len(on) == how.Desired[1]-how.Desired[0]
	for i := 0; right && i < len(on); i++ {
		right = on[i] == strconv.Itoa(firstContact+how.Desired[0]-1+i)
	}
	return out.Encode(boxLeft{right})
}

// serveUntilClosed serves a sandbox, whose address it says first, until the test closes the standard input, or has died.
func serveUntilClosed(box *sandbox.Server, out *json.Encoder) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	served := make(chan error, 1)
	go func() {
		served <- box.Serve(ctx, "127.0.0.1:0", func(url string) { _ = out.Encode(boxAt{url}) })
	}()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	if err := <-served; err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// million is what the processes of the run are told.
type million struct {
	URL, Database string
	Desired       [2]int
	MemoryLimit   string // empty: DuckDB's
}

func (m million) open(ctx context.Context) (*engine.Engine, error) {
	return engine.Open(ctx, engine.Config{
		Warehouse: warehouse.Config{Database: m.Database, MemoryLimit: m.MemoryLimit}, HubSpot: hubspot.Config{BaseURL: m.URL, Token: "test"}, Version: "test",
	})
}

// playPrepare makes the control database, the sync, and the table that its query reads.
func playPrepare(in *json.Decoder, _ *json.Encoder) error {
	var how million
	if err := in.Decode(&how); err != nil {
		return err
	}
	return how.prepare(fmt.Sprintf(`
		CREATE TABLE people AS SELECT printf('contact-%%05d@example.com', n) AS email FROM range(%d, %d) r(n) ORDER BY hash(n);
		INSERT INTO rollcall.syncs (name, query, list_id, allow_takeover) VALUES ('million', 'SELECT email FROM people', '%s', true)`,
		how.Desired[0], how.Desired[1], millionList))
}

// prepare makes the control database and runs statements on it.
func (m million) prepare(statements string) error {
	ctx := context.Background()
	e, err := m.open(ctx)
	if err != nil {
		return err
	}
	if _, err := e.Init(ctx); err != nil {
		return errors.Join(err, e.Close())
	}
	console, err := e.Console(ctx, "")
	if err != nil {
		return errors.Join(err, e.Close())
	}
	err = console.Run(ctx, statements, func(*engine.Result) error { return nil })
	return errors.Join(err, console.Close(), e.Close())
}

// measured is what a run came to.
type measured struct {
	Calls   int
	Seconds float64
	PeakMB  int
}

// playRun runs the sync once.
func playRun(in *json.Decoder, out *json.Encoder) error {
	var how million
	if err := in.Decode(&how); err != nil {
		return err
	}
	ctx := context.Background()
	begun := time.Now()
	e, err := how.open(ctx)
	if err != nil {
		return err
	}
	runs, err := e.Run(ctx, nil, engine.RunOptions{})
	if err == nil && (len(runs) != 1 || runs[0].Status != engine.Succeeded) {
		err = fmt.Errorf("runs: %+v", runs)
	}
	if err := errors.Join(err, e.Close()); err != nil {
		return err
	}
	seconds := time.Since(begun).Seconds()
	peak, err := peakMB()
	if err != nil {
		return err
	}
	return out.Encode(measured{int(runs[0].APICalls), seconds, peak})
}

// peakMB is the most memory that this process has held. Linux alone tells it: what getrusage says begins with what the process
// held that started this one.
func peakMB() (int, error) {
	status, err := os.ReadFile("/proc/self/status")
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	found := regexp.MustCompile(`(?m)^VmHWM:\s+(\d+) kB$`).FindSubmatch(status)
	if found == nil {
		return 0, errors.New("/proc/self/status has no VmHWM")
	}
	kB, err := strconv.Atoi(string(found[1]))
	return kB * 1024 / 1_000_000, err
}
