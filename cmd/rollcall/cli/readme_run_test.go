package cli_test

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"

	"rollcall/cmd/rollcall/cli"
	"rollcall/specs"
)

// notRun are the blocks of the README that TestReadmeRuns does not run, by their first line, with the reason.
var notRun = map[string]string{
	"go test ./...":                   "this test is a part of it",
	"go install ./cmd/rollcall":       "the command under test is in PATH",
	"rollcall sandbox":                "it serves until it is ended; the test serves a sandbox itself",
	"unset HUBSPOT_BASE_URL":          "it needs an account of HubSpot and one of MotherDuck",
	"*/15 * * * * cd /srv/rollcall":   "it is a line for cron",
	"on: {schedule:":                  "it is a workflow for GitHub",
	"systemd-run --user":              "it needs systemd and docker",
	"go test -run '^$' -bench":        "it takes minutes",
	"syncs --read--> row":             "it is a drawing",
	"cmd/rollcall/       the program": "it is a list of folders",
}

// TestReadmeRuns runs every block of the README from top to bottom in one folder, against the sandbox and the
// file that `rollcall init` made. Output that the README shows must be what comes out.
func TestReadmeRuns(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	n := newReadmeReader(t)
	left := map[string]bool{}
	for _, b := range readmeBlocks(string(data)) {
		if reason, first := b.notRun(); reason != "" {
			left[first] = true
			continue
		}
		n.runBlock(b)
		if t.Failed() {
			return
		}
	}
	for first := range notRun {
		if !left[first] {
			t.Errorf("no block of the README begins with %q", first)
		}
	}
}

// block is a fenced block of the README.
type block struct {
	line           int // of its first line, from 1
	language, text string
}

// readmeBlocks are the fenced blocks of a Markdown text, in order.
func readmeBlocks(markdown string) []block {
	var blocks []block
	var open *block
	for i, line := range strings.SplitAfter(markdown, "\n") {
		language, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && open != nil:
			blocks, open = append(blocks, *open), nil
		case fence:
			open = &block{line: i + 2, language: language}
		case open != nil:
			open.text += line
		}
	}
	return blocks
}

// notRun is why the block is not run, and how it begins in the list of those; "" where it is run.
func (b block) notRun() (reason, first string) {
	for first, reason := range notRun {
		if strings.HasPrefix(b.text, first) {
			return reason, first
		}
	}
	return "", ""
}

// readmeReader runs the README's blocks in a folder with the samples of the repository, against a sandbox.
type readmeReader struct {
	*shell
	output string // of the last block of commands, stdout and stderr
}

func newReadmeReader(t *testing.T) *readmeReader {
	n := &readmeReader{shell: newShell(t, 1000)}
	if err := os.CopyFS(filepath.Join(n.dir, "specs"), specs.Files()); err != nil {
		t.Fatal(err)
	}
	return n
}

// runBlock runs a block.
func (n *readmeReader) runBlock(b block) {
	n.t.Helper()
	switch b.language {
	case "sh":
		n.output = ""
		for _, line := range fenced("```sh\n" + b.text + "```") {
			n.command(b, line)
		}
	case "text":
		if diff := cmp.Diff(sameSession(b.text), sameSession(n.output)); diff != "" {
			n.t.Errorf("README.md:%d: the commands before it say something else (-README +said):\n%s", b.line, diff)
		}
	case "sql":
		for statement := range strings.SplitSeq(b.text, ";\n") {
			if strings.TrimSpace(statement) != "" {
				n.statement(b, statement)
			}
		}
	case "toml":
		n.file(b)
	default:
		n.t.Errorf("README.md:%d: a block of %q is neither run nor in the list of those that are not", b.line, b.language)
	}
}

var expectedCode = regexp.MustCompile(`# exit code (\d+)$`)

// command runs a line of a shell. A comment may say with which exit code it ends.
func (n *readmeReader) command(b block, line string) {
	n.t.Helper()
	line = n.localise(line)
	if variables, ok := strings.CutPrefix(line, "export "); ok {
		n.env = append(n.env, splitWords(variables)...)
		return
	}
	want := "0"
	if m := expectedCode.FindStringSubmatch(line); m != nil {
		want = m[1]
	}
	out, code := n.printed(n.dir, "sh", "-c", line)
	n.output += out
	if strconv.Itoa(code) != want {
		n.t.Errorf("README.md:%d: %s: exit code %d, not %s:\n%s", b.line, line, code, want, out)
	}
}

// exampleRun is how the README writes the ID of a run, whole or its beginning. It stands for the latest run.
var exampleRun = regexp.MustCompile(`01a1fbab-305f[0-9a-f-]*`)

// localise replaces the README's example values by those of this folder and sandbox.
func (n *readmeReader) localise(text string) string {
	text = strings.ReplaceAll(text, "http://127.0.0.1:8787", n.url)
	text = strings.ReplaceAll(text, "go run ./cmd/rollcall", "rollcall")
	return exampleRun.ReplaceAllStringFunc(text, func(string) string {
		id, _ := n.printed(n.dir, "rollcall", "sql", "--format", "csv", "-c", "SELECT max(run_id) FROM rollcall.runs")
		return strings.TrimSpace(strings.TrimPrefix(id, "max(run_id)"))
	})
}

// printed runs a program in a folder and returns what it printed, on stdout and stderr, and its exit code.
func (n *readmeReader) printed(dir, program string, args ...string) (string, int) {
	n.t.Helper()
	var out bytes.Buffer
	code := n.run(dir, &out, &out, program, args...)
	return out.String(), code
}

// statement runs SQL with Rollcall, and in another DuckDB that has the file open: both must return the same.
func (n *readmeReader) statement(b block, statement string) {
	n.t.Helper()
	statement = n.localise(statement)
	args := []string{"sql", "--format", "csv", "-c", statement}
	writes := strings.HasPrefix(statement, "INSERT")
	outside := n.otherClient(b, statement)
	if writes {
		args = append(args, "--write")
	}
	printed, code := n.printed(n.dir, "rollcall", args...)
	if code != cli.ExitDone {
		n.t.Errorf("README.md:%d: %s\nexit code %d: %s", b.line, statement, code, printed)
		return
	}
	if writes {
		return
	}
	inside, err := csv.NewReader(strings.NewReader(printed)).ReadAll()
	if err != nil {
		n.t.Fatal(err)
	}
	if len(inside) < 2 {
		n.t.Errorf("README.md:%d: no rows: %s", b.line, statement)
	}
	if diff := cmp.Diff(withoutTimes(outside), withoutTimes(inside)); diff != "" {
		n.t.Errorf("README.md:%d: %s\nanother DuckDB has other rows than Rollcall (-other +Rollcall):\n%s", b.line, statement, diff)
	}
}

// otherClient runs SQL on a copy of the control database with the driver, as another program would. The first row has the names of the columns.
func (n *readmeReader) otherClient(b block, statement string) [][]string {
	n.t.Helper()
	file := filepath.Join(n.t.TempDir(), "control.duckdb")
	for _, ending := range []string{"", ".wal"} {
		data, err := os.ReadFile(filepath.Join(n.dir, "control.duckdb") + ending)
		if os.IsNotExist(err) && ending != "" {
			continue
		}
		if err == nil {
			err = os.WriteFile(file+ending, data, 0o600)
		}
		if err != nil {
			n.t.Fatal(err)
		}
	}
	db, err := sql.Open("duckdb", file)
	if err != nil {
		n.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(statement)
	if err != nil {
		n.t.Errorf("README.md:%d: %s\n%v", b.line, statement, err)
		return nil
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		n.t.Fatal(err)
	}
	all := [][]string{columns}
	for rows.Next() {
		values, cells := make([]any, len(columns)), make([]string, len(columns))
		for i := range values {
			values[i] = &values[i]
		}
		if err := rows.Scan(values...); err != nil {
			n.t.Fatal(err)
		}
		for i, v := range values {
			switch v := v.(type) {
			case nil:
			case time.Time:
				cells[i] = v.UTC().Format(time.RFC3339Nano)
			default:
				cells[i] = fmt.Sprint(v)
			}
		}
		all = append(all, cells)
	}
	if err := rows.Err(); err != nil {
		n.t.Fatal(err)
	}
	return all
}

var timeOfDay = regexp.MustCompile(`^\d{4}-\d\d-\d\d[T ].*`)

// withoutTimes are rows in an order of their own, in which no form of a time matters.
func withoutTimes(rows [][]string) []string {
	var all []string
	for _, row := range rows {
		cells := slices.Clone(row)
		for i := range cells {
			cells[i] = timeOfDay.ReplaceAllString(cells[i], "TIME")
		}
		all = append(all, strings.Join(cells, " | "))
	}
	slices.Sort(all)
	return all
}

// file writes a TOML block into the file that its first line names. Settings get a folder of their own, with all that they name, in
// which Rollcall must start and take each of them from there.
func (n *readmeReader) file(b block) {
	n.t.Helper()
	first, _, _ := strings.Cut(b.text, "\n")
	name, _, _ := strings.Cut(strings.TrimPrefix(first, "# "), ":")
	if name != "rollcall.toml" {
		write(n.t, filepath.Join(n.dir, name), b.text)
		return
	}
	dir := n.t.TempDir()
	write(n.t, filepath.Join(dir, name), b.text)
	var content map[string]any
	if err := toml.Unmarshal([]byte(b.text), &content); err != nil {
		n.t.Fatal(err)
	}
	attached, _ := content["attach"].(map[string]any)
	for _, path := range attached {
		out, code := n.printed(dir, "rollcall", "init", "--config", os.DevNull, "--database", path.(string))
		if code != cli.ExitDone {
			n.t.Fatal(out)
		}
	}
	folders, _ := content["data_folders"].([]any)
	for _, folder := range folders {
		if err := os.Mkdir(filepath.Join(dir, folder.(string)), 0o755); err != nil {
			n.t.Fatal(err)
		}
	}
	for _, command := range []string{"init", "check"} {
		if out, code := n.printed(dir, "rollcall", command); code != cli.ExitDone {
			n.t.Errorf("README.md:%d: rollcall %s with these settings: exit code %d:\n%s", b.line, command, code, out)
		}
	}
	n.origins(b, dir, content)
}

// origins wants every setting of a file to come from there.
func (n *readmeReader) origins(b block, dir string, content map[string]any) {
	n.t.Helper()
	out, _ := n.printed(dir, "rollcall", "settings", "--json")
	origin := map[string]string{}
	for line := range strings.Lines(out) {
		var s struct{ Name, Origin string }
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			n.t.Fatal(err)
		}
		origin[s.Name] = s.Origin
	}
	for name, value := range content {
		names := []string{name}
		if table, ok := value.(map[string]any); ok && name != "attach" {
			names = nil
			for inner := range table {
				names = append(names, inner)
			}
		}
		for _, name := range names {
			if !strings.Contains(origin[name], "rollcall.toml") {
				n.t.Errorf("README.md:%d: the setting %s comes from %q", b.line, name, origin[name])
			}
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
