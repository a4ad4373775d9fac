package sandbox

import (
	"cmp"
	"slices"
	"strings"
)

// Categories of association types (HubSpot's OpenAPI file associations-v4).
const (
	hubspotDefined = "HUBSPOT_DEFINED"
	userDefined    = "USER_DEFINED"
)

// pair names the object types of an association by their ids, in one of its two directions.
type pair struct{ from, to string }

func (p pair) inverse() pair { return pair{p.to, p.from} }

// linkType is an association type in one direction. Its id is unique among the types of its category only.
type linkType struct {
	pair
	id       int
	category string
	label    string // empty for the default type of the pair
	name     string
	inverse  *linkType // a label of two records of one type may be its own
	single   bool      // a record has it to one other record at most
}

func (t *linkType) isDefault() bool { return t.label == "" }

// link is what a record is associated with: a record of another type, or of its own. It has the default type always.
type link struct {
	to    int64
	types []*linkType
}

func (l *link) labels() []string {
	labels := []string{}
	for _, t := range l.types {
		if !t.isDefault() {
			labels = append(labels, t.label)
		}
	}
	return labels
}

// associations holds the association types and the associations, each in both of its directions.
type associations struct {
	linkTypes  []*linkType
	links      map[pair]map[int64][]link // by the record that they come from, in the order of the others' ids
	nextTypeID int                       // of category USER_DEFINED
}

func newAssociations() associations {
	return associations{linkTypes: standardLinkTypes(), links: map[pair]map[int64][]link{}, nextTypeID: 1}
}

// typesOf lists the association types of a pair of object types, in the order in which they were made.
func (a *associations) typesOf(p pair) []*linkType {
	var types []*linkType
	for _, t := range a.linkTypes {
		if t.pair == p {
			types = append(types, t)
		}
	}
	return types
}

// typeIn finds an association type of a pair of object types: that of the other direction has another id.
func (a *associations) typeIn(p pair, ref typeRef) *linkType {
	for _, t := range a.typesOf(p) {
		if t.category == ref.category && t.id == ref.id {
			return t
		}
	}
	return nil
}

func (a *associations) defaultType(p pair) *linkType {
	for _, t := range a.linkTypes {
		if t.pair == p && t.isDefault() {
			return t
		}
	}
	return nil
}

func compareLink(l link, to int64) int { return cmp.Compare(l.to, to) }

func (a *associations) find(p pair, from, to int64) *link {
	links := a.links[p][from]
	if at, found := slices.BinarySearchFunc(links, to, compareLink); found {
		return &links[at]
	}
	return nil
}

// associate makes two records associated with the types given, besides those that they have, or in place of them where replace is set.
// The default type stays with either. It returns the association.
func (a *associations) associate(p pair, from, to int64, types []*linkType, replace bool) *link {
	wanted := append([]*linkType{a.defaultType(p)}, types...)
	if l := a.find(p, from, to); l != nil && !replace {
		wanted = append(wanted, l.types...)
	}
	a.put(p, from, to, wanted)
	for _, t := range types {
		if t.single {
			a.keepOne(t, from, to)
		}
		if t.inverse.single {
			a.keepOne(t.inverse, to, from)
		}
	}
	return a.find(p, from, to)
}

// keepOne takes a type off all associations of a record but one.
func (a *associations) keepOne(t *linkType, from, to int64) {
	for _, l := range slices.Clone(a.links[t.pair][from]) {
		if l.to != to && slices.Contains(l.types, t) {
			a.withdraw(t.pair, from, l.to, []*linkType{t})
		}
	}
}

// withdraw takes types off an association; with the default type it goes whole.
func (a *associations) withdraw(p pair, from, to int64, types []*linkType) {
	l := a.find(p, from, to)
	if l == nil {
		return
	}
	if slices.ContainsFunc(types, (*linkType).isDefault) {
		a.put(p, from, to, nil)
		return
	}
	a.put(p, from, to, slices.DeleteFunc(slices.Clone(l.types), func(t *linkType) bool { return slices.Contains(types, t) }))
}

// put sets the types of an association, none ending it, in both directions.
func (a *associations) put(p pair, from, to int64, types []*linkType) {
	types = arranged(types)
	inverses := make([]*linkType, len(types))
	for i, t := range types {
		inverses[i] = t.inverse
	}
	a.set(p, from, to, types)
	a.set(p.inverse(), to, from, arranged(inverses))
}

func (a *associations) set(p pair, from, to int64, types []*linkType) {
	if a.links[p] == nil {
		a.links[p] = map[int64][]link{}
	}
	links := a.links[p][from]
	at, found := slices.BinarySearchFunc(links, to, compareLink)
	switch {
	case found && len(types) == 0:
		links = slices.Delete(links, at, at+1)
	case found:
		links[at].types = types
	case len(types) > 0:
		links = slices.Insert(links, at, link{to, types})
	}
	if len(links) == 0 {
		delete(a.links[p], from)
		return
	}
	a.links[p][from] = links
}

// arranged gives each type once, the default one first.
func arranged(types []*linkType) []*linkType {
	sorted := slices.SortedFunc(slices.Values(types), func(x, y *linkType) int {
		if x.isDefault() != y.isDefault() {
			if x.isDefault() {
				return -1
			}
			return 1
		}
		return cmp.Or(strings.Compare(x.category, y.category), cmp.Compare(x.id, y.id))
	})
	return slices.Compact(sorted)
}

// dissolve ends all associations of a record, which was deleted: no answer has them any more.
func (a *associations) dissolve(objectTypeID string, id int64) {
	for p, links := range a.links {
		if p.from != objectTypeID {
			continue
		}
		for _, l := range slices.Clone(links[id]) {
			a.put(p, id, l.to, nil)
		}
	}
}

// hand gives the associations of a record that was merged away to the one that took it over, which then has those of both (HubSpot's
// knowledge base on merging records). What it is associated with by a label of which a record may have one stays as it was; that
// is not documented.
func (a *associations) hand(objectTypeID string, id, into int64) {
	for p, links := range a.links {
		if p.from != objectTypeID {
			continue
		}
		for _, l := range slices.Clone(links[id]) {
			a.put(p, id, l.to, nil)
			if l.to == into && p.from == p.to {
				continue
			}
			types := slices.DeleteFunc(slices.Clone(l.types), func(t *linkType) bool { return t.single && a.has(t, into) })
			a.associate(p, into, l.to, types, false)
		}
	}
}

func (a *associations) has(t *linkType, from int64) bool {
	return slices.ContainsFunc(a.links[t.pair][from], func(l link) bool { return slices.Contains(l.types, t) })
}
