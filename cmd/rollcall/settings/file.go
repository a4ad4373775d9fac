package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// settingsFile is rollcall.toml while it is read.
type settingsFile struct {
	path      string
	untrusted string           // why the file may not say where things go; "": it may
	places    map[string]place // of each key, its tables before it, parted by dots
	values    map[string]given
	errs      Errors
}

// readSettingsFile reads the settings of a file. One that nothing named (an empty
// origin) may be missing, and does not say where things go if others can write it.
func readSettingsFile(path, origin string) (map[string]given, Errors) {
	data, untrusted, err := readUntrusted(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && origin == "":
		return nil, nil
	case err != nil:
		e := Error{Setting: configName, Origin: origin, Message: err.Error(), hint: "name a TOML file with settings, or leave it out"}
		if origin == "" {
			e.Setting, e.Origin = "", path
		}
		return nil, Errors{e}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // some editors' byte order mark
	lower := bytes.ToLower(data)
	secret := bytes.Contains(lower, []byte("token")) || bytes.Contains(lower, []byte("secret"))

	var top map[string]any
	if err := toml.Unmarshal(data, &top); err != nil {
		return nil, Errors{syntaxError(path, err, secret)}
	}
	f := settingsFile{path: path, places: keyPlaces(data, secret), values: map[string]given{}}
	if origin == "" {
		f.untrusted = untrusted
	}
	f.table("", top)
	slices.SortFunc(f.errs, func(a, b Error) int { return a.line - b.line })
	return f.values, f.errs
}

// readUntrusted reads a file, and says why others than the user may have written it; "": they can't.
func readUntrusted(path string) (data []byte, why string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, "", err
	}
	data, err = io.ReadAll(file)
	return data, untrustedReason(info), err
}

// table takes the settings of one table; "" is the top.
func (f *settingsFile) table(name string, values map[string]any) {
	for key, value := range values {
		full := strings.TrimPrefix(name+"."+key, ".")
		inner, isTable := value.(map[string]any)
		i := slices.IndexFunc(settings(), func(d setting) bool { return d.name == key && (name == "" || d.table == name) })
		switch {
		case namesSecret(key) && (name == "" || !isTable):
			f.refuse(full, "", "a secret does not belong in a file", "put it in the environment, as HUBSPOT_ACCESS_TOKEN or HUBSPOT_CLIENT_SECRET, and make a new one if others can read the file")
		case i >= 0 && settings()[i].directs && f.untrusted != "":
			f.refuse(full, key, fmt.Sprintf("says where things go, and %s %s", f.path, f.untrusted),
				fmt.Sprintf("if the file is to be believed: --config %s; if it is yours: chmod go-w %s", f.path, f.path))
		case i >= 0:
			f.take(full, key, value)
		case name == "" && isTable && slices.ContainsFunc(settings(), func(d setting) bool { return d.table == key }):
			f.table(key, inner)
		default:
			f.refuse(full, "", fmt.Sprintf("unknown key %q", full), unknownKeyHint(key))
		}
	}
}

// take keeps a setting's value.
func (f *settingsFile) take(full, name string, value any) {
	v := given{origin: f.origin(full), at: f.places[full], dir: filepath.Dir(f.path)}
	if _, twice := f.values[name]; twice {
		f.refuse(full, name, "is set twice in the file", "keep one of the two")
		return
	}
	ok := true
	switch value := value.(type) {
	case string:
		v.text = value
	case int64:
		v.text = strconv.FormatInt(value, 10)
	case float64:
		v.text = strconv.FormatFloat(value, 'f', -1, 64)
	case bool:
		v.text = strconv.FormatBool(value)
	case []any:
		v.list, ok = texts(value)
		ok = ok && (name == "data_folders" || strings.HasPrefix(name, "allowed_"))
	case map[string]any:
		v.pairs, ok = textPairs(value)
		ok = ok && name == "attach"
	default:
		ok = false
	}
	if !ok {
		i := slices.IndexFunc(settings(), func(d setting) bool { return d.name == name })
		hint := name + " accepts " + settings()[i].accepts
		if name == "attach" {
			hint = attachHint(v.list)
		}
		f.refuse(full, name, "a value of the wrong type", hint)
		return
	}
	f.values[name] = v
}

// attachHint returns how a file attaches databases, with those that it lists.
func attachHint(paths []string) string {
	lines := make([]string, 0, len(paths))
	for _, path := range paths {
		name, _, _ := strings.Cut(filepath.Base(path), ".")
		if attachName.MatchString(name) {
			lines = append(lines, fmt.Sprintf("%s = %q", name, path))
		}
	}
	if len(lines) == 0 {
		lines = []string{`shop = "shop.duckdb"`}
	}
	return "in a file attach is a table: [attach], and below it a line for each file: " + strings.Join(lines, ", ")
}

func (f *settingsFile) refuse(full, name, message, hint string) {
	at := f.places[full]
	f.errs = append(f.errs, Error{
		Setting: name, Origin: f.origin(full), Message: message, hint: hint,
		inFile: true, line: at.line, Excerpt: at.excerptFor(message),
	})
}

func (f *settingsFile) origin(full string) string {
	at := f.places[full]
	if at.line == 0 {
		return f.path
	}
	return fmt.Sprintf("%s:%d:%d", f.path, at.line, at.col)
}

// namesSecret reports whether a key looks like the name of a secret.
func namesSecret(key string) bool {
	key = strings.ToLower(key)
	return strings.Contains(key, "token") || strings.Contains(key, "secret") || strings.Contains(key, "api_key") || strings.Contains(key, "apikey")
}

func unknownKeyHint(key string) string {
	var names []string
	for _, d := range settings() {
		if d.name == key {
			return fmt.Sprintf("%s belongs at the top or in [%s]", key, d.table)
		}
		names = append(names, d.name)
	}
	if near := Nearest(strings.ToLower(key), names, max(2, len(key)/3)); near != "" {
		return "did you mean " + near + "?"
	}
	return "the settings are " + strings.Join(names, ", ")
}

func texts(values []any) ([]string, bool) {
	list := make([]string, 0, len(values))
	for _, value := range values {
		text, ok := value.(string)
		if !ok {
			return nil, false
		}
		list = append(list, text)
	}
	return list, true
}

func textPairs(values map[string]any) (map[string]string, bool) {
	pairs := map[string]string{}
	for name, value := range values {
		text, ok := value.(string)
		if !ok {
			return nil, false
		}
		pairs[name] = text
	}
	return pairs, true
}

// place is where a key stands in a file; the zero place is nowhere.
type place struct {
	line, col int
	excerpt   string // the lines around it, with a general message
}

// excerptFor is the excerpt with a message of its own.
func (at place) excerptFor(message string) string {
	excerpt := at.excerpt + "\n"
	for _, general := range []string{"unknown field", "missing table"} {
		excerpt = strings.Replace(excerpt, "~ "+general+"\n", "~ "+message+"\n", 1)
	}
	return strings.TrimSuffix(excerpt, "\n")
}

// keyPlaces finds every key of a valid document: to a strict decoder whose target has
// only the tables each of them is unknown, and it says where. Where a secret may be
// near, nothing of the file is shown.
func keyPlaces(data []byte, secret bool) map[string]place {
	places := map[string]place{}
	var strict *toml.StrictMissingError
	if !errors.As(toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(emptyTables()), &strict) {
		return places
	}
	for _, e := range strict.Errors {
		at := place{excerpt: e.String()}
		at.line, at.col = e.Position()
		if secret {
			at.excerpt = ""
		}
		for n := range e.Key() {
			full := strings.Join(e.Key()[:n+1], ".")
			if _, seen := places[full]; !seen {
				places[full] = at
			}
		}
	}
	return places
}

// emptyTables is a pointer to a struct that has the tables of rollcall.toml and none of their keys.
func emptyTables() any {
	var fields []reflect.StructField
	seen := map[string]bool{"": true}
	for _, d := range settings() {
		if !seen[d.table] {
			seen[d.table] = true
			tag := reflect.StructTag(fmt.Sprintf("toml:%q", d.table))
			fields = append(fields, reflect.StructField{Name: fmt.Sprint("Table", len(fields)), Type: reflect.TypeFor[struct{}](), Tag: tag})
		}
	}
	return reflect.New(reflect.StructOf(fields)).Interface()
}

func syntaxError(path string, err error, secret bool) Error {
	e := Error{Origin: path, Message: strings.TrimPrefix(err.Error(), "toml: "), inFile: true}
	var at *toml.DecodeError
	if errors.As(err, &at) {
		line, col := at.Position()
		e.Origin = fmt.Sprintf("%s:%d:%d", path, line, col)
		if !secret {
			e.Excerpt = at.String()
		}
	}
	return e
}
