package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
)

// readState decodes a store that writeState encoded.
func readState(r io.Reader) (*store, error) {
	st := &store{associations: newAssociations()}
	dec := json.NewDecoder(r)
	if err := expect(dec, json.Delim('{')); err != nil {
		return nil, err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		switch key {
		case "version":
			var version int
			if err = dec.Decode(&version); err == nil && version != stateVersion {
				err = fmt.Errorf("version %d is not one this program reads (%d)", version, stateVersion)
			}
		case "nextListId":
			err = dec.Decode(&st.nextListID)
		case "objectTypes":
			err = each(dec, st.loadType)
		case "records":
			err = each(dec, st.loadRecord)
		case "owners":
			err = each(dec, func(o Owner) error { _, err := st.addOwner(o); return err })
		case "nextAssociationTypeId":
			err = dec.Decode(&st.associations.nextTypeID)
		case "associationTypes":
			err = each(dec, st.loadLinkType)
		case "associations":
			err = each(dec, st.loadLink)
		case "lists":
			err = each(dec, st.loadList)
		default:
			err = fmt.Errorf("unknown key %v", key)
		}
		if err != nil {
			return nil, fmt.Errorf("%v: %w", key, err)
		}
	}
	if err := expect(dec, json.Delim('}')); err != nil {
		return nil, err
	}
	if st.types == nil {
		return nil, fmt.Errorf("no object types")
	}
	st.addMissingTypes()
	st.addDefaults()
	return st, nil
}

// addMissingTypes adds the standard types that a file lacks which an older
// version wrote.
func (st *store) addMissingTypes() {
	for i, t := range standardTypes() {
		if st.objectType(t.id) == nil {
			st.types = slices.Insert(st.types, min(i, len(st.types)), t)
		}
	}
}

func expect(dec *json.Decoder, want json.Delim) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	if token != want {
		return fmt.Errorf("%v where %v was expected", token, want)
	}
	return nil
}

// each decodes the items of an array one by one.
func each[T any](dec *json.Decoder, load func(T) error) error {
	if err := expect(dec, '['); err != nil {
		return err
	}
	for dec.More() {
		var item T
		if err := dec.Decode(&item); err != nil {
			return err
		}
		if err := load(item); err != nil {
			return err
		}
	}
	return expect(dec, ']')
}

func (st *store) loadType(in stateType) error {
	t := newObjectType(in.ObjectTypeID, in.Name, in.Singular, in.NextID)
	t.portalName, t.defaults = in.PortalName, in.Defaults
	t.defineAll(in.Properties)
	for from, into := range in.Merged {
		f, err := strconv.ParseInt(from, 10, 64)
		if err != nil {
			return err
		}
		if t.merged[f], err = strconv.ParseInt(into, 10, 64); err != nil {
			return err
		}
	}
	st.types = append(st.types, t)
	return nil
}

func (st *store) loadRecord(in stateRecord) error {
	t := st.objectType(in.ObjectTypeID)
	if t == nil {
		return fmt.Errorf("record %s: unknown object type %s", in.ID, in.ObjectTypeID)
	}
	id, err := strconv.ParseInt(in.ID, 10, 64)
	if err != nil {
		return err
	}
	r := &record{id: id, created: in.CreatedMS, updated: in.UpdatedMS, archived: in.Archived}
	for _, name := range slices.Sorted(maps.Keys(in.Properties)) {
		at, known := t.index[name]
		if !known {
			return fmt.Errorf("record %s: unknown property %s", in.ID, name)
		}
		r.set(at, in.Properties[name])
		if !r.archived {
			t.reindex(r, name)
		}
	}
	t.records[id] = r
	return nil
}

func (st *store) loadList(in stateList) error {
	id, err := strconv.ParseInt(in.ListID, 10, 64)
	if err != nil {
		return err
	}
	if len(in.Members) != len(in.JoinedMS) {
		return fmt.Errorf("list %s: %d members, %d instants", in.ListID, len(in.Members), len(in.JoinedMS))
	}
	l := &list{
		id: id, name: in.Name, objectTypeID: in.ObjectTypeID, processingType: in.ProcessingType,
		version: in.Version, created: in.CreatedMS, updated: in.UpdatedMS, deleted: in.DeletedMS, filter: in.FilterBranch,
		metas: []listMeta{{at: in.UpdatedMS, size: len(in.Members), lastAdded: in.LastAddedMS, lastRemoved: in.LastRemovedMS}},
	}
	l.members.byID = make([]member, len(in.Members))
	for i, text := range in.Members {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return err
		}
		l.members.byID[i] = member{n, in.JoinedMS[i]}
	}
	slices.SortFunc(l.members.byID, compareID)
	st.lists = append(st.lists, l)
	return nil
}
