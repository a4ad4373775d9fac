package warehouse

// cte is a common table expression in scope, and those around it; nil for none. The engine's rules: a CTE is in scope in the query
// that follows its WITH and in the later CTEs of it, not in itself, unless it is a recursive one, and then in the second part of its
// UNION alone. A name out of scope may be a table's or a file's.
type cte struct {
	name      string
	recursive bool // within itself
	outer     *cte
}

// means reports whether the name in the query is that of a CTE in scope. "recurring" is the schema of a recursive CTE's rows so far.
func (c *cte) means(r relation) bool {
	if r.catalog != "" || r.schema != "" && !sameName(r.schema, "recurring") {
		return false
	}
	for ; c != nil; c = c.outer {
		if sameName(c.name, r.name) {
			return r.schema == "" || c.recursive
		}
	}
	return false
}

// walkWith visits the CTEs of a WITH, each with those before it in scope, and returns the scope of what follows.
func (t *tree) walkWith(v any, at, depth int, ctes *cte) *cte {
	with, _ := v.(map[string]any)
	list, ok := with["map"].([]any)
	if !ok {
		if len(with) > 0 {
			t.refuse(at, "the query uses WITH in a way that is not known to only read", "")
		}
		return ctes
	}
	for _, each := range list {
		entry, _ := each.(map[string]any)
		name, ok := entry["key"].(string)
		if !ok {
			t.refuse(at, "the query uses WITH in a way that is not known to only read", "")
			return ctes
		}
		t.walk(entry["value"], at, depth+1, ctes)
		ctes = &cte{name: name, outer: ctes}
	}
	return ctes
}

// sameName reports whether the engine takes both for the same name: it knows no other letters than those of ASCII as upper and lower case.
func sameName(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lowerASCII(a[i]) != lowerASCII(b[i]) {
			return false
		}
	}
	return true
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
