package object

import (
	"maps"
	"slices"
	"strings"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/hubspot/property"
	"rollcall/engine/warehouse"
)

// Drafted is what the columns of a query are for in a sync of records.
type Drafted struct {
	IDProperty string
	KeyColumn  string   // the column with the keys; "": it has the name of the IDProperty
	Notes      []string // columns that are no property that takes values, a sentence each
}

// Draft finds out what the columns of a query are for: the first of email (of contacts), hs_object_id and a unique property is the key, every other one a
// property. all are the definitions of the type's properties; nil: they are not known, and no column is held against them. The error, of type
// hint.UsageError, says that no column identifies a record.
func Draft(t hubspot.ObjectType, all []property.Definition, columns warehouse.Columns) (d Drafted, err error) {
	s := &objectSync{objectType: &objectType{ObjectType: t, properties: map[string]property.Definition{}}}
	for _, definition := range all {
		s.objectType.put(definition)
	}
	key := s.keyAmong(columns)
	if key == "" {
		return d, hint.Usage(s.identifying(), "no column of the query says which record of %s a row is about", t.Name)
	}
	d.IDProperty = propertyName(key)
	if key != d.IDProperty {
		d.KeyColumn = key
	}
	for _, c := range columns {
		if c.Name == key || all == nil {
			continue
		}
		definition, known := s.objectType.properties[propertyName(c.Name)]
		_, reject := definition.Stored(nil)
		switch {
		case !known:
			d.Notes = append(d.Notes, "column "+c.Name+": HubSpot has no property "+propertyName(c.Name)+" of "+t.Name+"; "+s.meant(propertyName(c.Name)))
		case reject != nil:
			d.Notes = append(d.Notes, "column "+c.Name+": "+reject.Detail+"; "+reject.Hint)
		}
	}
	return d, nil
}

// keyAmong is the column whose values identify records; "": none does.
func (s *objectSync) keyAmong(columns warehouse.Columns) string {
	for _, fits := range []func(string) bool{
		func(name string) bool { return name == hubspot.PropertyEmail && s.objectType.IsIdentifiedBy(name) },
		s.objectType.IsIdentifiedBy,
		func(name string) bool { return s.objectType.properties[name].Unique },
	} {
		for _, c := range columns {
			if fits(propertyName(c.Name)) {
				return c.Name
			}
		}
	}
	return ""
}

// identifying is the advice that names the properties which identify records of the type.
func (s *objectSync) identifying() string {
	names := []string{}
	if s.objectType.IsIdentifiedBy(hubspot.PropertyEmail) {
		names = append(names, hubspot.PropertyEmail)
	}
	names = append(names, hubspot.PropertyRecordID)
	unique := uniqueAmong(s.objectType.properties, names)
	advice := "return one of these, renamed with AS: " + strings.Join(append(names, unique...), ", ")
	if len(s.objectType.properties) == 0 {
		return advice + ", or a property with unique values, which only HubSpot tells: set the token"
	}
	return advice
}

// uniqueAmong are the names of the unique properties that are not among the given ones.
func uniqueAmong(properties map[string]property.Definition, but []string) (unique []string) {
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if properties[name].Unique && !slices.Contains(but, name) {
			unique = append(unique, name)
		}
	}
	return unique
}
