package hubspot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// associationErrors are the errors of a batch that succeeded in part. Live answers name the inputs that they concern in several ways.
type associationErrors []struct {
	Category    text        `json:"category"`
	SubCategory text        `json:"subCategory"`
	Message     text        `json:"message"`
	Context     wireContext `json:"context"`
}

// associationError is one of them, with what it names.
type associationError struct {
	category, subCategory, message string
	from, to                       []int64 // records of one side
	either                         []int64 // records of whichever side
	types                          []AssociationType
}

func (errs associationErrors) read(redact *redactor) []associationError {
	out := make([]associationError, len(errs))
	for i, e := range errs {
		out[i] = associationError{
			category: redact.line(string(e.Category)), subCategory: redact.line(string(e.SubCategory)), message: redact.line(string(e.Message)),
			from: numbers(e.Context["fromObjectId"]), to: numbers(e.Context["toObjectId"]),
			either: append(append(numbers(e.Context["objectId"]), numbers(e.Context["ids"])...), namedRecords(e.Context["INVALID_OBJECT_IDS"])...),
			types:  specs(e.Context["associationSpec"]),
		}
	}
	return out
}

// isNone reports whether the error says that records have no associations.
func (e associationError) isNone() bool {
	return e.category == categoryNotFound && strings.HasSuffix(e.subCategory, "NO_ASSOCIATIONS_FOUND")
}

// isVague reports whether the error names no input.
func (e associationError) isVague() bool {
	return len(e.from)+len(e.to)+len(e.either)+len(e.types) == 0
}

// concerns reports whether the error names an association.
func (e associationError) concerns(from, to int64, types []AssociationType) bool {
	if len(e.from) > 0 && len(e.to) > 0 {
		return slices.Contains(e.from, from) && slices.Contains(e.to, to)
	}
	return slices.Contains(e.from, from) || slices.Contains(e.to, to) || slices.Contains(e.either, from) || slices.Contains(e.either, to) ||
		slices.ContainsFunc(types, func(t AssociationType) bool { return slices.Contains(e.types, t) })
}

func numbers(texts []string) []int64 {
	var out []int64
	for _, text := range texts {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			out = append(out, n)
		}
	}
	return out
}

var namedRecord = regexp.MustCompile(`=(\d+)\b`)

// namedRecords reads the records in texts such as "CONTACT=77 is not valid".
func namedRecords(texts []string) []int64 {
	var out []int64
	for _, text := range texts {
		if m := namedRecord.FindStringSubmatch(text); m != nil {
			out = append(out, numbers(m[1:])...)
		}
	}
	return out
}

// specs reads association types such as "USER_DEFINED=3".
func specs(texts []string) []AssociationType {
	var out []AssociationType
	for _, text := range texts {
		category, id, _ := strings.Cut(text, "=")
		if n, err := strconv.Atoi(id); err == nil {
			out = append(out, AssociationType{category, n})
		}
	}
	return out
}
