package proof

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"rollcall/cmd/rollcall/cli"
	"rollcall/engine/hubspot/sandbox"
)

// forged is a text that, printed as it is, clears a terminal, colours it, turns the direction of writing, and adds a line of a sync
// that never ran.
const forged = "x\x1b[2J\x1b[31mred\u202e\u009b1m\u2028\nSUCCEEDED   payroll: nothing to do (list 9, 1 call, 1ms)"

// forgedLine is that line, wherever it begins.
var forgedLine = regexp.MustCompile(`(?m)^\s*SUCCEEDED +payroll(:|$)`)

// wantPlain wants nothing in a text that a terminal obeys, and no line that Rollcall did not write.
func wantPlain(t *testing.T, what, text string) {
	t.Helper()
	for _, r := range text {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && r != '\n' {
			t.Errorf("%s: %U in its output:\n%q", what, r, text)
			break
		}
	}
	if forgedLine.MatchString(text) {
		t.Errorf("%s: a forged line:\n%s", what, text)
	}
}

// hostile makes a portal whose rows, lists and answers contain terminal escapes and forged lines.
func hostile(t *testing.T) *portal {
	t.Helper()
	p := newPortal(t, 12, sandbox.Options{})
	if _, err := p.box.CreateList(sandbox.ListInput{ID: "900", Name: forged, ProcessingType: "DYNAMIC"}); err != nil {
		t.Fatal(err)
	}
	quoted := strings.ReplaceAll(forged, `"`, `""`)
	p.rollcall("sql", "--write", "-c", `INSERT INTO rollcall.syncs (name, query, list_id, list_name) VALUES
		('`+forged+`', 'SELECT 1 AS email', '101', NULL),
		('SUCCEEDED   payroll', 'SELECT 1 AS email', '101', NULL),
		('column', 'SELECT 1 AS "`+quoted+`", 2 AS other', NULL, 'Columns'),
		('cast', 'SELECT CAST(''`+forged+`'' AS INTEGER) AS email', NULL, 'Casts'),
		('listed', 'SELECT email FROM people', NULL, 'Paid'||chr(8238)||'list'),
		('lines', 'SELECT email FROM people', NULL, 'Paid'||chr(8232)||'list'),
		('moving', 'SELECT email FROM people', '900', NULL),
		('vip', 'SELECT email FROM people', '101', NULL)`)
	p.people(between(1, 8)...)
	body, err := json.Marshal(map[string]any{"status": "error", "message": "\x1b]0;pwned\a" + forged, "correlationId": "a-\u202e", "category": forged})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.box.Declare(sandbox.Fault{Operation: "memberships.add-and-remove", Count: -1, Status: 403, Body: string(body)}); err != nil {
		t.Fatal(err)
	}
	return p
}

// What rows, lists and HubSpot's answers contain comes out of every command as text, and forges no line.
func TestHostileTextIsPrintedEscaped(t *testing.T) {
	t.Parallel()
	p := hostile(t)
	pulled := filepath.Join(p.dir, "specs")
	if err := os.Mkdir(pulled, 0o755); err != nil {
		t.Fatal(err)
	}
	printed := ""
	for _, args := range [][]string{
		{"check"}, {"plan"}, {"run"}, {"run", "--dry-run"}, {"run", forged}, {"status"}, {"history"}, {"undo", forged}, {"approve", forged}, {forged}, {"--" + forged},
		{"sql", "-c", "FROM rollcall.syncs"}, {"sql", "-c", `SELECT name AS "` + strings.ReplaceAll(forged, `"`, "") + `", query FROM rollcall.syncs`},
		{"sql", "-c", "SELECT [name], {'n': name}, MAP {name: 1} FROM rollcall.syncs"}, {"sql", "-c", "SELECT error('" + forged + "')"}, {"sql", "-c", forged},
		{"specs", "diff", pulled}, {"specs", "pull", pulled}, {"status", "--database", forged}, {"settings", "--log-level", forged},
	} {
		c := p.start(nil, args...)
		c.wait()
		wantPlain(t, strings.Join(args, " ")+": stdout", c.out.String())
		wantPlain(t, strings.Join(args, " ")+": stderr", c.err.String())
		printed += c.output()
	}
	for _, line := range []string{
		`: "x\x1b[2J`, `FAILED      "SUCCEEDED   payroll": `, `\nSUCCEEDED   payroll: nothing to do`, `vip: batch 1 of 3: memberships.add_and_remove`, `\u001b]0;pwned\u0007`,
		"listed: list_name: holds a character that is not shown", "lines: list_name: holds a character that is not shown",
	} {
		if !strings.Contains(printed, line) {
			t.Errorf("no %q was printed, so this test looks in vain:\n%s", line, printed)
		}
	}
}

// With --json every line is JSON, whatever a value contains, and says exactly what the value is.
func TestHostileTextIsPrintedAsJSON(t *testing.T) {
	t.Parallel()
	p := hostile(t)
	for _, args := range [][]string{
		{"check"}, {"plan"}, {"run"}, {"status"}, {"history"}, {"sql", "-c", "SELECT name FROM rollcall.syncs"}, {"specs", "diff", t.TempDir()},
	} {
		c := p.start(nil, append(args, "--json")...)
		c.wait()
		found := false
		for line := range strings.Lines(c.out.String()) {
			var object map[string]any
			if err := json.Unmarshal([]byte(line), &object); err != nil {
				t.Errorf("%v: %v: %s", args, err, line)
			}
			for _, member := range []string{"name", "sync"} {
				found = found || object[member] == forged
			}
		}
		if !found && args[0] != "plan" {
			t.Errorf("%v: no object names %q:\n%s", args, forged, c.output())
		}
		wantPlain(t, strings.Join(args, " ")+" --json", c.out.String())
	}
}

// --format csv gives other programs the values as they are; on request a text that a spreadsheet would run as a formula becomes one that
// it shows.
func TestFormulasInCSV(t *testing.T) {
	t.Parallel()
	p := newPortal(t, 1, sandbox.Options{})
	query := `SELECT * FROM (VALUES ('=1+1', -1, 'a=b'), ('+1', -2.5, '"=1"'), ('@SUM(A1)', 3, NULL), (E'\tx', 4, '` + "\u202e" + `'), ('-1', 5, '＝1')) t("=x", n, y)`
	for _, c := range []struct {
		flags []string
		want  string
	}{
		{nil, "=x,n,y\n=1+1,-1.0,a=b\n+1,-2.5,\"\"\"=1\"\"\"\n@SUM(A1),3.0,\n\"\tx\",4.0,\u202e\n-1,5.0,＝1\n"},
		{[]string{"--defuse-formulas"}, "'=x,n,y\n'=1+1,-1.0,a=b\n'+1,-2.5,\"\"\"=1\"\"\"\n'@SUM(A1),3.0,\n'\tx,4.0,\u202e\n'-1,5.0,'＝1\n"},
	} {
		if got := p.rollcall(append([]string{"sql", "-c", query, "--format", "csv"}, c.flags...)...); got != c.want {
			t.Errorf("%v: %q, want %q", c.flags, got, c.want)
		}
	}
	if c := p.exits(cli.ExitUsage, "sql", "-c", "SELECT 1", "--defuse-formulas"); !strings.Contains(c.err.String(), "--format csv") {
		t.Error(c.output())
	}
}
