package sandbox

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
)

// maxText is the longest text of a string property, in UTF-16 units (HubSpot's
// properties guide says 65,536 characters).
const maxText = 65_536

// valueError says why a property takes no value. Codes and messages are those
// of recorded answers, but TOO_LONG, which is not documented.
type valueError struct{ property, code, message string }

// plainNumber is what a number may be. The guide allows scientific notation,
// and a recorded answer refuses 1.4210854715202004e-14: refused here.
var plainNumber = regexp.MustCompile(`^-?\d+(\.\d+)?$`)

// stored checks a text against a property and returns what HubSpot keeps of
// it; was is the value before, to which a text with a leading semicolon adds.
// An empty text, which clears a property, is taken by all but read-only ones.
func (s *Server) stored(t *objectType, name, text, was string) (string, *valueError) {
	p, known := t.property(name)
	refuse := func(code, format string, args ...any) (string, *valueError) {
		return "", &valueError{name, code, fmt.Sprintf(format, args...)}
	}
	switch {
	case !known:
		return refuse("PROPERTY_DOESNT_EXIST", "Property %q does not exist", name)
	case p.ReadOnly || p.Calculated:
		return refuse("READ_ONLY_VALUE", "%q is a read only property; its value cannot be set.", name)
	case text == "":
		return "", nil
	case p.Type != "string" && strings.TrimFunc(text, isBlank) != text:
		return refuse("LEADING_TRAILING_WHITESPACE", "%q includes leading or trailing whitespace.", text)
	}
	switch p.Type {
	case "number":
		if !plainNumber.MatchString(text) {
			return refuse("INVALID_INTEGER", "%s was not a valid number.", text)
		}
	case "date":
		return storedDate(name, text)
	case "datetime":
		at, ok := instant(text)
		if !ok {
			return refuse("INVALID_LONG", "%s was not a valid long.", text)
		}
		return stamp(at.UnixMilli()), nil
	case "bool", "enumeration":
		return s.storedOptions(p, text, was)
	case "string":
		if t.id == "0-1" && name == propEmail && !isAddress(text) {
			return refuse("INVALID_EMAIL", "Email address %s is invalid", text)
		}
		if len(utf16.Encode([]rune(text))) > maxText {
			return refuse("TOO_LONG", "The value is longer than %d characters.", maxText)
		}
	}
	return clean(name, text), nil
}

// isBlank takes blanks and characters that show nothing (HubSpot's changelog,
// "Enhanced validations for non-string properties").
func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }

func isAddress(text string) bool {
	address, err := mail.ParseAddress(strings.TrimSpace(text))
	return err == nil && address.Name == "" && strings.Contains(address.Address[strings.LastIndex(address.Address, "@"):], ".")
}

// storedDate takes a day as YYYY-MM-DD, or as the milliseconds of its midnight
// in UTC.
func storedDate(name, text string) (string, *valueError) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.Format(time.DateOnly), nil
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return "", &valueError{name, "INVALID_LONG", text + " was not a valid long."}
	}
	day := time.UnixMilli(ms).UTC()
	if day != day.Truncate(24*time.Hour) {
		return "", &valueError{name, "INVALID_DATE", fmt.Sprintf("%s is at %d:%d:%d.%d UTC, not midnight!", text, day.Hour(), day.Minute(), day.Second(), ms%1000)}
	}
	return day.Format(time.DateOnly), nil
}

// instant reads a time as ISO 8601, a date alone being its midnight in UTC, or
// as milliseconds since 1970.
func instant(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	return time.UnixMilli(ms), err == nil
}

// storedOptions takes internal values, several with semicolons between them if
// the property holds several.
func (s *Server) storedOptions(p Property, text, was string) (string, *valueError) {
	values := []string{text}
	if p.isMultiple() {
		if more, appends := strings.CutPrefix(text, ";"); appends {
			text = joined(was, more)
		}
		values = strings.Split(text, ";")
	}
	var kept []string
	for _, value := range values {
		if !s.isOption(p, value) {
			return "", &valueError{p.Name, "INVALID_OPTION", fmt.Sprintf("%s was not one of the allowed options: %s", value, allowed(p))}
		}
		if !slices.Contains(kept, value) {
			kept = append(kept, value)
		}
	}
	return clean(p.Name, strings.Join(kept, ";")), nil
}

func (s *Server) isOption(p Property, value string) bool {
	switch {
	case p.Reference == "OWNER":
		return slices.ContainsFunc(s.store.owners, func(o Owner) bool { return o.ID == value && !o.Archived })
	case p.External:
		return value != ""
	}
	return slices.ContainsFunc(p.wireOptions(), func(o Option) bool { return o.Value == value })
}

func allowed(p Property) string {
	var all []string
	for _, o := range p.wireOptions() {
		all = append(all, fmt.Sprintf("label: %q\nvalue: %q\n", o.Label, o.Value))
	}
	return "[" + strings.Join(all, ", ") + "]"
}
