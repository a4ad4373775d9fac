package warehouse

import "testing"

func TestMatch(t *testing.T) {
	t.Parallel()
	for pattern, values := range map[string]map[string]bool{
		"vip*":    {"VIP": true, "vip/north/east": true, "a vip": false},
		"*":       {"": true, "a/b": true},
		"a*b*a":   {"aba": true, "a-b-a": true, "ab": false, "aa": false, "abba": true},
		"*b*":     {"abc": true, "ac": false},
		"a*a":     {"a": false, "aa": true},
		"sales_?": {"sales_?": true, "sales_1": false},
		"[ab]":    {"[AB]": true, "a": false},
		`a\*`:     {`a\b`: true, "a*": false},
		"":        {"": true, "a": false},
	} {
		for value, want := range values {
			if Match(pattern, value) != want {
				t.Errorf("Match(%q, %q) is not %t", pattern, value, want)
			}
		}
	}
}

// Databases are bounded by the patterns that lists are.
func TestScopeHolds(t *testing.T) {
	t.Parallel()
	in := entry{database: "sales_1", schema: "main"}
	for pattern, want := range map[string]bool{
		"sales_1": true, "SALES_*": true, "sales_1.main": true, "sales_*.m*": true, "sales_?": false, "sales_[12]": false, "sales_1.raw": false, "*.main": true,
	} {
		if got := (Scope{Databases: []string{pattern}}).holds(in); got != want {
			t.Errorf("%q holds sales_1.main: %t, want %t", pattern, got, want)
		}
	}
}
