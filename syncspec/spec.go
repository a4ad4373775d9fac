// Package syncspec defines what a sync is. A [Row] is a line of rollcall.syncs as
// an analyst wrote it; [Parse] turns it into a [Spec], or names every problem it
// has at once. TOML files hold the same rows ([DecodeTOML], [EncodeTOML]).
//
// The package is pure: it opens nothing, reads no clock, keeps no state, and
// imports nothing else of this module. What holds of every Spec that Parse
// returns:
//
//   - exactly one of ListID and ListName is set;
//   - KeyColumn is never empty;
//   - IDProperty is `email` only where ObjectType is `contacts`;
//   - the schedule comes round at some time;
//   - Parse(spec.Row()) returns an equal Spec.
package syncspec

// Mode restricts the changes that a sync may make.
type Mode string

// The modes of a sync.
const (
	// Mirror adds who entered the query and removes who left it.
	Mirror Mode = "mirror"
	// Add only adds.
	Add Mode = "add"
	// Remove takes out whoever the query names, and adds nobody.
	Remove Mode = "remove"
)

// ForeignMembers decides about members that Rollcall did not put in the
// list.
type ForeignMembers string

// What becomes of foreign members.
const (
	// RemoveForeign treats them like any other member.
	RemoveForeign ForeignMembers = "remove"
	// KeepForeign leaves them in the list.
	KeepForeign ForeignMembers = "keep"
)

// Defaults of the columns whose default is neither false nor NULL.
const (
	DefaultEnabled        = true
	DefaultIDProperty     = EmailProperty
	DefaultObjectType     = Contacts
	DefaultMode           = Mirror
	DefaultForeignMembers = RemoveForeign
	DefaultMaxRemovalPct  = 50.0
)

// Properties of HubSpot that Rollcall treats apart from all others.
const (
	// EmailProperty identifies contacts by address.
	EmailProperty = "email"
	// RecordIDProperty is HubSpot's own record ID; such keys need no resolving.
	RecordIDProperty = "hs_object_id"
)

// Spec is a row, parsed and validated, with every default filled in.
type Spec struct {
	Name  string
	Query string // one statement as far as this package knows, without blanks at its ends

	ListID   string // decimal digits, or "" where ListName is set
	ListName string // the list's name, or "" where ListID is set

	Enabled    bool
	KeyColumn  string // the query's column that holds the keys; compare without regard to case
	IDProperty string // `email`, `hs_object_id` or a unique property
	ObjectType string // `contacts`, `companies`, `deals`, or a custom type as it was written

	Mode           Mode
	ForeignMembers ForeignMembers

	AllowEmpty    bool
	AllowTakeover bool    // may the first run on the list remove members that others put there?
	MinRows       *int64  // fewest usable, distinct keys; nil: no limit
	MaxRemovals   *int64  // nil: no limit
	MaxRemovalPct float64 // percent of current, 0 to 100

	DryRun   bool
	Schedule Schedule // zero: due at every run

	Description, Owner string
}

// Row writes the spec back as a row. Columns whose default is NULL are nil where
// the spec holds that default; all others are set.
func (s Spec) Row() Row {
	mode, foreign, schedule := string(s.Mode), string(s.ForeignMembers), s.Schedule.String()
	r := Row{
		Name: &s.Name, Query: &s.Query,
		ListID: textOrNull(s.ListID), ListName: textOrNull(s.ListName),
		Enabled:    &s.Enabled,
		IDProperty: &s.IDProperty, ObjectType: &s.ObjectType,
		Mode: &mode, ForeignMembers: &foreign,
		AllowEmpty: &s.AllowEmpty, AllowTakeover: &s.AllowTakeover, MinRows: s.MinRows, MaxRemovals: s.MaxRemovals, MaxRemovalPct: &s.MaxRemovalPct,
		DryRun: &s.DryRun, Schedule: textOrNull(schedule),
		Description: textOrNull(s.Description), Owner: textOrNull(s.Owner),
	}
	if s.NamesKeyColumn() {
		r.KeyColumn = &s.KeyColumn
	}
	return r
}

// NamesKeyColumn reports whether the row names the key column, other than by the default. Where it does not, the only column of a query
// is the key column whatever its name.
func (s Spec) NamesKeyColumn() bool { return s.KeyColumn != s.IDProperty }

func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
