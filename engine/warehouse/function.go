package warehouse

import (
	"embed"
	"strings"

	"github.com/agnivade/levenshtein"
)

// The lists name every function of the DuckDB that is linked in: a test holds them against it, so that a
// newer DuckDB can't introduce one unchecked. A function on no list, such as one of an extension, is refused.
//
//go:embed functions/*.txt
var functionFiles embed.FS

// catalogue is what a query may call.
type catalogue struct {
	allowed, allowedTables map[string]string
	denied, deniedTables   map[string]string
	files, fileArguments   map[string]string
}

// readCatalogue reads the lists: name to the reason why it is denied, or to "".
func readCatalogue() catalogue {
	return catalogue{
		allowed:       functionList("allowed"),
		allowedTables: functionList("allowed_tables"),
		denied:        functionList("denied"),
		deniedTables:  functionList("denied_tables"),
		files:         functionList("files"),
		fileArguments: functionList("file_arguments"),
	}
}

func functionList(file string) map[string]string {
	raw, err := functionFiles.ReadFile("functions/" + file + ".txt")
	if err != nil {
		panic("warehouse: no function list " + file) // a name in this package's code; a test reads each
	}
	list := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "# ") {
			continue
		}
		name, reason, _ := strings.Cut(line, "\t")
		list[name] = reason
	}
	return list
}

// isBuiltIn reports whether the engine has a function of that name.
func (c catalogue) isBuiltIn(name string) bool {
	for _, list := range []map[string]string{c.allowed, c.allowedTables, c.denied, c.deniedTables, c.files} {
		if _, ok := list[name]; ok {
			return true
		}
	}
	return false
}

// check returns the problem with a call of a function, or nil. isMacro is set when there is a macro of that
// name, whose text is checked by itself.
func (c catalogue) check(f call, isMacro, hasDataFolders bool) *problem {
	allowed, denied := c.allowed, c.denied
	if f.isTable {
		allowed, denied = c.allowedTables, c.deniedTables
	}
	if _, ok := allowed[f.name]; ok {
		return nil
	}
	if _, ok := c.files[f.name]; ok && f.isTable {
		if hasDataFolders {
			return checkFile(f, c.fileArguments)
		}
		return &problem{"a query can't call " + f.name + "(): it reads files", "load the file into a table, or name its folder in data_folders", f.at}
	}
	if reason, ok := denied[f.name]; ok {
		return &problem{"a query can't call " + f.name + "(): it " + reason, "", f.at}
	}
	if isMacro {
		return nil
	}
	p := &problem{"a query can't call " + f.name + "(): it is not a function that is known to only compute", "", f.at}
	if near := nearest(f.name, allowed, 2); near != "" {
		p.hint = "did you mean " + near + "()?"
	}
	return p
}

// nearest is the name of the list that is at most so many edits away, or "".
func nearest(name string, list map[string]string, most int) string {
	best, found := most+1, ""
	for candidate := range list {
		d := levenshtein.ComputeDistance(name, candidate)
		if d < best || d == best && candidate < found {
			best, found = d, candidate
		}
	}
	return found
}
