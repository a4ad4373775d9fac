package resolve

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/syncspec"
)

// PropertyError says that records can't be found by the row's id_property: the row has to be mended.
type PropertyError struct{ Err *hint.Error }

// Error says why.
func (e *PropertyError) Error() string { return e.Err.Error() }

// Unwrap is the Error, which knows a hint.
func (e *PropertyError) Unwrap() error { return e.Err }

// CheckProperty reads the property that identifies records of an object type: it is there, its values are unique, and
// they are texts or numbers; else the error is a PropertyError. What identifies records everywhere is not read. HubSpot's
// batch read takes email or a property with unique values (HubSpot's contacts guide); with another one it would refuse
// every batch, without saying that it is the row that is wrong.
func CheckProperty(ctx context.Context, client *hubspot.Client, t hubspot.ObjectType, name string) error {
	if t.IsIdentifiedBy(name) {
		return nil
	}
	p, err := client.Property(ctx, t.Path(), name)
	switch {
	case hubspot.IsNotFound(err):
		return wrongProperty(ctx, client, t, name, "id_property: HubSpot has no property %q of %s", name, t.Name)
	case err != nil:
		return fmt.Errorf("id_property: %w", err)
	case !p.Unique:
		return wrongProperty(ctx, client, t, name, "id_property: the values of the property %q of %s are not unique", name, t.Name)
	case p.Type != "" && p.Type != "string" && p.Type != "number":
		return wrongProperty(ctx, client, t, name, "id_property: the property %q of %s is of the type %s, not string or number", name, t.Name, p.Type)
	}
	return nil
}

// wrongProperty is the PropertyError whose hint names the property that is likely meant, and all that would do, where they can be read.
func wrongProperty(ctx context.Context, client *hubspot.Client, t hubspot.ObjectType, name, format string, args ...any) error {
	all, _ := client.Properties(ctx, t.Path()) // for the advice alone
	fit := []string{syncspec.RecordIDProperty}
	if t.ID == hubspot.ContactsID {
		fit = append(fit, syncspec.EmailProperty)
	}
	for _, p := range all {
		if p.Unique && !slices.Contains(fit, p.Name) {
			fit = append(fit, p.Name)
		}
	}
	slices.Sort(fit)
	advice := "name a property with unique values: " + strings.Join(fit, ", ")
	if likely := likeliest(fit, name); likely != "" {
		advice = "did you mean " + likely + "? Otherwise " + advice
	}
	return &PropertyError{hint.New(advice, format, args...)}
}

// likeliest returns the name that is a few letters off at the most, or "": up to a third of what was written, and two of
// a short name.
func likeliest(names []string, wanted string) string {
	wanted = strings.ToLower(wanted)
	distance := func(name string) int { return levenshtein.ComputeDistance(wanted, strings.ToLower(name)) }
	best := slices.MinFunc(names, func(a, b string) int { return cmp.Compare(distance(a), distance(b)) })
	if distance(best) > max(2, len(wanted)/3) {
		return ""
	}
	return best
}
