package hubspot

import (
	"strconv"
	"strings"
)

// Properties that identify records.
const (
	// PropertyRecordID is the record ID, which every record has.
	PropertyRecordID = "hs_object_id"
	// PropertyEmail is a contact's primary address. HubSpot does not call it unique, but finds contacts by it.
	PropertyEmail = "email"
	// PropertyMergedIDs holds the IDs of the records that were merged into a record; see Record.MergedIDs.
	PropertyMergedIDs = "hs_merged_object_ids"

	// secondaryEmails holds a contact's further addresses, separated by semicolons. Each finds the contact as its primary one does.
	secondaryEmails = "hs_additional_emails"
)

// IsIdentifiedBy reports whether records of the type are found by that property in every account: all by their record ID, contacts by
// their addresses. Any other property has to be read to know whether its values are unique.
func (t ObjectType) IsIdentifiedBy(property string) bool {
	return property == PropertyRecordID || property == PropertyEmail && t.ID == ContactsID
}

// KeyProperties returns the properties of a record that may hold a key of the ID property, for a read to ask for.
func KeyProperties(idProperty string) []string {
	if idProperty == PropertyEmail {
		return []string{idProperty, secondaryEmails}
	}
	return []string{idProperty}
}

// NormalizeKey returns the form in which two keys of the ID property that HubSpot takes for one are equal: lower case for addresses, any
// other key as it is.
func NormalizeKey(idProperty, key string) string {
	if idProperty == PropertyEmail {
		return strings.ToLower(key)
	}
	return key
}

// KeyedRecord is the record that has a key: as its own value of the ID property (primary), or as a secondary address.
type KeyedRecord struct {
	ID      int64
	Primary bool
}

// RecordsByKey maps every key of the records, normalized, to its record. HubSpot finds a contact by a secondary address without saying
// which address matched. The records must have been read with KeyProperties; a primary key goes before a secondary one of another record.
func RecordsByKey(records []Record, idProperty string) map[string]KeyedRecord {
	found := make(map[string]KeyedRecord, len(records))
	for _, record := range records {
		for address := range strings.SplitSeq(record.Properties[secondaryEmails], ";") {
			found[NormalizeKey(idProperty, strings.TrimSpace(address))] = KeyedRecord{ID: record.ID}
		}
	}
	for _, record := range records {
		found[NormalizeKey(idProperty, record.Properties[idProperty])] = KeyedRecord{ID: record.ID, Primary: true}
	}
	delete(found, "")
	return found
}

// MergedIDs returns the IDs of the records that were merged into this one. The record must have been read with PropertyMergedIDs.
func (r Record) MergedIDs() []int64 {
	var ids []int64
	for text := range strings.SplitSeq(r.Properties[PropertyMergedIDs], ";") {
		if id, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}
