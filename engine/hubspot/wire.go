package hubspot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rollcall/escape"
)

// recordID is a record's ID on the wire: a string by the specs, a number in some of HubSpot's answers.
type recordID int64

// UnmarshalJSON accepts "123" and 123.
func (id *recordID) UnmarshalJSON(data []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(data), `"`), 10, 64)
	if err != nil || n <= 0 {
		return fmt.Errorf("record id: %s is none", WithoutAddresses(shorten(string(data), 40)))
	}
	*id = recordID(n)
	return nil
}

// count is a number of things on the wire, as a number or a string.
type count int64

// UnmarshalJSON accepts 12 and "12".
func (c *count) UnmarshalJSON(data []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(data), `"`), 10, 64)
	if err != nil || n < 0 {
		return fmt.Errorf("count: %s is none", WithoutAddresses(shorten(string(data), 40)))
	}
	*c = count(n)
	return nil
}

// text is a string on the wire that some servers send as a number, a bool or worse.
type text string

// UnmarshalJSON accepts anything: null leaves the text empty, what is no string is kept as JSON.
func (t *text) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	if data[0] == '"' {
		return json.Unmarshal(data, (*string)(t))
	}
	*t = text(data)
	return nil
}

// texts returns the values that are there: HubSpot sends null for a property without one.
func texts(wire map[string]*text) map[string]string {
	out := make(map[string]string, len(wire))
	for name, value := range wire {
		if value != nil {
			out[name] = string(*value)
		}
	}
	return out
}

// moment is a time on the wire: RFC 3339 by the specs, epoch milliseconds in list properties. What it cannot read is
// left out, since nothing but display rests on these times.
type moment struct{ time *time.Time }

// UnmarshalJSON never fails.
func (m *moment) UnmarshalJSON(data []byte) error {
	m.time = parseMoment(strings.Trim(string(data), `"`))
	return nil
}

func parseMoment(value string) *time.Time {
	if t, err := time.Parse(time.RFC3339, value); err == nil {
		return &t
	}
	if ms, err := strconv.ParseInt(value, 10, 64); err == nil && ms > 0 {
		t := time.UnixMilli(ms).UTC()
		return &t
	}
	return nil
}

// shorten cuts a foreign text to what fits into one line of an error, and escapes what is not shown in it.
func shorten(s string, limit int) string {
	s = escape.Value(strings.Join(strings.Fields(s), " "))
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return s
}
