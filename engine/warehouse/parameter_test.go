package warehouse

import (
	"strings"
	"testing"
)

// The driver binds an argument whose name it does not know by its position, so no such argument may reach it.
func TestArgumentsAreTheParameters(t *testing.T) {
	t.Parallel()
	const statement = "-- $comment\nSELECT $a, '$text', \"$name\", /* $block\n */ $b_2, $a"
	for name, test := range map[string]struct {
		values Args
		want   string // in the error; empty: none
	}{
		"exact":          {Args{"a": 1, "b_2": 2}, ""},
		"misspelt":       {Args{"a": 1, "b2": 2}, "no value for $b_2, the statement has no $b2"},
		"missing":        {Args{"b_2": 2}, "no value for $a"},
		"one too many":   {Args{"a": 1, "b_2": 2, "text": 3}, "the statement has no $text"},
		"in other cases": {Args{"A": 1, "b_2": 2}, "no value for $a, the statement has no $A"},
	} {
		args, err := bindNamed(mentionsOf(statement).parameters, test.values)
		if test.want == "" && (err != nil || len(args) != len(test.values)) {
			t.Errorf("%s: %v, %v", name, args, err)
		}
		if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}
