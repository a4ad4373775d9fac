package property_test

import (
	"testing"

	"rollcall/engine/hubspot/property"
)

// BenchmarkStored brings the twenty values of a record into HubSpot's form, and back those that HubSpot answered.
func BenchmarkStored(b *testing.B) {
	record := []struct {
		property property.Definition
		value    any
	}{
		{definition("string"), "Ada Lovelace"}, {definition("string"), "Bahnhofstrasse 1"}, {definition("string"), "Zürich"}, {email, "ada@example.com"},
		{definition("string"), int64(8001)}, {definition("number"), int64(12)}, {definition("number"), int32(7)}, {definition("number"), 1234.5},
		{definition("number"), decimal("99.90")}, {definition("date"), midnight()}, {definition("date"), "2026-01-31"}, {definition("datetime"), noon(2026)},
		{definition("datetime"), "2026-01-31T12:00:00Z"}, {definition("bool"), true}, {stage, "lead"}, {stage, "evangelist"}, {colours, []any{"r", "b"}},
		{colours, "b;r"}, {owner, int64(51)}, {definition("string"), nil},
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, one := range record {
			text, reject := one.property.Stored(one.value)
			if reject != nil || one.property.Canonical(text) != text {
				b.Fatal(one, text, reject)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(record)), "ns/value")
}
