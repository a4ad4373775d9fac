package hubspot_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/engine/hubspot"
)

// A contact has all its addresses as keys, whatever their case; another contact's own address is not taken by a secondary one.
func TestRecordsByKey(t *testing.T) {
	t.Parallel()
	record := func(id int64, properties ...string) hubspot.Record {
		r := hubspot.Record{ID: id, Properties: map[string]string{}}
		for i := 0; i < len(properties); i += 2 {
			r.Properties[properties[i]] = properties[i+1]
		}
		return r
	}
	for name, test := range map[string]struct {
		records    []hubspot.Record
		idProperty string
		want       map[string]hubspot.KeyedRecord
	}{
		"addresses": {
			[]hubspot.Record{record(1, "email", "Ann@Example.com", "hs_additional_emails", "a@example.com; A.N@example.com;")}, "email",
			map[string]hubspot.KeyedRecord{"ann@example.com": {1, true}, "a@example.com": {1, false}, "a.n@example.com": {1, false}},
		},
		"an address of two contacts": {
			[]hubspot.Record{record(1, "email", "bob@example.com"), record(2, "email", "eve@example.com", "hs_additional_emails", "BOB@example.com")}, "email",
			map[string]hubspot.KeyedRecord{"bob@example.com": {1, true}, "eve@example.com": {2, true}},
		},
		"a contact without an address": {[]hubspot.Record{record(1)}, "email", map[string]hubspot.KeyedRecord{}},
		"other keys differ by case": {
			[]hubspot.Record{record(1, "tag", "Rex"), record(2, "tag", "rex")}, "tag",
			map[string]hubspot.KeyedRecord{"Rex": {1, true}, "rex": {2, true}},
		},
	} {
		if diff := cmp.Diff(test.want, hubspot.RecordsByKey(test.records, test.idProperty)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff([]string{"email", "hs_additional_emails"}, hubspot.KeyProperties("email")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"tag"}, hubspot.KeyProperties("tag")); diff != "" {
		t.Error(diff)
	}
}

func TestIsIdentifiedBy(t *testing.T) {
	t.Parallel()
	for typeID, want := range map[string]map[string]bool{
		hubspot.ContactsID: {"hs_object_id": true, "email": true, "Email": false, "tag": false, "": false},
		"0-2":              {"hs_object_id": true, "email": false, "domain": false},
		"2-77":             {"hs_object_id": true, "email": false},
	} {
		for property, identified := range want {
			if (hubspot.ObjectType{ID: typeID}).IsIdentifiedBy(property) != identified {
				t.Errorf("%s by %q: want %t", typeID, property, identified)
			}
		}
	}
}

func TestMergedIDs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]int64{"": nil, "7": {7}, "7;8": {7, 8}, " 7 ; 8 ;": {7, 8}, "x;9": {9}} {
		if diff := cmp.Diff(want, hubspot.Record{Properties: map[string]string{"hs_merged_object_ids": text}}.MergedIDs()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
