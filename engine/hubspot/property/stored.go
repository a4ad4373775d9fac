package property

import (
	"fmt"
	"math/big"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxText is the longest text of a property, in characters as HubSpot counts them: UTF-16 units (HubSpot's properties guide names 65,536
// characters and not which).
const maxText = 65_536

// Stored returns the text that HubSpot stores for a value of a query. The text is canonical: values that HubSpot takes for one have one
// text, so 1 and 1.0, a date and its midnight, the options of a list in any order, a text with blanks at its ends and without. The empty
// text is that of nil, of a blank text and of an empty list; HubSpot clears the property for it.
//
// The value is what DuckDB's driver gives to Go: nil, string, bool, integers, floats, *big.Int, decimals (anything whose String method
// writes a number), time.Time for DATE, TIMESTAMP and TIMESTAMPTZ, []any for LIST. Of a JSON column the driver reads whole numbers above 2^53
// as floats, which have lost digits before they come here. A Reject says why HubSpot would refuse the value, whatever the value is when the
// property takes none.
func (d Definition) Stored(value any) (string, *Reject) {
	switch {
	case d.Archived:
		return "", d.reject(Archived, "is in HubSpot's bin", "restore the property in HubSpot")
	case d.Calculated:
		return "", d.reject(Calculated, "is calculated by HubSpot", hintLeaveOut)
	case d.ReadOnly:
		return "", d.reject(ReadOnly, "is set by HubSpot alone", hintLeaveOut)
	}
	if list, isList := value.([]any); isList {
		return d.storedList(list)
	}
	return d.storedOne(value)
}

const hintLeaveOut = "leave the column out of the query"

// Canonical brings a text that HubSpot answered to the form that Stored returns. A text that is no value of the property's type stays as it
// is, but for blanks at its ends. Options that HubSpot no longer has are kept.
func (d Definition) Canonical(answered string) string {
	if d.IsMultiple() {
		return strings.Join(d.split(answered), separator)
	}
	if stored, reject := d.storedText(answered); reject == nil {
		return stored
	}
	return d.trim(answered)
}

// storedOne is the text of a value that is no list.
func (d Definition) storedOne(value any) (string, *Reject) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case time.Time:
		return d.storedTime(v)
	case bool:
		if d.Type == Number || d.isMoment() {
			return "", d.rejectType(value)
		}
	}
	text, known := textOf(value)
	if !known {
		return "", d.rejectType(value)
	}
	if _, isText := value.(string); !isText && d.Type == Bool && (text == "0" || text == "1") {
		return strconv.FormatBool(text == "1"), nil
	}
	if d.isMoment() {
		if ms, err := strconv.ParseInt(d.trim(text), 10, 64); err == nil && max(ms, -ms) < fewestMilliseconds {
			return "", d.rejectValue(d.invalidMoment(), text, "is a number too small for milliseconds",
				"HubSpot counts milliseconds: give a TIMESTAMP, such as to_timestamp(seconds), or a DATE")
		}
	}
	return d.storedText(text)
}

// textOf writes a value as a text; it does not know lists, times, bytes and whatever has no text of its own.
func textOf(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case int32:
		return strconv.FormatInt(int64(v), 10), true
	case int, int8, int16, uint, uint8, uint16, uint32, uint64:
		return fmt.Sprint(v), true
	case float32:
		return floatText(float64(v), 32), true
	case float64:
		return floatText(v, 64), true
	case *big.Int:
		if v == nil {
			return "", true
		}
		return v.String(), true
	case fmt.Stringer: // decimals, and also what is no single value, such as a MAP
		_, isNumber := plain(v.String())
		return v.String(), isNumber
	}
	return "", false
}

// storedText is the text of a text.
func (d Definition) storedText(text string) (string, *Reject) {
	text = d.trim(text)
	switch {
	case text == "":
		return "", nil
	case !utf8.ValidString(text):
		return "", d.reject(InvalidText, "is no text in UTF-8", "")
	}
	switch d.Type {
	case Number:
		return d.storedNumber(text)
	case Bool:
		return d.storedBool(text)
	case Date:
		return d.storedDate(text)
	case Datetime:
		return d.storedDatetime(text)
	case Enumeration:
		return d.storedOptions(text)
	}
	if d.Address {
		return d.storedAddress(text)
	}
	if n := length(text); n > maxText {
		return "", d.reject(TooLong, fmt.Sprintf("has a text of %d characters, and HubSpot takes %d", n, maxText), "shorten it, as by left(text, 65536)")
	}
	return text, nil
}

// length counts a text in UTF-16 units.
func length(text string) int {
	if len(text) <= maxText { // it has no more units than bytes
		return len(text)
	}
	units := 0
	for _, r := range text {
		units += utf16.RuneLen(r)
	}
	return units
}

// trim takes blanks off both ends. For other types than texts HubSpot refuses characters that show nothing, too, which may end a text on
// purpose (HubSpot's changelog, "Enhanced validations for non-string properties").
func (d Definition) trim(text string) string {
	if d.Type == String || d.Type == "" {
		return strings.TrimSpace(text)
	}
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

func (d Definition) storedBool(text string) (string, *Reject) {
	switch lower := strings.ToLower(text); lower {
	case "true", "false":
		return lower, nil
	case "yes", "y", "1", "t":
		return "", d.rejectValue(InvalidBoolean, text, "is neither true nor false", `did you mean "true"?`)
	case "no", "n", "0", "f":
		return "", d.rejectValue(InvalidBoolean, text, "is neither true nor false", `did you mean "false"?`)
	}
	return "", d.rejectValue(InvalidBoolean, text, "is neither true nor false", "give a BOOLEAN")
}

// addressForm is what an address must look like beyond what net/mail reads: nothing quoted, and a domain with a dot.
var addressForm = regexp.MustCompile(`^[^\s@<>()\[\],;:"\\]+@[^\s@<>()\[\],;:"\\]+\.[^\s@<>()\[\],;:"\\.]+$`)

// storedAddress keeps an address in lower case, as HubSpot does (HubSpot's contacts guide). HubSpot's own rules are not documented.
func (d Definition) storedAddress(text string) (string, *Reject) {
	lower := strings.ToLower(text)
	parsed, err := mail.ParseAddress(lower)
	if err != nil || parsed.Address != lower || !addressForm.MatchString(lower) {
		return "", d.rejectValue(InvalidEmail, text, "is no email address", "")
	}
	return lower, nil
}
