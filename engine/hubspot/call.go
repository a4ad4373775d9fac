package hubspot

import "time"

// Call is one attempt to call the API, for those who count and keep them. It holds nothing personal.
type Call struct {
	// At is when the request was sent, after all waiting.
	At time.Time
	// Method is the HTTP method.
	Method string
	// Operation names what was asked, such as lists.get, contacts.batch_read or memberships.add_and_remove.
	Operation string
	// Path is the path without the base URL and query. A list's name in it shows as {listName}.
	Path string
	// Status is the HTTP status, 0 when no answer came.
	Status int
	// Attempt counts from 1.
	Attempt int
	// Duration is the time from sending to the last byte of the answer.
	Duration time.Duration
	// Items is how many IDs the request carried.
	Items int
	// RetryAfter is what HubSpot asked to wait, 0 when it did not.
	RetryAfter time.Duration
	// ServerTime is HubSpot's own clock when it answered, to the second; zero when it does not say.
	ServerTime time.Time
	// CorrelationID is what HubSpot's support asks for.
	CorrelationID string
	// Err says in one redacted line why the attempt failed, and is empty when it did not.
	Err string
}
