package property

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// separator stands between the values of a property that holds several (HubSpot's properties guide). None of them holds it.
const separator = ";"

// referenceOwner is the referenced object type of properties that hold the ID of an owner.
const referenceOwner = "OWNER"

// storedList is the text of a LIST. NULLs in it say nothing.
func (d Definition) storedList(list []any) (string, *Reject) {
	var texts []string
	for _, value := range list {
		text, reject := d.listed(value)
		if reject != nil {
			return "", reject
		}
		if text != "" {
			texts = append(texts, text)
		}
	}
	if len(texts) > 1 && !d.IsMultiple() {
		return "", d.reject(SeveralValues, fmt.Sprintf("holds one value, and the query gives a list of %d", len(texts)), "pick one, or join them with array_to_string")
	}
	return d.storedText(strings.Join(texts, separator))
}

// listed is the text of a value in a list.
func (d Definition) listed(value any) (string, *Reject) {
	if !d.IsMultiple() {
		return d.storedOne(value)
	}
	if value == nil {
		return "", nil
	}
	text, known := textOf(value)
	if !known {
		return "", d.rejectType(value)
	}
	return d.trim(text), nil
}

// storedOptions takes internal values: several of a property that holds several, each once and in the order of the alphabet.
func (d Definition) storedOptions(text string) (string, *Reject) {
	if !d.IsMultiple() {
		return text, d.checkOption(text)
	}
	values := d.split(text)
	for _, value := range values {
		if reject := d.checkOption(value); reject != nil {
			return "", reject
		}
	}
	return strings.Join(values, separator), nil
}

// split returns the values in a text of several, each once and in the order of the alphabet.
func (d Definition) split(text string) []string {
	var values []string
	for value := range strings.SplitSeq(text, separator) {
		if value = d.trim(value); value != "" {
			values = append(values, value)
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// checkOption rejects what is no internal value. Of values that come from elsewhere HubSpot may not list all: only what is the label of one
// is rejected, and what cannot be an owner's ID.
func (d Definition) checkOption(value string) *Reject {
	if slices.ContainsFunc(d.Options, func(o Option) bool { return o.Value == value }) {
		return nil
	}
	if meant, found := d.meant(value); found {
		return d.rejectValue(InvalidOption, value, "is no internal value", fmt.Sprintf("did you mean the internal value %q?", meant))
	}
	isOwner := d.Reference == referenceOwner
	switch {
	case isOwner && len(d.Options) == 0 && isID(value), d.External && !isOwner:
		return nil
	case isOwner:
		return d.rejectValue(InvalidOwner, value, "is no owner's ID", "give the ID of an owner, which is not the ID of a user")
	case strings.ContainsAny(value, ",[") && d.IsMultiple():
		return d.rejectValue(InvalidOption, value, "is no internal value", "give a LIST, or a text with semicolons between the values")
	}
	return d.rejectValue(InvalidOption, value, "is no internal value", d.hintOptions())
}

// meant finds the option that a text is likely to mean: by its label, or by its value or label in another case.
func (d Definition) meant(text string) (string, bool) {
	for _, same := range []func(Option) bool{
		func(o Option) bool { return o.Label == text },
		func(o Option) bool { return strings.EqualFold(o.Value, text) },
		func(o Option) bool { return strings.EqualFold(strings.TrimSpace(o.Label), text) },
	} {
		if i := slices.IndexFunc(d.Options, same); i >= 0 {
			return d.Options[i].Value, true
		}
	}
	return "", false
}

// isID reports whether a text is a whole number above 0, written as HubSpot writes IDs.
func isID(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && n > 0 && strconv.FormatInt(n, 10) == text
}

// mostOptions is how many options a hint names.
const mostOptions = 12

func (d Definition) hintOptions() string {
	var values []string
	for _, o := range d.Options {
		if !o.Hidden {
			values = append(values, o.Value)
		}
	}
	switch {
	case len(values) == 0:
		return "the property has no options: add one in HubSpot"
	case len(values) > mostOptions:
		return fmt.Sprintf("the internal values are %s and %d more", strings.Join(values[:mostOptions], ", "), len(values)-mostOptions)
	}
	return "the internal values are " + strings.Join(values, ", ")
}
