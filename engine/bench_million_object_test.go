package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"rollcall/engine/hubspot/sandbox"
)

// millionProperties is how many properties the records of BenchmarkMillionRecords have.
const millionProperties = 10

// BenchmarkMillionRecords runs a million records that HubSpot has as the query asks for them: first with nothing known of them, then with nothing
// changed. The process of the runs is bounded as the README says; the sandbox is in one of its own.
func BenchmarkMillionRecords(b *testing.B) {
	if !*large {
		b.Skip("it takes minutes: -large")
	}
	const n = 1_000_000
	for b.Loop() {
		b.StopTimer()
		box := play(b, "record sandbox", n)
		var at boxAt
		box.says(&at)
		how := million{URL: at.URL, Database: b.TempDir() + "/rollcall.duckdb", Desired: span{0, n}.bounds(), MemoryLimit: "300MB"}
		play(b, "prepare records", how).ends(nil)
		b.StartTimer()
		var cold, quiet measured
		play(b, "run", how).ends(&cold)
		b.StopTimer()
		play(b, "run", how).ends(&quiet)
		var writes int
		box.ends(&writes)
		if most := hundreds(n) + 1; cold.Calls > most || quiet.Calls > 0 || writes > 0 {
			b.Errorf("%d calls, %d when quiet, %d writes; want %d, 0 and 0 at most", cold.Calls, quiet.Calls, writes, most)
		}
		if peak := max(cold.PeakMB, quiet.PeakMB); peak > mostMB {
			b.Errorf("%d MB at the peak, want %d at most", peak, mostMB)
		}
		b.ReportMetric(float64(cold.Calls), "calls")
		b.ReportMetric(cold.Seconds, "s")
		b.ReportMetric(float64(cold.PeakMB), "peak_MB")
		b.ReportMetric(quiet.Seconds, "quiet_s")
		b.ReportMetric(float64(quiet.PeakMB), "quiet_peak_MB")
		b.StartTimer()
	}
}

// playRecordSandbox serves a sandbox with that many contacts, until nobody listens any more. Its last word is how many writes it had.
func playRecordSandbox(in *json.Decoder, out *json.Encoder) error {
	var n int
	if err := in.Decode(&n); err != nil {
		return err
	}
	box := sandbox.New(sandbox.Options{})
	for i := range millionProperties {
		if err := box.DefineProperty("contacts", sandbox.Property{Name: fmt.Sprintf("p%02d", i)}); err != nil {
			return err
		}
	}
	for i := range n {
		properties := map[string]string{"email": fmt.Sprintf("person-%06d@example.com", i)}
		for p := range millionProperties {
			properties[fmt.Sprintf("p%02d", p)] = fmt.Sprintf("value %d of %d", p, i)
		}
		if _, err := box.CreateContact(properties); err != nil {
			return err
		}
	}
	if err := serveUntilClosed(box, out); err != nil {
		return err
	}
	return out.Encode(box.CountCalls(batchCreates) + box.CountCalls(batchUpdates))
}

// playPrepareRecords makes the control database, the sync, and the table that its query reads.
func playPrepareRecords(in *json.Decoder, _ *json.Encoder) error {
	var how million
	if err := in.Decode(&how); err != nil {
		return err
	}
	columns := make([]string, millionProperties)
	for i := range columns {
		columns[i] = fmt.Sprintf("format('value %d of {:d}', n) AS p%02d", i, i)
	}
	return how.prepare(fmt.Sprintf(`
		CREATE TABLE wide AS SELECT format('person-{:06d}@example.com', n) AS email, %s FROM range(%d, %d) r(n);
		INSERT INTO rollcall.syncs (name, kind, query) VALUES ('wide', 'object', 'FROM wide')`,
		strings.Join(columns, ", "), how.Desired[0], how.Desired[1]))
}
