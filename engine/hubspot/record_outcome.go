package hubspot

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
)

// writeAnswer is the answer to a batch write; its errors are those of status 207.
type writeAnswer struct {
	Results   *[]writeResult `json:"results"`
	NumErrors count          `json:"numErrors"`
	Errors    []wireError    `json:"errors"`
}

type writeResult struct {
	ID         recordID         `json:"id"`
	Properties map[string]*text `json:"properties"`
	TraceID    string           `json:"objectWriteTraceId"`
}

func (a writeAnswer) complete() bool {
	return a.Results != nil && !slices.ContainsFunc(*a.Results, func(r writeResult) bool { return r.ID == 0 })
}

// newBatchWrite gives all inputs one outcome: that of the error, or else the given one.
func newBatchWrite(ids []int64, took effort, err error, status WriteStatus) BatchWrite {
	switch {
	case errors.Is(err, ErrAmbiguous):
		status = WriteUnknown
	case err != nil:
		status = WriteNotDone
	}
	batch := BatchWrite{Outcomes: make([]WriteOutcome, len(ids)), Attempts: took.attempts, MaybeApplied: took.maybeApplied}
	for i, id := range ids {
		batch.Outcomes[i] = WriteOutcome{Status: status, RecordID: id}
	}
	return batch
}

// take gives every part of the answer to the inputs that it names. An answer that names an input which was not sent, or one input twice,
// is of something else.
func (b *BatchWrite) take(answer writeAnswer, done WriteStatus, said refusalText) error {
	places := b.places()
	for _, result := range *answer.Results {
		id := int64(result.ID)
		outcome := WriteOutcome{Status: done, RecordID: id, Properties: texts(result.Properties)}
		if _, err := b.settle(places, result.TraceID, strconv.FormatInt(id, 10), outcome); err != nil {
			return err
		}
	}
	for _, e := range answer.Errors {
		if err := b.fail(places, e, said); err != nil {
			return err
		}
	}
	if answer.NumErrors > 0 && len(answer.Errors) == 0 {
		b.Problems = append(b.Problems, WriteProblem{Message: fmt.Sprintf("%d errors that HubSpot does not name", answer.NumErrors)})
	}
	return nil
}

// places maps the record IDs that the inputs name to the places of the inputs.
func (b *BatchWrite) places() map[string]int {
	places := make(map[string]int, len(b.Outcomes))
	for i, outcome := range b.Outcomes {
		if outcome.RecordID != 0 {
			places[strconv.FormatInt(outcome.RecordID, 10)] = i
		}
	}
	return places
}

// settle gives an outcome to the input of that trace ID, or where there is none of that record ID. It reports whether there is such an
// input: without a trace ID none may be meant.
func (b *BatchWrite) settle(places map[string]int, traceID, recordID string, outcome WriteOutcome) (bool, error) {
	place, known := places[recordID]
	if traceID != "" {
		n, err := strconv.Atoi(traceID)
		if err != nil || n < 0 || n >= len(b.Outcomes) {
			return false, fmt.Errorf("%w: it names an input that was not sent", errForeignAnswer)
		}
		place, known = n, true
	}
	if !known {
		return false, nil
	}
	return true, b.Outcomes[place].become(outcome)
}

// become replaces the outcome of an input that was not named so far. Several errors of one input make one.
func (o *WriteOutcome) become(other WriteOutcome) error {
	switch {
	case o.Status == WriteFailed && other.Status == WriteFailed:
		maps.Copy(o.Problem.Properties, other.Problem.Properties)
		return nil
	case o.Status != WriteUnmentioned:
		return fmt.Errorf("%w: it names an input twice", errForeignAnswer)
	}
	if other.RecordID == 0 {
		other.RecordID = o.RecordID
	}
	*o = other
	return nil
}

// fail settles the inputs that an error names: in context.objectWriteTraceId, else in context.ids, which HubSpot may leave empty. An error that
// names none is kept among the problems.
func (b *BatchWrite) fail(places map[string]int, e wireError, said refusalText) error {
	settled := false
	settle := func(traceID, recordID string) error {
		problem := e.writeProblem(said)
		known, err := b.settle(places, traceID, recordID, WriteOutcome{Status: WriteFailed, Problem: &problem})
		settled = settled || known
		return err
	}
	traces := slices.DeleteFunc(slices.Clone(e.Context["objectWriteTraceId"]), func(s string) bool { return s == "" })
	for _, traceID := range traces {
		if err := settle(traceID, ""); err != nil {
			return err
		}
	}
	if len(traces) == 0 {
		for _, id := range e.Context["ids"] {
			if err := settle("", id); err != nil {
				return err
			}
		}
	}
	if !settled {
		b.Problems = append(b.Problems, e.writeProblem(said))
	}
	return nil
}

// IsNotFound reports whether HubSpot has no record of the ID that the input named.
func (p WriteProblem) IsNotFound() bool { return p.Category == categoryNotFound }

// IsDuplicate reports whether another record has a unique value that the input would set. To creations of contacts HubSpot answers with a
// category and the record's ID, else with a code of the property (both are recorded, neither is documented).
func (p WriteProblem) IsDuplicate() bool {
	return p.ExistingID != 0 || p.Category == "CONFLICT" || p.Category == "OBJECT_ALREADY_EXISTS" ||
		slices.Contains(slices.Collect(maps.Values(p.Properties)), "CONFLICTING_UNIQUE_VALUE")
}

// existing finds the record that has a unique value already, in HubSpot's two messages of it.
var existing = regexp.MustCompile(`Existing ID: (\d+)|(\d+) already has that value`)

func (e wireError) writeProblem(said refusalText) WriteProblem {
	problem := WriteProblem{Category: said.line(string(e.Category)), Message: said.line(string(e.Message)), Properties: map[string]string{}}
	for _, refused := range refusedProperties(string(e.Message)) {
		problem.Properties[refused.Name] = refused.Code
	}
	for _, item := range e.Errors {
		for _, name := range item.Context["propertyName"] {
			problem.Properties[name] = said.line(string(item.Code))
		}
	}
	if m := existing.FindStringSubmatch(string(e.Message)); m != nil {
		problem.ExistingID, _ = strconv.ParseInt(m[1]+m[2], 10, 64)
	}
	return problem
}
