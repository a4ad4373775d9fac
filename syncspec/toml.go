package syncspec

// DecodeTOML reads one row from a TOML file. The file's base name without .toml is
// the sync's name; a `name` key may repeat it. On error it is [Problems]: syntax,
// unknown keys and values of the wrong type, each with its line and column.
// Whether the row is valid is for [Parse].
func DecodeTOML(file string, data []byte) (Row, error) {
	return Row{}, nil
}

// EncodeTOML writes a row as a TOML file: the columns that are set and differ from
// their default, in a fixed order. The name is left to the file's name.
func EncodeTOML(r Row) []byte {
	return nil
}
