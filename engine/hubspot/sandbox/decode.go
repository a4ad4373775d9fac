package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// maxBody bounds a request body, in bytes; above it the answer is 413.
const maxBody = 64 << 20

// readBody returns the request's body once its size and content type are
// known to be right.
func readBody(r *http.Request) ([]byte, *problem) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, &problem{status: http.StatusRequestEntityTooLarge, category: "VALIDATION_ERROR", message: "Request body is too large"}
	}
	if err != nil {
		return nil, invalid("Request body could not be read: %v", err)
	}
	return body, nil
}

func checkContentType(r *http.Request, want string) *problem {
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || got != want {
		return &problem{
			status: http.StatusUnsupportedMediaType, category: "VALIDATION_ERROR",
			message: "Unsupported media type: the request body must be " + want,
		}
	}
	return nil
}

// decodeObject decodes a JSON object into T, a struct with json tags. It is
// stricter than encoding/json: keys must be spelt exactly, unknown ones and
// absent or null required ones are refused, and so is anything after the
// object.
func decodeObject[T any](body []byte, required ...string) (T, *problem) {
	var value T
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(body, &keys); err != nil || keys == nil {
		return value, invalid("Invalid input JSON: an object was expected%s", because(err))
	}
	known := jsonNames(reflect.TypeFor[T]())
	for key := range keys {
		if !slices.Contains(known, key) {
			return value, invalid("Invalid input JSON: unrecognized field %q (known: %s)", key, strings.Join(known, ", "))
		}
	}
	for _, key := range required {
		if raw, given := keys[key]; !given || string(bytes.TrimSpace(raw)) == "null" {
			return value, invalid("Some required fields were not set: [%s]", key)
		}
	}
	if err := json.Unmarshal(body, &value); err != nil {
		return value, invalid("Invalid input JSON%s", because(err))
	}
	return value, nil
}

// decodeStrings decodes a bare JSON array of strings.
func decodeStrings(body []byte) ([]string, *problem) {
	var raw []*string
	if err := json.Unmarshal(body, &raw); err != nil || raw == nil {
		return nil, invalid("Invalid input JSON: an array of strings was expected%s", because(err))
	}
	values := make([]string, len(raw))
	for i, s := range raw {
		if s == nil {
			return nil, invalid("Invalid input JSON: null in an array of strings")
		}
		values[i] = *s
	}
	return values, nil
}

// jsonStrings is an array of strings in which null is refused.
type jsonStrings []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *jsonStrings) UnmarshalJSON(raw []byte) error {
	values, p := decodeStrings(raw)
	if p != nil {
		return errors.New(p.message)
	}
	*a = values
	return nil
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

func jsonNames(t reflect.Type) []string {
	names := make([]string, 0, t.NumField())
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// queryBool reads a boolean parameter, false when it is absent.
func queryBool(q url.Values, name string) (bool, *problem) {
	switch q.Get(name) {
	case "":
		return false, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, invalid("%s must be true or false, not %q", name, q.Get(name))
}

// queryCursor reads after, a record id; 0 without one.
func queryCursor(q url.Values) (int64, *problem) {
	text := q.Get("after")
	if text == "" {
		return 0, nil
	}
	after, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, invalid("after must be a cursor of this endpoint, not %q", text)
	}
	return after, nil
}

// queryLimit reads limit, which must lie in 1..most.
func queryLimit(q url.Values, fallback, most int) (int, *problem) {
	text := q.Get("limit")
	if text == "" {
		return fallback, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil {
		return 0, invalid("limit must be an integer, not %q", text)
	}
	if limit < 1 || limit > most {
		return 0, invalid("limit must be between 1 and %d, but was %d", most, limit)
	}
	return limit, nil
}
