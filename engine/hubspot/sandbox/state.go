package sandbox

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// The store as JSON: what GET /_sandbox/state answers and what Save and Load
// keep. Types, records, associations and lists stand one a line, so that a
// store of a million is written and read as a stream.

const stateVersion = 1

type stateType struct {
	ObjectTypeID string            `json:"objectTypeId"`
	Name         string            `json:"name"`
	Singular     string            `json:"singular"`
	PortalName   string            `json:"fullyQualifiedName,omitempty"`
	NextID       int64             `json:"nextId"`
	Properties   []Property        `json:"properties"`
	Defaults     []string          `json:"defaults"`
	Merged       map[string]string `json:"merged,omitempty"`
}

type stateRecord struct {
	ObjectTypeID string            `json:"objectTypeId"`
	ID           string            `json:"id"`
	Properties   map[string]string `json:"properties"`
	CreatedMS    int64             `json:"createdMs"`
	UpdatedMS    int64             `json:"updatedMs"`
	Archived     bool              `json:"archived,omitempty"`
}

type stateList struct {
	ListID         string          `json:"listId"`
	Name           string          `json:"name"`
	ObjectTypeID   string          `json:"objectTypeId"`
	ProcessingType string          `json:"processingType"`
	Version        int             `json:"listVersion"`
	CreatedMS      int64           `json:"createdMs"`
	UpdatedMS      int64           `json:"updatedMs"`
	DeletedMS      int64           `json:"deletedMs,omitempty"`
	LastAddedMS    int64           `json:"lastRecordAddedMs,omitempty"`
	LastRemovedMS  int64           `json:"lastRecordRemovedMs,omitempty"`
	FilterBranch   json.RawMessage `json:"filterBranch,omitempty"`
	Members        []string        `json:"members"`
	JoinedMS       []int64         `json:"joinedMs"` // in step with Members
}

// stateLinkType is an association type of the account's own, with its inverse.
type stateLinkType struct {
	From      string `json:"fromObjectTypeId"`
	To        string `json:"toObjectTypeId"`
	ID        int    `json:"typeId"`
	InverseID int    `json:"inverseTypeId"`
	Label     string `json:"label,omitempty"`
	Inverse   string `json:"inverseLabel,omitempty"`
	Name      string `json:"name,omitempty"`
}

// stateLink is an association, in one of its directions.
type stateLink struct {
	From  string   `json:"fromObjectTypeId"`
	To    string   `json:"toObjectTypeId"`
	IDs   []string `json:"ids"`   // of the two records
	Types []string `json:"types"` // such as HUBSPOT_DEFINED=279
}

// Save writes the store to a file that only its owner can read. The file is
// replaced whole or not at all. Faults, limits and the log are not kept.
func (s *Server) Save(path string) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	defer os.Remove(temp.Name())
	err = s.writeState(temp, "")
	if err == nil {
		err = temp.Sync()
	}
	if closing := temp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	return nil
}

// Load replaces the store by the one in a file that Save wrote. On an error
// the store stays as it was; a file that is missing is os.ErrNotExist.
func (s *Server) Load(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("load state: %w", err)
	}
	defer f.Close()
	st, err := readState(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return fmt.Errorf("load state %s: %w", path, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store = st
	return nil
}

// writeState writes the store, or only one list of it.
func (s *Server) writeState(w io.Writer, listID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := bufio.NewWriterSize(w, 1<<16)
	state := &stateWriter{out: out}
	state.raw(fmt.Sprintf("{\"version\":%d,\"nextListId\":%d", stateVersion, s.store.nextListID))
	if listID == "" {
		state.open("objectTypes")
		for _, t := range s.store.types {
			state.item(t.state())
		}
		state.raw("]")
		state.open("records")
		for _, t := range s.store.types {
			for _, id := range slices.Sorted(maps.Keys(t.records)) {
				state.item(t.recordState(t.records[id]))
			}
		}
		state.raw("]")
		s.store.associations.write(state)
	}
	if listID == "" {
		state.open("owners")
		for _, o := range s.store.owners {
			state.item(o)
		}
		state.raw("]")
	}
	state.open("lists")
	for _, l := range s.store.lists {
		if id := strconv.FormatInt(l.id, 10); listID == "" || listID == id {
			state.item(l.state())
		}
	}
	state.raw("]}\n")
	return out.Flush()
}

// stateWriter leaves errors to the final Flush, as bufio.Writer keeps them.
type stateWriter struct {
	out   *bufio.Writer
	items int
}

func (w *stateWriter) raw(text string) { _, _ = w.out.WriteString(text) }

func (w *stateWriter) open(key string) {
	w.items = 0
	w.raw(",\n\"" + key + "\":[")
}

func (w *stateWriter) item(v any) {
	if w.items > 0 {
		w.raw(",")
	}
	w.items++
	w.raw("\n")
	_, _ = w.out.Write(encode(v))
}

func (t *objectType) state() stateType {
	merged := map[string]string{}
	for from, into := range t.merged {
		merged[strconv.FormatInt(from, 10)] = strconv.FormatInt(into, 10)
	}
	return stateType{t.id, t.name, t.singular, t.portalName, t.nextID, t.properties, t.defaults, merged}
}

func (t *objectType) recordState(r *record) stateRecord {
	properties := make(map[string]string, len(r.values))
	for _, v := range r.values {
		properties[t.properties[v.property].Name] = v.text
	}
	return stateRecord{t.id, t.text(r, propObjectID), properties, r.created, r.updated, r.archived}
}

func (l *list) state() stateList {
	meta := l.metas[len(l.metas)-1]
	st := stateList{
		ListID: strconv.FormatInt(l.id, 10), Name: l.name, ObjectTypeID: l.objectTypeID,
		ProcessingType: l.processingType, Version: l.version,
		CreatedMS: l.created, UpdatedMS: l.updated, DeletedMS: l.deleted,
		LastAddedMS: meta.lastAdded, LastRemovedMS: meta.lastRemoved, FilterBranch: l.filter,
		Members: make([]string, len(l.members.byID)), JoinedMS: make([]int64, len(l.members.byID)),
	}
	for i, m := range l.members.byID {
		st.Members[i], st.JoinedMS[i] = strconv.FormatInt(m.id, 10), m.joined
	}
	return st
}
