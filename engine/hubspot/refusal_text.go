package hubspot

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// refusalText makes HubSpot's words fit to be shown: without secrets and addresses, and without the values that a write sent. HubSpot
// repeats those in its messages.
type refusalText struct {
	redact *redactor
	values []string
}

// line returns the text on one line, redacted.
func (r refusalText) line(s string) string {
	return r.redact.line(r.hideValues(withoutQuotedValues(s)))
}

// shortestHidden is the length of the shortest value that is taken out of free text, in bytes. Shorter ones are in ordinary words too.
const shortestHidden = 3

const hiddenValue = "[value]"

// hideValues takes the values out where they stand as words of their own, the longest first: one may begin with another.
func (r refusalText) hideValues(s string) string {
	hide := slices.DeleteFunc(slices.Clone(r.values), func(v string) bool { return len(v) < shortestHidden || !strings.Contains(s, v) })
	slices.SortFunc(hide, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	for _, value := range slices.Compact(hide) {
		s = hideWord(s, value)
	}
	return s
}

func hideWord(s, word string) string {
	var b strings.Builder
	for {
		at := strings.Index(s, word)
		if at < 0 {
			return b.String() + s
		}
		before, _ := utf8.DecodeLastRuneInString(s[:at])
		after, _ := utf8.DecodeRuneInString(s[at+len(word):])
		b.WriteString(s[:at])
		if isWordy(before) || isWordy(after) {
			b.WriteString(word)
		} else {
			b.WriteString(hiddenValue)
		}
		s = s[at+len(word):]
	}
}

func isWordy(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// invalidValues begins HubSpot's message about values that it does not take. JSON follows, with the values in it.
const invalidValues = "Property values were not valid"

// refusedProperty is one entry of that JSON, without its messages.
type refusedProperty struct {
	Name string `json:"name"`
	Code string `json:"error"`
}

// refusedProperties reads the JSON in a message; nil where it has none.
func refusedProperties(message string) []refusedProperty {
	rest, found := strings.CutPrefix(message, invalidValues)
	if !found {
		return nil
	}
	var entries []refusedProperty
	if json.Unmarshal([]byte(strings.TrimSpace(strings.TrimPrefix(rest, ":"))), &entries) != nil {
		return nil
	}
	return entries
}

// coordinates are HubSpot's words for a unique value that another record has: PropertyValueCoordinates{…, value=…}.
var coordinates = regexp.MustCompile(`(?s)(PropertyValueCoordinates\{.*value=).*\}`)

// withoutQuotedValues shortens the messages in which HubSpot quotes values to the properties and the codes in them.
func withoutQuotedValues(message string) string {
	if !strings.HasPrefix(message, invalidValues) {
		return coordinates.ReplaceAllString(message, "${1}"+hiddenValue+"}")
	}
	var short []string
	for _, refused := range refusedProperties(message) {
		short = append(short, refused.Name+" "+refused.Code)
	}
	if short == nil {
		return invalidValues
	}
	return invalidValues + ": " + strings.Join(short, ", ")
}
