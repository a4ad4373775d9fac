package warehouse

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// What one call of a function makes is not counted against memory_limit, and can't be interrupted. So the functions that make as much
// as a number asks for, or whose time or memory is the product of two texts' lengths, take bounded arguments only.
const (
	maxList  = 10_000_000 // elements or repetitions; all that a query asks for multiplied, since one may be within another
	maxText  = 100_000    // characters that a text is filled up to
	maxAlike = 1000       // characters of a text that is compared with another one
	smallest = 10         // a number up to it is not multiplied
)

// sizes are the functions that make as much as their argument of that index asks for.
var sizes = map[string]int{"repeat": 1, "list_resize": 1, "array_resize": 1, "bitstring": 1}

// fillers are the functions that make a text as long as their second argument asks for.
var fillers = set("lpad", "rpad")

// series are the functions that make a list from one number to another. In FROM they make a row at a time.
var series = set("range", "generate_series")

// formats are the functions whose first argument may hold widths, and what a width must not be: long, or an argument.
var formats = map[string]*regexp.Regexp{
	"printf": regexp.MustCompile(`%[^a-zA-Z%]*(\d{5}|\*)`),
	"format": regexp.MustCompile(`\{[^}]*(\d{5}|\{)`),
}

// comparers are the functions that compare two texts letter by letter.
var comparers = set("levenshtein", "editdist3", "damerau_levenshtein", "jaccard", "jaro_similarity", "jaro_winkler_similarity")

// sizing checks the calls of a tree.
type sizing struct {
	product float64 // of the sizes of calls that may be within each other
	longest float64 // the longest text that repeats one which is written in the query
	problem *problem
}

// checkSizes returns which call could make more than fits, or nil.
func (t *tree) checkSizes() *problem {
	s := sizing{product: 1, longest: 1}
	s.walk(t.root, false)
	return s.problem
}

// walk visits every value of the tree; inFrom is set for the function of a table function.
func (s *sizing) walk(v any, inFrom bool) {
	switch v := v.(type) {
	case []any:
		for _, child := range v {
			s.walk(child, false)
		}
	case map[string]any:
		if v["class"] == "FUNCTION" && !inFrom {
			s.call(v)
		}
		for key, child := range v {
			s.walk(child, key == "function" && v["type"] == "TABLE_FUNCTION")
		}
	}
}

func (s *sizing) refuse(v map[string]any, hint, format string, args ...any) {
	p := &problem{fmt.Sprintf(format, args...), hint, offset(v, -1)}
	if s.problem == nil || p.at < s.problem.at { // the first in the text
		s.problem = p
	}
}

// call checks one call.
func (s *sizing) call(v map[string]any) {
	name := strings.ToLower(text(v, "function_name"))
	args, _ := v["children"].([]any)
	at, isSized := sizes[name]
	switch {
	case isSized && len(args) > at:
		s.multiply(v, name, args[at])
	case fillers[name] && len(args) > 1:
		if n, known := numberIn(args[1]); !known || n > maxText {
			s.refuse(v, fmt.Sprintf("give it a number of at most %d, or least(..., %[1]d)", maxText), "a query can call %s() only with a length that is known to be at most %d", name, maxText)
		}
	case series[name]:
		s.multiply(v, name, args[:min(2, len(args))]...)
	case formats[name] != nil && len(args) > 0:
		if pattern, ok := constant(args[0]); !ok || formats[name].MatchString(pattern) {
			s.refuse(v, "write the format as a text, with widths below 10000", "a query can call %s() only with a format whose widths are known", name)
		}
	case comparers[name]:
		for _, arg := range args[:min(2, len(args))] {
			if !short(arg) {
				s.refuse(v, fmt.Sprintf("cut its texts: %s(left(a, %d), left(b, %[2]d))", name, maxAlike), "a query can call %s() only with texts that are known to have at most %d characters: its time is their product", name, maxAlike)
				return
			}
		}
	}
}

// multiply counts a size with those of the other calls: a number, or what lies between two.
func (s *sizing) multiply(v map[string]any, name string, args ...any) {
	hint := fmt.Sprintf("give it a number, or least(..., %d)", maxText)
	if series[name] {
		hint = "put it into FROM, where it makes a row at a time: FROM " + name + "(...)"
	}
	n := 0.0
	for _, arg := range args {
		next, known := numberIn(arg)
		if !known {
			s.refuse(v, hint, "a query can call %s() only with a size that is known to be at most %d", name, maxList)
			return
		}
		n = math.Abs(next - n)
	}
	children, _ := v["children"].([]any)
	repeated, isText := constant(children[0])
	switch {
	case name == "repeat" && isText:
		s.longest = max(s.longest, n*float64(len(repeated)))
	case n > smallest:
		s.product *= n
	}
	if s.product*s.longest > maxList {
		s.refuse(v, hint, "the query asks %s() and the like for more than %d elements or repetitions in all", name, maxList)
	}
}

// numberIn is how large a number can be that is written in the query, as itself or as the bound of least().
func numberIn(v any) (n float64, known bool) {
	object, ok := v.(map[string]any)
	if !ok {
		return 0, false
	}
	args, _ := object["children"].([]any)
	switch object["class"] {
	case "CONSTANT":
		value, _ := object["value"].(map[string]any)
		switch literal := value["value"].(type) {
		case json.Number:
			n, err := literal.Float64()
			return n, err == nil
		case string:
			n, err := strconv.ParseFloat(strings.TrimSpace(literal), 64)
			return n, err == nil
		case nil:
			return 0, value["is_null"] == true
		}
	case "CAST":
		return numberIn(object["child"])
	case "FUNCTION":
		switch name := strings.ToLower(text(object, "function_name")); {
		case name == "-" && len(args) == 1:
			n, known := numberIn(args[0])
			return -n, known
		case name == "least":
			return smallestOf(args)
		}
	}
	return 0, false
}

// smallestOf is the smallest number among arguments of which one at least is known.
func smallestOf(args []any) (smallest float64, known bool) {
	for _, arg := range args {
		if n, ok := numberIn(arg); ok && (!known || n < smallest) {
			smallest, known = n, true
		}
	}
	return smallest, known
}

// constant is a text that is written in the query.
func constant(v any) (s string, ok bool) {
	object, _ := v.(map[string]any)
	if object["class"] != "CONSTANT" {
		return "", false
	}
	value, _ := object["value"].(map[string]any)
	s, ok = value["value"].(string)
	return s, ok || value["is_null"] == true
}

// same are the functions whose result is hardly longer than their first argument; cuts are those whose last argument bounds it.
var (
	same = set("lower", "lcase", "upper", "ucase", "trim", "ltrim", "rtrim", "strip_accents", "reverse")
	cuts = set("left", "right", "substr", "substring")
)

// short reports whether a text is known to have at most maxAlike characters.
func short(v any) bool {
	if s, ok := constant(v); ok {
		return len(s) <= maxAlike
	}
	object, _ := v.(map[string]any)
	args, _ := object["children"].([]any)
	name := strings.ToLower(text(object, "function_name"))
	if object["class"] != "FUNCTION" || len(args) == 0 {
		return false
	}
	switch {
	case same[name]:
		return short(args[0])
	case cuts[name] && (len(args) == 3 || len(args) == 2 && (name == "left" || name == "right")):
		// left(text, -n) leaves out the last n characters.
		n, known := numberIn(args[len(args)-1])
		return known && n >= 0 && n <= maxAlike
	}
	return false
}
