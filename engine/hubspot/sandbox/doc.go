// Package sandbox is a test double of HubSpot: an http.Handler over a store
// in memory that implements the part of HubSpot's CRM API which keeps lists and
// records equal to what queries return: lists, memberships, objects, their
// properties and associations, and owners. The demo, the tests and the command
// "rollcall sandbox" serve the same one.
//
// Invariants:
//
//   - It is written from HubSpot's published OpenAPI files and documentation,
//     imports nothing but the standard library, and shares no wire type with
//     any client: a misspelt field fails on one side.
//   - Both path families answer at once: the legacy one (/crm/v3/lists, …) and
//     the dated one (/crm/lists/2026-09, …) for 2025-09, 2026-03 and 2026-09.
//   - It is strict. Unknown or misspelt keys, wrong types, missing keys, wrong
//     methods and wrong content types are refused in HubSpot's error shape.
//     Where the documentation is silent it takes the stricter reading, and the
//     doc comment of the thing says so.
//   - Nothing is random. Faults are declared, the clock can be given, ids and
//     correlation ids are counters.
//   - One mutex guards the store; no method returns memory that it still uses.
//
// Paths below /_sandbox/ are no part of HubSpot: they let scripts and other
// processes look at the store, change it without the client, declare
// faults and read the log of calls. See control.go for their parameters.
package sandbox
