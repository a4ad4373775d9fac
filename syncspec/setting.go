package syncspec

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Setting is a column of a row and its value as text, the default of the row's kind filled in.
type Setting struct{ Column, Value string }

// Settings are columns in the order of the table. In JSON they are one object with the columns as its names.
type Settings []Setting

// Settings lists what the row comes to, but for its name, its query and what is for people; columns that are NULL are left out.
func (s Spec) Settings() Settings {
	var all Settings
	r := s.Row()
	for _, c := range columns {
		if slices.Contains([]string{"name", "description", "owner", "query"}, c.name) {
			continue
		}
		if value := c.text(r); value != "" {
			all = append(all, Setting{c.name, value})
		}
	}
	return all
}

// String is the columns and values in one line.
func (all Settings) String() string {
	var texts []string
	for _, s := range all {
		texts = append(texts, s.Column+" "+s.Value)
	}
	return strings.Join(texts, ", ")
}

// MarshalJSON writes one object; every value is a text.
func (all Settings) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	for _, s := range all {
		value, err := json.Marshal(s.Value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, ",%q:%s", s.Column, value)
	}
	return []byte("{" + strings.TrimPrefix(b.String(), ",") + "}"), nil
}
