package syncspec

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Reasons for which a key is rejected, as rollcall.rejects has them.
const (
	ReasonInvalidEmail    = "invalid_email"
	ReasonInvalidRecordID = "invalid_record_id"
	ReasonInvalidKey      = "invalid_key"
	ReasonTooLong         = "too_long"
)

// Reject is the reason why a key can't be used.
type Reject struct {
	// Reason is one of the Reason constants.
	Reason string
	// Detail names the rule that the key breaks, for people. It never repeats
	// the key.
	Detail string
}

// Key normalises and checks one key that the query returned. A key of nothing but
// blanks is ("", nil); one that can't be used is "" with the reason. Normalising
// again changes nothing.
//
// What nobody can see is taken off both ends. Emails are lower-cased; record IDs
// lose the `.0` of a DOUBLE column; the keys of any other property keep their case.
func (s Spec) Key(raw string) (key string, reject *Reject) {
	key = trim(raw)
	if key == "" {
		return "", nil
	}
	rule := ""
	switch s.IDProperty {
	case EmailProperty:
		if key, rule = email(key); rule != "" {
			return "", &Reject{Reason: ReasonInvalidEmail, Detail: rule}
		}
	case RecordIDProperty:
		if key, rule = recordID(key); rule != "" {
			return "", &Reject{Reason: ReasonInvalidRecordID, Detail: rule}
		}
	default:
		if rule = propertyValue(key); rule != "" {
			return "", &Reject{Reason: ReasonInvalidKey, Detail: rule}
		}
	}
	return key, nil
}

// LongestKey is how many characters a text has at the most that Key may take: some more than an address has, which may be written with
// characters that are not seen.
func (s Spec) LongestKey() int {
	if s.IDProperty == EmailProperty || s.IDProperty == RecordIDProperty {
		return 512
	}
	return mostPropertyChars
}

// TooLong rejects a text for its length in characters.
func (s Spec) TooLong(chars int64) Reject {
	return Reject{Reason: ReasonTooLong, Detail: fmt.Sprintf("%d characters, a key has %d at the most; its beginning is shown", chars, s.LongestKey())}
}

// recordID checks one of HubSpot's record IDs, which are positive 64-bit numbers,
// and gives its plain decimal form, or the rule that it breaks.
func recordID(key string) (id, rule string) {
	id, fraction, _ := strings.Cut(key, ".")
	if strings.Trim(fraction, "0") != "" || (fraction == "" && len(id) != len(key)) {
		if strings.ContainsAny(fraction, "eE") {
			return "", "a number in scientific notation has lost its last digits, cast the column to BIGINT"
		}
		return "", "not a whole number"
	}
	switch {
	case id == "" || strings.Trim(id, "0123456789") != "":
		return "", "not a positive whole number"
	case id[0] == '0':
		return "", "zero, or a number that starts with it"
	}
	if _, err := strconv.ParseInt(id, 10, 64); err != nil {
		return "", "greater than any record ID (9223372036854775807)"
	}
	return id, ""
}

// mostPropertyChars is the longest value that a text property holds (HubSpot's
// guide to properties).
const mostPropertyChars = 65536

// propertyValue gives the rule that a unique property's value breaks, or "".
func propertyValue(key string) (rule string) {
	switch {
	case !utf8.ValidString(key):
		return "not valid UTF-8 text"
	case strings.ContainsRune(key, 0):
		return "a NUL character"
	case len(key) > mostPropertyChars && utf8.RuneCountInString(key) > mostPropertyChars:
		return "more than 65536 characters"
	}
	return ""
}
