package hubspot

import (
	"encoding/json"
	"mime"
	"slices"
	"strings"
)

const correlationHeader = "X-HubSpot-Correlation-Id"

// wireError takes the generic error of HubSpot's specs and the older shape of its rate limits. Its parts decode from
// anything, so that one of another shape does not hide the others.
type wireError struct {
	Category      text            `json:"category"`
	SubCategory   text            `json:"subCategory"`
	ErrorType     text            `json:"errorType"`
	Message       text            `json:"message"`
	CorrelationID text            `json:"correlationId"`
	PolicyName    text            `json:"policyName"`
	Context       wireContext     `json:"context"`
	Errors        []wireErrorItem `json:"errors"`
}

type wireErrorItem struct {
	Message     text        `json:"message"`
	Code        text        `json:"code"`
	SubCategory text        `json:"subCategory"`
	Context     wireContext `json:"context"`
}

// said is the item's message, or where the item is about a property's value, which it quotes, the property and the code.
func (w wireErrorItem) said(said refusalText) string {
	if names := w.Context["propertyName"]; w.Code != "" && len(names) > 0 {
		return said.line(strings.Join(names, ", ") + " " + string(w.Code))
	}
	return said.line(string(w.Message))
}

// wireContext is a map of string arrays by the specs; anything else in it is left out.
type wireContext map[string][]string

// UnmarshalJSON never fails.
func (w *wireContext) UnmarshalJSON(data []byte) error {
	var loose map[string]json.RawMessage
	if json.Unmarshal(data, &loose) != nil {
		return nil
	}
	*w = wireContext{}
	for name, raw := range loose {
		var many []text
		var one text
		switch {
		case json.Unmarshal(raw, &many) == nil:
			for _, value := range many {
				(*w)[name] = append((*w)[name], string(value))
			}
		case json.Unmarshal(raw, &one) == nil:
			(*w)[name] = []string{string(one)}
		}
	}
	return nil
}

func (w wireContext) redacted(said refusalText) map[string][]string {
	if len(w) == 0 {
		return nil
	}
	out := make(map[string][]string, len(w))
	for name, values := range w {
		for _, value := range values {
			out[name] = append(out[name], said.line(value))
		}
	}
	return out
}

// apiError makes an error of an answer with an error status. The body may be of any shape, or of none: HubSpot's
// gateways answer in HTML and plain text.
func (c *core) apiError(a *attempt) *APIError {
	var wire wireError
	if json.Unmarshal(a.body, &wire) != nil && wire.Message == "" {
		wire.Message = plainMessage(a)
	}
	said := refusalText{c.redact, a.values}
	e := &APIError{
		Status: a.status, Operation: a.operation, ListID: a.listID,
		Category:      c.redact.line(string(wire.Category)),
		SubCategory:   c.redact.line(string(wire.SubCategory)),
		Message:       said.line(string(wire.Message)),
		PolicyName:    c.redact.line(string(wire.PolicyName)),
		CorrelationID: c.redact.line(string(wire.CorrelationID)),
		Context:       wire.Context.redacted(said),
		At:            c.now(),
		oauth:         c.refresher != nil,
		server:        c.server(),
		names:         c.names,
	}
	e.RetryAfter = retryAfter(a.header, e.At)
	if e.Category == "" {
		e.Category = c.redact.line(string(wire.ErrorType))
	}
	if e.CorrelationID == "" {
		e.CorrelationID = c.redact.line(a.header.Get(correlationHeader))
	}
	for _, item := range wire.Errors {
		e.Errors = append(e.Errors, ErrorDetail{
			Message: item.said(said), Code: c.redact.line(string(item.Code)),
			Context: item.Context.redacted(said),
		})
		if e.SubCategory == "" {
			e.SubCategory = c.redact.line(string(item.SubCategory))
		}
	}
	e.RequiredScopes = requiredScopes(e)
	return e
}

// grantError makes an error of a refusal to give out a token. Its shape is OAuth's own, beside HubSpot's (HubSpot's guide
// to OAuth tokens, RFC 6749 section 5.2).
func (c *core) grantError(a *attempt) *APIError {
	e := c.apiError(a)
	var wire struct {
		Error       text `json:"error"`
		Description text `json:"error_description"`
		Status      text `json:"status"`
	}
	if json.Unmarshal(a.body, &wire) != nil {
		return e
	}
	if e.Category == "" {
		e.Category = c.redact.line(string(wire.Error))
	}
	if e.SubCategory == "" && wire.Status != "error" {
		e.SubCategory = c.redact.line(string(wire.Status))
	}
	if e.Message == "" {
		e.Message = c.redact.line(string(wire.Description))
	}
	return e
}

// requiredScopes are named by the details of a 403, in context.requiredGranularScopes.
func requiredScopes(e *APIError) []string {
	var scopes []string
	for _, detail := range append([]ErrorDetail{{Context: e.Context}}, e.Errors...) {
		for name, values := range detail.Context {
			if strings.HasPrefix(name, "required") && strings.HasSuffix(name, "Scopes") {
				scopes = append(scopes, values...)
			}
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// plainMessage is what a body that is no JSON says, if it is meant for people and not a page.
func plainMessage(a *attempt) text {
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	if kind == "text/html" || strings.HasPrefix(strings.TrimSpace(string(a.body)), "<") {
		return ""
	}
	return text(shorten(strings.ToValidUTF8(string(a.body), ""), 200))
}
