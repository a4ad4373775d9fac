package object

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/property"
	"rollcall/engine/plan"
	"rollcall/engine/resolve"
	"rollcall/engine/warehouse"
)

// propertyOwner is what a property refers to whose values are owners' IDs.
const propertyOwner = "OWNER"

// definition is that of the property; false: the object type has none that the token may see.
func (s *objectSync) definition(ctx context.Context, name string) (property.Definition, bool, error) {
	if d, ok := s.objectType.properties[name]; ok {
		return d, true, nil
	}
	d, err := s.Client.Property(ctx, s.objectType.Path(), name) // sensitive ones are not among those that are listed
	switch {
	case hubspot.IsNotFound(err):
		return d, false, nil
	case err != nil:
		return d, false, fmt.Errorf("property %s: %w", name, err)
	}
	s.objectType.put(d)
	return d, true, nil
}

// checkKey checks that the values of the id_property are unique.
func (s *objectSync) checkKey(ctx context.Context) error {
	name := s.Spec.IDProperty
	if d, known := s.objectType.properties[name]; s.objectType.IsIdentifiedBy(name) || known && d.Unique && (d.Type == property.String || d.Type == property.Number) {
		return nil
	}
	return resolve.CheckProperty(ctx, s.Client, s.objectType.ObjectType, name)
}

// mapColumnsAnew is mapColumns, with HubSpot's definitions where the remembered ones refuse the row.
func (s *objectSync) mapColumnsAnew(ctx context.Context) error {
	err := s.mapColumns(ctx, s.returned, s.keyColumn)
	var refused *resolve.PropertyError
	if s.objectType.fresh || !errors.As(err, &refused) {
		return err
	}
	if err := s.defineAnew(ctx); err != nil {
		return err
	}
	return s.mapColumns(ctx, s.returned, s.keyColumn)
}

// mapColumns finds the property of every column but the key. The error names every column that has none which takes values.
func (s *objectSync) mapColumns(ctx context.Context, columns warehouse.Columns, key string) error {
	s.columns = nil
	var wrong, advice []string
	seen := map[string]string{s.Spec.IDProperty: key}
	for _, c := range columns {
		if c.Name == key {
			continue
		}
		name := propertyName(c.Name)
		d, known, err := s.definition(ctx, name)
		if err != nil {
			return err
		}
		refuse := func(why, hint string) {
			wrong, advice = append(wrong, fmt.Sprintf("column %s: %s", c.Name, why)), append(advice, hint)
		}
		_, twice := seen[name]
		_, reject := d.Stored(nil)
		switch {
		case twice:
			refuse(fmt.Sprintf("column %s is the property %s already", seen[name], name), "return one of them")
		case !known:
			refuse(fmt.Sprintf("HubSpot has no property %s of %s", name, s.objectType.Name), s.meant(name))
		case reject != nil:
			refuse(reject.Detail, reject.Hint)
		}
		seen[name] = c.Name
		s.columns = append(s.columns, d)
	}
	switch {
	case len(wrong) > 0:
		return &resolve.PropertyError{Err: hint.New(strings.Join(slices.Compact(advice), "; "), "%s", strings.Join(wrong, "; "))}
	case len(s.columns) == 0:
		return &resolve.PropertyError{Err: hint.New("return a column for each property, renamed with AS to its internal name", "it returns no column but the key")}
	}
	return s.knowOwners(ctx)
}

// meant is the advice for a column whose property is not there.
func (s *objectSync) meant(name string) string {
	advice := "rename the column with AS to the property's internal name, or leave it out; see: rollcall discover properties " + s.objectType.Name
	names := slices.Sorted(maps.Keys(s.objectType.properties))
	if len(names) == 0 {
		return advice
	}
	distance := func(other string) int { return levenshtein.ComputeDistance(name, other) }
	best := slices.MinFunc(names, func(a, b string) int { return cmp.Compare(distance(a), distance(b)) })
	if distance(best) > max(1, len(name)/3) {
		return advice
	}
	return "did you mean " + best + "? Otherwise " + advice
}

// propertyName is the internal name of the property that a column is for: in lower case, with _ for what names do not hold.
func propertyName(column string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, strings.ToLower(column))
}

// knowOwners gives the properties that hold an owner the account's owners, so that one who is not there is a reject. Without them, as where the
// token may not read owners, only the form of the ID is checked; that it may not is remembered as they are.
func (s *objectSync) knowOwners(ctx context.Context) error {
	holds := func(d property.Definition) bool { return d.Reference == propertyOwner && d.Options == nil }
	if s.objectType.owners || !slices.ContainsFunc(s.columns, holds) {
		return nil
	}
	owners, err := s.Client.Owners(ctx)
	if err != nil {
		s.Log.Warn().Err(err).Msg("the owners could not be read; their IDs are checked by their form alone")
		if !hubspot.IsForbidden(err) {
			return ctx.Err()
		}
		s.objectType.denied = err
	}
	s.objectType.owners = true
	for _, d := range s.objectType.properties {
		if holds(d) {
			d.Options = append([]property.Option{}, hubspot.OwnerOptions(owners)...)
			s.objectType.put(d)
		}
	}
	for i, d := range s.columns {
		s.columns[i] = s.objectType.properties[d.Name]
	}
	return nil
}

// warnOfOwners says in the plan's warning, once in found_ttl, that the owners could not be read.
func (s *objectSync) warnOfOwners(p *plan.Plan) {
	if s.objectType.denied == nil {
		return
	}
	if p.Warning != "" {
		p.Warning += "; "
	}
	p.Warning += "the token may not read owners, whose IDs are checked by their form alone: give it the scope crm.objects.owners.read, and then: rollcall run NAME --full"
}

// names are the properties of the columns.
func (s *objectSync) names() []string {
	names := make([]string, len(s.columns))
	for i, d := range s.columns {
		names[i] = d.Name
	}
	return names
}
