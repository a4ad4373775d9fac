package syncspec

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// DecodeTOML reads one row from a TOML file. The file's base name without .toml is
// the sync's name; a `name` key may repeat it. On error it is [Problems]: syntax,
// unknown keys and values of the wrong type, each with its line, its column and an
// excerpt. Whether the row is valid is for [Parse].
func DecodeTOML(file string, data []byte) (Row, error) {
	row, _, problems := decode(file, data)
	if len(problems) > 0 {
		return Row{}, problems
	}
	return row, nil
}

// ParseTOML is [DecodeTOML] and then [Parse], whose problems it places in the file.
func ParseTOML(file string, data []byte) (Row, Spec, error) {
	row, places, problems := decode(file, data)
	if len(problems) > 0 {
		return Row{}, Spec{}, problems
	}
	spec, err := Parse(row)
	if err == nil {
		return row, spec, nil
	}
	if errors.As(err, &problems) {
		for i, p := range problems {
			problems[i] = places[p.Column].problem(file, p.Column, p.Message, p.Hint)
		}
	}
	return row, Spec{}, err
}

// decode reads the file into a row and says where each key stands.
func decode(file string, data []byte) (Row, map[string]place, Problems) {
	// A byte order mark and CRLF line ends are the editor's, not the author's.
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))

	values := map[string]any{}
	if err := toml.Unmarshal(data, &values); err != nil {
		return Row{}, nil, Problems{syntaxProblem(file, err)}
	}
	name := SyncName(file)
	row := Row{Name: &name}
	places := keyPlaces(data)
	var problems Problems
	for key, value := range values {
		at := places[key]
		i := slices.IndexFunc(columns, func(c column) bool { return c.name == key })
		switch {
		case i < 0:
			problems = append(problems, at.problem(file, "", fmt.Sprintf("unknown key %q", clip(key)), unknownKeyHint(key)))
		case key == "name":
			if written, ok := value.(string); !ok || trim(written) != name {
				problems = append(problems, at.problem(file, "name", "differs from the file's name", fmt.Sprintf("leave the key out: the file's name makes it %q", name)))
			}
		default:
			if wanted, hint := store(columns[i].field(&row), value); wanted != "" {
				problems = append(problems, at.problem(file, key, fmt.Sprintf("%s where %s belongs", tomlType(value), wanted), hint))
			}
		}
	}
	slices.SortFunc(problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Col - b.Col
	})
	return row, places, problems
}

// SyncName is the name of the sync that a TOML file holds: the file's base name
// without .toml.
func SyncName(file string) string {
	base := filepath.Base(file)
	if ext := filepath.Ext(base); strings.EqualFold(ext, ".toml") {
		return strings.TrimSuffix(base, ext)
	}
	return base
}

// store puts a decoded value into a row's field. On a value of another type it
// says which one belongs there.
func store(field, value any) (wanted, hint string) {
	switch f := field.(type) {
	case **string:
		if v, ok := value.(string); ok {
			*f = &v
			return "", ""
		}
		if n, ok := value.(int64); ok {
			return "text", fmt.Sprintf("write it in quotes: \"%d\"", n)
		}
		return "text", "write it in quotes"
	case **bool:
		if v, ok := value.(bool); ok {
			*f = &v
			return "", ""
		}
		return "true or false", "write true or false, without quotes"
	case **int64:
		if v, ok := value.(int64); ok {
			*f = &v
			return "", ""
		}
		return "a whole number", "write digits only, without quotes"
	case **float64:
		switch v := value.(type) {
		case float64:
			*f = &v
			return "", ""
		case int64:
			number := float64(v)
			*f = &number
			return "", ""
		}
		return "a number", "write a number without quotes or a percent sign"
	}
	panic(fmt.Sprintf("syncspec: no TOML type for %T", field))
}

func tomlType(value any) string {
	switch value.(type) {
	case string:
		return "text"
	case bool:
		return "a boolean"
	case int64:
		return "a whole number"
	case float64:
		return "a number"
	case []any:
		return "an array"
	case map[string]any:
		return "a table"
	case time.Time, toml.LocalDate, toml.LocalTime, toml.LocalDateTime:
		return "a date or time"
	}
	return "a value"
}

func unknownKeyHint(key string) string {
	keys := make([]string, len(columns))
	for i, c := range columns {
		keys[i] = c.name
	}
	if near := nearest(strings.ToLower(key), keys); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "the keys are " + strings.Join(keys, ", ")
}

// place is where a key stands in a file.
type place struct {
	line, col int
	// excerpt shows the lines around it; its message is unknownField.
	excerpt string
}

// What go-toml calls a key and a table that the target does not have.
const (
	unknownField = "unknown field"
	missingTable = "missing table"
)

// problem places a problem; the zero place is the file as a whole.
func (at place) problem(file, column, message, hint string) Problem {
	excerpt := at.excerpt
	for _, general := range []string{unknownField, missingTable} {
		excerpt = strings.Replace(excerpt, "~ "+general+"\n", "~ "+message+"\n", 1)
	}
	return Problem{
		Column: column, Message: message, Hint: hint,
		File: file, Line: at.line, Col: at.col, Excerpt: strings.TrimSuffix(excerpt, "\n"),
	}
}

// keyPlaces finds every top-level key of a valid document: to a strict decoder
// whose target has no field each of them is unknown, and it says where.
func keyPlaces(data []byte) map[string]place {
	places := map[string]place{}
	decoder := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	var strict *toml.StrictMissingError
	if !errors.As(decoder.Decode(&struct{}{}), &strict) {
		return places
	}
	for _, e := range strict.Errors {
		if len(e.Key()) == 0 {
			continue
		}
		key := e.Key()[0]
		if _, seen := places[key]; !seen {
			line, col := e.Position()
			places[key] = place{line: line, col: col, excerpt: e.String() + "\n"}
		}
	}
	return places
}

func syntaxProblem(file string, err error) Problem {
	p := Problem{File: file, Message: strings.TrimPrefix(err.Error(), "toml: ")}
	var at *toml.DecodeError
	if errors.As(err, &at) {
		p.Line, p.Col = at.Position()
		p.Excerpt = at.String()
	}
	return p
}
