package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"slices"
)

// MaxAssociationRead is how many records one ReadAssociations may ask for (HubSpot's changelog of February 2025).
const MaxAssociationRead = 1_000

// AssociationState is the outcome of one input of a call about associations.
type AssociationState string

// States of what was read.
const (
	// AssociationsFound: the record has associations, and all of them are known.
	AssociationsFound AssociationState = "found"
	// AssociationsNone: HubSpot says that the record has none. It says the same of a record that does not exist.
	AssociationsNone AssociationState = "none"
)

// States of what was written.
const (
	// AssociationDone: HubSpot reports success. It does not tell what was so before.
	AssociationDone AssociationState = "done"
)

// States of either.
const (
	// AssociationFailed: HubSpot names the input in an error.
	AssociationFailed AssociationState = "failed"
	// AssociationUnmentioned: the answer does not account for the input. Nothing is known of it.
	AssociationUnmentioned AssociationState = "unmentioned"
)

// RecordAssociations is what one record is associated with.
type RecordAssociations struct {
	ID    int64
	State AssociationState
	// Links are those of a record that was found, in the order of HubSpot's answer.
	Links []AssociatedRecord
	// Category and Message are HubSpot's error where there was one, without email addresses.
	Category, Message string
}

// AssociatedRecord is a record on the other side, with all the types of its association, the default one among them.
type AssociatedRecord struct {
	ID     int64
	Labels []AssociationLabel
}

type associationsAnswer struct {
	Results *[]struct {
		From struct {
			ID recordID `json:"id"`
		} `json:"from"`
		To     []wireLink `json:"to"`
		Paging struct {
			Next struct {
				After text `json:"after"`
			} `json:"next"`
		} `json:"paging"`
	} `json:"results"`
	Errors associationErrors `json:"errors"`
}

type wireLink struct {
	ToObjectID recordID    `json:"toObjectId"`
	Types      []wireLabel `json:"associationTypes"`
}

func (a associationsAnswer) complete() bool {
	if a.Results == nil {
		return false
	}
	for _, result := range *a.Results {
		if result.From.ID == 0 {
			return false
		}
		for _, link := range result.To {
			if link.ToObjectID == 0 || len(link.Types) == 0 || !areLabels(link.Types) {
				return false
			}
		}
	}
	return true
}

// ReadAssociations reads what up to MaxAssociationRead records of the object type from are associated with among those of the type to (names
// or type IDs), to the last page of each. The answers are in the order of the IDs: one for each, found only where all pages were
// read. An error means that nothing is known of any.
func (c *Client) ReadAssociations(ctx context.Context, from, to string, ids []int64) ([]RecordAssociations, error) {
	if err := checkTypes(from, to); err != nil {
		return nil, err
	}
	r := newAssociationReader(ids)
	for len(r.inputs) > 0 {
		answer, _, err := fetch[associationsAnswer](ctx, c, request{
			operation: "associations.batch_read", method: http.MethodPost, path: c.core.routes.associations(from, to) + "/read",
			body: struct {
				Inputs []associationsInput `json:"inputs"`
			}{r.inputs}, items: len(r.inputs), partly: true,
		})
		if err == nil {
			err = r.take(answer, c.core.redact)
		}
		if err != nil {
			return nil, err
		}
	}
	out := make([]RecordAssociations, len(ids))
	for i, id := range ids {
		out[i] = *r.records[id]
	}
	return out, nil
}

type associationsInput struct {
	ID    string `json:"id"`
	After string `json:"after,omitempty"`
}

// associationReader collects the pages of records.
type associationReader struct {
	records map[int64]*RecordAssociations
	// inputs are what is to be asked for next, and pages the cursors by which it is.
	inputs []associationsInput
	pages  map[int64]string
	// places says where in the links of a record another one is.
	places map[int64]map[int64]int
}

func newAssociationReader(ids []int64) *associationReader {
	r := &associationReader{records: map[int64]*RecordAssociations{}, pages: map[int64]string{}, places: map[int64]map[int64]int{}}
	for _, id := range ids {
		if r.records[id] == nil {
			r.records[id] = &RecordAssociations{ID: id, State: AssociationUnmentioned}
			r.places[id] = map[int64]int{}
			r.ask(id, "")
		}
	}
	return r
}

func (r *associationReader) ask(id int64, after string) {
	r.pages[id] = after
	r.inputs = append(r.inputs, associationsInput{decimals([]int64{id})[0], after})
}

// take puts an answer with the records that it is of, and asks for the pages that follow. Of a record whose next page does not come nothing
// is known.
func (r *associationReader) take(answer associationsAnswer, redact *redactor) error {
	asked := r.pages
	r.pages, r.inputs = map[int64]string{}, nil
	taken := map[int64]bool{}
	for _, result := range *answer.Results {
		id := int64(result.From.ID)
		before, ok := asked[id]
		after := string(result.Paging.Next.After)
		switch {
		case !ok:
			return fmt.Errorf("associations.batch_read: %w: it has record %d, which was not asked for", errForeignAnswer, id)
		case taken[id]:
			return fmt.Errorf("associations.batch_read: %w: it has record %d twice", errForeignAnswer, id)
		case after != "" && after == before:
			return fmt.Errorf("associations.batch_read of record %d: %w", id, errCursorStandsStill)
		}
		taken[id] = true
		r.add(id, result.To)
		if after != "" {
			r.ask(id, after)
		}
	}
	for id := range asked {
		if !taken[id] {
			*r.records[id] = RecordAssociations{ID: id, State: AssociationUnmentioned}
		}
	}
	r.blame(answer.Errors.read(redact), asked, taken)
	return nil
}

// blame gives the errors to the records that they name, and those that name none to all that the answer does not mention.
func (r *associationReader) blame(errs []associationError, asked map[int64]string, taken map[int64]bool) {
	for _, e := range errs {
		if e.isVague() {
			for id := range asked {
				if record := r.records[id]; record.State == AssociationUnmentioned {
					record.Category, record.Message = e.category, e.message
				}
			}
		}
		for _, id := range slices.Concat(e.from, e.either) {
			after, ok := asked[id]
			switch {
			case !ok:
			case e.isNone() && !taken[id] && after == "":
				*r.records[id] = RecordAssociations{ID: id, State: AssociationsNone}
			default:
				*r.records[id] = RecordAssociations{ID: id, State: AssociationFailed, Category: e.category, Message: e.message}
			}
		}
	}
	r.drop()
}

// drop takes records that failed out of what is to be asked for next.
func (r *associationReader) drop() {
	r.inputs = slices.DeleteFunc(r.inputs, func(input associationsInput) bool {
		id := numbers([]string{input.ID})[0]
		failed := r.records[id].State == AssociationFailed
		if failed {
			delete(r.pages, id)
		}
		return failed
	})
}

// add appends a page. A record that is on two of them, since what comes before it changed meanwhile, is kept once.
func (r *associationReader) add(id int64, page []wireLink) {
	record := r.records[id]
	for _, link := range page {
		one := AssociatedRecord{int64(link.ToObjectID), labels(link.Types)}
		if at, known := r.places[id][one.ID]; known {
			record.Links[at] = one
			continue
		}
		r.places[id][one.ID] = len(record.Links)
		record.Links = append(record.Links, one)
	}
	record.State = AssociationsNone
	if len(record.Links) > 0 {
		record.State = AssociationsFound
	}
}
