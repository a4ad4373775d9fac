package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"slices"
)

// Bounds of one call that writes associations. HubSpot documents that of creating (guide to associations v4); of archiving, users report
// one of 100 records on the side that the associations come from.
const (
	MaxAssociationWrite   = 2_000
	MaxAssociationArchive = 100
)

// Association is an association of two records, in one direction.
type Association struct {
	From, To int64
	// Types are what a call sets or takes away; a call for the default type or for all types has none.
	Types []AssociationType
}

// AssociationOutcome is the outcome of one association of a call.
type AssociationOutcome struct {
	State AssociationState
	// Category and Message are HubSpot's error where there was one, without email addresses.
	Category, Message string
}

// AssociationChange is HubSpot's answer to a call that writes associations.
type AssociationChange struct {
	// Outcomes are in step with the associations that were given; nil on an error, which concerns them all.
	Outcomes []AssociationOutcome
	// Attempts is how often the change was sent.
	Attempts int
	// MaybeApplied is set when the answer to an earlier attempt was lost, which may have done part of the change.
	MaybeApplied bool
}

// CreateAssociations gives up to MaxAssociationWrite pairs of records of two object types (names or type IDs) the association types given, and
// the default one. These replace what labels a pair has (HubSpot's guide to associations v4): give those that are to stay, too.
//
// It is repeated as often as needed, since a second time changes nothing. An error concerns the whole call: with IsRefused nothing was
// written, and IsSplittable says whether fewer at a time may succeed; with ErrAmbiguous any of it may have been written.
func (c *Client) CreateAssociations(ctx context.Context, from, to string, links []Association) (AssociationChange, error) {
	return c.writeAssociations(ctx, "associations.batch_create", "/create", from, to, links, typedInputs(links))
}

// CreateDefaultAssociations associates up to MaxAssociationWrite pairs of records by the default type. Labels that a pair has stay. Errors
// are as those of CreateAssociations.
func (c *Client) CreateDefaultAssociations(ctx context.Context, from, to string, links []Association) (AssociationChange, error) {
	inputs := make([]plainLink, len(links))
	for i, l := range links {
		inputs[i] = plainLink{idOf(l.From), idOf(l.To)}
	}
	return c.writeAssociations(ctx, "associations.batch_default", "/associate/default", from, to, links, inputs)
}

// ArchiveAssociations ends the associations of pairs of records, whatever types they have, from up to MaxAssociationArchive records. HubSpot
// does not say which of them there were: one that there was not is done, too. Errors are as those of CreateAssociations.
func (c *Client) ArchiveAssociations(ctx context.Context, from, to string, links []Association) (AssociationChange, error) {
	var inputs []linkArchive
	place := map[int64]int{}
	for _, l := range links {
		at, known := place[l.From]
		if !known {
			at = len(inputs)
			place[l.From] = at
			inputs = append(inputs, linkArchive{From: idOf(l.From)})
		}
		inputs[at].To = append(inputs[at].To, idOf(l.To))
	}
	return c.archiveAssociations(ctx, "associations.batch_archive", "/archive", from, to, links, inputs)
}

// ArchiveAssociationLabels takes types off up to MaxAssociationWrite pairs of records, which stay associated by what other types they
// have; with the default type the association ends whole (HubSpot's OpenAPI file associations-v4). Errors are as those of
// CreateAssociations.
func (c *Client) ArchiveAssociationLabels(ctx context.Context, from, to string, links []Association) (AssociationChange, error) {
	return c.archiveAssociations(ctx, "associations.batch_labels_archive", "/labels/archive", from, to, links, typedInputs(links))
}

type wireRef struct {
	ID string `json:"id"`
}

func idOf(id int64) wireRef { return wireRef{decimals([]int64{id})[0]} }

type wireType struct {
	Category string `json:"associationCategory"`
	ID       int    `json:"associationTypeId"`
}

type typedLink struct {
	From  wireRef    `json:"from"`
	To    wireRef    `json:"to"`
	Types []wireType `json:"types"`
}

type plainLink struct {
	From wireRef `json:"from"`
	To   wireRef `json:"to"`
}

type linkArchive struct {
	From wireRef   `json:"from"`
	To   []wireRef `json:"to"`
}

func typedInputs(links []Association) []typedLink {
	inputs := make([]typedLink, len(links))
	for i, l := range links {
		inputs[i] = typedLink{idOf(l.From), idOf(l.To), make([]wireType, len(l.Types))}
		for j, t := range l.Types {
			inputs[i].Types[j] = wireType(t)
		}
	}
	return inputs
}

// linkAnswer is what the calls that create answer: each association in ids of its own, or as {"from": …, "to": …} in both directions.
type linkAnswer struct {
	Results *[]struct {
		FromObjectID recordID `json:"fromObjectId"`
		ToObjectID   recordID `json:"toObjectId"`
		From         struct {
			ID recordID `json:"id"`
		} `json:"from"`
		To struct {
			ID recordID `json:"id"`
		} `json:"to"`
	} `json:"results"`
	Errors associationErrors `json:"errors"`
}

func (a linkAnswer) complete() bool { return a.Results != nil }

func (c *Client) writeAssociations(ctx context.Context, operation, path, from, to string, links []Association, inputs any) (AssociationChange, error) {
	req, err := c.associationRequest(operation, path, from, to, links, inputs)
	if err != nil || len(links) == 0 {
		return AssociationChange{}, err
	}
	answer, took, err := fetch[linkAnswer](ctx, c, req)
	change := AssociationChange{Attempts: took.attempts, MaybeApplied: took.maybeApplied}
	if err != nil {
		return change, err
	}
	done := map[[2]int64]bool{}
	asked, unexpected := pairsOf(links), 0
	for _, result := range *answer.Results {
		pair := [2]int64{max(int64(result.FromObjectID), int64(result.From.ID)), max(int64(result.ToObjectID), int64(result.To.ID))}
		done[pair] = true
		if !asked[pair] && !asked[[2]int64{pair[1], pair[0]}] {
			unexpected++
		}
	}
	if unexpected > 0 {
		err := fmt.Errorf("%w: it names %d associations that were not sent", errForeignAnswer, unexpected)
		return change, c.core.callError(req, took.attempts, true, err)
	}
	change.Outcomes = outcomes(links, answer.Errors.read(c.core.redact), func(l Association) bool { return done[[2]int64{l.From, l.To}] })
	return change, nil
}

// linkArchived is a batch without results, which nothing is known of. In v4 there is no body at all, and in the dated versions
// one with errors where there were any.
type linkArchived struct {
	Status text              `json:"status"`
	Errors associationErrors `json:"errors"`
}

func (a linkArchived) complete() bool { return a.Status != "" }

func (c *Client) archiveAssociations(ctx context.Context, operation, path, from, to string, links []Association, inputs any) (AssociationChange, error) {
	req, err := c.associationRequest(operation, path, from, to, links, inputs)
	if err != nil || len(links) == 0 {
		return AssociationChange{}, err
	}
	req.bodiless = true
	answer, took, err := fetch[linkArchived](ctx, c, req)
	change := AssociationChange{Attempts: took.attempts, MaybeApplied: took.maybeApplied}
	if err != nil {
		return change, err
	}
	errs := answer.Errors.read(c.core.redact)
	change.Outcomes = outcomes(links, errs, func(l Association) bool {
		return !slices.ContainsFunc(errs, func(e associationError) bool { return e.isVague() || e.concerns(l.From, l.To, l.Types) })
	})
	return change, nil
}

// associationRequest checks what is to be sent. A pair that is given twice would have two outcomes.
func (c *Client) associationRequest(operation, path, from, to string, links []Association, inputs any) (request, error) {
	if err := checkTypes(from, to); err != nil {
		return request{}, err
	}
	if len(pairsOf(links)) < len(links) {
		return request{}, fmt.Errorf("%s: two of the associations are between the same records", operation)
	}
	return request{
		operation: operation, method: http.MethodPost, path: c.core.routes.associations(from, to) + path,
		body: struct {
			Inputs any `json:"inputs"`
		}{inputs}, items: len(links), write: true, partly: true,
	}, nil
}

func pairsOf(links []Association) map[[2]int64]bool {
	pairs := make(map[[2]int64]bool, len(links))
	for _, l := range links {
		pairs[[2]int64{l.From, l.To}] = true
	}
	return pairs
}

// outcomes gives every association one: that it is done, the error that names it, or that the answer does not account for it, with
// an error that names none if there is one.
func outcomes(links []Association, errs []associationError, done func(Association) bool) []AssociationOutcome {
	out := make([]AssociationOutcome, len(links))
	for i, l := range links {
		out[i].State = AssociationUnmentioned
		if done(l) {
			out[i].State = AssociationDone
			continue
		}
		for _, e := range errs {
			if e.concerns(l.From, l.To, l.Types) {
				out[i] = AssociationOutcome{AssociationFailed, e.category, e.message}
				break
			}
			if e.isVague() {
				out[i].Category, out[i].Message = e.category, e.message
			}
		}
	}
	return out
}
