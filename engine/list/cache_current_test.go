package list

import (
	"strconv"
	"testing"
	"time"

	"rollcall/engine/warehouse"
)

// What a list's metadata may say after a write of Rollcall's own, and what it may not. The write began at second 100; times are in
// seconds.
func TestMetadataAfterAWrite(t *testing.T) {
	t.Parallel()
	at := func(seconds float64) time.Time { return time.UnixMilli(int64(seconds * 1000)) }
	stamp := func(seconds float64) string { return strconv.FormatInt(at(seconds).UnixMilli(), 10) }
	during := func(from, until float64) span { return span{at(from), at(until)} }
	both := cachedList{added: 5, removed: 2, addedIn: during(100, 101), removedIn: during(100, 101)}
	apart := cachedList{added: 5, removed: 2, addedIn: during(120, 121), removedIn: during(140, 141)}
	adds := cachedList{added: 5, addedIn: during(140, 141)}
	for name, c := range map[string]struct {
		cached         cachedList
		size           string
		added, removed string
		want           bool
	}{
		"one call that does both":                       {both, "13", stamp(100.5), stamp(100.5), true},
		"and somebody takes one off right after it":     {both, "12", stamp(100.5), stamp(101.5), false},
		"and somebody exchanges members after it":       {both, "13", stamp(101.2), stamp(101.3), false},
		"and somebody exchanges members later":          {both, "13", stamp(110), stamp(110), false},
		"not settled yet":                               {both, "10", stamp(50), stamp(60), false},
		"half settled":                                  {both, "13", stamp(100.5), stamp(60), false},
		"no size":                                       {both, "", stamp(100.5), stamp(100.5), false},
		"calls that add, then calls that remove":        {apart, "13", stamp(120.5), stamp(140.5), true},
		"of which the last stamps are not seen yet":     {apart, "13", stamp(120.5), stamp(130), false},
		"and somebody exchanges members between them":   {apart, "13", stamp(130), stamp(140.5), false},
		"and somebody exchanges members after the last": {apart, "13", stamp(145), stamp(145), false},
		"calls that add":                                {adds, "15", stamp(140.5), stamp(60), true},
		"and somebody exchanges members among them":     {adds, "15", stamp(140.5), stamp(130), false},
		"of which the last added nobody":                {adds, "15", stamp(120), stamp(60), false},
		"calls of which no times are known":             {cachedList{added: 5}, "15", stamp(140.5), stamp(60), false},
	} {
		c.cached.seen = metadata{"10", stamp(50), stamp(60)}
		c.cached.members = 10 + c.cached.added - c.cached.removed
		c.cached.wroteFrom = warehouse.NullTime{Time: at(100), Valid: true}
		if got := c.cached.isCurrent(metadata{c.size, c.added, c.removed}); got != c.want {
			t.Errorf("%s: holds %t, want %t", name, got, c.want)
		}
	}
}
