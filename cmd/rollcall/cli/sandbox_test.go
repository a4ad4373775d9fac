package cli_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestSandboxServesAnyClientAndKeepsItsState runs the command as a person does: it says where it listens, answers there,
// and at Ctrl-C keeps what it knows for the next time.
func TestSandboxServesAnyClientAndKeepsItsState(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "sandbox.json")
	for _, round := range []string{"seeded", "loaded"} {
		url, stop := serveSandbox(t, "--state", state, "--contacts", map[string]string{"seeded": "7", "loaded": "3"}[round])
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/crm/v3/lists/103/memberships", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer any")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		var page struct{ Results []any }
		if err := json.NewDecoder(response.Body).Decode(&page); err != nil || len(page.Results) != 7 {
			t.Errorf("%s: %d members in list 103, want 7 (%v)", round, len(page.Results), err)
		}
		response.Body.Close()
		if err := stop(); err != nil {
			t.Fatalf("%s: ended with %v", round, err)
		}
	}
	if info, err := os.Stat(state); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the state's file: %v, %v", info, err)
	}
}

// serveSandbox starts the command and returns where it listens, and what interrupts it and waits for its end.
func serveSandbox(t *testing.T, args ...string) (url string, stop func() error) {
	t.Helper()
	cmd := exec.Command("rollcall", append([]string{"sandbox", "--json", "--address", "127.0.0.1:0"}, args...)...) // TestMain put it into PATH
	cmd.Dir, cmd.Stderr = t.TempDir(), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it has ended, unless the test failed
	var printed struct{ URL string }
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &printed) != nil || printed.URL == "" {
		t.Fatalf("it said %q (%v)", line, err)
	}
	return printed.URL, func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return err
		}
		return cmd.Wait()
	}
}
