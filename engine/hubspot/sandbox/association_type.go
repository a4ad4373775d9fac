package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// standardLinkTypes makes the association types that every account has, with HubSpot's ids (HubSpot's guide to associations v4). The
// labels are those that live answers have had.
func standardLinkTypes() []*linkType {
	const contacts, companies, deals, tickets = "0-1", "0-2", "0-3", "0-5"
	var types []*linkType
	both := func(p pair, id, inverseID int, label, inverseLabel string) *linkType {
		t, inverse := paired(p, id, inverseID, hubspotDefined, label, inverseLabel)
		types = append(types, t)
		if inverse != t {
			types = append(types, inverse)
		}
		return t
	}
	for id, objectType := range map[int]string{449: contacts, 450: companies, 451: deals, 452: tickets} {
		both(pair{objectType, objectType}, id, id, "", "")
	}
	slices.SortFunc(types, func(a, b *linkType) int { return a.id - b.id })
	both(pair{contacts, companies}, 279, 280, "", "")
	both(pair{contacts, companies}, 1, 2, "Primary", "Contact with Primary Company").single = true
	both(pair{contacts, deals}, 4, 3, "", "")
	both(pair{contacts, tickets}, 15, 16, "", "")
	both(pair{deals, companies}, 341, 342, "", "")
	both(pair{deals, companies}, 5, 6, "Primary", "Deal with Primary Company").single = true
	both(pair{deals, tickets}, 27, 28, "", "")
	both(pair{tickets, companies}, 339, 340, "", "")
	both(pair{tickets, companies}, 26, 25, "Primary", "Ticket with Primary Company").single = true
	both(pair{companies, companies}, 13, 14, "Parent Company", "Child Company")
	return types
}

// paired makes an association type in both of its directions. Between records of one type, one id serves both.
func paired(p pair, id, inverseID int, category, label, inverseLabel string) (t, inverse *linkType) {
	t = &linkType{pair: p, id: id, category: category, label: label}
	t.inverse = t
	if p.from != p.to || id != inverseID {
		t.inverse = &linkType{pair: p.inverse(), id: inverseID, category: category, label: inverseLabel, inverse: t}
	}
	return t, t.inverse
}

// addDefaults gives every pair of object types that lacks one a default association type. HubSpot has one for custom types once their
// schema allows the association; here all do.
func (st *store) addDefaults() {
	for i, from := range st.types {
		for _, to := range st.types[i:] {
			if p := (pair{from.id, to.id}); st.associations.defaultType(p) == nil {
				st.associations.define(p, "", "", "")
			}
		}
	}
}

// define makes an association type of the account's own. Where both labels are the same and so are the object types, it is one type.
func (a *associations) define(p pair, name, label, inverseLabel string) *linkType {
	id, inverseID := a.nextTypeID, a.nextTypeID
	if p.from != p.to || label != inverseLabel {
		inverseID++
	}
	a.nextTypeID = inverseID + 1
	t, inverse := paired(p, id, inverseID, userDefined, label, inverseLabel)
	t.name, inverse.name = name, name
	a.linkTypes = append(a.linkTypes, t)
	if inverse != t {
		a.linkTypes = append(a.linkTypes, inverse)
	}
	return t
}

// checkLabel refuses a label or a name that the pair has already. Which error HubSpot answers is not documented.
func (a *associations) checkLabel(p pair, name, label string, self *linkType) *problem {
	if strings.TrimSpace(label) == "" {
		return invalid("The label of an association must not be blank.")
	}
	for _, t := range a.typesOf(p) {
		if t == self || t.inverse == self {
			continue
		}
		if strings.EqualFold(t.label, label) || name != "" && strings.EqualFold(t.name, name) {
			return invalid("An association label %q with name %q exists already.", label, name)
		}
	}
	return nil
}

// undefine drops an association type and its inverse. Records that are associated with it stay so without it; what HubSpot does
// with them is not documented.
func (a *associations) undefine(t *linkType) {
	for from, links := range a.links[t.pair] {
		for _, l := range slices.Clone(links) {
			a.withdraw(t.pair, from, l.to, []*linkType{t})
		}
	}
	a.linkTypes = slices.DeleteFunc(a.linkTypes, func(other *linkType) bool { return other == t || other == t.inverse })
}

func (t *linkType) String() string { return fmt.Sprintf("%s=%d", t.category, t.id) }
