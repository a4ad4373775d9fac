package syncspec

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what a sync keeps in step. Every kind is a set that the query spells out.
type Kind string

// The kinds of a sync.
const (
	// List keeps the members of a list: a set of records.
	List Kind = "list"
	// Object keeps properties of records: a set of (record, property, value).
	Object Kind = "object"
	// Association keeps the links between records: a set of (from, to, label).
	Association Kind = "association"
)

// event is a kind whose columns are in the table already.
const event Kind = "event"

// The columns that the query of an association returns; a query without LabelColumn asks for links without a label.
const (
	FromKeyColumn = "from_key"
	ToKeyColumn   = "to_key"
	LabelColumn   = "label"
)

// kindOf is the kind that the row says, whether there is one of that name or not.
func kindOf(r Row) Kind { return Kind(word(r.Kind, string(List))) }

// modes are the modes of a kind, its default first; none where there is no such kind.
func (k Kind) modes() []Mode {
	switch k {
	case List, Association:
		return []Mode{Mirror, Add, Remove}
	case Object:
		return []Mode{Upsert, Update, Create}
	}
	return nil
}

func mode(r Row) string {
	fallback := ""
	if modes := kindOf(r).modes(); modes != nil {
		fallback = string(modes[0])
	}
	return word(r.Mode, fallback)
}

// foreignMembers fills in the default: of a list the members that others put there go, of an association the links that others made stay,
// unless the query names the links that are to go.
func foreignMembers(r Row) string {
	fallback := ""
	switch kind := kindOf(r); {
	case kind == List, kind == Association && mode(r) == string(Remove):
		fallback = string(RemoveForeign)
	case kind == Association:
		fallback = string(KeepForeign)
	}
	return word(r.ForeignMembers, fallback)
}

// ofKind is the text of a column that one kind alone has, with its default for that kind.
func ofKind(kind Kind, field func(Row) *string, fallback string) func(Row) string {
	return func(r Row) string {
		if kindOf(r) != kind {
			return word(field(r), "")
		}
		return word(field(r), fallback)
	}
}

var (
	onLeave       = ofKind(Object, func(r Row) *string { return r.OnLeave }, string(KeepLeft))
	ifNull        = ofKind(Object, func(r Row) *string { return r.IfNull }, string(KeepNull))
	foreignValues = ofKind(Object, func(r Row) *string { return r.ForeignValues }, string(OverwriteForeign))
	toIDProperty  = ofKind(Association, func(r Row) *string { return r.ToIDProperty }, DefaultIDProperty)
)

// toObjectType has no default.
func toObjectType(r Row) string {
	if text(r.ToObjectType) == "" {
		return ""
	}
	return canonicalObjectType(text(r.ToObjectType))
}

// kind checks that there is a kind of that name. known is false where there is none, and nothing that depends on the kind can be checked.
func (p *parser) kind(r Row) (kind Kind, known bool) {
	kind = kindOf(r)
	if kind == event {
		p.add("kind", "syncs of kind event are not built in yet", "list, object and association are")
		return kind, false
	}
	before := len(p.problems)
	kind = oneOf(p, "kind", string(kind), List, Object, Association)
	return kind, len(p.problems) == before
}

// columnsOfOthers refuses what the row says in columns that its kind does not have.
func (p *parser) columnsOfOthers(r Row, kind Kind) {
	for _, c := range columns {
		if c.kinds == nil || slices.Contains(c.kinds, kind) || !c.isSet(r) {
			continue
		}
		var names []string
		for _, k := range c.kinds {
			names = append(names, string(k))
		}
		p.add(c.name, fmt.Sprintf("set in a row of kind %s, which has no such column", kind),
			fmt.Sprintf("set it to NULL; it belongs to kind %s", strings.Join(names, " and ")))
	}
}

// contradictions checks the columns of a kind against each other.
func (p *parser) contradictions(s Spec) {
	switch {
	case s.Kind != Object && s.Mode == Remove && s.ForeignMembers == KeepForeign:
		others := "members that others put there"
		if s.Kind == Association {
			others = "links that others made"
		}
		p.add("foreign_members", "keep contradicts mode remove, which only takes out "+others, "set foreign_members to remove, or leave it out")
	case s.Kind == Object:
		p.objectContradictions(s)
	}
}

func (p *parser) objectContradictions(s Spec) {
	if s.IDProperty == RecordIDProperty && (s.Mode == Upsert || s.Mode == Create) {
		p.add("mode", fmt.Sprintf("%s creates records, and HubSpot gives a new record its ID", s.Mode),
			"set mode to update, or id_property to a property with unique values")
	}
	if s.Mode == Create && s.OnLeave != KeepLeft {
		p.add("on_leave", fmt.Sprintf("%s contradicts mode create, which changes no record", s.OnLeave), "set on_leave to keep, or leave it out")
	}
	if s.Mode == Create && s.IfNull == ClearNull {
		p.add("if_null", "clear contradicts mode create, which changes no record", "set if_null to keep, or leave it out")
	}
	if s.Mode == Update && s.OnLeave == ArchiveLeft && !s.AllowTakeover {
		p.add("on_leave", "archive takes only records that this sync created, and mode update creates none",
			"set on_leave to keep or clear; with allow_takeover records that others created are archived too")
	}
	if s.Mode == Update && s.MaxCreates != nil {
		p.add("max_creates", "set for mode update, which creates no record", "set it to NULL")
	}
}
