package hubspot

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// MaxBatchWrite is how many records one batch write may name (HubSpot's guide to the objects API).
const MaxBatchWrite = 100

// WriteStatus is the outcome of one input of a batch write.
type WriteStatus string

// What can become of an input.
const (
	WriteCreated  WriteStatus = "created"
	WriteUpdated  WriteStatus = "updated"
	WriteArchived WriteStatus = "archived"
	// WriteFailed: HubSpot refused this input and may have written others; WriteOutcome.Problem says why.
	WriteFailed WriteStatus = "failed"
	// WriteUnmentioned: HubSpot answered with success, and the answer lacks the input. It may have been written or not.
	WriteUnmentioned WriteStatus = "unmentioned"
	// WriteUnknown: the batch was sent and no good answer came, so that it may have been written or not. The error is ErrAmbiguous.
	WriteUnknown WriteStatus = "unknown"
	// WriteNotDone: the whole batch was refused or not sent, so that nothing was written. The error says why.
	WriteNotDone WriteStatus = "not_done"
)

// WriteOutcome is the outcome of one input.
type WriteOutcome struct {
	Status WriteStatus
	// RecordID is the record that was written. Of an input that was not, it is the one sent: 0 for a creation.
	RecordID int64
	// Properties are those that HubSpot answered, of a creation or update: the values that it stored. A property that was cleared may be
	// empty or missing.
	Properties map[string]string
	// Problem is set for WriteFailed alone.
	Problem *WriteProblem
}

// WriteProblem is HubSpot's reason to refuse an input. It holds no value that was sent and no address.
type WriteProblem struct {
	Category string
	Message  string
	// Properties are the codes of the properties that HubSpot refused, such as INVALID_OPTION, by the property's name.
	Properties map[string]string
	// ExistingID is the record that has the unique value already; 0 where HubSpot names none.
	ExistingID int64
}

// BatchWrite is the outcome of a batch. HubSpot returns results in any order, may fail inputs on their own (status 207) and may leave one
// out silently; every input has one outcome all the same.
type BatchWrite struct {
	// Outcomes are in the order of the inputs.
	Outcomes []WriteOutcome
	// Problems are errors in the answer that name none of the inputs. Inputs that they concern are WriteUnmentioned.
	Problems []WriteProblem
	// Attempts is how often the batch was sent.
	Attempts int
	// MaybeApplied is set when the answer to an earlier attempt was lost, which may have been applied. It is never set for creations.
	MaybeApplied bool
}

// The inputs of batch writes on the wire. The trace ID of one is its place in the batch: HubSpot echoes it, and fails inputs on their own
// only where each has one.
type (
	createInput struct {
		Properties map[string]string `json:"properties"`
		// Associations are required by HubSpot's OpenAPI file, though its guide leaves them out.
		Associations []struct{} `json:"associations"`
		TraceID      string     `json:"objectWriteTraceId"`
	}
	updateInput struct {
		ID         string            `json:"id"`
		Properties map[string]string `json:"properties"`
		TraceID    string            `json:"objectWriteTraceId"`
	}
	archiveInput struct {
		ID string `json:"id"`
	}
)

type batchBody[T any] struct {
	Inputs []T `json:"inputs"`
}

// BatchCreate makes up to MaxBatchWrite records of an object type (a name or a type ID), each of the properties in one map. Inputs that
// HubSpot refuses on their own are no error: see WriteFailed. A refusal of the whole batch is one (IsRefused, IsSplittable), and nothing was
// made then.
//
// An attempt that may have been applied is never repeated, since a second one would make the records again: the error is ErrAmbiguous, and
// the caller looks the records up by a unique property. Such an error is not IsSplittable.
func (c *Client) BatchCreate(ctx context.Context, objectType string, records []map[string]string) (BatchWrite, error) {
	inputs := make([]createInput, len(records))
	for i, properties := range records {
		inputs[i] = createInput{Properties: notNilMap(properties), Associations: []struct{}{}, TraceID: strconv.Itoa(i)}
	}
	req := c.writeRequest(objectType, "create", batchBody[createInput]{inputs}, records)
	req.once = true
	return c.batchWrite(ctx, objectType, req, WriteCreated, make([]int64, len(records)))
}

// BatchUpdate sets properties of up to MaxBatchWrite records by their record IDs; an empty text clears a property. Naming a record twice is
// refused by HubSpot. An attempt without an answer is repeated, as a second time changes nothing. A record that was merged away is
// WriteUnmentioned. Errors are those of BatchCreate.
func (c *Client) BatchUpdate(ctx context.Context, objectType string, records []Record) (BatchWrite, error) {
	inputs, ids, properties := make([]updateInput, len(records)), make([]int64, len(records)), make([]map[string]string, len(records))
	for i, record := range records {
		ids[i], properties[i] = record.ID, record.Properties
		inputs[i] = updateInput{ID: strconv.FormatInt(record.ID, 10), Properties: notNilMap(record.Properties), TraceID: strconv.Itoa(i)}
	}
	req := c.writeRequest(objectType, "update", batchBody[updateInput]{inputs}, properties)
	return c.batchWrite(ctx, objectType, req, WriteUpdated, ids)
}

// BatchArchive archives up to MaxBatchWrite records by their record IDs; HubSpot can restore them for 90 days. HubSpot answers without a body
// (status 204), so the outcome of all is WriteArchived, also that of records which were not there. An attempt without an answer is repeated.
func (c *Client) BatchArchive(ctx context.Context, objectType string, recordIDs []int64) (BatchWrite, error) {
	if err := checkID("object type", objectType); err != nil || len(recordIDs) == 0 {
		return newBatchWrite(recordIDs, effort{}, err, WriteNotDone), err
	}
	inputs := make([]archiveInput, len(recordIDs))
	for i, id := range decimals(recordIDs) {
		inputs[i].ID = id
	}
	req := c.writeRequest(objectType, "archive", batchBody[archiveInput]{inputs}, nil)
	req.items, req.partly, req.success = len(recordIDs), false, http.StatusNoContent
	took, err := c.do(ctx, req, func([]byte) error { return nil })
	return newBatchWrite(recordIDs, took, err, WriteArchived), err
}

func notNilMap(properties map[string]string) map[string]string {
	if properties == nil {
		return map[string]string{}
	}
	return properties
}

func (c *Client) writeRequest(objectType, action string, body any, sent []map[string]string) request {
	req := request{
		operation: operationObject(objectType) + ".batch_" + action, method: http.MethodPost, path: c.core.routes.batch(objectType, action),
		body: body, items: len(sent), write: true, partly: true,
	}
	for _, properties := range sent {
		req.values = slices.AppendSeq(req.values, maps.Values(properties))
	}
	return req
}

// batchWrite sends the inputs and gives each its outcome; ids are the records that they name, 0 for none.
func (c *Client) batchWrite(ctx context.Context, objectType string, req request, done WriteStatus, ids []int64) (BatchWrite, error) {
	if err := checkID("object type", objectType); err != nil || len(ids) == 0 {
		return newBatchWrite(ids, effort{}, err, WriteNotDone), err
	}
	answer, took, err := fetch[writeAnswer](ctx, c, req)
	batch := newBatchWrite(ids, took, err, WriteUnmentioned)
	if err != nil {
		return batch, err
	}
	if err := batch.take(answer, done, refusalText{c.core.redact, req.values}); err != nil {
		err = c.core.callError(req, took.attempts, true, err)
		return newBatchWrite(ids, took, err, WriteUnmentioned), err
	}
	return batch, nil
}
