// Package openapitest checks live traffic against HubSpot's OpenAPI files. It
// is test support: it wraps the handler that a test server runs (the sandbox,
// usually) and reports every request and every answer that breaks the
// specification, so that client and server cannot agree on the same mistake.
//
// It is stricter than the files: a key that a schema does not name is a
// breach, too, in requests and in successful answers.
//
// Not checked, since the files do not describe them: /_sandbox/,
// /account-info/ and owners paths, answers with 429 or 5xx (their bodies differ from the
// Error schema at HubSpot, too), and the answers that the header
// X-Sandbox-Fault marks as spoilt on purpose.
package openapitest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// DirVariable is the environment variable that Open reads.
const DirVariable = "HUBSPOT_OPENAPI_DIR"

// Specification is HubSpot's description of the lists, objects, properties, schemas
// and OAuth operations in both path families. It is safe for concurrent use, and
// worth sharing between tests, as loading it takes a while.
type Specification struct {
	routers []routers.Router
}

// Open loads the files in the directory that HUBSPOT_OPENAPI_DIR names, and
// skips the test where it is not set.
func Open(tb testing.TB) *Specification {
	tb.Helper()
	dir := os.Getenv(DirVariable)
	if dir == "" {
		tb.Skip(DirVariable + " is not set: no OpenAPI files of HubSpot to check against")
	}
	spec, err := Load(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return spec
}

// Load reads v3/*.json and 2026-03/*.json in dir. Where two files describe the
// same path the one for contacts is taken before the one for any object.
func Load(dir string) (*Specification, error) {
	spec := &Specification{}
	for _, name := range []string{
		"v3/lists.json", "v3/contacts.json", "v3/objects.json", "v3/schemas.json", "v3/properties.json", "v3/oauth-v1.json",
		"v3/associations-v4.json", "v3/associations-schema-v4.json",
		"2026-03/lists.json", "2026-03/contacts.json", "2026-03/objects.json", "2026-03/schemas.json", "2026-03/properties.json", "2026-03/oauth.json",
		"2026-03/associations.json", "2026-03/associations-schema.json",
	} {
		doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", name, err)
		}
		doc.Servers = nil // any host will do
		seal(doc)
		router, err := gorillamux.NewRouter(doc)
		if err != nil {
			return nil, fmt.Errorf("route %s: %w", name, err)
		}
		spec.routers = append(spec.routers, router)
	}
	return spec, nil
}

// seal makes keys that a schema does not name breaches. The error schemas
// stay open: live answers have a "status" that they lack, and a text for the
// sub-category of an error that the files call an object.
func seal(doc *openapi3.T) {
	shut := false
	for name, ref := range doc.Components.Schemas {
		s := ref.Value
		if name == "StandardError" {
			s.Properties["subCategory"] = &openapi3.SchemaRef{Value: &openapi3.Schema{}}
		}
		if strings.HasPrefix(name, "Error") || len(s.Properties) == 0 || s.AdditionalProperties.Has != nil || s.AdditionalProperties.Schema != nil {
			continue
		}
		s.AdditionalProperties.Has = &shut
	}
}

// Wrap returns a handler that passes everything on to next and reports each
// breach, in either direction, with tb.Errorf.
func (spec *Specification) Wrap(tb testing.TB, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isUndescribed(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			tb.Errorf("%s %s: read request: %v", r.Method, r.URL.Path, err)
		}
		request, err := spec.checkRequest(r, body)
		if err != nil {
			tb.Errorf("%s %s: request breaks the specification: %v\n%s", r.Method, r.URL, err, body)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		t := &tee{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(t, r)
		if request == nil || !t.checkable() {
			return
		}
		if err := checkResponse(request, t); err != nil {
			tb.Errorf("%s %s: answer %d breaks the specification: %v\n%s", r.Method, r.URL, t.status, err, t.body.Bytes())
		}
	})
}

func isUndescribed(path string) bool {
	return slices.ContainsFunc([]string{"/_sandbox/", "/account-info/", "/crm/owners/", "/crm/v3/owners"}, func(prefix string) bool {
		return strings.HasPrefix(path, prefix)
	})
}

// checkRequest returns what checking the answer needs; nil where the
// specification knows no such operation.
func (spec *Specification) checkRequest(r *http.Request, body []byte) (*openapi3filter.RequestValidationInput, error) {
	described := r.Clone(r.Context())
	for _, version := range []string{"2025-09", "2026-09"} {
		described.URL.Path = strings.Replace(described.URL.Path, "/"+version, "/2026-03", 1)
		described.URL.RawPath = strings.Replace(described.URL.RawPath, "/"+version, "/2026-03", 1)
	}
	described.Body = io.NopCloser(bytes.NewReader(body))
	for _, router := range spec.routers {
		route, params, err := router.FindRoute(described)
		if errors.Is(err, routers.ErrPathNotFound) || errors.Is(err, routers.ErrMethodNotAllowed) {
			continue
		}
		if err != nil {
			return nil, err
		}
		input := &openapi3filter.RequestValidationInput{
			Request: described, PathParams: params, Route: route,
			Options: &openapi3filter.Options{
				MultiError: true, IncludeResponseStatus: true, SkipSettingDefaults: true,
				RejectWhenRequestBodyNotSpecified: true,
				AuthenticationFunc:                openapi3filter.NoopAuthenticationFunc, // the server's business
			},
		}
		return input, openapi3filter.ValidateRequest(r.Context(), input)
	}
	return nil, errors.New("no such operation")
}

func checkResponse(request *openapi3filter.RequestValidationInput, t *tee) error {
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: t.status, Header: t.Header(), Options: request.Options,
	}
	input.SetBodyBytes(t.body.Bytes())
	return openapi3filter.ValidateResponse(request.Request.Context(), input)
}

// tee keeps a copy of the answer that passes through it.
type tee struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// Unwrap lets http.ResponseController reach the connection.
func (t *tee) Unwrap() http.ResponseWriter { return t.ResponseWriter }

func (t *tee) WriteHeader(status int) {
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

func (t *tee) Write(b []byte) (int, error) {
	t.body.Write(b)
	return t.ResponseWriter.Write(b)
}

func (t *tee) checkable() bool {
	return t.Header().Get("X-Sandbox-Fault") == "" && t.status != http.StatusTooManyRequests && t.status < 500
}
