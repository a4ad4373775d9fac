package syncspec

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Row is a line of rollcall.syncs as an analyst wrote it, valid or not. A nil
// field is SQL NULL; a text of nothing but blanks means the same.
type Row struct {
	Name, Kind, Query                 *string
	ListID, ListName                  *string
	KeyColumn, IDProperty, ObjectType *string
	ToIDProperty, ToObjectType        *string
	EventName                         *string
	Mode, ForeignMembers, Schedule    *string
	ForeignValues, OnLeave, IfNull    *string
	Description, Owner                *string
	Enabled, AllowEmpty, DryRun       *bool
	AllowTakeover                     *bool
	MinRows, MaxChanges, MaxCreates   *int64
	MaxRemovals                       *int64
	MaxRemovalPct                     *float64

	CreatedAt *time.Time // when the row was made; no part of what it says
}

// ColumnChange is one column in which two rows differ. From and To are the
// values as text, defaults filled in; "" stands for NULL.
type ColumnChange struct {
	Column, From, To string
}

// Equal reports whether two rows mean the same: blanks at the ends, the case of
// words that have none, and a default left out or written down make no
// difference. The rows need not be valid.
func Equal(a, b Row) bool { return len(Diff(a, b)) == 0 }

// Diff lists the columns in which b means something else than a, in the order of
// the table's columns.
func Diff(a, b Row) []ColumnChange {
	var changes []ColumnChange
	for _, c := range columns {
		from, to := c.text(a), c.text(b)
		if c.fold {
			if strings.EqualFold(from, to) {
				continue
			}
		} else if from == to {
			continue
		}
		changes = append(changes, ColumnChange{Column: c.name, From: from, To: to})
	}
	return changes
}

// JSON is the row as an object by the names of the table's columns, in their order: what is NULL is left out, and the time when the row
// was made. A number that JSON does not have is an error.
func (r Row) JSON() (string, error) {
	var b strings.Builder
	for _, c := range columns {
		value, err := json.Marshal(c.field(&r))
		if err != nil {
			return "", fmt.Errorf("%s: %w", c.name, err)
		}
		if string(value) == "null" {
			continue
		}
		fmt.Fprintf(&b, ",%q:%s", c.name, value)
	}
	return "{" + strings.TrimPrefix(b.String(), ",") + "}", nil
}

// column is one column of rollcall.syncs: where a Row keeps it and what it means.
type column struct {
	name string
	// field points at the row's own field: a **string, **bool, **int64 or **float64.
	field func(*Row) any
	// text is the column's meaning as text, the default filled in; "" is NULL.
	text func(Row) string
	// fold: the column is matched without regard to case.
	fold bool
	// kinds are those that have the column; nil: all.
	kinds []Kind
}

// isSet reports whether the row says anything in the column: neither NULL nor nothing but blanks.
func (c column) isSet(r Row) bool {
	switch f := c.field(&r).(type) {
	case **string:
		return text(*f) != ""
	case **int64:
		return *f != nil
	case **bool:
		return *f != nil
	case **float64:
		return *f != nil
	}
	panic("syncspec: no such field")
}

// without is the row with NULL in the column.
func (c column) without(r Row) Row {
	switch f := c.field(&r).(type) {
	case **string:
		*f = nil
	case **int64:
		*f = nil
	case **bool:
		*f = nil
	case **float64:
		*f = nil
	}
	return r
}

// columns lists what a row holds in the table's order, which is also the order of
// a TOML file.
var columns = []column{
	{name: "name", field: func(r *Row) any { return &r.Name }, text: func(r Row) string { return text(r.Name) }},
	{name: "description", field: func(r *Row) any { return &r.Description }, text: func(r Row) string { return text(r.Description) }},
	{name: "owner", field: func(r *Row) any { return &r.Owner }, text: func(r Row) string { return text(r.Owner) }},
	{name: "kind", field: func(r *Row) any { return &r.Kind }, text: func(r Row) string { return string(kindOf(r)) }},
	{name: "query", field: func(r *Row) any { return &r.Query }, text: func(r Row) string { return text(r.Query) }},
	{name: "list_id", field: func(r *Row) any { return &r.ListID }, text: func(r Row) string { return text(r.ListID) }, kinds: []Kind{List}},
	{name: "list_name", field: func(r *Row) any { return &r.ListName }, text: func(r Row) string { return text(r.ListName) }, kinds: []Kind{List}},
	{name: "enabled", field: func(r *Row) any { return &r.Enabled }, text: func(r Row) string { return boolText(r.Enabled, DefaultEnabled) }},
	{name: "key_column", field: func(r *Row) any { return &r.KeyColumn }, text: keyColumn, fold: true, kinds: []Kind{List, Object}},
	{name: "id_property", field: func(r *Row) any { return &r.IDProperty }, text: idProperty},
	{name: "object_type", field: func(r *Row) any { return &r.ObjectType }, text: objectType},
	{name: "to_id_property", field: func(r *Row) any { return &r.ToIDProperty }, text: toIDProperty, kinds: []Kind{Association}},
	{name: "to_object_type", field: func(r *Row) any { return &r.ToObjectType }, text: toObjectType, kinds: []Kind{Association}},
	{name: "event_name", field: func(r *Row) any { return &r.EventName }, text: func(r Row) string { return text(r.EventName) }, kinds: []Kind{event}},
	{name: "mode", field: func(r *Row) any { return &r.Mode }, text: mode},
	{name: "foreign_members", field: func(r *Row) any { return &r.ForeignMembers }, text: foreignMembers, kinds: []Kind{List, Association}},
	{name: "foreign_values", field: func(r *Row) any { return &r.ForeignValues }, text: foreignValues, kinds: []Kind{Object}},
	{name: "on_leave", field: func(r *Row) any { return &r.OnLeave }, text: onLeave, kinds: []Kind{Object}},
	{name: "if_null", field: func(r *Row) any { return &r.IfNull }, text: ifNull, kinds: []Kind{Object}},
	{name: "allow_empty", field: func(r *Row) any { return &r.AllowEmpty }, text: func(r Row) string { return boolText(r.AllowEmpty, false) }},
	{name: "allow_takeover", field: func(r *Row) any { return &r.AllowTakeover }, text: func(r Row) string { return boolText(r.AllowTakeover, false) }},
	{name: "min_rows", field: func(r *Row) any { return &r.MinRows }, text: func(r Row) string { return intText(r.MinRows) }},
	{name: "max_changes", field: func(r *Row) any { return &r.MaxChanges }, text: func(r Row) string { return intText(r.MaxChanges) }},
	{name: "max_creates", field: func(r *Row) any { return &r.MaxCreates }, text: func(r Row) string { return intText(r.MaxCreates) }, kinds: []Kind{Object}},
	{name: "max_removals", field: func(r *Row) any { return &r.MaxRemovals }, text: func(r Row) string { return intText(r.MaxRemovals) }},
	{name: "max_removal_pct", field: func(r *Row) any { return &r.MaxRemovalPct }, text: func(r Row) string { return floatText(r.MaxRemovalPct, DefaultMaxRemovalPct) }},
	{name: "dry_run", field: func(r *Row) any { return &r.DryRun }, text: func(r Row) string { return boolText(r.DryRun, false) }},
	{name: "schedule", field: func(r *Row) any { return &r.Schedule }, text: func(r Row) string { return canonicalSchedule(text(r.Schedule)) }},
}

// text is a column's text without the blanks at its ends; "" is NULL.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return trim(*s)
}

// word is text that has no case of its own.
func word(s *string, fallback string) string {
	if w := strings.ToLower(text(s)); w != "" {
		return w
	}
	return fallback
}

func idProperty(r Row) string { return word(r.IDProperty, DefaultIDProperty) }

func objectType(r Row) string { return canonicalObjectType(text(r.ObjectType)) }

func keyColumn(r Row) string {
	if c := text(r.KeyColumn); c != "" || kindOf(r) == Association {
		return c
	}
	return idProperty(r)
}

func boolText(b *bool, fallback bool) string {
	if b == nil {
		return strconv.FormatBool(fallback)
	}
	return strconv.FormatBool(*b)
}

func intText(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

func floatText(f *float64, fallback float64) string {
	if f == nil {
		f = &fallback
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

// trim takes off what nobody can see at either end: Unicode white space, which
// includes the no-break space, and format characters, which include the
// zero-width ones and the byte order mark.
func trim(s string) string { return strings.TrimFunc(s, invisible) }

func invisible(r rune) bool {
	if r < unicode.MaxASCII {
		return r == ' ' || ('\t' <= r && r <= '\r')
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}
