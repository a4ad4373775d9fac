package cli_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rollcall/cmd/rollcall/cli"
	"rollcall/cmd/rollcall/settings"
	"rollcall/syncspec"
)

// commandLine finds a call of rollcall within a line of a README's fenced block.
var commandLine = regexp.MustCompile(`(?:^|[\s;&|(])(?:go run \./cmd/rollcall|(?:\./)?rollcall)((?: .*)?)$`)

// TestReadmeShowsCommandsThatParse holds every `rollcall ...` in the README, in blocks and in the text, against the commands and flags
// that there are.
func TestReadmeShowsCommandsThatParse(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../../README.md")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("there is no README yet")
	}
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, line := range append(fenced(string(data)), inlineCode(string(data))...) {
		m := commandLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		found++
		if err := parses(splitWords(m[1])); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if found == 0 {
		t.Error("the README shows no command")
	}
}

// TestReadmeListsTables holds the README's lists of tables and views, of a row's columns and of settings against those that there are.
func TestReadmeListsTables(t *testing.T) {
	t.Parallel()
	s := newShell(t, 1)
	s.rollcall("init")
	for section, query := range map[string]string{
		"The ledger": "SELECT table_name FROM information_schema.tables WHERE table_schema = 'rollcall'",
		"The row":    "SELECT column_name FROM information_schema.columns WHERE table_schema = 'rollcall' AND table_name = 'syncs'",
	} {
		made := map[string]bool{}
		for _, name := range strings.Fields(s.rollcall("sql", "--format", "csv", "-c", query))[1:] {
			made[name] = true
		}
		if diff := cmp.Diff(listedIn(t, section), made); diff != "" {
			t.Errorf("%s (-README +made):\n%s", section, diff)
		}
	}
	known := map[string]bool{}
	for _, name := range settings.Names() {
		known[name] = true
	}
	if diff := cmp.Diff(listedIn(t, "Settings"), known); diff != "" {
		t.Errorf("settings (-README +known):\n%s", diff)
	}
}

// listedIn are the names in the first column of the tables in a section of the README.
func listedIn(t *testing.T, section string) map[string]bool {
	t.Helper()
	data, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(data), "\n## "+section+"\n")
	text, _, _ = strings.Cut(text, "\n## ")
	names := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| (`[a-z_`, ]+`) \\|").FindAllStringSubmatch(text, -1) {
		for name := range strings.SplitSeq(m[1], ", ") {
			names[strings.Trim(name, "`")] = true
		}
	}
	return names
}

// TestEveryCommandHasAnExample wants an example in every command's help, which calls that command, with flags that there are.
func TestEveryCommandHasAnExample(t *testing.T) {
	t.Parallel()
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		called := false
		for line := range strings.SplitSeq(cmd.Example, "\n") {
			m := commandLine.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			called = called || strings.Contains(line, cmd.CommandPath())
			if err := parses(splitWords(m[1])); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
		if !called {
			t.Errorf("the help of %s has no example", cmd.CommandPath())
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	for _, cmd := range cli.Commands().Commands() {
		walk(cmd)
	}
}

// TestReadmeShowsTOMLThatLoads loads every TOML block of the README as what its first line says it is.
func TestReadmeShowsTOMLThatLoads(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	files, specs := 0, 0
	for _, m := range regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(string(data), -1) {
		if file, isSpec := strings.CutPrefix(strings.SplitN(m[1], "\n", 2)[0], "# syncs/"); isSpec {
			specs++
			if _, _, err := syncspec.ParseTOML(file, []byte(m[1])); err != nil {
				t.Error(err)
			}
			continue
		}
		files++
		dir := t.TempDir()
		write(t, filepath.Join(dir, "rollcall.toml"), m[1])
		if _, err := settings.Load(settings.Sources{Dir: dir}); err != nil {
			t.Error(err)
		}
	}
	if files < 2 || specs < 1 {
		t.Errorf("%d blocks of settings and %d specs", files, specs)
	}
}

func TestParsesFindsWhatIsNoCommand(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"":                                   true,
		` run vip --dry-run`:                 true,
		` sql -c "SELECT 1; -- x" # comment`: true,
		` specs push DIR`:                    true,
		` plan [SYNC...]`:                    true,
		` run --json | jq .status`:           true,
		` status > out.txt`:                  true,
		` runn vip`:                          false,
		` run --dryrun`:                      false,
		` approve`:                           false,
		` specs psuh DIR`:                    false,
		` sql --fromat csv -c "SELECT 1"`:    false,
		` history --limit many`:              false,
	} {
		if err := parses(splitWords(line)); (err == nil) != want {
			t.Errorf("rollcall%s: %v", line, err)
		}
	}
}

// fenced are the lines of a Markdown text's fenced blocks in a shell's language or none, continued lines joined, prompts gone.
func fenced(markdown string) []string {
	var lines []string
	inside, shell := false, false
	for line := range strings.SplitSeq(strings.ReplaceAll(markdown, "\\\n", " "), "\n") {
		if language, ok := strings.CutPrefix(strings.TrimSpace(line), "```"); ok {
			inside = !inside
			shell = inside && (language == "" || language == "sh" || language == "shell" || language == "console" || language == "bash")
			continue
		}
		if shell {
			lines = append(lines, strings.TrimPrefix(strings.TrimSpace(line), "$ "))
		}
	}
	return lines
}

// inlineCode are the code spans of a Markdown text outside of its fenced blocks.
func inlineCode(markdown string) []string {
	text := regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAllString(markdown, "")
	var spans []string
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		spans = append(spans, strings.ReplaceAll(strings.ReplaceAll(m[1], "\n", " "), `\|`, "|"))
	}
	return spans
}

// splitWords splits a command's arguments as a shell does, up to what is not its own: a pipe, a redirection, a comment.
func splitWords(line string) []string {
	var words []string
	var word strings.Builder
	quote, begun := rune(0), false
	end := func() {
		if begun {
			words = append(words, word.String())
		}
		word.Reset()
		begun = false
	}
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, begun = r, true
		case r == ' ':
			end()
		case !begun && strings.ContainsRune("|>#;&)", r):
			return words
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	end()
	return words
}

// parses returns what is wrong with arguments, without running anything.
func parses(args []string) error {
	root := cli.Commands()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	cmd.InitDefaultHelpFlag()
	if err := cmd.ParseFlags(rest); err != nil && !errors.Is(err, pflag.ErrHelp) {
		return err
	}
	if !cmd.Runnable() {
		return nil
	}
	left := cmd.Flags().Args()
	if cmd.HasSubCommands() && cmd != root && len(left) > 0 {
		return errors.New("no such subcommand: " + left[0])
	}
	return cobraArgs(cmd, left)
}

func cobraArgs(cmd *cobra.Command, args []string) error {
	if help, err := cmd.Flags().GetBool("help"); err == nil && help {
		return nil
	}
	return cmd.ValidateArgs(args)
}
