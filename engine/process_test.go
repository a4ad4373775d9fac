package engine_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
)

// A test that measures a process, or ends one, plays its parts in processes of their own: the test binary again, which is told by the
// environment which part to play, and by its standard input how. Its result is on its standard output. All in JSON.

// partVariable names the part that this process plays; not set: the tests.
const partVariable = "ROLLCALL_TEST_PART"

// parts are what processes of this test binary can play.
func parts() map[string]func(*json.Decoder, *json.Encoder) error {
	return map[string]func(*json.Decoder, *json.Encoder) error{
		"sandbox":         playSandbox,
		"prepare":         playPrepare,
		"run":             playRun,
		"record sandbox":  playRecordSandbox,
		"prepare records": playPrepareRecords,
	}
}

func TestMain(m *testing.M) {
	name := os.Getenv(partVariable)
	if name == "" {
		os.Exit(m.Run())
	}
	if err := parts()[name](json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// process is a part that is being played.
type process struct {
	t      testing.TB
	name   string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	output *json.Decoder
}

// play starts a part.
func play(t testing.TB, name string, how any) *process {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, name: name, cmd: exec.CommandContext(t.Context(), binary)}
	p.cmd.Env = append(os.Environ(), partVariable+"="+name)
	p.cmd.Stderr = os.Stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.output = json.NewDecoder(stdout)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(p.stdin).Encode(how); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return p
}

// says reads what the part says next.
func (p *process) says(into any) {
	p.t.Helper()
	if err := p.output.Decode(into); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

// ends waits for the end of the part, which may wait for that of its standard input, and reads its last word; nil: there is none.
func (p *process) ends(into any) {
	p.t.Helper()
	if err := p.stdin.Close(); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
	if into != nil {
		p.says(into)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}
