package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// problem is an answer that refuses. It marshals as HubSpot's Error schema
// plus the "status":"error" that live answers have.
type problem struct {
	status      int
	message     string
	category    string
	subCategory string
	context     map[string][]string
	details     []problemDetail
	links       map[string]string
	errorType   string // with policy, only in the documented body of 429
	policy      string
	header      http.Header
}

type problemDetail struct {
	Message string              `json:"message"`
	Code    string              `json:"code,omitempty"`
	In      string              `json:"in,omitempty"`
	Context map[string][]string `json:"context,omitempty"`
}

func (p *problem) body(correlationID string) []byte {
	requestID := ""
	if p.policy != "" {
		requestID = correlationID
	}
	return encode(struct {
		Status        string              `json:"status"`
		Message       string              `json:"message"`
		CorrelationID string              `json:"correlationId"`
		Category      string              `json:"category,omitempty"`
		SubCategory   string              `json:"subCategory,omitempty"`
		Context       map[string][]string `json:"context,omitempty"`
		Errors        []problemDetail     `json:"errors,omitempty"`
		Links         map[string]string   `json:"links,omitempty"`
		ErrorType     string              `json:"errorType,omitempty"`
		PolicyName    string              `json:"policyName,omitempty"`
		RequestID     string              `json:"requestId,omitempty"`
	}{"error", p.message, correlationID, p.category, p.subCategory, p.context, p.details, p.links, p.errorType, p.policy, requestID})
}

func invalid(format string, args ...any) *problem {
	return &problem{status: http.StatusBadRequest, category: "VALIDATION_ERROR", message: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) *problem {
	return &problem{status: http.StatusNotFound, category: "OBJECT_NOT_FOUND", message: fmt.Sprintf(format, args...)}
}

// answer is the HTTP answer to a call.
type answer struct {
	status      int
	contentType string
	header      http.Header
	body        []byte
}

func ok(body any) answer {
	return answer{status: http.StatusOK, body: encode(body)}
}

func noContent() answer {
	return answer{status: http.StatusNoContent}
}

func refuse(p *problem, correlationID string) answer {
	return answer{status: p.status, header: p.header, body: p.body(correlationID)}
}

// encode marshals a value that is made of strings, numbers, maps and slices
// only, so an error is a mistake in this package.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sandbox: encode answer: %v", err))
	}
	return b
}
