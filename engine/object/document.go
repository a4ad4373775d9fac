package object

import (
	"encoding/json"
	"maps"
	"slices"
)

// document writes values as [json.Marshal] does: an object with its names in order. Every row of a query becomes one, and reflection takes longer than
// all else that is done with a row. Its bytes must not change from version to version: the ledger has their hash.
func document(values map[string]string) ([]byte, error) {
	names := slices.AppendSeq(make([]string, 0, len(values)), maps.Keys(values))
	slices.Sort(names)
	b := append(make([]byte, 0, 32*len(values)+2), '{')
	var err error
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendText(b, name); err != nil {
			return nil, err
		}
		if b, err = appendText(append(b, ':'), values[name]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// appendText appends a text as JSON.
func appendText(b []byte, text string) ([]byte, error) {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ', c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&': // what encoding/json may escape
			quoted, err := json.Marshal(text)
			return append(b, quoted...), err
		}
	}
	return append(append(append(b, '"'), text...), '"'), nil
}
