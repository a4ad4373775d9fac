package warehouse

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// call is one use of a function, as the text names it.
type call struct {
	name      string // lower case
	isTable   bool   // in FROM, in a table's place
	at        int    // offset in the text, or -1
	arguments []any  // as the tree has them
}

// relation is one use of a name in a table's place that is no CTE in scope: a table, a view or a file.
type relation struct {
	catalog, schema, name string
	at                    int
}

// String is the name with its qualifiers, for a message.
func (r relation) String() string {
	parts := slices.DeleteFunc([]string{r.catalog, r.schema, r.name}, func(s string) bool { return s == "" })
	return strings.Join(parts, ".")
}

// problem is a part of the text that no query may hold.
type problem struct {
	message, hint string
	at            int
}

// tree is what matters of a text's syntax tree: what it calls, reads and names, in the order of the text.
type tree struct {
	calls     []call
	relations []relation
	types     []relation // that are not the engine's own
	problems  []problem
	root      any // the tree itself
}

// maxDepth bounds the walk. DuckDB itself stops at 1000 nested expressions, each of which takes a few levels.
const maxDepth = 10_000

// expressions are the classes of expression that only compute. SUBQUERY leads to nodes that are walked as well.
var expressions = set("CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "DEFAULT", "FUNCTION",
	"OPERATOR", "STAR", "SUBQUERY", "WINDOW", "COLLATE", "LAMBDA", "LAMBDA_REF", "POSITIONAL_REFERENCE", "BETWEEN", "TYPE")

// nodes are the kinds of query, of table and of clause that only read.
var nodes = set("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE",
	"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT",
	"ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER",
	"ORDER_DEFAULT", "ORDER_ASCENDING", "ORDER_DESCENDING", "ASCENDING", "DESCENDING")

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

// parseTree reads the statement's syntax tree as json_serialize_sql gives it. Everything that is not known
// to only read is a problem: the tree of a later DuckDB is refused rather than guessed at.
func parseTree(statement json.RawMessage) (*tree, error) {
	d := json.NewDecoder(bytes.NewReader(statement))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("syntax tree: %w", err)
	}
	t := &tree{root: v}
	t.walk(v, -1, 0, nil)
	slices.SortStableFunc(t.calls, func(a, b call) int { return cmp.Compare(a.at, b.at) })
	slices.SortStableFunc(t.relations, func(a, b relation) int { return cmp.Compare(a.at, b.at) })
	slices.SortStableFunc(t.problems, func(a, b problem) int { return cmp.Compare(a.at, b.at) })
	return t, nil
}

// walk visits every value of the tree; at is where the closest node above it stands, and ctes are those in scope.
func (t *tree) walk(v any, at, depth int, ctes *cte) {
	if depth > maxDepth {
		t.problems = append(t.problems, problem{"the query is nested too deep", "split it with WITH", at})
		return
	}
	switch v := v.(type) {
	case []any:
		for _, child := range v {
			t.walk(child, at, depth+1, ctes)
		}
	case map[string]any:
		at = offset(v, at)
		t.visit(v, at, ctes)
		if with, ok := v["cte_map"]; ok {
			ctes = t.walkWith(with, at, depth+1, ctes)
		}
		for key, child := range v {
			switch {
			case key == "cte_map":
			case key == "function" && v["type"] == "TABLE_FUNCTION":
				t.walkTableFunction(child, at, depth+1, ctes)
			case key == "right" && v["type"] == "RECURSIVE_CTE_NODE":
				t.walk(child, at, depth+1, &cte{text(v, "cte_name"), true, ctes})
			default:
				t.walk(child, at, depth+1, ctes)
			}
		}
	}
}

// visit checks one object of the tree by its type.
func (t *tree) visit(v map[string]any, at int, ctes *cte) {
	class, isExpression := v["class"].(string)
	node, isNode := v["type"].(string)
	switch {
	case class == "PARAMETER":
		t.refuse(at, "the query has a parameter", "put the value itself into the query")
	case isExpression && !expressions[class]:
		t.refuse(at, "the query uses "+class+", which is not known to only read", "")
	case isExpression:
	case node == "SHOW_REF":
		t.refuse(at, "DESCRIBE, SHOW and SUMMARIZE are not queries over data", "write a SELECT; information_schema.columns lists columns")
	case isNode && !nodes[node] && !strings.HasSuffix(node, "_TYPE_INFO"):
		t.refuse(at, "the query uses "+node+", which is not known to only read", "")
	}
	if name, ok := v["function_name"].(string); ok {
		arguments, _ := v["children"].([]any)
		t.calls = append(t.calls, call{name: strings.ToLower(name), at: at, arguments: arguments})
	}
	if node == "UNBOUND_TYPE_INFO" {
		t.types = append(t.types, relation{text(v, "catalog"), text(v, "schema"), text(v, "name"), at})
	}
	if node == "BASE_TABLE" && !isExpression {
		r := relation{name: text(v, "table_name"), at: at}
		r.schema, r.catalog = text(v, "schema_name"), text(v, "catalog_name")
		if !ctes.means(r) {
			t.relations = append(t.relations, r)
		}
	}
}

// walkTableFunction visits the function of a table function, which is one of its own kind.
func (t *tree) walkTableFunction(v any, at, depth int, ctes *cte) {
	function, ok := v.(map[string]any)
	if !ok || function["class"] != "FUNCTION" {
		t.refuse(at, "the query uses a table function in a way that is not known to only read", "")
		return
	}
	t.walk(function, at, depth, ctes)
	// The walk took it for a function in an expression.
	for i := len(t.calls) - 1; i >= 0; i-- {
		if t.calls[i].name == strings.ToLower(text(function, "function_name")) && t.calls[i].at == offset(function, at) {
			t.calls[i].isTable = true
			return
		}
	}
	t.refuse(at, "the query uses a table function without a name", "")
}

func (t *tree) refuse(at int, message, hint string) {
	t.problems = append(t.problems, problem{message, hint, at})
}

func text(v map[string]any, key string) string {
	s, _ := v[key].(string)
	return s
}

// offset is the object's own place in the text, or else the given one. The engine
// says "nowhere" with the largest number of 64 bits.
func offset(v map[string]any, otherwise int) int {
	n, ok := v["query_location"].(json.Number)
	if !ok {
		return otherwise
	}
	if i, err := n.Int64(); err == nil {
		return int(i)
	}
	return otherwise
}
