package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

func (a *associations) write(state *stateWriter) {
	state.raw(fmt.Sprintf(",\n\"nextAssociationTypeId\":%d", a.nextTypeID))
	state.open("associationTypes")
	written := map[*linkType]bool{}
	for _, t := range a.linkTypes {
		if t.category == userDefined && !written[t] {
			written[t.inverse] = true
			state.item(stateLinkType{t.from, t.to, t.id, t.inverse.id, t.label, t.inverse.label, t.name})
		}
	}
	state.raw("]")
	state.open("associations")
	for _, p := range a.pairs() {
		for _, from := range slices.Sorted(maps.Keys(a.links[p])) {
			for _, l := range a.links[p][from] {
				if p.from != p.to || from <= l.to {
					state.item(stateLink{p.from, p.to, []string{strconv.FormatInt(from, 10), strconv.FormatInt(l.to, 10)}, typeNames(l.types)})
				}
			}
		}
	}
	state.raw("]")
}

// pairs lists the pairs of object types that have associations, each in one direction.
func (a *associations) pairs() []pair {
	var pairs []pair
	for p := range a.links {
		if p.from <= p.to {
			pairs = append(pairs, p)
		}
	}
	slices.SortFunc(pairs, func(x, y pair) int { return slices.Compare([]string{x.from, x.to}, []string{y.from, y.to}) })
	return pairs
}

func typeNames(types []*linkType) []string {
	all := make([]string, len(types))
	for i, t := range types {
		all[i] = t.String()
	}
	return all
}

func (st *store) loadLinkType(in stateLinkType) error {
	p := pair{in.From, in.To}
	if st.objectType(p.from) == nil || st.objectType(p.to) == nil {
		return fmt.Errorf("association type %d: unknown object types %s, %s", in.ID, p.from, p.to)
	}
	t, inverse := paired(p, in.ID, in.InverseID, userDefined, in.Label, in.Inverse)
	t.name, inverse.name = in.Name, in.Name
	st.associations.linkTypes = append(st.associations.linkTypes, t)
	if inverse != t {
		st.associations.linkTypes = append(st.associations.linkTypes, inverse)
	}
	st.associations.nextTypeID = max(st.associations.nextTypeID, in.ID+1, in.InverseID+1)
	return nil
}

func (st *store) loadLink(in stateLink) error {
	p := pair{in.From, in.To}
	if len(in.IDs) != 2 || st.associations.defaultType(p) == nil {
		return fmt.Errorf("association %s, %s of %v: not one of two records", p.from, p.to, in.IDs)
	}
	ids, refusal := recordIDs(in.IDs)
	if refusal != nil {
		return fmt.Errorf("association: %s", refusal.message)
	}
	var types []*linkType
	known := st.associations.typesOf(p)
	for _, text := range in.Types {
		at := slices.IndexFunc(known, func(t *linkType) bool { return t.String() == text })
		if at < 0 {
			return fmt.Errorf("association %v: unknown type %s", in.IDs, text)
		}
		types = append(types, known[at])
	}
	st.associations.put(p, ids[0], ids[1], types)
	return nil
}
