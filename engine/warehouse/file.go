package warehouse

import (
	"path"
	"strings"
)

// checkFile returns what is wrong with a call of a function that reads files, or nil: it must say which files, and by no argument may it do
// more than read. arguments are those that may be named, with the reason against the others.
func checkFile(f call, arguments map[string]string) *problem {
	for i, argument := range f.arguments {
		name := argumentName(argument)
		reason, known := arguments[name]
		switch {
		case name == "" && i == 0 && areDataFiles(argument):
		case name == "" && i == 0:
			return &problem{"a query can't call " + f.name + "() for other files than Parquet and CSV",
				"write out the file's name, which ends in .csv, .tsv or .parquet, also before .gz or .zst", f.at}
		case name == "" || !known:
			return &problem{"a query can't give " + f.name + "() an argument that is not known to only read", "", f.at}
		case reason != "":
			return &problem{"a query can't give " + f.name + "() the argument " + name + ": it " + reason, "", f.at}
		}
	}
	return nil
}

// argumentName is the name of an argument that is given by name, in lower case, or "". "name = value" is a comparison to the parser.
func argumentName(argument any) string {
	v, _ := argument.(map[string]any)
	if alias := text(v, "alias"); alias != "" {
		return strings.ToLower(alias)
	}
	left, _ := v["left"].(map[string]any)
	names, _ := left["column_names"].([]any)
	if v["type"] != "COMPARE_EQUAL" || len(names) != 1 {
		return ""
	}
	name, _ := names[0].(string)
	return strings.ToLower(name)
}

// areDataFiles reports whether an expression can only name data files: it is a text, or one that ends with a text, or a list of those.
func areDataFiles(expression any) bool {
	v, _ := expression.(map[string]any)
	children, _ := v["children"].([]any)
	switch {
	case v["class"] == "CONSTANT":
		value, _ := v["value"].(map[string]any)
		name, ok := value["value"].(string)
		return ok && isDataFile(name) && !strings.Contains(name, "://")
	case v["class"] != "FUNCTION" || len(children) == 0:
		return false
	case v["function_name"] == "||":
		return areDataFiles(children[len(children)-1])
	case v["function_name"] == "list_value":
		for _, child := range children {
			if !areDataFiles(child) {
				return false
			}
		}
		return true
	}
	return false
}

// isDataFile reports whether the name ends as the files do that DuckDB reads by read_csv and read_parquet.
func isDataFile(name string) bool {
	name = strings.ToLower(name)
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	switch path.Ext(name) {
	case ".csv", ".tsv", ".parquet":
		return true
	}
	return false
}
