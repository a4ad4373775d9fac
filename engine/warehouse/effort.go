package warehouse

import (
	"fmt"
	"regexp"
	"strings"
)

// The engine binds a query in one call, which can't be interrupted. What takes long there, by measurement with DuckDB 1.5.5:
//
//   - An expression within others: all of them together the cube of their number (900 of them: 15 s).
//   - An alias that another expression of the same SELECT list names: it is bound again each time, so that aliases which name
//     the one before twice double. The like goes for an argument that a macro's text names twice, such as that of nullif.
//   - A CTE that is NOT MATERIALIZED: it is planned again wherever it is read.
//   - A comment within others: the square of their number (10,000 of them: 17 s).
const (
	maxEffort   = 10_000_000 // the sum of the squares of all expressions' heights, and copyEffort for each that is bound again
	copyEffort  = 1000
	maxCopies   = 1000 // of CTEs
	maxComments = 1000
)

// effort is what it takes to bind a part of a query.
type effort struct {
	size   float64 // expressions, each as often as it is bound
	height float64 // of the highest
	work   float64 // the squares of their heights
}

func (e *effort) add(other effort) {
	e.size += other.size
	e.work += other.work
	e.height = max(e.height, other.height)
}

// times is the effort of binding the same so many times.
func (e effort) times(n float64) effort {
	e.work *= n
	e.size *= n
	return e
}

// doubling are the engine's own macros whose text names an argument more than once: how often at the most. A test reads them from the engine.
var doubling = map[string]float64{
	"nullif": 2, "fmod": 2, "round_even": 4, "roundbankers": 4, "split_part": 2, "weighted_avg": 2, "wavg": 2, "array_to_string": 2,
	"array_to_string_comma_default": 2, "format_type": 2, "format_pg_type": 2, "map_contains_entry": 2, "array_pop_back": 2, "array_pop_front": 2, "json_group_object": 2, "json_group_array": 2,
}

// binding estimates the effort of a tree.
type binding struct {
	isMacro func(name string) bool // somebody made a macro of that name
	written float64                // expressions in the text
}

// checkEffort returns the problem with a query that takes too long to be bound, or nil.
func (t *tree) checkEffort(isMacro func(string) bool) *problem {
	b := binding{isMacro: isMacro}
	if e := b.walk(t.root, map[string]effort{}); e.work+copyEffort*(e.size-b.written) > maxEffort {
		return &problem{
			"the query nests or repeats its expressions more than the engine can bind in a reasonable time",
			"split long chains of operators and of aliases that name each other into steps: WITH step AS (...)", -1,
		}
	}
	return nil
}

// walk estimates a value of the tree; aliases are those that stand before it in its SELECT list.
func (b *binding) walk(v any, aliases map[string]effort) (total effort) {
	switch v := v.(type) {
	case []any:
		for _, child := range v {
			total.add(b.walk(child, aliases))
		}
	case map[string]any:
		if v["type"] == "SELECT_NODE" {
			return b.selection(v)
		}
		for _, child := range v {
			total.add(b.walk(child, aliases))
		}
		if _, isExpression := v["class"].(string); isExpression {
			total = b.expression(v, total, aliases)
		}
	}
	return total
}

// expression adds one to what its parts take.
func (b *binding) expression(v map[string]any, parts effort, aliases map[string]effort) effort {
	switch v["class"] {
	case "COLUMN_REF":
		names, _ := v["column_names"].([]any)
		if len(names) == 0 {
			break
		}
		name, _ := names[len(names)-1].(string) // alias.name is one too
		if named, ok := aliases[strings.ToLower(name)]; ok {
			b.written++
			return named
		}
	case "FUNCTION":
		name := strings.ToLower(text(v, "function_name"))
		if n := doubling[name]; n > 0 {
			parts = parts.times(n)
		} else if b.isMacro(name) {
			parts = parts.times(2)
		}
	}
	b.written++
	parts.size++
	parts.height++
	parts.work += parts.height * parts.height
	return parts
}

// selection estimates a SELECT: an expression of its list may name the aliases before it, and so may its other clauses.
func (b *binding) selection(v map[string]any) (total effort) {
	aliases := map[string]effort{}
	list, _ := v["select_list"].([]any)
	for _, item := range list {
		e := b.walk(item, aliases)
		total.add(e)
		if object, ok := item.(map[string]any); ok && text(object, "alias") != "" {
			aliases[strings.ToLower(text(object, "alias"))] = e
		}
	}
	for key, child := range v {
		switch key {
		case "select_list":
		case "from_table", "cte_map":
			total.add(b.walk(child, map[string]effort{}))
		default:
			total.add(b.walk(child, aliases))
		}
	}
	total.height++
	total.work += total.height * total.height
	return total
}

// notMaterialized is looked for in the text, since the tree does not contain it.
var notMaterialized = regexp.MustCompile(`(?i)\bmaterialized\b`)

// checkCopies returns the problem with CTEs that are NOT MATERIALIZED and would be planned too often, or nil.
func (t *tree) checkCopies(query string) *problem {
	if !notMaterialized.MatchString(query) {
		return nil
	}
	bodies := map[string][]any{}
	collectCTEs(t.root, bodies)
	c := copies{bodies: bodies, known: map[string]float64{}}
	most := 0.0
	for name := range bodies {
		most = max(most, c.of(name))
	}
	if most > maxCopies {
		return &problem{fmt.Sprintf("the steps that WITH holds would be planned more than %d times", maxCopies), "leave out NOT MATERIALIZED", -1}
	}
	return nil
}

// collectCTEs finds the bodies of all CTEs by name, in whatever scope.
func collectCTEs(v any, bodies map[string][]any) {
	switch v := v.(type) {
	case []any:
		for _, child := range v {
			collectCTEs(child, bodies)
		}
	case map[string]any:
		if name := text(v, "key"); name != "" && v["value"] != nil {
			bodies[strings.ToLower(name)] = append(bodies[strings.ToLower(name)], v["value"])
		}
		for _, child := range v {
			collectCTEs(child, bodies)
		}
	}
}

// copies estimates how many CTEs the reading of one plans.
type copies struct {
	bodies map[string][]any
	known  map[string]float64
}

func (c copies) of(name string) float64 {
	if n, ok := c.known[name]; ok {
		return n
	}
	c.known[name] = 1 // while it is estimated: it may read itself
	n := 1.0
	for _, body := range c.bodies[name] {
		n += c.in(body)
	}
	c.known[name] = n
	return n
}

func (c copies) in(v any) (n float64) {
	switch v := v.(type) {
	case []any:
		for _, child := range v {
			n += c.in(child)
		}
	case map[string]any:
		if name := strings.ToLower(text(v, "table_name")); v["type"] == "BASE_TABLE" && c.bodies[name] != nil {
			n += c.of(name)
		}
		for _, child := range v {
			n += c.in(child)
		}
	}
	return n
}
