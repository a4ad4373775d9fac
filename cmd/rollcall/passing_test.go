package main

import (
	"fmt"
	"os"
	"strings"
)

// What a test tells a child about the boundaries between its steps. They are numbered among those of the same name: "after send:2".
const (
	envBoundaries = "TEST_BOUNDARIES" // the file that they are written to as the child passes them
	envKillAt     = "TEST_KILL_AT"    // the one at which the child kills itself
)

// childMain is the command rollcall as tests run it.
func childMain() {
	file, killAt := os.Getenv(envBoundaries), os.Getenv(envKillAt)
	if file != "" || killAt != "" {
		passing = watch(file, killAt)
	}
	main()
}

// watch makes what is told of boundaries: it writes them down, and ends the process as kill -9 does when it comes to the one.
func watch(file, killAt string) func(string) {
	passed := map[string]int{}
	return func(step string) {
		passed[step]++
		boundary := fmt.Sprintf("%s:%d", step, passed[step])
		if file != "" {
			appendLine(file, boundary)
		}
		if boundary == killAt {
			if self, err := os.FindProcess(os.Getpid()); err == nil {
				_ = self.Kill()
			}
			select {} // it may take a moment
		}
	}
}

func appendLine(file, line string) {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(line + "\n")
	}
	if err != nil {
		panic(err)
	}
	f.Close()
}

// boundariesIn reads what watch wrote.
func (p *portal) boundariesIn(file string) []string {
	p.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}
