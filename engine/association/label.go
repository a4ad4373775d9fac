package association

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/warehouse"
)

// labels are the association labels from one object type to another.
type labels struct {
	known   []label
	fresh   bool // HubSpot was asked in this execution
	unsaved bool
}

// label is an association type and what it is called; "" for the default type.
type label struct {
	Type  string `json:"type"` // category and type ID, such as USER_DEFINED 3
	Label string `json:"label"`
}

// typeName is the association type as tables have it.
func typeName(t hubspot.AssociationLabel) string {
	if t.IsDefault() {
		return defaultType
	}
	return spelledOut(t.AssociationType)
}

func spelledOut(t hubspot.AssociationType) string { return fmt.Sprintf("%s %d", t.Category, t.ID) }

// typesNamed reads association types that typeName has written, separated by commas.
func typesNamed(names string) (types []hubspot.AssociationType, err error) {
	for _, name := range strings.Split(names, ",") {
		category, digits, _ := strings.Cut(name, " ")
		id, err := strconv.Atoi(digits)
		if err != nil {
			return nil, fmt.Errorf("association type %q: %w", name, err)
		}
		types = append(types, hubspot.AssociationType{Category: category, ID: id})
	}
	return types, nil
}

// singles are HubSpot's own types of which a record has one at most (HubSpot's guide to associations v4): from says that this holds of the record
// that the association leads from, to that it holds of the other one.
var singles = map[string]string{
	"HUBSPOT_DEFINED 1": "from", "HUBSPOT_DEFINED 5": "from", "HUBSPOT_DEFINED 26": "from", // the primary company of a contact, deal or ticket
	"HUBSPOT_DEFINED 2": "to", "HUBSPOT_DEFINED 6": "to", "HUBSPOT_DEFINED 25": "to", // the same in the other direction
}

// singlesOf are those of which the record at that end has one.
func singlesOf(end string) []string {
	return slices.Sorted(func(yield func(string) bool) {
		for t, of := range singles {
			if of == end && !yield(t) {
				return
			}
		}
	})
}

// reasonUnknownLabel is why a link is rejected whose label HubSpot does not have.
const reasonUnknownLabel = "unknown_label"

// findLabels finds the association types of the labels that the query returns: among those that are cached, or by asking HubSpot.
func (s *linkSync) findLabels(ctx context.Context) error {
	var asked []string
	err := s.conn.ReadRows(ctx, queries.ReadLabels, warehouse.Args{"sync": s.Number}, func(scan func(...any) error) error {
		var text string
		err := scan(&text)
		asked = append(asked, text)
		return err
	})
	if err != nil || len(asked) == 0 {
		return err
	}
	all, err := s.readLabels(ctx, asked)
	if err != nil {
		return err
	}
	s.meanings, s.verified = map[string]meaning{}, all.fresh
	for _, text := range asked {
		found, why := all.find(text)
		s.meanings[text] = meaning{found, why}
	}
	return s.putMeanings()
}

// meaning is the label that a text of the query means, or why there is none.
type meaning struct {
	label
	why string
}

// putMeanings puts the meanings into rollcall_link_types.
func (s *linkSync) putMeanings() (err error) {
	for text, m := range s.meanings {
		switch {
		case m.why != "":
			err = s.types.Add(s.Number, text, nil, nil, nil, reasonUnknownLabel, m.why)
		case m.Label == "":
			err = s.types.Add(s.Number, text, defaultType, nil, "", nil, nil)
		default:
			err = s.types.Add(s.Number, text, m.Type, m.Label, singles[m.Type], nil, nil)
		}
		if err != nil {
			return err
		}
	}
	return s.types.Flush()
}

// readLabels are the labels from one object type of the sync to the other. HubSpot is asked once an execution, where one that is asked for is not
// cached, or all is read anew.
func (s *linkSync) readLabels(ctx context.Context, asked []string) (*labels, error) {
	all := s.labels[s.target()]
	if all == nil {
		all = s.labelsHere()
		err := s.conn.ReadRows(ctx, queries.ReadCachedLabels, warehouse.Args{"target": s.target(), "since": s.since}, func(scan func(...any) error) error {
			var one label
			err := scan(&one.Type, &one.Label)
			all.known = append(all.known, one)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	unknown := slices.ContainsFunc(asked, func(text string) bool { _, why := all.find(text); return why != "" })
	if all.fresh || !unknown {
		return all, nil
	}
	return all, s.askLabels(ctx, all)
}

// labelsHere are the labels from one object type of the sync to the other, which all syncs share.
func (s *linkSync) labelsHere() *labels {
	if s.labels[s.target()] == nil {
		s.labels[s.target()] = &labels{}
	}
	return s.labels[s.target()]
}

// askLabels asks HubSpot for the labels.
func (s *linkSync) askLabels(ctx context.Context, all *labels) error {
	read, err := s.Client.AssociationLabels(ctx, s.from.Path(), s.to.Path())
	if err != nil {
		return fmt.Errorf("association labels: %w", err)
	}
	all.known, all.fresh, all.unsaved = nil, true, true
	for _, one := range read {
		all.known = append(all.known, label{spelledOut(one.AssociationType), one.Label})
	}
	return nil
}

// find returns the label that a text means: its name without regard to case, its category and type ID, or its type ID alone where one category
// has it. why says why there is none; "": there is.
func (l *labels) find(text string) (found label, why string) {
	var fit []label
	id, _, _ := strings.Cut(text, ".") // of a DOUBLE column
	for _, one := range l.known {
		_, digits, _ := strings.Cut(one.Type, " ")
		if one.Label != "" && strings.EqualFold(one.Label, text) || strings.EqualFold(one.Type, text) {
			return one, ""
		}
		if digits == id {
			fit = append(fit, one)
		}
	}
	switch len(fit) {
	case 1:
		return fit[0], ""
	case 0:
		return label{}, fmt.Sprintf("HubSpot has no association label %q between the two; it has %s", text, describe(l.known))
	}
	return label{}, fmt.Sprintf("the type ID %s is in several categories: %s; write the category, too", id, describe(fit))
}

// describe lists labels with their types.
func describe(all []label) string {
	var names []string
	for _, one := range all {
		if one.Label != "" {
			names = append(names, fmt.Sprintf("%q (%s)", one.Label, one.Type))
		}
	}
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// saveLabels caches the labels that were read.
func (a *associations) saveLabels(ctx context.Context) error {
	for target, all := range a.labels {
		if !all.unsaved {
			continue
		}
		document, err := json.Marshal(all.known)
		if err != nil {
			return err
		}
		err = a.env.Ledger.Write(ctx, "cache labels", []*kind.Sync{}, func(ctx context.Context) error {
			if _, err := a.conn.Exec(ctx, queries.DeleteCachedLabels, warehouse.Args{"target": target}); err != nil {
				return err
			}
			_, err := a.conn.Exec(ctx, queries.CacheLabels, warehouse.Args{"target": target, "labels": string(document), "now": a.env.Now()})
			return err
		})
		if err != nil {
			return err
		}
		all.unsaved = false
	}
	return nil
}
