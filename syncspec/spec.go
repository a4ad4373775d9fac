// Package syncspec defines what a sync is. A [Row] is a line of rollcall.syncs as
// an analyst wrote it; [Parse] turns it into a [Spec], or names every problem it
// has at once. TOML files hold the same rows ([DecodeTOML], [EncodeTOML]).
//
// The package is pure: it opens nothing, reads no clock, keeps no state, and
// imports nothing else of this module. What holds of every Spec that Parse
// returns:
//
//   - Kind is one of the kinds, and the fields that other kinds have are zero;
//   - of a list exactly one of ListID and ListName is set;
//   - KeyColumn is empty for an association alone;
//   - IDProperty is `email` only where ObjectType is `contacts`, and
//     ToIDProperty where ToObjectType is;
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
	// Upsert changes the records that there are, and creates the others.
	Upsert Mode = "upsert"
	// Update never creates a record.
	Update Mode = "update"
	// Create never changes a record that is there.
	Create Mode = "create"
)

// ForeignMembers decides about members of a list, or links of an association,
// that Rollcall did not make.
type ForeignMembers string

// What becomes of foreign members.
const (
	// RemoveForeign treats them like any other member.
	RemoveForeign ForeignMembers = "remove"
	// KeepForeign leaves them as they are.
	KeepForeign ForeignMembers = "keep"
)

// OnLeave decides about records that are no longer in the query.
type OnLeave string

// What becomes of records that have left the query.
const (
	// KeepLeft leaves them as they are.
	KeepLeft OnLeave = "keep"
	// ClearLeft clears the values that the sync wrote.
	ClearLeft OnLeave = "clear"
	// ArchiveLeft archives the records that the sync created.
	ArchiveLeft OnLeave = "archive"
)

// IfNull decides about NULLs that the query returns.
type IfNull string

// What a NULL means.
const (
	// KeepNull: a NULL says nothing.
	KeepNull IfNull = "keep"
	// ClearNull: a NULL clears the property.
	ClearNull IfNull = "clear"
)

// ForeignValues decides about values that others wrote, as a full read finds
// them.
type ForeignValues string

// What becomes of values that others wrote.
const (
	// OverwriteForeign writes the query's value over them.
	OverwriteForeign ForeignValues = "overwrite"
	// KeepForeignValues leaves them.
	KeepForeignValues ForeignValues = "keep"
)

// Defaults of the columns whose default is neither false nor NULL, and the same for all kinds.
const (
	DefaultEnabled       = true
	DefaultIDProperty    = EmailProperty
	DefaultObjectType    = Contacts
	DefaultMaxRemovalPct = 50.0
)

// The limit on new records of a row without max_creates: the number or the
// percentage of the records that the sync keeps, whichever is more.
const (
	DefaultMaxCreates   = 1000
	DefaultMaxCreatePct = 10.0
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
	Kind  Kind
	Query string // one statement as far as this package knows, without blanks at its ends

	ListID   string // decimal digits, or "" where ListName is set
	ListName string // the list's name, or "" where ListID is set

	Enabled    bool
	KeyColumn  string // the query's column that holds the keys; compare without regard to case
	IDProperty string // `email`, `hs_object_id` or a unique property
	ObjectType string // `contacts`, `companies`, `deals`, `tickets`, or a custom type as it was written

	ToIDProperty string // of an association: what its to_key is; IDProperty is what its from_key is
	ToObjectType string // of an association: the type of the records that it leads to

	Mode           Mode
	ForeignMembers ForeignMembers // "" for an object
	ForeignValues  ForeignValues  // of an object
	OnLeave        OnLeave        // of an object
	IfNull         IfNull         // of an object

	AllowEmpty    bool
	AllowTakeover bool    // may the first run on the list remove members that others put there?
	MinRows       *int64  // fewest usable, distinct keys; nil: no limit
	MaxChanges    *int64  // most changes in one run; nil: no limit
	MaxCreates    *int64  // of an object: most new records in one run; nil: see DefaultMaxCreates
	MaxRemovals   *int64  // nil: no limit
	MaxRemovalPct float64 // percent of current, 0 to 100

	DryRun   bool
	Schedule Schedule // zero: due at every run

	Description, Owner string
}

// Row writes the spec back as a row. Columns whose default is NULL are nil where
// the spec holds that default; all others are set.
func (s Spec) Row() Row {
	mode, kind, schedule := string(s.Mode), string(s.Kind), s.Schedule.String()
	r := Row{
		Name: &s.Name, Kind: &kind, Query: &s.Query,
		ListID: textOrNull(s.ListID), ListName: textOrNull(s.ListName),
		Enabled:    &s.Enabled,
		IDProperty: &s.IDProperty, ObjectType: &s.ObjectType,
		ToIDProperty: textOrNull(s.ToIDProperty), ToObjectType: textOrNull(s.ToObjectType),
		Mode: &mode, ForeignMembers: textOrNull(string(s.ForeignMembers)), ForeignValues: textOrNull(string(s.ForeignValues)),
		OnLeave: textOrNull(string(s.OnLeave)), IfNull: textOrNull(string(s.IfNull)),
		AllowEmpty: &s.AllowEmpty, AllowTakeover: &s.AllowTakeover, MinRows: s.MinRows, MaxChanges: s.MaxChanges, MaxCreates: s.MaxCreates, MaxRemovals: s.MaxRemovals, MaxRemovalPct: &s.MaxRemovalPct,
		DryRun: &s.DryRun, Schedule: textOrNull(schedule),
		Description: textOrNull(s.Description), Owner: textOrNull(s.Owner),
	}
	if s.NamesKeyColumn() {
		r.KeyColumn = textOrNull(s.KeyColumn)
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
