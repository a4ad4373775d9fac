package sandbox

import (
	"cmp"
	"slices"
)

// member is one membership: 16 bytes, so that a list of a million stays small.
type member struct {
	id     int64
	joined int64 // milliseconds since 1970
}

// memberSet holds memberships in the order of record ids. A write of k ids
// into n members costs one merge, O(n+k); a page costs one binary search.
type memberSet struct {
	byID   []member
	byJoin []member // nil after a write, made again when asked for
}

func (m *memberSet) search(id int64) (int, bool) {
	return slices.BinarySearchFunc(m.byID, id, func(a member, b int64) int { return cmp.Compare(a.id, b) })
}

func (m *memberSet) has(id int64) bool {
	_, found := m.search(id)
	return found
}

// add takes ids that are sorted, distinct and not yet members.
func (m *memberSet) add(ids []int64, joined int64) {
	if len(ids) == 0 {
		return
	}
	merged := make([]member, 0, len(m.byID)+len(ids))
	rest := m.byID
	for _, id := range ids {
		at, _ := slices.BinarySearchFunc(rest, id, func(a member, b int64) int { return cmp.Compare(a.id, b) })
		merged = append(append(merged, rest[:at]...), member{id, joined})
		rest = rest[at:]
	}
	m.byID = append(merged, rest...)
	m.byJoin = nil
}

// remove takes ids that are sorted, distinct and members.
func (m *memberSet) remove(ids []int64) {
	if len(ids) == 0 {
		return
	}
	next := 0
	m.byID = slices.DeleteFunc(m.byID, func(a member) bool {
		if next < len(ids) && a.id == ids[next] {
			next++
			return true
		}
		return false
	})
	m.byJoin = nil
}

func compareJoin(a, b member) int {
	return cmp.Or(cmp.Compare(a.joined, b.joined), cmp.Compare(a.id, b.id))
}

func compareID(a, b member) int { return cmp.Compare(a.id, b.id) }

// order is a way to page through a memberSet.
type order struct {
	members []member
	compare func(a, b member) int
}

func (m *memberSet) idOrder() order { return order{m.byID, compareID} }

func (m *memberSet) joinOrder() order {
	if m.byJoin == nil {
		m.byJoin = slices.SortedFunc(slices.Values(m.byID), compareJoin)
	}
	return order{m.byJoin, compareJoin}
}

// after returns where the members that follow from begin; from need not be a
// member any more.
func (o order) after(from member) int {
	at, found := slices.BinarySearchFunc(o.members, from, o.compare)
	if found {
		at++
	}
	return at
}

// before returns how many members precede from.
func (o order) before(from member) int {
	at, _ := slices.BinarySearchFunc(o.members, from, o.compare)
	return at
}
