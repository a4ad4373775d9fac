package syncspec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// Parse validates a row. On error it is [Problems], all of them at once, in the
// order of the table's columns; the Spec is then the row as far as it could be read, which is not fit to run.
func Parse(r Row) (Spec, error) {
	var p parser
	kind, known := p.kind(r)
	s := Spec{
		Name:          p.name(r),
		Kind:          kind,
		Description:   p.line("description", text(r.Description)),
		Owner:         p.line("owner", text(r.Owner)),
		Query:         p.query(r, kind),
		Enabled:       valueOr(r.Enabled, DefaultEnabled),
		KeyColumn:     keyColumn(r),
		IDProperty:    idProperty(r),
		ObjectType:    objectType(r),
		AllowEmpty:    valueOr(r.AllowEmpty, false),
		AllowTakeover: valueOr(r.AllowTakeover, false),
		MinRows:       r.MinRows,
		MaxChanges:    r.MaxChanges,
		MaxRemovals:   r.MaxRemovals,
		MaxRemovalPct: valueOr(r.MaxRemovalPct, DefaultMaxRemovalPct),
		DryRun:        valueOr(r.DryRun, false),
		Schedule:      p.schedule(r),
	}
	p.line("key_column", text(r.KeyColumn))
	p.lengths(r)
	p.identity(s.IDProperty, s.ObjectType, "id_property", "object_type")
	if known {
		p.columnsOfOthers(r, kind)
		p.ofKind(r, &s)
		p.contradictions(s)
	}
	p.limits(s)
	if len(p.problems) > 0 {
		p.sort()
		return s, p.problems
	}
	return s, nil
}

// ofKind fills in and checks what the row's kind has and others have not.
func (p *parser) ofKind(r Row, s *Spec) {
	s.Mode = oneOf(p, "mode", mode(r), s.Kind.modes()...)
	if s.Kind != Object {
		s.ForeignMembers = oneOf(p, "foreign_members", foreignMembers(r), RemoveForeign, KeepForeign)
	}
	switch s.Kind {
	case List:
		s.ListID, s.ListName = p.list(r)
	case Object:
		s.MaxCreates = r.MaxCreates
		s.ForeignValues = oneOf(p, "foreign_values", foreignValues(r), OverwriteForeign, KeepForeignValues)
		s.OnLeave = oneOf(p, "on_leave", onLeave(r), KeepLeft, ClearLeft, ArchiveLeft)
		s.IfNull = oneOf(p, "if_null", ifNull(r), KeepNull, ClearNull)
	case Association:
		s.KeyColumn = ""
		s.ToObjectType, s.ToIDProperty = toObjectType(r), toIDProperty(r)
		if s.ToObjectType == "" {
			p.add("to_object_type", "missing", "the other side of the association: "+objectTypeHint)
			return
		}
		p.identity(s.ToIDProperty, s.ToObjectType, "to_id_property", "to_object_type")
	}
}

type parser struct{ problems Problems }

func (p *parser) add(column, message, hint string) {
	p.problems = append(p.problems, Problem{Column: column, Message: message, Hint: hint})
}

// sort puts the problems in the order of the columns, as found within one.
func (p *parser) sort() {
	place := func(q Problem) int {
		return slices.IndexFunc(columns, func(c column) bool { return c.name == q.Column })
	}
	slices.SortStableFunc(p.problems, func(a, b Problem) int { return place(a) - place(b) })
}

// Limits of the texts of a row. A reader of rows may cut a text after one character more than its limit: [Parse] refuses what is left.
const (
	// MaxNameChars is the longest name, in characters.
	MaxNameChars = 100
	// MaxQueryBytes is the longest query, in bytes.
	MaxQueryBytes = 256 << 10
	// MaxTextChars is the longest text of any other column, in characters.
	MaxTextChars = 10_000
)

var nameShape = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,100}$`)

const nameHint = "a name is 1 to 100 letters (a-z), digits, _ or -"

// ShowName is a row's name as a message shows it: as it is where it is a name, else quoted.
func ShowName(name string) string {
	if nameShape.MatchString(name) {
		return name
	}
	return fmt.Sprintf("%q", clip(name))
}

func (p *parser) name(r Row) string {
	name := text(r.Name)
	switch {
	case name == "":
		p.add("name", "missing", nameHint)
	case !nameShape.MatchString(name):
		p.add("name", fmt.Sprintf("%q is not a name", clip(name)), nameHint)
	}
	return name
}

// queryHints say what a query of each kind returns.
var queryHints = map[Kind]string{
	List:        "write one SELECT whose key column says who belongs in the list",
	Object:      "write one SELECT: its key column says which record, every other column is the property of that name",
	Association: "write one SELECT that returns from_key, to_key and, for links with labels, label",
}

func (p *parser) query(r Row, kind Kind) string {
	query := text(r.Query)
	switch {
	case query == "":
		p.add("query", "missing", queryHints[kind])
	case strings.ContainsRune(query, 0):
		// The engine reads SQL up to the first NUL: what follows would go unseen.
		p.add("query", "holds a NUL character", "take the character out")
	}
	return query
}

// lengths checks that no text is longer than its limit, the blanks at its ends included.
func (p *parser) lengths(r Row) {
	if r.Query != nil && len(*r.Query) > MaxQueryBytes {
		p.add("query", fmt.Sprintf("longer than %d KB", MaxQueryBytes>>10), "put the values into a table")
	}
	for _, c := range columns {
		field, isText := c.field(&r).(**string)
		if !isText || *field == nil || c.name == "name" || c.name == "query" {
			continue // the shape of a name bounds it
		}
		if len(**field) > MaxTextChars && utf8.RuneCountInString(**field) > MaxTextChars {
			p.add(c.name, fmt.Sprintf("longer than %d characters", MaxTextChars), "shorten it")
		}
	}
}

var (
	listIDShape  = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)
	listIDInside = regexp.MustCompile(`/(?:objectLists|lists)/([1-9][0-9]{0,18})(?:\D|$)`)
)

const listIDHint = "in HubSpot open the list: its address ends in /objectLists/ID, and Details shows the same ILS list ID; the ID of the old lists API (v1) is another number"

func (p *parser) list(r Row) (id, name string) {
	id, name = text(r.ListID), p.line("list_name", text(r.ListName))
	if strings.ContainsFunc(name, func(r rune) bool { return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) }) {
		p.add("list_name", "holds a character that is not shown, such as a change of the direction of writing",
			"write it again by hand rather than paste it; a list that has such a name in HubSpot can be named by its list_id")
	}
	switch {
	case id == "" && name == "":
		p.add("list_id", "missing, and so is list_name", "set one of the two; "+listIDHint)
	case id != "" && name != "":
		p.add("list_name", "set beside list_id", "keep one of the two: the ID to name a list that exists, the name to have it made when missing")
	}
	if id != "" && !listIDShape.MatchString(id) {
		hint := listIDHint
		if inside := listIDInside.FindStringSubmatch(id); inside != nil {
			hint = "write only the ID: " + inside[1]
		}
		p.add("list_id", fmt.Sprintf("%q is not a list ID, which is digits only", clip(id)), hint)
	}
	return id, name
}

// propertyShape is that of a property's internal name, which HubSpot keeps in
// lower case (HubSpot's guide to properties).
var propertyShape = regexp.MustCompile(`^[a-z][a-z0-9_]{0,249}$`)

const objectTypeHint = "contacts, companies, deals, tickets, or a custom type by its ID (2-123) or name"

// identity checks that the property can identify records of the type; the columns are those that say so.
func (p *parser) identity(property, objectType, propertyColumn, typeColumn string) {
	if !propertyShape.MatchString(property) {
		p.add(propertyColumn, fmt.Sprintf("%q is not a property's internal name", clip(property)),
			"in HubSpot: Settings > Properties, open the property, </> shows its internal name")
	}
	if !objectTypeShape.MatchString(objectType) {
		p.add(typeColumn, fmt.Sprintf("%q is not an object type", clip(objectType)), objectTypeHint)
	} else if property == EmailProperty && objectType != Contacts {
		p.add(propertyColumn, fmt.Sprintf("email identifies contacts only, not %s", objectType),
			"set "+propertyColumn+" to hs_object_id (record IDs) or to a property of that type with unique values")
	}
}

func (p *parser) limits(s Spec) {
	if s.MinRows != nil && *s.MinRows < 0 {
		p.add("min_rows", fmt.Sprintf("%d is below 0", *s.MinRows), "NULL sets no limit")
	}
	if s.MaxChanges != nil && *s.MaxChanges < 0 {
		p.add("max_changes", fmt.Sprintf("%d is below 0", *s.MaxChanges), "0 lets nothing be changed, NULL sets no limit")
	}
	if s.MaxCreates != nil && *s.MaxCreates < 0 {
		p.add("max_creates", fmt.Sprintf("%d is below 0", *s.MaxCreates), "0 lets no record be created, NULL is 1000, or 10 percent of the records that the sync keeps if that is more")
	}
	if s.MaxRemovals != nil && *s.MaxRemovals < 0 {
		p.add("max_removals", fmt.Sprintf("%d is below 0", *s.MaxRemovals), "0 lets nobody be removed, NULL sets no limit")
	}
	if !(s.MaxRemovalPct >= 0 && s.MaxRemovalPct <= 100) { // NaN too
		p.add("max_removal_pct", fmt.Sprintf("%v is not within 0 and 100", s.MaxRemovalPct), "100 sets no limit, NULL is 50")
	}
}

func (p *parser) schedule(r Row) Schedule {
	s, err := ParseSchedule(text(r.Schedule))
	if err != nil {
		p.add("schedule", fmt.Sprintf("%q: %v", clip(text(r.Schedule)), err),
			"five cron fields in UTC such as 0 6 * * 1-5, with a zone CRON_TZ=Europe/Berlin 0 6 * * 1-5, or @every 15m, @hourly, @daily; NULL is every run")
	}
	return s
}

// line checks that a text which people read holds no control character, save line
// ends and tabs in a description.
func (p *parser) line(column, s string) string {
	refused := func(r rune) bool {
		return unicode.IsControl(r) && (column != "description" || r < '\t' || r > '\r')
	}
	if strings.ContainsFunc(s, refused) {
		p.add(column, "holds a control character", "write it again by hand rather than paste it")
	}
	return s
}

// oneOf checks a word against those there are.
func oneOf[T ~string](p *parser, column, word string, accepted ...T) T {
	if slices.Contains(accepted, T(word)) {
		return T(word)
	}
	words := make([]string, len(accepted))
	for i, a := range accepted {
		words[i] = string(a)
	}
	hint := ""
	if near := nearest(word, words); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	p.add(column, fmt.Sprintf("%q is not one of %s", clip(word), strings.Join(words, ", ")), hint)
	return T(word)
}

// nearest is the likeliest of the words for a misspelt one, "" if none is like it.
func nearest(word string, words []string) string {
	best, distance := "", max(2, len(word)/3)+1
	if len(word) > 100 {
		return ""
	}
	for _, w := range words {
		if d := levenshtein.ComputeDistance(word, w); d < distance {
			best, distance = w, d
		}
	}
	return best
}

// clip keeps a value short enough to be quoted in a message.
func clip(s string) string {
	const most = 80
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most]) + "…"
}

func valueOr[T any](v *T, fallback T) T {
	if v == nil {
		return fallback
	}
	return *v
}
